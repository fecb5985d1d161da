/* others.c: bugs of gohugoio/hugo, istio/istio, knative/serving and syncthing/syncthing. */
#include "goker.h"

/* hugo 3251: locking a url waits for it under the lock of all urls, which unlocking needs. */
#define GETTERS_3251 10 /* Go: 100 */
#define ROUNDS_3251 10  /* Go: 200 */
static gr_rwmutex urls_3251;
static gr_mutex url_3251;
static gr_waitgroup wg_3251;

static void url_lock_3251(void) {
    gr_rwmutex_lock(&urls_3251);
    gr_mutex_lock(&url_3251);
    gr_yield();
    gr_rwmutex_unlock(&urls_3251);
}

static void url_unlock_3251(void) {
    gr_rwmutex_rlock(&urls_3251);
    gr_mutex_unlock(&url_3251);
    gr_rwmutex_runlock(&urls_3251);
}

static void get_remote_3251(void *arg) {
    (void)arg;
    for (int i = 0; i < ROUNDS_3251; i++) {
        url_lock_3251();
        url_unlock_3251();
        gr_sleep(300);
    }
    gr_waitgroup_done(&wg_3251);
}

void hugo3251(void *arg) {
    (void)arg;
    for (int pass = 0; pass < 2; pass++) {
        gr_waitgroup_add(&wg_3251, GETTERS_3251);
        for (int i = 0; i < GETTERS_3251; i++)
            gr_go(get_remote_3251, NULL);
        gr_waitgroup_wait(&wg_3251);
    }
}

/* hugo 5379: rendering a page's content, under its lock, renders a shortcode, which wants the page's word count and
 * so the lock. */
static gr_once content_init_5379, plain_init_5379;
static gr_mutex content_5379;
static gr_chan *rendered_5379;
static gr_waitgroup wg_5379;

static void word_count_5379(void);

static void render_content_5379(void *arg) {
    (void)arg;
    gr_mutex_lock(&content_5379);
    word_count_5379(); /* of the page the shortcode stands in: this one */
    send(rendered_5379);
    gr_mutex_unlock(&content_5379);
}

static void init_content_5379(void) {
    gr_go(render_content_5379, NULL);
    choose(recv_from(gr_after(GR_MILLISECOND)), recv_from(rendered_5379));
}

static void init_plain_5379(void) {
    gr_mutex_lock(&content_5379);
    gr_mutex_unlock(&content_5379);
}

static void word_count_5379(void) {
    gr_once_do(&content_init_5379, init_content_5379);
    gr_once_do(&plain_init_5379, init_plain_5379);
}

static void page_renderer_5379(void *arg) {
    (void)arg;
    word_count_5379();
    gr_waitgroup_done(&wg_5379);
}

void hugo5379(void *arg) {
    (void)arg;
    rendered_5379 = make_chan(1);
    for (int worker = 0; worker < 2; worker++) {
        gr_waitgroup_add(&wg_5379, 1);
        gr_go(page_renderer_5379, NULL);
    }
    gr_waitgroup_wait(&wg_5379);
}

/* istio 16224: the handler of an event locks and sends; who waits for that locks first. Or all goes well, and the
 * monitor, when stopped, receives once more for no reason. */
static gr_mutex mu_16224;
static gr_chan *events_16224, *done_16224;

static void handle_16224(void) {
    gr_mutex_lock(&mu_16224);
    send(done_16224);
    gr_mutex_unlock(&mu_16224);
}

static void monitor_16224(void *stop) {
    while (choose(recv_from(stop), recv_from(events_16224)) == 1)
        handle_16224();
    if (recv(events_16224))
        gr_chan_close(events_16224);
}

void istio16224(void *arg) {
    (void)arg;
    events_16224 = make_chan(0);
    done_16224 = make_chan(0);
    gr_chan *stop = make_chan(0);
    gr_go(monitor_16224, stop);
    send(events_16224);
    gr_mutex_lock(&mu_16224);
    gr_mutex_unlock(&mu_16224);
    recv(done_16224);
    gr_chan_close(stop);
}

/* istio 17860: an agent that has ended does not take the status of an epoch that was started late. */
static struct {
    gr_mutex mu;
    gr_chan *status;
    int epoch;
    bool active[3];
} agent_17860;

static int active_17860(void) { return agent_17860.active[1] + agent_17860.active[2]; }

static void run_17860(void *arg) {
    context *ctx = arg;
    int status;
    gr_case cases[] = {{GR_RECV, agent_17860.status, &status, false}, recv_from(ctx->done)};
    while (gr_select(cases, 2, false) == 0) {
        gr_mutex_lock(&agent_17860.mu);
        agent_17860.active[status] = false;
        int active = active_17860();
        gr_mutex_unlock(&agent_17860.mu);
        if (active == 0)
            return;
    }
}

static void run_wait_17860(void *epoch) { gr_chan_send(agent_17860.status, &(int){(int)(intptr_t)epoch}); }

/* For 100 ns, since the proxy never is. */
static void wait_until_live_17860(void) {
    if (active_17860() == 0)
        return;
    gr_ticker *interval = gr_ticker_make(30);
    gr_timer *timer = gr_timer_make(100);
    while (choose(recv_from(gr_timer_chan(timer)), recv_from(gr_ticker_chan(interval))) == 1)
        ;
    gr_ticker_free(interval);
    gr_timer_free(timer);
}

