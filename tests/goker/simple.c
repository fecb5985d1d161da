/* simple.c: one leak for each way to wait, and the leaks that programs are fullest of: the small cases of Go's
 * goroutine leak profile (src/runtime/testdata/testgoroutineleakprofile: simple.go, commonpatterns.go,
 * stresstests.go). The patterns are those of Saioc et al., Unveiling and Vanquishing Goroutine Leaks in Enterprise
 * Microservices, CGO 2024.
 */
#include "goker.h"

/* ---- ways to wait -------------------------------------------------------------------------------------------- */

void nil_recv(void *arg) {
    (void)arg;
    gr_chan_recv(NULL, NULL);
}

void nil_send(void *arg) {
    (void)arg;
    gr_chan_send(NULL, NULL);
}

void select_no_cases(void *arg) {
    (void)arg;
    gr_select(NULL, 0, false);
}

void chan_recv(void *arg) {
    (void)arg;
    recv(make_chan(0));
}

void chan_send(void *arg) {
    (void)arg;
    send(make_chan(0));
}

void select_both(void *arg) {
    (void)arg;
    choose(send_to(make_chan(0)), recv_from(make_chan(0)));
}

void wait_group(void *arg) {
    gr_waitgroup wg = {0};
    (void)arg;
    gr_waitgroup_add(&wg, 1);
    gr_waitgroup_wait(&wg);
}

static void lock_twice(void *arg) {
    gr_mutex mu = {0};
    (void)arg;
    gr_mutex_lock(&mu);
    gr_mutex_lock(&mu);
}

void mutex_stack(void *arg) {
    (void)arg;
    for (int i = 0; i < 5; i++) /* Go: 1000 */
        gr_go(lock_twice, NULL);
}

void rwmutex_rlock(void *arg) {
    gr_rwmutex mu = {0};
    (void)arg;
    gr_rwmutex_lock(&mu);
    gr_rwmutex_rlock(&mu);
}

void rwmutex_lock(void *arg) {
    gr_rwmutex mu = {0};
    (void)arg;
    gr_rwmutex_lock(&mu);
    gr_rwmutex_lock(&mu);
}

/* As rwmutex_lock, but it is a reader who has not left. */
void rwmutex_reader(void *arg) {
    gr_rwmutex mu = {0};
    (void)arg;
    gr_rwmutex_rlock(&mu);
    gr_rwmutex_lock(&mu);
}

void cond(void *arg) {
    gr_mutex mu = {0};
    gr_cond c = {0};
    (void)arg;
    gr_mutex_lock(&mu);
    gr_cond_wait(&c, &mu);
}

static void mixed_sender(void *ch) { send(ch); }

void mixed(void *arg) {
    gr_waitgroup wg = {0};
    gr_chan *ch = make_chan(0);
    (void)arg;
    gr_waitgroup_add(&wg, 1);
    gr_go(mixed_sender, ch);
    gr_waitgroup_wait(&wg);
    recv(ch);
}

/* In Go no leak: somebody might still send on a global channel. Here nobody is left who could. */
static gr_chan *global;

void global_chan(void *arg) {
    (void)arg;
    global = make_chan(0);
    recv(global);
}

/* ---- patterns ------------------------------------------------------------------------------------------------ */

/* Nobody closes the channel when all items are sent; or there are no workers to take one. */
static gr_chan *no_workers, *three_workers;

static void range_over(void *ch) {
    while (recv(ch))
        ;
}

static void send_items(void *ch) {
    for (int i = 0; i < 3; i++)
        send(ch);
}

void no_close_range(void *arg) {
    (void)arg;
    no_workers = make_chan(0);
    three_workers = make_chan(0);
    for (int i = 0; i < 3; i++)
        gr_go(range_over, three_workers);
    gr_go(send_items, no_workers);
    gr_go(send_items, three_workers);
}

/* Who starts the worker does not stop it. */
static gr_chan *work, *stop_work;

static void worker(void *arg) {
    (void)arg;
    while (choose(recv_from(work), recv_from(stop_work)) == 0)
        ;
}

