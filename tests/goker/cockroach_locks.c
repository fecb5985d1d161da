/* cockroach_locks.c: bugs of cockroachdb/cockroach in which locks, wait groups and condition variables hang. */
#include "goker.h"

/* cockroach 584: manage hangs, since bootstrap left its loop without unlocking. */
static gr_mutex mu_584;
static bool closed_584 = true;

static void bootstrap_584(void) {
    for (;;) {
        gr_mutex_lock(&mu_584);
        if (closed_584)
            break; /* no unlock */
        gr_mutex_unlock(&mu_584);
    }
}

static void manage_584(void) {
    for (;;) {
        gr_mutex_lock(&mu_584);
        if (closed_584)
            break; /* no unlock */
        gr_mutex_unlock(&mu_584);
    }
}

void cockroach584(void *arg) {
    (void)arg;
    bootstrap_584();
    manage_584();
}

/* cockroach 1055: Quiesce waits, under the lock, for tasks that nobody finishes; or Stop for workers that wait for
 * the lock. */
typedef struct Stopper1055 {
    gr_chan *stopper;
    gr_waitgroup stop, drain;
    gr_mutex mu;
    uint32_t draining;
} Stopper1055;
static Stopper1055 stoppers_1055[2];

static void start_task_1055(Stopper1055 *s) {
    if (__atomic_load_n(&s->draining, __ATOMIC_SEQ_CST))
        return;
    window();
    gr_mutex_lock(&s->mu);
    gr_waitgroup_add(&s->drain, 1);
    gr_mutex_unlock(&s->mu);
}

static void worker_1055(void *arg) {
    Stopper1055 *s = arg;
    window();
    start_task_1055(s);
    recv(s->stopper);
    gr_waitgroup_done(&s->stop);
}

static void quiesce_1055(Stopper1055 *s) {
    gr_mutex_lock(&s->mu);
    __atomic_store_n(&s->draining, 1, __ATOMIC_SEQ_CST);
    gr_waitgroup_wait(&s->drain);
    __atomic_store_n(&s->draining, 0, __ATOMIC_SEQ_CST);
    gr_mutex_unlock(&s->mu);
}

static void stop_1055(Stopper1055 *s) {
    gr_mutex_lock(&s->mu);
    __atomic_store_n(&s->draining, 1, __ATOMIC_SEQ_CST);
    gr_waitgroup_wait(&s->drain);
    gr_chan_close(s->stopper);
    gr_waitgroup_wait(&s->stop);
    gr_mutex_unlock(&s->mu);
}

static void stop_all_1055(void *done) {
    for (int i = 0; i < 2; i++)
        quiesce_1055(&stoppers_1055[i]);
    for (int i = 0; i < 2; i++)
        stop_1055(&stoppers_1055[i]);
    gr_chan_close(done);
}

void cockroach1055(void *arg) {
    (void)arg;
    for (int i = 0; i < 2; i++) {
        stoppers_1055[i].stopper = make_chan(0);
        gr_waitgroup_add(&stoppers_1055[i].stop, 1);
        gr_go(worker_1055, &stoppers_1055[i]);
    }
    gr_chan *done = make_chan(0);
    gr_go(stop_all_1055, done);
    recv(done);
}

/* cockroach 3710: a reader locks again for reading while a writer waits between the two. */
static gr_rwmutex mu_3710;
static gr_mutex queue_3710;

static void raft_status_3710(void) {
    gr_rwmutex_rlock(&mu_3710);
    gr_rwmutex_runlock(&mu_3710);
}

static void force_scan_3710(void *arg) {
    (void)arg;
    gr_rwmutex_rlock(&mu_3710);
    gr_yield();
    for (int replica = 0; replica < 2; replica++) {
        gr_mutex_lock(&queue_3710);
        raft_status_3710();
        gr_mutex_unlock(&queue_3710);
    }
    gr_rwmutex_runlock(&mu_3710);
}

static void raft_loop_3710(void *arg) {
    (void)arg;
    gr_rwmutex_lock(&mu_3710);
    gr_rwmutex_unlock(&mu_3710);
}

static void process_raft_3710(void *arg) { gr_go(raft_loop_3710, arg); }

void cockroach3710(void *arg) {
    (void)arg;
    gr_go(force_scan_3710, NULL);
    gr_go(process_raft_3710, NULL);
}

/* cockroach 6181: readers lock again for reading while one of them already wants to write. */
static gr_rwmutex mu_6181;
static gr_waitgroup wg_6181;

