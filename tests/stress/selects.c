/* selects: goroutines pass tokens around by selects of all shapes until a channel is closed. No token is lost or
 * doubled, and the close reaches everybody. */
#include "stress.h"

enum { CHANS = 12, WORKERS = 14, TOKENS = 24, STEPS = 120, MAX_CASES = 20 };

typedef struct Round {
    gr_chan *chans[CHANS];
    gr_chan *quit;   /* closed when the workers have done enough */
    gr_chan *nudge;  /* who receives from it tries other cases: without it all could wait for what nobody offers */
    gr_chan *steps;  /* gets an element when a token was passed, unless one is in it */
    gr_timer *pause; /* before nudging */
    uint64_t seed;
    gr_waitgroup workers;
    _Atomic uint32_t held[TOKENS]; /* how often each token turned up in somebody's hands at the end */
    _Atomic int quits;
} Round;

typedef struct Worker {
    Round *r;
    int id;
    int tokens[TOKENS]; /* in hand */
    int n;
} Worker;

/* Adds cases at random: sends of the top token, receives, NULL channels, duplicates. */
static int make_cases(Worker *w, Rand *rnd, gr_case *cases, int *in, int *out) {
    int n = 1 + (int)rand_below(rnd, MAX_CASES - 1);
    for (int i = 0; i < n; i++) {
        gr_chan *c = rand_below(rnd, 10) == 0 ? NULL : w->r->chans[rand_below(rnd, CHANS)];
        bool send = w->n > 0 && rand_below(rnd, 2) == 0;
        cases[i] = send ? (gr_case){GR_SEND, c, out, false} : (gr_case){GR_RECV, c, in, false};
    }
    return n;
}

static void pass_tokens(void *arg) {
    Worker *w = arg;
    Round *r = w->r;
    Rand rnd = rand_of(r->seed, (uint64_t)w->id);
    for (;;) {
        gr_case cases[MAX_CASES + 2];
        int in = -1, out = w->n > 0 ? w->tokens[w->n - 1] : -1;
        int n = make_cases(w, &rnd, cases, &in, &out);
        int quit_at = (int)rand_below(&rnd, (uint32_t)n + 1);
        cases[n] = cases[quit_at];
        cases[quit_at] = (gr_case){GR_RECV, r->quit, NULL, true};
        cases[n + 1] = (gr_case){GR_RECV, r->nudge, NULL, false};
        int chosen = gr_select(cases, n + 2, rand_below(&rnd, 3) == 0);
        if (chosen < 0)
            gr_yield();
        if (chosen < 0 || chosen == n + 1)
            continue;
        if (chosen == quit_at) {
            STRESS_CHECK(!cases[chosen].ok);
            break;
        }
        STRESS_CHECK(cases[chosen].chan);
        if (cases[chosen].op == GR_SEND) {
            w->n--;
        } else {
            STRESS_CHECK(cases[chosen].ok && in >= 0 && in < TOKENS && w->n < TOKENS);
            w->tokens[w->n++] = in;
        }
        gr_select(&(gr_case){GR_SEND, r->steps, NULL, false}, 1, true);
        rand_yield(&rnd);
    }
    atomic_fetch_add(&r->quits, 1);
    for (int i = 0; i < w->n; i++)
        atomic_fetch_add(&r->held[w->tokens[i]], 1);
    gr_waitgroup_done(&r->workers);
}

/* 1 when a token was passed; 0 when none was for a while, and everybody who waits has been nudged. */
static int wait_for_step(Round *r) {
    gr_timer_reset(r->pause, 200 * GR_MICROSECOND);
    gr_case k[] = {{GR_RECV, r->steps, NULL, false}, {GR_RECV, gr_timer_chan(r->pause), NULL, false}};
    if (gr_select(k, 2, false) == 0)
        return 1;
    gr_case nudge = {GR_SEND, r->nudge, NULL, false};
    while (gr_select(&nudge, 1, true) == 0)
        ;
    return 0;
}

static void run_round(uint64_t seed) {
    static Worker workers[WORKERS];
    Round *r = must_alloc(sizeof *r);
    Rand rnd = rand_of(seed, 99);
    r->seed = seed;
    for (int i = 0; i < CHANS; i++)
        r->chans[i] = gr_chan_make(sizeof(int), rand_below(&rnd, 3) == 0 ? rand_below(&rnd, 4) : 0);
    r->quit = gr_chan_make(0, 0);
    r->nudge = gr_chan_make(0, 0);
    r->steps = gr_chan_make(0, 1);
    r->pause = gr_timer_make(GR_SECOND);
    gr_waitgroup_add(&r->workers, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        workers[i] = (Worker){.r = r, .id = i};
    for (int i = 0; i < TOKENS; i++) {
        Worker *w = &workers[rand_below(&rnd, WORKERS)];
        w->tokens[w->n++] = i;
    }
    for (int i = 0; i < WORKERS; i++)
        gr_go(pass_tokens, &workers[i]);
    for (int steps = 0; steps < STEPS;)
        steps += wait_for_step(r);
    gr_chan_close(r->quit);
    gr_waitgroup_wait(&r->workers);
    STRESS_CHECK(atomic_load(&r->quits) == WORKERS);
    for (int i = 0; i < CHANS; i++) { /* what is still under way */
        int token;
        gr_case k = {GR_RECV, r->chans[i], &token, false};
        while (gr_select(&k, 1, true) == 0)
            atomic_fetch_add(&r->held[token], 1);
        gr_chan_free(r->chans[i]);
    }
    for (int i = 0; i < TOKENS; i++)
        STRESS_CHECK(atomic_load(&r->held[i]) == 1);
    gr_timer_free(r->pause);
    gr_chan_free(r->quit);
    gr_chan_free(r->nudge);
    gr_chan_free(r->steps);
    free(r);
}

int gr_main(int argc, char **argv) { return stress_main("selects", argc, argv, 100, run_round); }
