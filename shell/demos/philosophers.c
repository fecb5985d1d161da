/* philosophers: N philosophers at a round table, a fork between two neighbours, and both forks needed to eat.
 *
 * A fork is a channel that holds one token: receiving takes the fork, sending lays it back. Everybody takes the
 * fork with the lower number first, so the last philosopher reaches out the other way round and no circle of
 * waiting can close. Who waits long grumbles (select with a timer) and keeps waiting; who hears that the dinner is
 * over goes home (a closed channel).
 *
 * usage: philosophers [N [SECONDS]]     5 3 unless given
 *
 * What to look for in the timeline
 *   - Sleeping and waiting cost no P: between the slices the Ps are idle, and wake for the next timer.
 *   - Slices of a millisecond or two are thoughts. Tiny ones are forks changing hands.
 *   - Click on a slice: it ended in a sleep, or in a select over a fork, the timer of patience and the end of the
 *     dinner.
 *   - Twice a second the ticker wakes gr_main, which prints how far the dinner has come.
 */
#include <goroscope.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_PHILOSOPHERS = 500,
    TICKS_PER_SECOND = 2 /* lines of progress */
};

static const int64_t patience = 10 * GR_MILLISECOND; /* waiting longer for a fork makes one grumble */

typedef struct Fork {
    gr_chan *token;   /* holds one int while the fork lies on the table */
    atomic_int users; /* to check: philosophers who believe they have it */
} Fork;

typedef struct Table {
    int n;
    Fork *forks;
    gr_chan *meals; /* of int: who has just eaten */
    gr_chan *over;  /* closed when the dinner is over */
    gr_waitgroup seated;
} Table;

typedef struct Philosopher {
    Table *table;
    int id;
    Fork *first, *second; /* in the order of their numbers */
    uint32_t rng;         /* of this one's own, so that nobody shares it */
    uint32_t meals;
    uint32_t grumbles;
    uint32_t deepest; /* result of thinking */
} Philosopher;

static uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static int64_t between(uint32_t *rng, int64_t low_ms, int64_t high_ms) {
    return low_ms * GR_MILLISECOND + (int64_t)(next_random(rng) % 1024) * (high_ms - low_ms) * GR_MILLISECOND / 1024;
}

/* A thought: how long the Collatz sequences of 16,000 numbers are. A millisecond or two. */
static uint32_t ponder(uint32_t start) {
    uint32_t longest = 0;
    for (uint64_t i = start; i < (uint64_t)start + 16000; i++) {
        uint32_t steps = 0;
        for (uint64_t x = i; x > 1; steps++)
            x = x % 2 ? 3 * x + 1 : x / 2;
        longest = steps > longest ? steps : longest;
    }
    return longest;
}

static void think(Philosopher *p) {
    uint32_t depth = ponder(1 + next_random(&p->rng) % 100000);
    p->deepest = depth > p->deepest ? depth : p->deepest;
    gr_sleep(between(&p->rng, 1, 6));
}

/* Takes the fork; grumbles if that takes long. False: the dinner is over. */
static bool take(Philosopher *p, Fork *fork) {
    int token;
    gr_timer *timer = gr_timer_make(patience);
    gr_case cases[] = {{.op = GR_RECV, .chan = fork->token, .val = &token},
                       {.op = GR_RECV, .chan = p->table->over},
                       {.op = GR_RECV, .chan = gr_timer_chan(timer)}};
    int chosen;
    while ((chosen = gr_select(cases, 3, false)) == 2) {
        p->grumbles++;
        cases[2].chan = NULL; /* once for each fork: the rest of the waiting is silent */
    }
    gr_timer_free(timer);
    if (chosen == 0 && atomic_fetch_add(&fork->users, 1) != 0)
        gr_panic("philosophers: two of them hold the same fork");
    return chosen == 0;
}

static void lay_back(Fork *fork) {
    atomic_fetch_sub(&fork->users, 1);
    gr_chan_send(fork->token, &(int){1}); /* never waits: there is room for the one token */
}

/* Gets hungry, eats. False: the dinner is over. */
static bool dine(Philosopher *p) {
    if (!take(p, p->first))
        return false;
    bool both = take(p, p->second);
    if (both) {
        gr_sleep(between(&p->rng, 4, 10));
        p->meals++;
        lay_back(p->second);
    }
    lay_back(p->first);
    return both;
}

