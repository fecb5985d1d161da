/* clocks.c: [ROUNDS]: goroutines that print what every clock says, wait for times by looking at them, and use
 * random numbers: with the virtual clock the same each time, for the same seed. */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int getentropy(void *, size_t); /* glibc and others declare it in different headers */

static long long ns_of(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long early;
static unsigned early_chance;
static __attribute__((constructor)) void before_main(void) {
    early = ns_of(CLOCK_REALTIME);
    getentropy(&early_chance, sizeof early_chance);
}

static gr_waitgroup wg;
static gr_mutex m;
static int rounds;

static void wait_in_host(void *arg) {
    for (long long until = ns_of(CLOCK_MONOTONIC) + *(unsigned *)arg; ns_of(CLOCK_MONOTONIC) < until;) {
    }
    usleep(*(unsigned *)arg / 1000);
}

static void worker(void *arg) {
    int id = (int)(intptr_t)arg;
    for (int i = 0; i < rounds; i++) {
        unsigned chance;
        getentropy(&chance, sizeof chance);
        gr_mutex_lock(&m);
        struct timeval day;
        gettimeofday(&day, NULL);
        printf("%d: now %lld real %lld mono %lld day %lld.%06ld clock %ld chance %u\n", id, (long long)gr_now(),
               ns_of(CLOCK_REALTIME), ns_of(CLOCK_MONOTONIC), (long long)day.tv_sec, (long)day.tv_usec, (long)clock(),
               chance);
        gr_mutex_unlock(&m);
        for (int64_t until = gr_now() + chance % 20000; gr_now() < until;) {
        }
        usleep(chance % 100);
        if (i % 8 == id)
            gr_blocking(wait_in_host, &(unsigned){chance % 30000});
    }
    gr_waitgroup_done(&wg);
}

int gr_main(int argc, char **argv) {
    rounds = argc > 1 ? atoi(argv[1]) : 20;
    printf("early %lld start %lld\nearly chance %u\n", early, (long long)time(NULL), early_chance);
    gr_waitgroup_add(&wg, 6);
    for (int i = 0; i < 6; i++)
        gr_go(worker, (void *)(intptr_t)i);
    gr_waitgroup_wait(&wg);
    gr_sched_stats s = gr_read_sched_stats();
    printf("preempted %llu retaken %llu stopped %lld\n", (unsigned long long)s.preempted, (unsigned long long)s.retaken,
           (long long)s.stopped_ns);
    long long now = gr_now();
    printf("end now %lld real %lld\n", now, ns_of(CLOCK_REALTIME));
    return 0;
}
