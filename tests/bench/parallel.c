/* parallel: nanoseconds for whole jobs that several Ps can share: what 2 Ps gain over 1 is the ratio of two runs.
 *
 * usage: parallel [N]     each job N times, 20 unless given; prints one line of JSON
 *
 *   cpu     8 goroutines compute on their own
 *   fan10   8 workers do 2,000 jobs of about 10 us that come through one channel and go through another
 *   fan1    the same with jobs of about 1 us
 *   sieve   the first 400 primes, each a goroutine in a chain: little work, nothing but channels
 */
#include "measure.h"

#define WORKERS 8
#define CPU_STEPS 2000000
#define JOBS 2000
#define STEPS_10US 6000 /* 1.6 ns each here, in Go as in wasm */
#define STEPS_1US 600
#define PRIMES 400
#define LAST_PRIME 2741

static uint32_t work(uint32_t seed, long steps) {
    uint32_t x = seed | 1;
    for (long i = 0; i < steps; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
    }
    return x;
}

typedef struct Share {
    gr_waitgroup *group;
    uint32_t seed, result;
} Share;

static void compute(void *arg) {
    Share *s = arg;
    s->result = work(s->seed, CPU_STEPS);
    gr_waitgroup_done(s->group);
}

static void cpu(long n) {
    static uint32_t expected;
    if (!expected)
        for (uint32_t i = 0; i < WORKERS; i++)
            expected += work(i, CPU_STEPS);
    for (long k = 0; k < n; k++) {
        gr_waitgroup group = {0};
        gr_waitgroup_add(&group, WORKERS);
        Share share[WORKERS];
        for (uint32_t i = 0; i < WORKERS; i++) {
            share[i] = (Share){&group, i, 0};
            gr_go(compute, &share[i]);
        }
        gr_waitgroup_wait(&group);
        uint32_t sum = 0;
        for (int i = 0; i < WORKERS; i++)
            sum += share[i].result;
        check(sum == expected, "cpu: wrong result");
    }
}

typedef struct Fan {
    gr_chan *jobs, *results; /* of uint32_t */
    gr_waitgroup working;
    long steps;
} Fan;

static void worker(void *arg) {
    Fan *f = arg;
    for (uint32_t job; gr_chan_recv(f->jobs, &job);) {
        uint32_t result = work(job, f->steps);
        gr_chan_send(f->results, &result);
    }
    gr_waitgroup_done(&f->working);
}

static void hand_out(void *arg) {
    Fan *f = arg;
    for (uint32_t job = 0; job < JOBS; job++)
        gr_chan_send(f->jobs, &job);
    gr_chan_close(f->jobs);
    gr_waitgroup_wait(&f->working);
    gr_chan_close(f->results);
}

static uint32_t sum_of_jobs(long steps) {
    uint32_t sum = 0;
    for (uint32_t job = 0; job < JOBS; job++)
        sum += work(job, steps);
    return sum;
}

static void fan(long n, long steps, uint32_t expected) {
    for (long k = 0; k < n; k++) {
        Fan f = {gr_chan_make(sizeof(uint32_t), 16), gr_chan_make(sizeof(uint32_t), 16), {0}, steps};
        gr_waitgroup_add(&f.working, WORKERS);
        for (int i = 0; i < WORKERS; i++)
            gr_go(worker, &f);
        gr_go(hand_out, &f);
        uint32_t sum = 0, result;
        while (gr_chan_recv(f.results, &result))
            sum += result;
        check(sum == expected, "fan: wrong sum");
        gr_chan_free(f.jobs);
        gr_chan_free(f.results);
    }
}

static void fan10(long n) {
    static uint32_t expected;
    if (!expected)
        expected = sum_of_jobs(STEPS_10US); /* in the warm-up */
    fan(n, STEPS_10US, expected);
}

static void fan1(long n) {
    static uint32_t expected;
    if (!expected)
        expected = sum_of_jobs(STEPS_1US);
    fan(n, STEPS_1US, expected);
}

typedef struct Stage {
    gr_chan *in, *out, *quit;
    gr_waitgroup *group;
    int64_t prime; /* 1: the source, which has no in */
} Stage;

/* False: all end. */
static bool pass_on(Stage *s, int64_t v) {
    gr_case cases[] = {{GR_SEND, s->out, &v, false}, {GR_RECV, s->quit, NULL, false}};
    return gr_select(cases, 2, false) == 0;
}

static bool take(Stage *s, int64_t *v) {
    gr_case cases[] = {{GR_RECV, s->in, v, false}, {GR_RECV, s->quit, NULL, false}};
    return gr_select(cases, 2, false) == 0;
}

static void source(void *arg) {
    Stage *s = arg;
    for (int64_t v = 2; pass_on(s, v); v++) {
    }
    gr_waitgroup_done(s->group);
}

static void filter(void *arg) {
    Stage *s = arg;
    for (int64_t v; take(s, &v);)
        if (v % s->prime != 0 && !pass_on(s, v))
            break;
    gr_waitgroup_done(s->group);
}

static void sieve(long n) {
    static Stage stage[PRIMES + 1];
    for (long k = 0; k < n; k++) {
        gr_waitgroup group = {0};
        gr_chan *quit = gr_chan_make(0, 0);
        int64_t prime = 1;
        for (int i = 0; i <= PRIMES; i++) {
            gr_chan *in = i > 0 ? stage[i - 1].out : NULL;
            if (in)
                gr_chan_recv(in, &prime);
            stage[i] = (Stage){in, gr_chan_make(sizeof(int64_t), 0), quit, &group, prime};
            gr_waitgroup_add(&group, 1);
            if (in)
                gr_go(filter, &stage[i]);
            else
                gr_go(source, &stage[i]);
        }
        check(prime == LAST_PRIME, "sieve: wrong prime");
        gr_chan_close(quit);
        gr_waitgroup_wait(&group);
        for (int i = 0; i <= PRIMES; i++)
            gr_chan_free(stage[i].out);
        gr_chan_free(quit);
    }
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 20);
    say_begin("parallel", n);
    say("cpu_ns", measure(cpu, n));
    say("fan10_ns", measure(fan10, n));
    say("fan1_ns", measure(fan1, n));
    say("sieve_ns", measure(sieve, n));
    say_end();
    return 0;
}