static void philosopher(void *arg) {
    Philosopher *p = arg;
    for (;;) {
        think(p);
        if (!dine(p))
            break;
        gr_chan_send(p->table->meals, &p->id);
    }
    gr_waitgroup_done(&p->table->seated);
}

/* Everybody's meals, as the messages tell it. */
typedef struct Log {
    uint32_t *meals;
    uint32_t total;
} Log;

/* Keeps the log until the timer ends the dinner, and says every now and then how it goes. */
static void host(Table *t, Log *log, int64_t length) {
    gr_ticker *ticker = gr_ticker_make(GR_SECOND / TICKS_PER_SECOND);
    gr_timer *end = gr_timer_make(length);
    int64_t began = gr_now(), now;
    int who, chosen;
    gr_case cases[] = {{.op = GR_RECV, .chan = t->meals, .val = &who},
                       {.op = GR_RECV, .chan = gr_ticker_chan(ticker), .val = &now},
                       {.op = GR_RECV, .chan = gr_timer_chan(end)}};
    while ((chosen = gr_select(cases, 3, false)) != 2) {
        if (chosen == 0) {
            log->meals[who]++;
            log->total++;
        } else {
            printf("after %.1f s %6u meals\n", (double)(now - began) / GR_SECOND, log->total);
        }
    }
    gr_ticker_free(ticker);
    gr_timer_free(end);
}

static void close_meals(void *arg) {
    Table *t = arg;
    gr_waitgroup_wait(&t->seated);
    gr_chan_close(t->meals);
}

/* Sends everybody home; the meals that were still being eaten count. */
static void finish(Table *t, Log *log) {
    gr_chan_close(t->over);
    gr_go(close_meals, t);
    for (int who; gr_chan_recv(t->meals, &who); log->total++)
        log->meals[who]++;
}

static void lay_table(Table *t) {
    t->meals = gr_chan_make(sizeof(int), 0);
    t->over = gr_chan_make(0, 0);
    for (int i = 0; i < t->n; i++) {
        t->forks[i].token = gr_chan_make(sizeof(int), 1);
        gr_chan_send(t->forks[i].token, &(int){1});
    }
}

static void seat(Table *t, Philosopher *p, int i) {
    int left = i, right = (i + 1) % t->n;
    *p = (Philosopher){.table = t, .id = i, .rng = 2654435769u * (uint32_t)(i + 1)};
    p->first = &t->forks[left < right ? left : right];
    p->second = &t->forks[left < right ? right : left];
    gr_go(philosopher, p);
}

/* Prints the table of results; false if the log and what the philosophers say differ. */
static bool print_meals(const Table *t, const Philosopher *all, const Log *log) {
    bool good = true;
    printf("philosopher  meals  grumbles  best thought\n");
    for (int i = 0; i < t->n; i++) {
        const Philosopher *p = &all[i];
        printf("%11d  %5u  %8u  %12u\n", i + 1, p->meals, p->grumbles, p->deepest);
        good = good && p->meals == log->meals[i];
    }
    return good;
}

int gr_main(int argc, char **argv) {
    long n = argc > 1 ? strtol(argv[1], NULL, 10) : 5;
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 3;
    if (n < 2 || n > MAX_PHILOSOPHERS || !(seconds > 0 && seconds <= 3600)) {
        fprintf(stderr, "usage: philosophers [N [SECONDS]], N from 2 to %d, SECONDS up to 3600\n", MAX_PHILOSOPHERS);
        return 1;
    }
    Table t = {.n = (int)n, .forks = calloc((size_t)n, sizeof(Fork))};
    Philosopher *all = calloc((size_t)n, sizeof *all);
    Log log = {.meals = calloc((size_t)n, sizeof *log.meals)};
    if (!t.forks || !all || !log.meals)
        gr_panic("philosophers: out of memory");
    lay_table(&t);
    gr_waitgroup_add(&t.seated, t.n);
    for (int i = 0; i < t.n; i++)
        seat(&t, &all[i], i);
    host(&t, &log, (int64_t)(seconds * GR_SECOND));
    finish(&t, &log);
    bool good = print_meals(&t, all, &log);
    printf("%u meals in %.1f s; the log %s\n", log.total, seconds, good ? "agrees" : "is WRONG");
    return good ? 0 : 1;
}
