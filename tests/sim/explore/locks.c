/* locks: mutex, rwmutex, waitgroup, condition, once. */
#include "explore.h"

static gr_mutex m, n;
static gr_rwmutex rw;
static gr_waitgroup wg;
static gr_cond cond;
static gr_once once;
static gr_chan *c;
static int count, inside, most, ready;

static void note_count(void) { note_int(count); }
static void note_most(void) { note_int(most); }

/* ---- mutex --------------------------------------------------------------------------------------------------- */

static void add_one(void) {
    gr_yield(); /* what comes before the first operation is done at once */
    int was = count;
    gr_yield();
    count = was + 1;
}
static void add_one_locked(void) {
    gr_mutex_lock(&m);
    add_one();
    gr_mutex_unlock(&m);
}

/* That there is something to be guarded: the explorer sees the lost update. */
static void unguarded(void) { together(note_count, add_one, add_one); }

static void mutual_exclusion(void) { together(note_count, add_one_locked, add_one_locked); }

static void three_at_a_mutex(void) { together(note_count, add_one_locked, add_one_locked, add_one_locked); }

static void try(void) {
    if (gr_mutex_trylock(&m)) {
        note("y");
        gr_mutex_unlock(&m);
    } else {
        note("n");
    }
}

static void trylock(void) { together(NULL, try, try); }

static void trylock_beside_lock(void) { together(NULL, add_one_locked, try); }

static void m_then_n(void) {
    gr_mutex_lock(&m);
    gr_mutex_lock(&n);
    gr_mutex_unlock(&n);
    gr_mutex_unlock(&m);
}
static void n_then_m(void) {
    gr_mutex_lock(&n);
    gr_mutex_lock(&m);
    gr_mutex_unlock(&m);
    gr_mutex_unlock(&n);
}

static void opposite_order(void) { together(note_ok, m_then_n, n_then_m); }

static void lock_m(void) { gr_mutex_lock(&m); }
static void unlock_m(void) { gr_mutex_unlock(&m); }

static void unlocked_by_another(void) { together(note_ok, lock_m, unlock_m); }

/* ---- rwmutex ------------------------------------------------------------------------------------------------- */

static void read_once(void) {
    gr_rwmutex_rlock(&rw);
    if (++inside > most)
        most = inside;
    gr_yield();
    inside--;
    gr_rwmutex_runlock(&rw);
}
static void write_once(void) {
    gr_rwmutex_lock(&rw);
    inside += 10;
    if (inside > most)
        most = inside;
    gr_yield();
    inside -= 10;
    gr_rwmutex_unlock(&rw);
}

static void readers_together(void) { together(note_most, read_once, read_once); }

static void writer_alone(void) { together(note_most, read_once, write_once); }

static void two_writers(void) { together(note_most, write_once, write_once); }

static void read_twice(void) {
    gr_rwmutex_rlock(&rw);
    gr_rwmutex_rlock(&rw);
    gr_rwmutex_runlock(&rw);
    gr_rwmutex_runlock(&rw);
}
static void write_quickly(void) {
    gr_rwmutex_lock(&rw);
    gr_rwmutex_unlock(&rw);
}

/* A waiting writer holds back new readers, the one that it waits for included. */
static void recursive_reader(void) { together(note_ok, read_twice, write_quickly); }

/* ---- waitgroup ----------------------------------------------------------------------------------------------- */

static void done(void) {
    count++;
    gr_waitgroup_done(&wg);
}
static void wait_noting(void) {
    gr_waitgroup_wait(&wg);
    note_int(count);
}

static void wait_for_two(void) {
    gr_waitgroup_add(&wg, 2);
    together(NULL, done, done, wait_noting);
}

static void two_waiters(void) {
    gr_waitgroup_add(&wg, 1);
    together(NULL, wait_noting, wait_noting, done);
}

static void one_of_two_rounds(void *arg) {
    (void)arg;
    done();
}
static void used_again(void) {
    for (int round = 0; round < 2; round++) {
        gr_waitgroup_add(&wg, 1);
        gr_go(one_of_two_rounds, NULL);
        wait_noting();
    }
}

static void done_too_often(void) {
    gr_waitgroup_add(&wg, 1);
    together(NULL, done, done);
}

/* ---- condition ----------------------------------------------------------------------------------------------- */

static void wait_ready(void) {
    gr_mutex_lock(&m);
    while (!ready)
        gr_cond_wait(&cond, &m);
    count++;
    gr_mutex_unlock(&m);
}
static void make_ready(void) {
    gr_mutex_lock(&m);
    ready = 1;
    gr_cond_signal(&cond);
    gr_mutex_unlock(&m);
}
static void make_ready_for_all(void) {
    gr_mutex_lock(&m);
    ready = 1;
    gr_mutex_unlock(&m);
    gr_cond_broadcast(&cond);
}

static void condition(void) { together(note_count, wait_ready, make_ready); }

static void one_signal_for_two(void) { together(note_count, wait_ready, wait_ready, make_ready); }

static void broadcast(void) { together(note_count, wait_ready, wait_ready, make_ready_for_all); }

static void wait_plainly(void) {
    gr_mutex_lock(&m);
    gr_cond_wait(&cond, &m);
    gr_mutex_unlock(&m);
    note("woken");
}
static void signal(void) { gr_cond_signal(&cond); }

static void signal_before_anybody_waits(void) { together(NULL, wait_plainly, signal); }

static int arrived[2], arrivals, woken;

/* Says with the mutex held that it is about to wait. */
static void wait_in_turn(int id) {
    gr_mutex_lock(&m);
    arrived[arrivals++] = id;
    send_int(c, id);
    gr_cond_wait(&cond, &m);
    note(arrived[woken++] == id ? "=" : "x");
    if (woken == 1)
        gr_cond_signal(&cond);
    gr_mutex_unlock(&m);
}
static void wait_in_turn_1(void) { wait_in_turn(1); }
static void wait_in_turn_2(void) { wait_in_turn(2); }
static void signal_when_both_wait(void) {
    recv_int(c);
    recv_int(c);
    gr_mutex_lock(&m);
    gr_cond_signal(&cond);
    gr_mutex_unlock(&m);
}

static void first_come_first_woken(void) {
    c = chan_of_int(2);
    together(NULL, wait_in_turn_1, wait_in_turn_2, signal_when_both_wait);
}

/* ---- once ---------------------------------------------------------------------------------------------------- */

static void init(void) {
    gr_yield();
    count++;
}
static void use(void) {
    gr_once_do(&once, init);
    note_int(count);
}

static void once_for_three(void) { together(NULL, use, use, use); }

CASES(C(unguarded, "1; 2"), C(mutual_exclusion, "2"), C(three_at_a_mutex, "3"), C(trylock, "yn; yy"),
      C(trylock_beside_lock, "n; y"), C(opposite_order, "ok; " DEADLOCK),
      C(unlocked_by_another, "ok; fatal error: sync: unlock of unlocked mutex"), C(readers_together, "1; 2"),
      C(writer_alone, "10"), C(two_writers, "10"), C(recursive_reader, "ok; " DEADLOCK), C(wait_for_two, "2"),
      C(two_waiters, "11"), C(used_again, "12"), C(done_too_often, "panic: sync: negative WaitGroup counter"),
      C(condition, "1"), C(one_signal_for_two, "2; " DEADLOCK), C(broadcast, "2"),
      C(signal_before_anybody_waits, "woken; " DEADLOCK), C(first_come_first_woken, "=="), C(once_for_three, "111"))
