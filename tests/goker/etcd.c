/* etcd.c: bugs of etcd-io/etcd. */
#include "goker.h"

/* etcd 5509: acquire keeps the lock for reading when the client is closed; Close, which locks twice, hangs at the
 * second time. */
static struct {
    gr_rwmutex mu;
    bool open;
} client_5509 = {.open = true};
static gr_mutex remote_5509;

static void close_client_5509(void) {
    gr_rwmutex_lock(&client_5509.mu);
    client_5509.open = false;
    gr_rwmutex_unlock(&client_5509.mu);
    gr_rwmutex_lock(&client_5509.mu);
    gr_rwmutex_unlock(&client_5509.mu);
}

static void acquire_5509(void) {
    for (;;) {
        gr_rwmutex_rlock(&client_5509.mu);
        bool closed = !client_5509.open;
        gr_mutex_lock(&remote_5509);
        gr_mutex_unlock(&remote_5509);
        if (closed)
            return; /* no unlock */
        gr_rwmutex_runlock(&client_5509.mu);
    }
}

static void get_5509(void *done) {
    acquire_5509();
    gr_chan_close(done);
}

void etcd5509(void *arg) {
    (void)arg;
    gr_chan *done = make_chan(0);
    gr_go(get_5509, done);
    gr_yield();
    close_client_5509();
    recv(done);
}

/* etcd 6708: Sync locks for writing, and setting the endpoints asks the leader, which locks for reading. */
static gr_rwmutex cluster_6708;

static void do_request_6708(void) {
    gr_rwmutex_rlock(&cluster_6708);
    gr_rwmutex_runlock(&cluster_6708);
}

void etcd6708(void *arg) {
    (void)arg;
    gr_rwmutex_lock(&cluster_6708);
    do_request_6708();
    gr_rwmutex_unlock(&cluster_6708);
}

/* etcd 6857: who asks a node that has just stopped for its status waits for ever. */
static struct { gr_chan *status, *stop, *done; } node_6857;

static void status_6857(void *arg) {
    (void)arg;
    gr_chan *answer = make_chan(0);
    gr_chan_send(node_6857.status, &answer);
    recv(answer);
}

static void run_6857(void *arg) {
    (void)arg;
    gr_chan *answer;
    gr_case cases[] = {{GR_RECV, node_6857.status, &answer, false}, recv_from(node_6857.stop)};
    while (gr_select(cases, 2, false) == 0)
        send(answer);
    gr_chan_close(node_6857.done);
}

static void stop_6857(void *arg) {
    (void)arg;
    if (choose(send_to(node_6857.stop), recv_from(node_6857.done)) == 0)
        recv(node_6857.done);
}

void etcd6857(void *arg) {
    (void)arg;
    node_6857.status = gr_chan_make(sizeof(gr_chan *), 0);
    node_6857.stop = make_chan(0);
    node_6857.done = make_chan(0);
    gr_go(run_6857, NULL);
    gr_go(status_6857, NULL);
    gr_go(stop_6857, NULL);
}

/* etcd 6873: stop waits, under the lock, for the loop to end, and the loop locks for each update. */
static gr_mutex mu_6873;
static gr_chan *updates_6873, *done_6873;

static void coalesce_6873(void) {
    gr_mutex_lock(&mu_6873);
    gr_mutex_unlock(&mu_6873);
}

static void broadcast_6873(void *arg) {
    (void)arg;
    while (recv(updates_6873))
        coalesce_6873();
    gr_chan_close(done_6873);
}

static void stop_6873(void *arg) {
    (void)arg;
    gr_mutex_lock(&mu_6873);
    gr_chan_close(updates_6873);
    recv(done_6873);
    gr_mutex_unlock(&mu_6873);
}

void etcd6873(void *arg) {
    (void)arg;
    updates_6873 = make_chan(1);
    done_6873 = make_chan(0);
    gr_go(broadcast_6873, NULL);
    try_choose(send_to(updates_6873));
    gr_go(stop_6873, NULL);
}

