/* cockroach_channels.c: bugs of cockroachdb/cockroach in which channels and contexts hang. */
#include "goker.h"

/* cockroach 1462: Stop ends the consumer of events while their producer, having looked, sends one more. */
static struct {
    gr_chan *stopper, *events;
    gr_waitgroup stop;
    gr_mutex mu;
    gr_cond drain;
    int tasks;
} s_1462;

static void produce_1462(void *arg) {
    (void)arg;
    while (try_choose(recv_from(s_1462.stopper)) < 0)
        send(s_1462.events);
    gr_waitgroup_done(&s_1462.stop);
}

static void consume_1462(void *arg) {
    (void)arg;
    while (choose(recv_from(s_1462.events), recv_from(s_1462.stopper)) == 0)
        gr_yield();
    gr_waitgroup_done(&s_1462.stop);
}

static void quiesce_1462(void) {
    gr_mutex_lock(&s_1462.mu);
    gr_yield();
    while (s_1462.tasks > 0)
        gr_cond_wait(&s_1462.drain, &s_1462.mu);
    gr_mutex_unlock(&s_1462.mu);
}

void cockroach1462(void *arg) {
    (void)arg;
    s_1462.stopper = make_chan(0);
    s_1462.events = make_chan(0);
    gr_waitgroup_add(&s_1462.stop, 1);
    gr_go(produce_1462, NULL);
    gr_waitgroup_add(&s_1462.stop, 1);
    gr_go(consume_1462, NULL);
    quiesce_1462();
    gr_chan_close(s_1462.stopper);
    gr_waitgroup_wait(&s_1462.stop);
}

/* cockroach 2448: the raft loop offers an event, the store handling the event before it offers a callback: nobody
 * takes either. It takes a store that is 100 us late. The loop is bounded: the run ends if all goes well. */
#define STORES_2448 16 /* Go: 1000 */
#define ROUNDS_2448 6
typedef struct Store2448 {
    gr_chan *stopper, *events, *callbacks;
} Store2448;

static void send_event_2448(Store2448 *s) { choose(send_to(s->events), recv_from(s->stopper)); }

static void raft_start_2448(void *arg) {
    Store2448 *s = arg;
    for (int round = 0; round < ROUNDS_2448; round++) {
        int which = try_choose(recv_from(s->stopper), recv_from(s->callbacks));
        if (which == 0)
            return;
        if (which == 1) {
            gr_sleep(1);
        } else {
            send_event_2448(s);
            gr_sleep(100 * GR_MICROSECOND);
        }
    }
    gr_chan_close(s->stopper);
}

static void callback_2448(Store2448 *s) { choose(send_to(s->callbacks), recv_from(s->stopper)); }

static void process_raft_2448(void *arg) {
    Store2448 *s = arg;
    while (choose(recv_from(s->events), recv_from(s->stopper)) == 0) {
        gr_yield();
        callback_2448(s);
    }
}

void cockroach2448(void *arg) {
    static Store2448 stores[STORES_2448];
    (void)arg;
    for (int i = 0; i < STORES_2448; i++) {
        stores[i] = (Store2448){make_chan(0), make_chan(0), make_chan(0)};
        gr_go(process_raft_2448, &stores[i]);
        gr_go(raft_start_2448, &stores[i]);
    }
}

/* cockroach 10790: cancelled commands leave somebody behind to drain channels that nobody sends to any more. */
static gr_chan *chans_10790[2];

static void send_chans_10790(void *arg) {
    context *ctx = arg;
    for (int i = 0; i < 2; i++)
        if (choose(send_to(chans_10790[i]), recv_from(ctx->done)) == 1)
            return;
}

static void drain_10790(void *arg) {
    (void)arg;
    for (int i = 0; i < 2; i++)
        recv(chans_10790[i]);
}

static void begin_cmds_10790(void *arg) {
    context *ctx = arg;
    for (int i = 0; i < 2; i++)
        if (choose(recv_from(chans_10790[i]), recv_from(ctx->done)) == 1)
            gr_go(drain_10790, NULL);
}

