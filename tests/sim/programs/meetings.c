/* meetings: a barrier of a condition and generations, waitgroups used again and freed by a waiter, once. */
#include "seeded.h"

enum { PARTIES = 4, ROUNDS = 6 };

static gr_mutex m;
static gr_cond cond;
static int waiting, generation, at[PARTIES];
static gr_waitgroup all;

static void barrier(void) {
    gr_mutex_lock(&m);
    int mine = generation;
    if (++waiting == PARTIES) {
        waiting = 0;
        generation++;
        gr_cond_broadcast(&cond);
    } else {
        while (generation == mine)
            gr_cond_wait(&cond, &m);
    }
    REQUIRE(generation == mine + 1);
    gr_mutex_unlock(&m);
}

static void party(void *arg) {
    int me = (int)(intptr_t)arg;
    for (int round = 0; round < ROUNDS; round++) {
        at[me] = round;
        barrier();
        for (int i = 0; i < PARTIES; i++)
            REQUIRE(at[i] == round);
        barrier();
    }
    gr_waitgroup_done(&all);
}

typedef struct Job {
    gr_waitgroup wg;
    int done;
} Job;

static void work(void *arg) {
    Job *job = arg;
    gr_yield();
    job->done++;
    gr_waitgroup_done(&job->wg);
}

/* On the heap, freed when wait returns, and used again before that. */
static void waitgroups(void) {
    for (int round = 0; round < ROUNDS; round++) {
        Job *job = calloc(1, sizeof *job);
        for (int use = 1; use <= 2; use++) {
            gr_waitgroup_add(&job->wg, 3);
            for (int i = 0; i < 3; i++)
                gr_go(work, job);
            gr_waitgroup_wait(&job->wg);
            REQUIRE(job->done == 3 * use);
        }
        free(job);
    }
}

static gr_once once;
static int inits;
static void init(void) {
    gr_yield();
    inits++;
}
static void use_once(void *arg) {
    (void)arg;
    gr_once_do(&once, init);
    REQUIRE(inits == 1);
    gr_waitgroup_done(&all);
}

/* Signals wake as many as there are, none twice. */
static int tokens, taken;
static void taker(void *arg) {
    (void)arg;
    gr_mutex_lock(&m);
    while (tokens == 0)
        gr_cond_wait(&cond, &m);
    tokens--;
    taken++;
    gr_mutex_unlock(&m);
    gr_waitgroup_done(&all);
}

static void signals(void) {
    gr_waitgroup_add(&all, PARTIES);
    for (int i = 0; i < PARTIES; i++)
        gr_go(taker, NULL);
    for (int i = 0; i < PARTIES; i++) {
        gr_mutex_lock(&m);
        tokens++;
        gr_mutex_unlock(&m);
        gr_cond_signal(&cond);
    }
    gr_waitgroup_wait(&all);
    REQUIRE(taken == PARTIES && tokens == 0);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_waitgroup_add(&all, PARTIES + 3);
    for (int i = 0; i < PARTIES; i++)
        gr_go(party, (void *)(intptr_t)i);
    for (int i = 0; i < 3; i++)
        gr_go(use_once, NULL);
    waitgroups();
    gr_waitgroup_wait(&all);
    signals();
    return 0;
}
