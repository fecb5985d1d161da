/* kubernetes_channels.c: bugs of kubernetes/kubernetes in which channels hang. */
#include "goker.h"

/* kubernetes 1321: results are sent, with the lock, to a watcher that is about to stop, for which it locks; it does
 * not receive. */
static gr_mutex mux_1321;
static gr_chan *result_1321; /* the one watcher's; Go: a map that is written without the lock */

static void distribute_1321(void) {
    gr_mutex_lock(&mux_1321);
    gr_chan *result = __atomic_load_n(&result_1321, __ATOMIC_SEQ_CST);
    if (result) {
        send(result);
        gr_yield();
    }
    gr_mutex_unlock(&mux_1321);
}

static void loop_1321(void *arg) {
    (void)arg;
    for (int i = 0; i < 100; i++)
        distribute_1321();
}

static void watch_1321(void) {
    __atomic_store_n(&result_1321, make_chan(0), __ATOMIC_SEQ_CST);
    gr_yield();
}

static void stop_watching_1321(void) {
    gr_mutex_lock(&mux_1321);
    gr_chan_close(__atomic_exchange_n(&result_1321, NULL, __ATOMIC_SEQ_CST));
    gr_mutex_unlock(&mux_1321);
}

void kubernetes1321(void *arg) {
    (void)arg;
    gr_go(loop_1321, NULL);
    watch_1321();
    stop_watching_1321();
}

/* kubernetes 5316: nobody receives the result of a request that took longer than its time. */
static gr_chan *ok_5316, *error_5316;

static void handle_5316(void *arg) {
    (void)arg;
    gr_sleep(2 * GR_MILLISECOND);
    if (dice(10) > 5)
        send(error_5316);
    else
        send(ok_5316);
}

static void finish_request_5316(void *arg) {
    (void)arg;
    ok_5316 = make_chan(0);
    error_5316 = make_chan(0);
    gr_go(handle_5316, NULL);
    choose(recv_from(ok_5316), recv_from(error_5316), recv_from(gr_after(GR_MICROSECOND)));
}

void kubernetes5316(void *arg) {
    (void)arg;
    gr_go(finish_request_5316, NULL);
}

/* kubernetes 6632: a frame is written, with the lock, to a channel that nobody receives from; the monitor wants to
 * close it. */
static gr_mutex write_6632;
static gr_chan *reset_6632, *close_6632;

static void monitor_6632(void *arg) {
    (void)arg;
    recv(close_6632);
    gr_mutex_lock(&write_6632);
    gr_chan_close(reset_6632);
    reset_6632 = NULL;
    gr_mutex_unlock(&write_6632);
}

static void write_frame_6632(void *arg) {
    (void)arg;
    gr_mutex_lock(&write_6632);
    if (reset_6632)
        send(reset_6632);
    gr_mutex_unlock(&write_6632);
}

static void close_connection_6632(void *arg) {
    (void)arg;
    send(close_6632);
}

void kubernetes6632(void *arg) {
    (void)arg;
    reset_6632 = make_chan(0);
    close_6632 = make_chan(0);
    gr_go(close_connection_6632, NULL);
    gr_go(monitor_6632, NULL);
    gr_go(write_frame_6632, NULL);
}

/* kubernetes 25331: an error cancels the watch before it is passed on; who would have received it has gone. */
static struct {
    context ctx;
    gr_chan *result, *error;
} watch_25331;

static void run_25331(void *arg) {
    (void)arg;
    if (choose(recv_from(watch_25331.error), recv_from(watch_25331.ctx.done)) == 0) {
        cancel(&watch_25331.ctx);
        send(watch_25331.result);
    }
}

static void stop_25331(void *arg) {
    (void)arg;
    send(watch_25331.error);
    cancel(&watch_25331.ctx);
}

void kubernetes25331(void *arg) {
    (void)arg;
    context_init(&watch_25331.ctx);
    watch_25331.result = make_chan(0);
    watch_25331.error = make_chan(0);
    gr_go(run_25331, NULL);
    gr_go(stop_25331, NULL);
}

/* kubernetes 38669: the first events are sent to a watcher that has stopped. */
typedef struct Watcher38669 {
    gr_mutex lock;
    gr_chan *input, *result;
    bool stopped;
} Watcher38669;

static void stop_38669(Watcher38669 *w) {
    gr_mutex_lock(&w->lock);
    if (!w->stopped) {
        w->stopped = true;
        gr_chan_close(w->input);
    }
    gr_mutex_unlock(&w->lock);
}

static void send_event_38669(Watcher38669 *w) { send(w->result); }

static void process_38669(void *arg) {
    Watcher38669 *w = arg;
    for (int event = 0; event < 2; event++)
        send_event_38669(w);
    while (recv(w->input))
        ;
    stop_38669(w);
    gr_chan_close(w->result);
}

void kubernetes38669(void *arg) {
    static Watcher38669 watcher;
    (void)arg;
    watcher.input = make_chan(0);
    watcher.result = make_chan(0);
    gr_go(process_38669, &watcher);
    stop_38669(&watcher);
}

/* kubernetes 70277: the caller takes the channel that ends the polling for the one that tells its end. */
static void poll_70277(void *arg) {
    gr_chan *ch = ((gr_chan **)arg)[0], *done = ((gr_chan **)arg)[1];
    gr_ticker *tick = gr_ticker_make(GR_MILLISECOND);
    gr_timer *timeout = gr_timer_make(80 * GR_MILLISECOND);
    while (choose(recv_from(gr_ticker_chan(tick)), recv_from(gr_timer_chan(timeout)), recv_from(done)) == 0)
        try_choose(send_to(ch));
    gr_timer_free(timeout);
    gr_ticker_free(tick);
    gr_chan_close(ch);
}

static void wait_for_70277(gr_chan *stop) {
    static gr_chan *channels[2];
    channels[0] = make_chan(0);
    channels[1] = stop;
    gr_go(poll_70277, channels);
    recv(channels[0]);
    gr_sleep(10 * GR_MILLISECOND); /* the condition: it holds */
}

void kubernetes70277(void *arg) {
    (void)arg;
    gr_chan *stop = make_chan(0), *done = stop;
    wait_for_70277(stop);
    recv(done);
    gr_chan_close(stop);
}
