/* netpoll.c: the poller. Goroutines that asked the host for something wait here until its answer comes. (netpoll of
 * Go's netpoll.go, and where proc.go calls it)
 *
 *   rt_host_ask ─► port_request ─► host … answer, in pieces ─► port_answers ─► rt_answer ─► rt_netpoll ─► runnable
 *
 * Everything a program asks for is one request with one answer: an asynchronous function's result, the next piece
 * of a stream. So a stream is read no faster than the program takes it. The answer comes in pieces that are put
 * together here, under poll.lock; whoever polls makes the goroutines runnable. That is an M without local work,
 * before it steals; an M that is about to sleep; sysmon, when nobody has for 10 ms. One idle M,
 * rt_sched.timer_sleeper, sleeps on the port's wake word, which the host bumps.
 *
 * Invariants
 *  1. A request is in the table from before the host hears of it until its last piece has come; then it is on
 *     nobody's list but the poller's. Otherwise an early answer would find nobody.
 *  2. npollwait counts requests from before they are passed on until their goroutine runs again. Otherwise
 *     rt_check_dead could see a moment in which nobody waits for the host and nobody is runnable.
 *  3. The wake word is bumped after the answer can be seen.
 *
 * Virtual clock. When an answer comes is the host's business, so a run with answers is not reproducible by nature.
 * What can be fixed is: answers count as given in the order of the requests, each at a time that the seed says; at
 * that time the simulation stands still until the host has answered (await_answer in drive/sim.c). A host that
 * answers by the arguments alone makes the run reproducible. When that takes too long and other goroutines could go
 * on they do, since the program may have to go on to be answered: then all that is outstanding counts as answered
 * when it is.
 */
#include "base/hooks.h"
#include "core/park.h"
#include "drive/netpoll.h"
#include "drive/sim.h"
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024
#define MOST_REQUESTS 65536 /* outstanding ones */

static struct {
    rt_mutex lock;
    uint32_t last_id;              /* below HOST_CALLS; 0 is nobody's */
    HostRequest *table[BUCKETS];   /* by id */
    HostRequest *answered, **tail; /* whole answers, in the order in which they came, linked by next */
    HostRequest *first, *last;     /* virtual clock: those that are answered in their order, linked by later */
} poll = {.tail = &poll.answered};

static _Atomic bool may_call; /* the host has functions of the program's to call */

void rt_netpoll_expect_calls(void) { atomic_store(&may_call, true); }

bool rt_netpoll_expected(void) { return atomic_load(&rt_sched.npollwait) > 0 || atomic_load(&may_call); }

/* ---- asking -------------------------------------------------------------------------------------------------- */

static void enter(HostRequest *r) {
    HostRequest **at = &poll.table[r->id % BUCKETS];
    r->next = *at;
    *at = r;
}

static HostRequest *find(uint32_t id) {
    for (HostRequest *r = poll.table[id % BUCKETS]; r; r = r->next)
        if (r->id == id)
            return r;
    return NULL;
}

static void leave(HostRequest *r) {
    HostRequest **at = &poll.table[r->id % BUCKETS];
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    r->next = NULL;
}

/* Virtual clock: says when r's answer counts as given. The delays are those of a fast network. */
static void set_time(HostRequest *r) {
    r->due_ns = rt_sim_now(port_get_m()) + 50000 + rt_rand(1000000);
    if (poll.first) {
        if (r->due_ns <= poll.last->due_ns)
            r->due_ns = poll.last->due_ns + 1;
        poll.last->later = r;
    } else {
        poll.first = r;
    }
    poll.last = r;
}

static bool begin(HostRequest *r) {
    int others = atomic_fetch_add(&rt_sched.npollwait, 1);
    if (others >= MOST_REQUESTS) {
        atomic_fetch_sub(&rt_sched.npollwait, 1);
        return false;
    }
    if (others == 0)
        rt_host_expected();
    rt_lock(&poll.lock, RANK_POLL);
    do
        poll.last_id = (poll.last_id + 1) % HOST_CALLS;
    while (poll.last_id == 0 || find(poll.last_id));
    r->id = poll.last_id;
    enter(r);
    if (rt_config.virtual_clock && !rt_explore)
        set_time(r);
    rt_unlock(&poll.lock);
    return true;
}

static void refuse(HostRequest *r, const char *why) {
    r->what = PORT_ERROR;
    r->data = strdup(why);
    r->size = r->data ? strlen(why) : 0;
}

