/* mutex: nanoseconds for one lock and unlock: by a goroutine alone, by four that contend with a short section inside, and of as
 * many mutexes as goroutines wait on at once. Tracing off.
 *
 * usage: mutex [N]     N locks in all, 4,000,000 unless given; prints one line of JSON
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

#define CROWD 4

static gr_mutex m;
static gr_rwmutex rw;
static long n, inside;

static double alone(void) {
    int64_t began = gr_now();
    for (long i = 0; i < n; i++) {
        gr_mutex_lock(&m);
        gr_mutex_unlock(&m);
    }
    return (double)(gr_now() - began) / (double)n;
}

static double read_alone(void) {
    int64_t began = gr_now();
    for (long i = 0; i < n; i++) {
        gr_rwmutex_rlock(&rw);
        gr_rwmutex_runlock(&rw);
    }
    return (double)(gr_now() - began) / (double)n;
}

static void contend(void *arg) {
    for (long i = 0; i < n / CROWD; i++) {
        gr_mutex_lock(&m);
        inside++;
        gr_mutex_unlock(&m);
    }
    gr_waitgroup_done(arg);
}

static double contended(void) {
    gr_waitgroup group = {0};
    gr_waitgroup_add(&group, CROWD);
    int64_t began = gr_now();
    for (int i = 0; i < CROWD; i++)
        gr_go(contend, &group);
    gr_waitgroup_wait(&group);
    return (double)(gr_now() - began) / (double)(n / CROWD * CROWD);
}

/* Every lock finds the mutex taken and every unlock finds a waiter: two goroutines that yield inside. */
static void hand_over(void *arg) {
    for (long i = 0; i < n / 20; i++) {
        gr_mutex_lock(&m);
        gr_yield();
        gr_mutex_unlock(&m);
    }
    gr_waitgroup_done(arg);
}

static double handed_over(void) {
    gr_waitgroup group = {0};
    gr_waitgroup_add(&group, 2);
    int64_t began = gr_now();
    gr_go(hand_over, &group);
    gr_go(hand_over, &group);
    gr_waitgroup_wait(&group);
    return (double)(gr_now() - began) / (double)(n / 20 * 2);
}

#define MANY 512

typedef struct Lane {
    gr_mutex m;
    gr_waitgroup *group;
} Lane;

static void wait_in_lane(void *arg) {
    Lane *l = arg;
    gr_mutex_lock(&l->m);
    gr_mutex_unlock(&l->m);
    gr_waitgroup_done(l->group);
}

/* MANY goroutines each wait for a mutex of their own, then all are let go: the cost of a queue among many queues. */
static double many_queues(void) {
    static Lane lane[MANY];
    gr_waitgroup group = {0};
    long rounds = n / 40 / MANY + 1;
    int64_t began = gr_now();
    for (long r = 0; r < rounds; r++) {
        gr_waitgroup_add(&group, MANY);
        for (int i = 0; i < MANY; i++) {
            lane[i].group = &group;
            gr_mutex_lock(&lane[i].m);
            gr_go(wait_in_lane, &lane[i]);
        }
        gr_yield();
        for (int i = 0; i < MANY; i++)
            gr_mutex_unlock(&lane[i].m);
        gr_waitgroup_wait(&group);
    }
    return (double)(gr_now() - began) / (double)(rounds * MANY);
}

static void run(long count, double ns[5]) {
    n = count;
    ns[0] = alone();
    ns[1] = read_alone();
    ns[2] = contended();
    ns[3] = handed_over();
    ns[4] = many_queues();
}

int gr_main(int argc, char **argv) {
    long asked = argc > 1 ? atol(argv[1]) : 4000000;
    double ns[5];
    run(asked / 20, ns); /* warm: the engine compiles what is hot in a second tier */
    run(asked, ns);
    printf("{\"bench\":\"mutex\",\"procs\":%d,\"n\":%ld,\"ns_per_op\":%.1f,\"read_ns\":%.1f,\"contended_ns\":%.1f,"
           "\"handover_ns\":%.1f,\"many_ns\":%.1f}\n",
           gr_gomaxprocs(0), n, ns[0], ns[1], ns[2], ns[3], ns[4]);
    return 0;
}
