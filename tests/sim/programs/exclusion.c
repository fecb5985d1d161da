/* exclusion: a mutex has one owner, also when it starves and by trylock; a rwmutex many readers or one writer. */
#include "seeded.h"

enum { WORKERS = 4, EACH = 6 };

static gr_mutex m;
static gr_rwmutex rw;
static int owner, count, readers, writers, tries;
static gr_waitgroup all;

/* Long holds turn the mutex to starvation mode. */
static void hold(int me, int turn) {
    REQUIRE(owner == 0);
    owner = me;
    if (turn % 3 == 0)
        gr_yield();
    if (turn % 4 == 1)
        gr_sleep(2 * GR_MILLISECOND);
    REQUIRE(owner == me);
    owner = 0;
    count++;
}

static void locker(void *arg) {
    int me = 1 + (int)(intptr_t)arg;
    for (int i = 0; i < EACH; i++) {
        gr_mutex_lock(&m);
        hold(me, i);
        gr_mutex_unlock(&m);
    }
    gr_waitgroup_done(&all);
}

static void trier(void *arg) {
    (void)arg;
    for (int i = 0; i < EACH; i++) {
        if (gr_mutex_trylock(&m)) {
            hold(-1, i);
            tries++;
            gr_mutex_unlock(&m);
        }
        gr_yield();
    }
    gr_waitgroup_done(&all);
}

static void reader(void *arg) {
    (void)arg;
    for (int i = 0; i < EACH; i++) {
        gr_rwmutex_rlock(&rw);
        readers++;
        REQUIRE(writers == 0);
        gr_yield();
        REQUIRE(writers == 0);
        readers--;
        gr_rwmutex_runlock(&rw);
    }
    gr_waitgroup_done(&all);
}

static void writer(void *arg) {
    (void)arg;
    for (int i = 0; i < EACH; i++) {
        gr_rwmutex_lock(&rw);
        REQUIRE(writers == 0 && readers == 0);
        writers++;
        gr_yield();
        REQUIRE(writers == 1 && readers == 0);
        writers--;
        gr_rwmutex_unlock(&rw);
    }
    gr_waitgroup_done(&all);
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_waitgroup_add(&all, WORKERS + 1 + 3 + 2);
    for (int i = 0; i < WORKERS; i++)
        gr_go(locker, (void *)(intptr_t)i);
    gr_go(trier, NULL);
    for (int i = 0; i < 3; i++)
        gr_go(reader, NULL);
    for (int i = 0; i < 2; i++)
        gr_go(writer, NULL);
    gr_waitgroup_wait(&all);
    REQUIRE(count == WORKERS * EACH + tries);
    REQUIRE(m.state == 0);
    return 0;
}