/* Nobody will answer r, the last one that began. */
static void take_back(HostRequest *r) {
    leave(r);
    HostRequest **at = &poll.first, *before = NULL;
    while (*at && *at != r) {
        before = *at;
        at = &before->later;
    }
    if (*at) {
        *at = NULL;
        poll.last = before;
    }
}

bool rt_host_ask(HostRequest *r, uint32_t kind, uint32_t stream, const void *bytes, size_t n, gr_site *site) {
    rt_charge(200);
    *r = (HostRequest){0};
    if (!begin(r)) {
        refuse(r, "too many requests to the host are outstanding (65536)");
        return true;
    }
    if (!port_request(kind, r->id, stream, bytes, n)) {
        rt_lock(&poll.lock, RANK_POLL);
        take_back(r);
        rt_unlock(&poll.lock);
        atomic_fetch_sub(&rt_sched.npollwait, 1);
        return false;
    }
    rt_lock(&poll.lock, RANK_POLL);
    if (r->what) {
        rt_unlock(&poll.lock);
    } else {
        r->g = rt_getg();
        rt_park_unlock(&poll.lock, WAIT_IO, site);
    }
    atomic_fetch_sub(&rt_sched.npollwait, 1);
    return true;
}

bool rt_host_tell(uint32_t kind, uint32_t id, uint32_t stream, const void *bytes, size_t n) {
    return port_request(kind, id, stream, bytes, n);
}

char *rt_host_error(const HostRequest *r) {
    if (r->what == PORT_ERROR && r->data)
        return r->data;
    return strdup("out of memory (for an answer of the host's)");
}

/* ---- answers ------------------------------------------------------------------------------------------------- */

/* Its answer is whole, and counts as given. */
static void hand_on(HostRequest *r) {
    *poll.tail = r;
    poll.tail = &r->next;
}

/* A piece of an answer, or of a call into the program. By port_answers, under poll.lock. */
void rt_answer(uint32_t id, uint32_t what, uint32_t total, const void *bytes, size_t n) {
    HostRequest *r = find(id);
    if (!r && id >= HOST_CALLS && (r = calloc(1, sizeof *r)) != NULL) {
        r->id = id;
        enter(r);
    }
    if (!r)
        return; /* nobody asked */
    if (r->have == 0 && !r->data) {
        r->size = total;
        r->data = malloc((size_t)total + 1);
    }
    if (n > r->size - r->have)
        n = r->size - r->have;
    if (r->data && n > 0)
        memcpy(r->data + r->have, bytes, n);
    r->have += n;
    if (r->have < r->size)
        return;
    if (r->data)
        r->data[r->size] = 0;
    leave(r);
    r->what = what;
    if (r->due_ns == 0)
        hand_on(r);
}

int64_t rt_netpoll_due(void) { return poll.first ? poll.first->due_ns : INT64_MAX; }

bool rt_netpoll_due_others(void) { return poll.first && poll.first != poll.last; }

bool rt_netpoll_take_due(void) {
    rt_lock(&poll.lock, RANK_POLL);
    port_answers();
    HostRequest *r = poll.first;
    bool answered = r && r->what;
    if (answered) {
        poll.first = r->later;
        hand_on(r);
    }
    rt_unlock(&poll.lock);
    return answered;
}

void rt_netpoll_no_order(void) {
    rt_lock(&poll.lock, RANK_POLL);
    for (HostRequest *r = poll.first; r; r = r->later) {
        r->due_ns = 0;
        if (r->what)
            hand_on(r);
    }
    poll.first = NULL;
    rt_unlock(&poll.lock);
}

bool rt_netpoll_pending(void) { return port_answered(); }

/* Takes what the host has answered; returns the goroutines that are runnable now, linked by next. Never waits.
 * Calls into the program are started. m: the calling M. */
G *rt_netpoll(M *m) {
    rt_lock(&poll.lock, RANK_POLL);
    port_answers();
    HostRequest *r = poll.answered;
    poll.answered = NULL;
    poll.tail = &poll.answered;
    G *first = NULL, **last = &first;
    HostRequest *calls = NULL, **last_call = &calls;
    for (HostRequest *next; r; r = next) {
        next = r->next;
        r->next = NULL;
        if (r->id >= HOST_CALLS) {
            *last_call = r;
            last_call = &r->next;
        } else if (r->g) { /* else it is about to look */
            G *g = r->g;
            rt_unblock(m, g);
            g->next = NULL;
            *last = g;
            last = &g->next;
        }
    }
    rt_unlock(&poll.lock);
    for (HostRequest *next; calls; calls = next) {
        next = calls->next;
        rt_host_call(calls);
    }
    return first;
}