void cockroach10790(void *arg) {
    static context ctx;
    (void)arg;
    context_init(&ctx);
    chans_10790[0] = make_chan(0);
    chans_10790[1] = make_chan(0);
    gr_go(send_chans_10790, &ctx);
    gr_go(begin_cmds_10790, &ctx);
    gr_go(cancel, &ctx);
}

/* cockroach 13197: the watcher of a transaction waits for it to be cancelled, and nobody rolls it back. */
static void tx_await_done_13197(void *arg) { recv(((context *)arg)->done); }

void cockroach13197(void *arg) {
    static context tx;
    (void)arg;
    context_init(&tx);
    gr_go(tx_await_done_13197, &tx);
}

/* cockroach 13755: the watcher of a result waits for it to be cancelled, which it would do itself afterwards. */
static void rows_await_done_13755(void *arg) {
    context *ctx = arg;
    recv(ctx->done);
    cancel(ctx);
}

void cockroach13755(void *arg) {
    static context rows;
    (void)arg;
    context_init(&rows);
    gr_go(rows_await_done_13755, &rows);
}

/* cockroach 18101: a cancelled restore stops receiving, the splitter goes on sending. */
#define SPANS_18101 6
static context ctx_18101;

static void split_and_scatter_18101(void *ready) {
    for (int i = 0; i < SPANS_18101 + 2; i++)
        send(ready);
    gr_chan_close(ready);
}

static void restore_18101(void *arg) {
    (void)arg;
    gr_chan *ready = make_chan(SPANS_18101);
    gr_go(split_and_scatter_18101, ready);
    while (recv(ready)) {
        choose(recv_from(ctx_18101.done));
        return;
    }
}

void cockroach18101(void *arg) {
    (void)arg;
    context_init(&ctx_18101);
    gr_go(restore_18101, NULL);
    gr_go(cancel, &ctx_18101);
}

/* cockroach 24808: the first suggestion is queued before the worker that would take it is started; the queue was
 * full. */
void cockroach24808(void *arg) {
    (void)arg;
    gr_chan *compactor = make_chan(1);
    send(compactor);
    send(compactor);
}

/* cockroach 25456: the queue waits until the stopper quiesces, which happens after it. */
static void process_25456(gr_chan *quiescer) { recv(quiescer); }

void cockroach25456(void *arg) {
    (void)arg;
    gr_chan *quiescer = make_chan(0);
    for (int i = 0; i < 2; i++)
        process_25456(quiescer);
}

/* cockroach 35073: an outbox that has ended without draining leaves everybody who pushes to it behind. */
#define ROWS_35073 16
static gr_chan *rows_35073;
static gr_waitgroup wg_35073, blocked_35073;

static void push_35073(void) { send(rows_35073); }

static void pusher_35073(void *arg) {
    (void)arg;
    send(rows_35073);
    gr_waitgroup_done(&blocked_35073);
}

static void outbox_run_35073(void *arg) {
    (void)arg;
    gr_waitgroup_done(&wg_35073);
}

void cockroach35073(void *arg) {
    (void)arg;
    rows_35073 = make_chan(ROWS_35073);
    for (int i = 0; i < ROWS_35073; i++)
        push_35073();
    gr_waitgroup_add(&blocked_35073, 1);
    gr_go(pusher_35073, NULL);
    gr_waitgroup_add(&wg_35073, 1);
    gr_go(outbox_run_35073, NULL);
    gr_waitgroup_wait(&wg_35073);
    push_35073();
}

/* cockroach 35931: cancelling a flow pushes to every receiver, and one of them has a full buffer. */
typedef struct Flow35931 {
    gr_mutex registry;
    gr_chan *inbound[2];
} Flow35931;

static void push_35931(gr_chan *receiver) { send(receiver); }

static void flow_cancel_35931(Flow35931 *f) {
    gr_mutex_lock(&f->registry);
    gr_chan *timed_out[2] = {f->inbound[0], f->inbound[1]};
    gr_mutex_unlock(&f->registry);
    for (int i = 0; i < 2; i++)
        push_35931(timed_out[i]);
}

void cockroach35931(void *arg) {
    static Flow35931 flow;
    (void)arg;
    for (int i = 0; i < 2; i++)
        flow.inbound[i] = make_chan(1);
    push_35931(flow.inbound[0]);
    flow_cancel_35931(&flow);
}
