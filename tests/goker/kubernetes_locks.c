/* kubernetes_locks.c: bugs of kubernetes/kubernetes in which locks and condition variables hang. */
#include "goker.h"
#include <stdlib.h>

/* kubernetes 10182: who has set a status sends it with the lock that the receiver of the one before still wants. */
static gr_rwmutex statuses_10182;
static gr_chan *status_10182;

static void delete_pod_status_10182(void) {
    gr_rwmutex_lock(&statuses_10182);
    gr_rwmutex_unlock(&statuses_10182);
}

static void sync_batches_10182(void *arg) {
    (void)arg;
    for (int i = 0; i < 2; i++) {
        gr_yield();
        recv(status_10182);
        delete_pod_status_10182();
    }
}

static void set_pod_status_10182(void *arg) {
    (void)arg;
    gr_rwmutex_lock(&statuses_10182);
    send(status_10182);
    gr_rwmutex_unlock(&statuses_10182);
}

void kubernetes10182(void *arg) {
    (void)arg;
    status_10182 = make_chan(0);
    gr_go(sync_batches_10182, NULL);
    gr_go(set_pod_status_10182, NULL);
    gr_go(set_pod_status_10182, NULL);
}

/* kubernetes 11298: the service loop, told to end, signals its waiter before that has begun to wait, and then waits
 * for it. */
typedef struct Task11298 {
    gr_chan *finished;
    void (*fn)(void);
} Task11298;
static gr_chan *abort_11298, *signals_done_11298;
static gr_mutex lock_11298;
static gr_cond cond_11298;

static void task_11298(void *arg) {
    Task11298 task = *(Task11298 *)arg;
    free(arg);
    task.fn();
    gr_chan_close(task.finished);
}

/* fn() as a goroutine of its own; closed when it has returned. */
static gr_chan *after_11298(void (*fn)(void)) {
    Task11298 *task = malloc(sizeof *task);
    *task = (Task11298){make_chan(0), fn};
    gr_chan *finished = task->finished;
    gr_go(task_11298, task);
    return finished;
}

static void until_11298(void (*fn)(void)) {
    while (try_choose(recv_from(abort_11298)) < 0) {
        fn();
        choose(recv_from(abort_11298), recv_from(gr_after(0)));
    }
}

static void await_signal_11298(void) { gr_cond_wait(&cond_11298, &lock_11298); } /* the lock is the service loop's */

static void service_loop_11298(void) {
    gr_mutex_lock(&lock_11298);
    while (try_choose(recv_from(signals_done_11298)) < 0) {
        gr_chan *signalled = after_11298(await_signal_11298);
        if (choose(recv_from(signals_done_11298), recv_from(signalled)) == 0) {
            gr_cond_signal(&cond_11298);
            recv(signalled);
            break;
        }
    }
    gr_mutex_unlock(&lock_11298);
}

static void signal_once_11298(void) {
    while (try_choose(recv_from(abort_11298)) < 0) {
        gr_mutex_lock(&lock_11298);
        gr_cond_signal(&cond_11298);
        gr_mutex_unlock(&lock_11298);
    }
}

static void signal_11298(void) { until_11298(signal_once_11298); }

static void notify_11298(void) {
    signals_done_11298 = after_11298(signal_11298);
    until_11298(service_loop_11298);
}

static void abort_soon_11298(void *arg) {
    (void)arg;
    gr_sleep(300);
    gr_chan_close(abort_11298);
}

void kubernetes11298(void *arg) {
    (void)arg;
    abort_11298 = make_chan(0);
    gr_chan *notified = after_11298(notify_11298);
    gr_go(abort_soon_11298, NULL);
    recv(notified);
}

/* kubernetes 13135: caching locks the cacher, then its cache; an event locks the cache, then the cacher. */
static struct {
    gr_mutex lock;
    gr_rwmutex cache;
    gr_waitgroup initialized;
    gr_once once;
    gr_chan *stop;
} cacher_13135;

static void initialized_13135(void) { gr_waitgroup_done(&cacher_13135.initialized); }

static void replace_13135(void) {
    gr_rwmutex_lock(&cacher_13135.cache);
    gr_once_do(&cacher_13135.once, initialized_13135);
    gr_mutex_unlock(&cacher_13135.lock);
    gr_rwmutex_unlock(&cacher_13135.cache);
}

static void cache_until_stop_13135(void *arg) {
    (void)arg;
    while (try_choose(recv_from(cacher_13135.stop)) < 0) {
        gr_mutex_lock(&cacher_13135.lock);
        replace_13135();
        gr_sleep(0);
    }
}

static void process_event_13135(void) {
    gr_mutex_lock(&cacher_13135.lock);
    gr_mutex_unlock(&cacher_13135.lock);
}

static void add_13135(void *arg) {
    (void)arg;
    gr_rwmutex_lock(&cacher_13135.cache);
    process_event_13135();
    gr_rwmutex_unlock(&cacher_13135.cache);
}

static void close_13135(void *stop) { gr_chan_close(stop); }

void kubernetes13135(void *arg) {
    (void)arg;
    cacher_13135.stop = make_chan(0);
    gr_waitgroup_add(&cacher_13135.initialized, 1);
    gr_go(cache_until_stop_13135, NULL);
    gr_waitgroup_wait(&cacher_13135.initialized);
    gr_go(add_13135, NULL);
    gr_go(close_13135, cacher_13135.stop);
}

/* kubernetes 26980: pop has something to deliver and waits, with the lock, for the end, for which another one needs
 * the lock. */
static struct {
    gr_mutex lock; /* Go: an RWMutex, locked for writing only */
    gr_cond cond;
    int pending;
    gr_chan *stop;
} listener_26980;