void contract_violation(void *arg) {
    (void)arg;
    work = make_chan(0);
    stop_work = make_chan(0);
    gr_go(worker, NULL);
    for (int i = 0; i < 10; i++)
        send(work);
    gr_yield();
}

/* After sending the error it sends the result, too; nobody receives twice. */
typedef struct Request {
    gr_chan *answer;
    bool error;
} Request;

static void answer_twice(void *arg) {
    Request *r = arg;
    if (r->error)
        send(r->answer); /* no return */
    send(r->answer);
}

void double_send(void *arg) {
    static Request requests[3];
    (void)arg;
    requests[0] = (Request){make_chan(0), false};
    requests[1] = (Request){requests[0].answer, true};
    requests[2] = (Request){make_chan(1), true};
    for (int i = 0; i < 3; i++) {
        gr_go(answer_twice, &requests[i]);
        recv(requests[i].answer);
    }
}

/* An error, and a return before anybody receives. */
static void send_result(void *ch) { send(ch); }

void early_return(void *arg) {
    (void)arg;
    gr_chan *ch = make_chan(0);
    bool error = true;
    gr_go(send_result, ch);
    if (error)
        return;
    recv(ch);
}

/* The first of several results is received; of none, none. */
static void first_of(intptr_t items) {
    gr_chan *ch = make_chan(0);
    for (intptr_t i = 0; i < items; i++)
        gr_go(send_result, ch);
    recv(ch);
}

static void cast(void *items) { first_of((intptr_t)items); }

void n_cast(void *arg) {
    (void)arg;
    gr_go(cast, (void *)(intptr_t)0);
    gr_go(cast, (void *)(intptr_t)5);
}

/* Who is told to end meanwhile does not take the result; by chance, none of 100 might be. */
static context timeout_ctx;

static void until_timeout(void *arg) {
    (void)arg;
    gr_chan *ch = make_chan(0);
    gr_go(send_result, ch);
    choose(recv_from(ch), recv_from(timeout_ctx.done));
}

void timeout(void *arg) {
    (void)arg;
    context_init(&timeout_ctx);
    cancel(&timeout_ctx);
    for (int i = 0; i < 100; i++)
        gr_go(until_timeout, NULL);
}

/* ---- many ---------------------------------------------------------------------------------------------------- */

/* Each call leaves one behind and makes as many others as it is high. */
static void leave_one(void *wg) {
    gr_waitgroup_done((gr_waitgroup *)wg);
    recv(make_chan(0));
}

typedef struct Spawn {
    gr_waitgroup *wg;
    int height;
} Spawn;

static void spawn(int height);

static void spawn_next(void *arg) {
    Spawn s = *(Spawn *)arg;
    gr_waitgroup_done(s.wg);
    spawn(s.height);
}

static void spawn(int height) {
    if (height == 0)
        return;
    gr_waitgroup wg = {0};
    Spawn next = {&wg, height - 1};
    gr_waitgroup_add(&wg, height + 1);
    gr_go(leave_one, &wg);
    for (int i = 0; i < height; i++)
        gr_go(spawn_next, &next);
    gr_waitgroup_wait(&wg);
}

void spawn_many(void *arg) {
    (void)arg;
    spawn(3); /* Go: 5 */
}

/* A chain in which each waits for the next, and the last for time to pass: nobody leaks, it only takes long. */
static void chain_end(void *ch) {
    gr_sleep(200 * GR_MILLISECOND); /* Go: an hour */
    send(ch);
}

static gr_chan *links[1001];

static void chain(void *link) {
    intptr_t i = (intptr_t)link;
    if (i == 0) {
        gr_go(chain_end, links[0]);
        return;
    }
    gr_go(chain, (void *)(i - 1));
    recv(links[i - 1]);
    send(links[i]);
}

void daisy_chain(void *arg) {
    (void)arg;
    for (int i = 0; i < 1000; i++)
        links[i] = make_chan(0);
    links[1000] = make_chan(1);
    gr_go(chain, (void *)(intptr_t)1000);
}