static void to_string_6181(void) {
    gr_rwmutex_rlock(&mu_6181);
    gr_rwmutex_runlock(&mu_6181);
}

static void lookup_6181(void *arg) {
    (void)arg;
    gr_rwmutex_rlock(&mu_6181);
    gr_yield();
    to_string_6181();
    gr_rwmutex_runlock(&mu_6181);
    gr_rwmutex_lock(&mu_6181);
    gr_rwmutex_unlock(&mu_6181);
    gr_waitgroup_done(&wg_6181);
}

void cockroach6181(void *arg) {
    (void)arg;
    for (int i = 0; i < 3; i++) {
        gr_waitgroup_add(&wg_6181, 1);
        gr_go(lookup_6181, NULL);
    }
    gr_waitgroup_wait(&wg_6181);
}

/* cockroach 7504: get locks the cache and then a lease, release the lease and then the cache. */
static gr_mutex lease_7504, cache_7504, table_7504;

static void cache_get_7504(void *arg) {
    (void)arg;
    gr_mutex_lock(&cache_7504);
    gr_mutex_lock(&lease_7504);
    gr_mutex_unlock(&lease_7504);
    gr_mutex_unlock(&cache_7504);
}

static void cache_remove_7504(void) {
    gr_mutex_lock(&cache_7504);
    gr_yield();
    gr_mutex_unlock(&cache_7504);
}

static void release_7504(void *arg) {
    (void)arg;
    gr_mutex_lock(&table_7504);
    gr_mutex_lock(&lease_7504);
    gr_yield();
    cache_remove_7504();
    gr_mutex_unlock(&lease_7504);
    gr_mutex_unlock(&table_7504);
}

void cockroach7504(void *arg) {
    (void)arg;
    gr_go(cache_get_7504, NULL);
    gr_go(release_7504, NULL);
}

/* cockroach 9935: the way out after an error locks what the caller has locked. */
static gr_mutex mu_9935;

static bool create_file_9935(void) { return dice(8) % 4 == 0; }

static void exit_9935(void) {
    gr_mutex_lock(&mu_9935);
    gr_mutex_unlock(&mu_9935);
}

void cockroach9935(void *arg) {
    (void)arg;
    gr_mutex_lock(&mu_9935);
    if (!create_file_9935())
        exit_9935();
    gr_mutex_unlock(&mu_9935);
}

/* cockroach 10214: heartbeats go from the coalesced lock to a replica's, a tick the other way. */
typedef struct Replica10214 {
    gr_mutex raft_mu, mu;
} Replica10214;
static Replica10214 replicas_10214[2];
static gr_mutex coalesced_10214;

static void report_unreachable_10214(Replica10214 *r) {
    gr_mutex_lock(&r->raft_mu);
    gr_sleep(GR_MILLISECOND);
    gr_mutex_unlock(&r->raft_mu);
}

static void send_heartbeats_10214(void *arg) {
    (void)arg;
    gr_mutex_lock(&coalesced_10214);
    for (int response = 0; response < 2; response++)
        for (int i = 0; i < 2; i++)
            report_unreachable_10214(&replicas_10214[i]);
    gr_mutex_unlock(&coalesced_10214);
}

static void coalesce_10214(void) {
    gr_mutex_lock(&coalesced_10214);
    gr_mutex_unlock(&coalesced_10214);
}

static void tick_10214(void *arg) {
    Replica10214 *r = arg;
    gr_mutex_lock(&r->raft_mu);
    gr_mutex_lock(&r->mu);
    coalesce_10214();
    coalesce_10214();
    gr_mutex_unlock(&r->mu);
    gr_mutex_unlock(&r->raft_mu);
}

void cockroach10214(void *arg) {
    (void)arg;
    gr_go(send_heartbeats_10214, NULL);
    gr_go(tick_10214, &replicas_10214[0]);
}

/* cockroach 16167: a statement locks for reading twice; the update of the configuration wants to write in between. */
static gr_rwmutex config_16167;

static void database_cache_16167(void) {
    gr_rwmutex_rlock(&config_16167);
    gr_rwmutex_runlock(&config_16167);
}

static void update_config_16167(void *arg) {
    (void)arg;
    gr_rwmutex_lock(&config_16167);
    gr_yield();
    gr_rwmutex_unlock(&config_16167);
}

void cockroach16167(void *arg) {
    (void)arg;
    gr_go(update_config_16167, NULL);
    gr_rwmutex_rlock(&config_16167);
    gr_yield();
    database_cache_16167();
    gr_rwmutex_runlock(&config_16167);
}
