/* mutex: nanoseconds for one lock and unlock: by a goroutine alone, by four that contend and one time in 16 yield
 * inside, handed over each time, and of as many mutexes as goroutines wait on at once.
 *
 * usage: mutex [N]     N locks in all, 4,000,000 unless given; prints one line of JSON
 */
#include "measure.h"

#define CROWD 4
#define HELD_LONG 16 /* one time in so many */

static gr_mutex m;
static gr_rwmutex rw;
static long inside; /* what the mutex guards */

static void alone(long n) {
    for (long i = 0; i < n; i++) {
        gr_mutex_lock(&m);
        gr_mutex_unlock(&m);
    }
}

static void read_alone(long n) {
    for (long i = 0; i < n; i++) {
        gr_rwmutex_rlock(&rw);
        gr_rwmutex_runlock(&rw);
    }
}

typedef struct Part {
    gr_waitgroup group;
    long n; /* locks of each */
} Part;

/* `crowd` goroutines lock n times in all. */
static void share(long n, int crowd, void (*fn)(void *part)) {
    Part part = {.n = n / crowd + 1};
    inside = 0;
    gr_waitgroup_add(&part.group, crowd);
    for (int i = 0; i < crowd; i++)
        gr_go(fn, &part);
    gr_waitgroup_wait(&part.group);
    check(inside == part.n * crowd, "two were inside a mutex");
}

static void contend(void *arg) {
    Part *part = arg;
    for (long i = 0; i < part->n; i++) {
        gr_mutex_lock(&m);
        inside++;
        if (i % HELD_LONG == 0)
            gr_yield();
        gr_mutex_unlock(&m);
    }
    gr_waitgroup_done(&part->group);
}

static void contended(long n) { share(n, CROWD, contend); }

/* Every lock finds the mutex taken and every unlock finds a waiter: two goroutines that yield inside. */
static void hand_over(void *arg) {
    Part *part = arg;
    for (long i = 0; i < part->n; i++) {
        gr_mutex_lock(&m);
        inside++;
        gr_yield();
        gr_mutex_unlock(&m);
    }
    gr_waitgroup_done(&part->group);
}

static void handed_over(long n) { share(n, 2, hand_over); }

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
static void many_queues(long n) {
    static Lane lane[MANY];
    gr_waitgroup group = {0};
    for (long done = 0; done < n; done += MANY) {
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
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 4000000), slow = (n / 20 + MANY - 1) / MANY * MANY;
    say_begin("mutex", n);
    say("alone_ns", measure(alone, n));
    say("read_ns", measure(read_alone, n));
    say("contended_ns", measure(contended, n));
    say("handover_ns", measure(handed_over, slow));
    say("many_ns", measure(many_queues, slow));
    say_end();
    return 0;
}