static void add_26980(void) {
    gr_mutex_lock(&listener_26980.lock);
    listener_26980.pending++;
    gr_cond_broadcast(&listener_26980.cond);
    gr_mutex_unlock(&listener_26980.lock);
}

static void pop_26980(void *arg) {
    bool stopped = false;
    (void)arg;
    gr_mutex_lock(&listener_26980.lock);
    gr_yield();
    while (!stopped && listener_26980.pending == 0) {
        stopped = try_choose(recv_from(listener_26980.stop)) == 0;
        if (!stopped)
            gr_cond_wait(&listener_26980.cond, &listener_26980.lock);
    }
    if (!stopped)
        recv(listener_26980.stop);
    gr_mutex_unlock(&listener_26980.lock);
}

static void lock_26980(void *result) {
    gr_mutex_lock(&listener_26980.lock);
    gr_chan_close(result);
}

void kubernetes26980(void *arg) {
    (void)arg;
    listener_26980.stop = make_chan(0);
    add_26980();
    gr_yield();
    gr_go(pop_26980, NULL);
    gr_chan *result = make_chan(0);
    gr_go(lock_26980, result);
    gr_yield();
    recv(result);
    gr_mutex_unlock(&listener_26980.lock);
    gr_chan_close(listener_26980.stop);
}

/* kubernetes 30872: whether all is in sync is asked with the informer's lock and takes the queue's; the queue,
 * locked, adds a cluster to the informer, which locks. Then stopping cannot lock either. */
static gr_mutex informer_30872, queue_30872;
static gr_chan *stop_informer_30872;

static void has_synced_30872(void) {
    gr_mutex_lock(&queue_30872);
    gr_mutex_unlock(&queue_30872);
}

static void reconcile_30872(void *arg) {
    (void)arg;
    gr_mutex_lock(&informer_30872);
    has_synced_30872();
    gr_mutex_unlock(&informer_30872);
}

static void add_cluster_30872(void) {
    gr_mutex_lock(&informer_30872);
    gr_mutex_unlock(&informer_30872);
}

static void run_controller_30872(void *stop) {
    while (try_choose(recv_from(stop)) < 0) {
        gr_mutex_lock(&queue_30872);
        add_cluster_30872();
        gr_mutex_unlock(&queue_30872);
    }
}

static void start_30872(void) {
    gr_mutex_lock(&informer_30872);
    stop_informer_30872 = make_chan(0);
    gr_go(run_controller_30872, stop_informer_30872);
    gr_yield();
    gr_mutex_unlock(&informer_30872);
}

static void stop_30872(void *stop) {
    recv(stop);
    gr_mutex_lock(&informer_30872);
    gr_chan_close(stop_informer_30872);
    gr_mutex_unlock(&informer_30872);
}

void kubernetes30872(void *arg) {
    (void)arg;
    gr_chan *stop = make_chan(0);
    start_30872();
    gr_go(stop_30872, stop);
    gr_go(reconcile_30872, NULL);
    gr_chan_close(stop);
}

/* kubernetes 58107: a worker waits on its queue with the lock for reading; the one signal that comes may have come
 * before. Then synchronising waits to write, and the other worker behind it. */
#define ROUNDS_58107 20 /* Go: 100000 */
typedef struct Queue58107 {
    gr_mutex lock;
    gr_cond cond;
} Queue58107;
static gr_rwmutex worker_58107;
static Queue58107 queues_58107[2];

static void get_58107(Queue58107 *q) {
    gr_mutex_lock(&q->lock);
    gr_cond_wait(&q->cond, &q->lock);
    gr_mutex_unlock(&q->lock);
}

static void work_58107(void *queue) {
    gr_rwmutex_rlock(&worker_58107);
    get_58107(queue);
    gr_rwmutex_runlock(&worker_58107);
}

static void run_58107(void *arg) {
    (void)arg;
    for (int i = 0; i < 2; i++)
        gr_go(work_58107, &queues_58107[i]);
}

static void sync_58107(void *arg) {
    (void)arg;
    for (int i = 0; i < ROUNDS_58107; i++) {
        gr_rwmutex_lock(&worker_58107);
        gr_yield();
        gr_rwmutex_unlock(&worker_58107);
    }
}

void kubernetes58107(void *arg) {
    (void)arg;
    gr_go(run_58107, NULL);
    gr_go(sync_58107, NULL);
    for (int i = 0; i < ROUNDS_58107; i++)
        for (int j = 0; j < 2; j++)
            gr_cond_signal(&queues_58107[j].cond);
}

/* kubernetes 62464: a reader locks again for reading while a writer waits between the two. */
static gr_rwmutex state_62464;

static bool get_cpuset_62464(void) {
    gr_yield();
    gr_rwmutex_rlock(&state_62464);
    bool assigned = dice(10) > 5;
    gr_rwmutex_runlock(&state_62464);
    return assigned;
}

static void get_default_62464(void) {
    gr_rwmutex_rlock(&state_62464);
    gr_rwmutex_runlock(&state_62464);
}

static void reconcile_62464(void *arg) {
    (void)arg;
    gr_rwmutex_rlock(&state_62464);
    if (!get_cpuset_62464())
        get_default_62464();
    gr_rwmutex_runlock(&state_62464);
}

static void set_default_62464(void) {
    gr_rwmutex_lock(&state_62464);
    gr_yield();
    gr_rwmutex_unlock(&state_62464);
}

static void remove_container_62464(void *arg) {
    (void)arg;
    get_default_62464();
    set_default_62464();
}

void kubernetes62464(void *arg) {
    (void)arg;
    gr_go(reconcile_62464, NULL);
    gr_go(remove_container_62464, NULL);
}
