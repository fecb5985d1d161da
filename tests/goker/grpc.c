/* grpc.c: bugs of grpc/grpc-go. */
#include "goker.h"
#include <stdlib.h>

/* grpc 660: who is told to stop does not receive what the goroutine it has just started sends. */
static void unary_660(void *done) {
    if (dice(10) > 7) {
        send(done);
        return;
    }
    send(done);
}

static void close_loop_660(void *stop) {
    for (;;) {
        gr_chan *done = make_chan(0);
        gr_go(unary_660, done);
        if (choose(recv_from(stop), recv_from(done)) == 0)
            return;
    }
}

static void stop_660(void *stop) { send(stop); }

void grpc660(void *arg) {
    (void)arg;
    gr_chan *stop = make_chan(0);
    gr_go(close_loop_660, stop);
    gr_go(stop_660, stop);
}

/* grpc 795: the second GracefulStop locks twice. */
static gr_mutex mu_795;
static bool drain_795;

static void graceful_stop_795(void) {
    gr_mutex_lock(&mu_795);
    if (drain_795) {
        gr_mutex_lock(&mu_795);
        return;
    }
    drain_795 = true;
    gr_mutex_unlock(&mu_795);
}

static void serve_795(void *arg) {
    (void)arg;
    gr_mutex_lock(&mu_795);
    gr_mutex_unlock(&mu_795);
}

void grpc795(void *arg) {
    (void)arg;
    gr_go(serve_795, NULL);
    for (int i = 0; i < 3; i++)
        graceful_stop_795();
}

/* grpc 862: dialling that is given up forgets the connection whose transport waits to be cancelled. */
static void reset_transport_862(context *ac) { recv(ac->done); }

static void reset_addr_conn_862(void *arg) {
    context *ac = malloc(sizeof *ac);
    (void)arg;
    *ac = (context){0};
    context_init(ac);
    reset_transport_862(ac);
}

static void dial_862(void *arg) {
    static context cc;
    context *ctx = arg, *conn = NULL; /* not set before the return: the bug */
    context_init(&cc);
    gr_go(reset_addr_conn_862, NULL);
    if (try_choose(recv_from(ctx->done)) == 0 && conn)
        cancel(conn);
}

void grpc862(void *arg) {
    static context ctx;
    (void)arg;
    context_init(&ctx);
    gr_go(dial_862, &ctx);
    gr_go(cancel, &ctx);
}

/* grpc 1275: closing a stream does not wake who reads from it. */
typedef struct Stream1275 {
    gr_chan *received, *read;
} Stream1275;

static void read_1275(void *arg) {
    Stream1275 *s = arg;
    recv(s->received);
    gr_chan_close(s->read);
}

void grpc1275(void *arg) {
    static Stream1275 stream;
    (void)arg;
    stream = (Stream1275){make_chan(0), make_chan(0)};
    gr_go(read_1275, &stream);
    gr_timer *timeout = gr_timer_make(300);
    if (choose(recv_from(stream.read), recv_from(gr_timer_chan(timeout))) == 0 && !gr_timer_stop(timeout))
        recv(gr_timer_chan(timeout));
}

/* grpc 1424: the watcher of the balancer ends without the word that the dialler waits for. */
static gr_chan *addresses_1424;
static gr_mutex addr_conn_1424;

static void lb_watcher_1424(void *arg) {
    (void)arg; /* done, of which nothing is heard */
    while (recv(addresses_1424)) {
        gr_mutex_lock(&addr_conn_1424);
        gr_mutex_unlock(&addr_conn_1424);
    }
}

static void wait_for_balancer_1424(void *ready) {
    gr_chan *done = make_chan(0);
    gr_go(lb_watcher_1424, done);
    recv(done);
    gr_chan_close(ready);
}

void grpc1424(void *arg) {
    (void)arg;
    addresses_1424 = make_chan(0);
    gr_go(wait_for_balancer_1424, make_chan(0));
    gr_chan_close(addresses_1424);
}

/* grpc 1460: keepalive sleeps with the lock that a new stream needs to wake it. */
static gr_mutex mu_1460;
static gr_chan *awake_1460;
static int streams_1460;

static void keepalive_1460(void *arg) {
    (void)arg;
    gr_mutex_lock(&mu_1460);
    if (streams_1460 < 1) {
        recv(awake_1460);
        gr_yield();
    }
    gr_mutex_unlock(&mu_1460);
}

static void new_stream_1460(void *arg) {
    (void)arg;
    gr_mutex_lock(&mu_1460);
    gr_yield();
    if (++streams_1460 == 1)
        try_choose(send_to(awake_1460));
    gr_mutex_unlock(&mu_1460);
}

void grpc1460(void *arg) {
    (void)arg;
    awake_1460 = make_chan(0);
    gr_go(keepalive_1460, NULL);
    gr_go(new_stream_1460, NULL);
}

/* grpc 3017: a deletion that was aborted after its timer had fired returns with the lock. */
#define ROUNDS_3017 300 /* Go: 10000 */
typedef struct Entry3017 {
    gr_timer *timer;
    bool abort_deleting;
} Entry3017;
static gr_mutex mu_3017;
static Entry3017 *cached_3017; /* the cache has one place */
static bool known_3017;

static void new_sub_conn_3017(void) {
    gr_mutex_lock(&mu_3017);
    if (cached_3017) {
        if (!gr_timer_stop(cached_3017->timer))
            cached_3017->abort_deleting = true;
        cached_3017 = NULL;
    } else {
        known_3017 = true;
    }
    gr_mutex_unlock(&mu_3017);
}

static void timeout_3017(void *arg) {
    Entry3017 *entry = arg;
    gr_yield();
    gr_mutex_lock(&mu_3017);
    if (entry->abort_deleting)
        return; /* no unlock */
    known_3017 = false;
    cached_3017 = NULL;
    gr_mutex_unlock(&mu_3017);
}

static void remove_sub_conn_3017(void) {
    gr_mutex_lock(&mu_3017);
    if (known_3017 && !cached_3017) {
        cached_3017 = calloc(1, sizeof *cached_3017); /* for good: its timer may still look at it */
        cached_3017->timer = gr_after_func(1, timeout_3017, cached_3017);
    }
    gr_mutex_unlock(&mu_3017);
}

static void churn_3017(void *done) {
    for (int i = 0; i < ROUNDS_3017; i++) {
        remove_sub_conn_3017();
        new_sub_conn_3017();
    }
    gr_chan_close(done);
}

void grpc3017(void *arg) {
    (void)arg;
    gr_chan *done = make_chan(0);
    new_sub_conn_3017();
    gr_go(churn_3017, done);
    recv(done);
}