/* etcd 7492: tokens are added, under the lock, to a channel of one; its reader wants the lock to delete old ones. The
 * ticker goes on: there is no rest. */
static struct {
    gr_rwmutex mu;
    gr_chan *add, *stop;
    bool have;
} tokens_7492;

static void delete_7492(void) {
    gr_rwmutex_lock(&tokens_7492.mu);
    gr_rwmutex_unlock(&tokens_7492.mu);
}

static void keeper_7492(void *arg) {
    (void)arg;
    gr_ticker *ticker = gr_ticker_make(1);
    gr_chan *stopped;
    gr_case cases[] = {
        recv_from(tokens_7492.add), recv_from(gr_ticker_chan(ticker)), {GR_RECV, tokens_7492.stop, &stopped, false}};
    for (int which; (which = gr_select(cases, 3, false)) != 2;) {
        gr_yield();
        if (which == 1 && tokens_7492.have)
            delete_7492();
        tokens_7492.have = which == 0;
    }
    send(stopped);
    gr_ticker_free(ticker);
}

static void add_token_7492(void) {
    send(tokens_7492.add);
    gr_yield();
}

static void authenticate_7492(void *wg) {
    gr_rwmutex_lock(&tokens_7492.mu);
    gr_yield();
    add_token_7492();
    gr_rwmutex_unlock(&tokens_7492.mu);
    gr_waitgroup_done(wg);
}

void etcd7492(void *arg) {
    static gr_waitgroup wg;
    (void)arg;
    tokens_7492.add = make_chan(1);
    tokens_7492.stop = gr_chan_make(sizeof(gr_chan *), 0);
    gr_go(keeper_7492, NULL);
    gr_waitgroup_add(&wg, 3);
    for (int i = 0; i < 3; i++)
        gr_go(authenticate_7492, &wg);
    gr_waitgroup_wait(&wg);
    gr_chan *stopped = make_chan(0);
    gr_chan_send(tokens_7492.stop, &stopped);
    recv(stopped);
}

/* etcd 7902: a follower waits, under the lock, for the leader to close the channel, for which the leader needs the
 * lock. */
#define CLIENTS_7902 3
#define ROUNDS_7902 8 /* Go: 100 */
static gr_mutex mu_7902;
static gr_waitgroup wg_7902;
static gr_chan *next_7902;

static void release_7902(bool leader, gr_chan *rc_next) {
    if (leader) {
        gr_chan_close(next_7902);
        next_7902 = make_chan(0);
    }
    recv(rc_next);
}

static void rounds_7902(void *arg) {
    bool leader = arg == NULL;
    for (int progress = 0; progress < ROUNDS_7902; progress++) {
        gr_mutex_lock(&mu_7902);
        gr_chan *rc_next = next_7902;
        gr_mutex_unlock(&mu_7902);
        gr_sleep(10 * GR_MILLISECOND);
        gr_mutex_lock(&mu_7902);
        release_7902(leader, rc_next);
        gr_mutex_unlock(&mu_7902);
    }
    gr_waitgroup_done(&wg_7902);
}

void etcd7902(void *arg) {
    (void)arg;
    next_7902 = make_chan(0);
    gr_waitgroup_add(&wg_7902, CLIENTS_7902);
    for (intptr_t i = 0; i < CLIENTS_7902; i++)
        gr_go(rounds_7902, (void *)i);
    gr_waitgroup_wait(&wg_7902);
}

/* etcd 10492: renewing a lease calls the checkpointer under the lock that the checkpointer takes. */
static gr_rwmutex lessor_10492;

static void checkpoint_10492(void) {
    gr_rwmutex_lock(&lessor_10492);
    gr_rwmutex_unlock(&lessor_10492);
}

void etcd10492(void *arg) {
    void (*checkpointer)(void) = checkpoint_10492;
    (void)arg;
    gr_rwmutex_lock(&lessor_10492);
    gr_rwmutex_unlock(&lessor_10492);
    gr_rwmutex_lock(&lessor_10492);
    checkpointer();
    gr_rwmutex_unlock(&lessor_10492);
}