static void restart_17860(void *arg) {
    (void)arg;
    gr_mutex_lock(&agent_17860.mu);
    wait_until_live_17860();
    agent_17860.active[++agent_17860.epoch] = true;
    gr_go(run_wait_17860, (void *)(intptr_t)agent_17860.epoch);
    gr_mutex_unlock(&agent_17860.mu);
}

void istio17860(void *arg) {
    static context ctx;
    (void)arg;
    context_init(&ctx);
    agent_17860.status = gr_chan_make(sizeof(int), 0);
    gr_go(run_17860, &ctx);
    restart_17860(NULL);
    gr_go(restart_17860, NULL);
    gr_sleep(200);
    cancel(&ctx);
}

/* istio 18454: the loop receives from a timer that it has received from before; who resets the timer then waits for
 * the loop. */
#define EVENTS_18454 64 /* Go: 1024 */
static context strategy_18454, processor_18454;
static gr_mutex state_18454;
static gr_timer *timer_18454;
static gr_chan *reset_18454, *events_18454;

static void event_loop_18454(void *arg) {
    (void)arg;
    gr_chan *fired = gr_timer_chan(timer_18454);
    for (;;) {
        int which = choose(recv_from(fired), recv_from(reset_18454), recv_from(strategy_18454.done));
        if (which == 1) {
            if (!gr_timer_stop(timer_18454))
                recv(fired);
            gr_timer_reset(timer_18454, 1);
        } else if (which == 2) {
            gr_timer_stop(timer_18454);
            return;
        }
    }
}

static void on_change_18454(void) {
    gr_mutex_lock(&state_18454);
    if (timer_18454) {
        gr_mutex_unlock(&state_18454);
        send(reset_18454);
        return;
    }
    timer_18454 = gr_timer_make(1);
    gr_go(event_loop_18454, NULL);
    gr_mutex_unlock(&state_18454);
}

static void process_18454(void *arg) {
    (void)arg;
    while (choose(recv_from(processor_18454.done), recv_from(events_18454)) == 1)
        on_change_18454();
    cancel(&strategy_18454);
}

void istio18454(void *arg) {
    (void)arg;
    context_init(&strategy_18454);
    context_init(&processor_18454);
    reset_18454 = make_chan(1);
    events_18454 = make_chan(EVENTS_18454);
    for (int i = 0; i < EVENTS_18454; i++)
        send(events_18454);
    gr_go(process_18454, NULL);
    cancel(&processor_18454);
}

/* serving 2137: requests are unlocked in the order they were made in, but another one may hold the only active
 * place. */
typedef struct Request2137 {
    gr_mutex lock;
    gr_chan *accepted;
} Request2137;
static gr_chan *pending_2137, *active_2137;
static gr_waitgroup start_2137;

static bool maybe_2137(Request2137 *r) {
    if (try_choose(send_to(pending_2137)) < 0)
        return false;
    send(active_2137);
    gr_mutex_lock(&r->lock); /* until its time has come */
    gr_yield();
    gr_mutex_unlock(&r->lock);
    recv(active_2137);
    gr_yield();
    recv(pending_2137);
    return true;
}

static void request_2137(void *arg) {
    Request2137 *r = arg;
    gr_waitgroup_done(&start_2137);
    gr_yield();
    bool ok = maybe_2137(r);
    gr_chan_send(r->accepted, &ok);
}

static void unlock_2137(Request2137 *r) {
    bool ok;
    gr_mutex_unlock(&r->lock);
    gr_yield();
    gr_chan_recv(r->accepted, &ok);
    gr_yield();
    gr_chan_send(r->accepted, &ok);
}

void serving2137(void *arg) {
    static Request2137 requests[2];
    (void)arg;
    pending_2137 = make_chan(2);
    active_2137 = make_chan(1);
    for (int i = 0; i < 2; i++) {
        requests[i].accepted = gr_chan_make(sizeof(bool), 1);
        gr_mutex_lock(&requests[i].lock);
        gr_waitgroup_add(&start_2137, 1);
        gr_go(request_2137, &requests[i]);
        gr_waitgroup_wait(&start_2137);
    }
    for (int i = 0; i < 2; i++)
        unlock_2137(&requests[i]);
}

/* syncthing 4829: clearing the addresses notifies under the lock, and notifying locks for reading. */
static gr_rwmutex service_4829, mapping_4829;

static void notify_4829(void) {
    gr_rwmutex_rlock(&mapping_4829);
    gr_rwmutex_runlock(&mapping_4829);
}

static void clear_addresses_4829(void) {
    gr_rwmutex_lock(&mapping_4829);
    notify_4829();
    gr_rwmutex_unlock(&mapping_4829);
}

void syncthing4829(void *arg) {
    (void)arg;
    gr_rwmutex_lock(&service_4829);
    clear_addresses_4829();
    gr_rwmutex_unlock(&service_4829);
}

/* syncthing 5795: the dispatcher closes the connection, and closing waits until the dispatcher has ended. */
static gr_chan *inbox_5795, *closed_5795, *stopped_5795;
static gr_once close_5795;

static void close_connection_5795(void) {
    gr_chan_close(closed_5795);
    recv(stopped_5795);
}

static void dispatcher_5795(void *arg) {
    (void)arg;
    while (choose(recv_from(inbox_5795), recv_from(closed_5795)) == 0)
        gr_once_do(&close_5795, close_connection_5795);
    gr_chan_close(stopped_5795);
}

void syncthing5795(void *arg) {
    (void)arg;
    inbox_5795 = make_chan(0);
    closed_5795 = make_chan(0);
    stopped_5795 = make_chan(0);
    gr_go(dispatcher_5795, NULL);
    send(inbox_5795);
    recv(stopped_5795);
}
