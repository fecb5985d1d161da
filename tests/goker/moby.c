/* moby.c: bugs of moby/moby. */
#include "goker.h"

/* moby 4951: deleting a device lets go of the set and takes it again, holding the device; another, with the set,
 * waits for the device. */
static gr_mutex devices_4951, info_4951;

static void remove_and_wait_4951(void) {
    gr_mutex_unlock(&devices_4951);
    gr_sleep(300);
    gr_mutex_lock(&devices_4951);
}

static void delete_device_4951(void *arg) {
    (void)arg;
    gr_mutex_lock(&devices_4951);
    gr_mutex_lock(&info_4951);
    gr_yield();
    remove_and_wait_4951();
    gr_mutex_unlock(&info_4951);
    gr_mutex_unlock(&devices_4951);
}

void moby4951(void *arg) {
    (void)arg;
    gr_go(delete_device_4951, NULL);
    gr_go(delete_device_4951, NULL);
}

/* moby 7559: after an error the loop goes on without unlocking. */
static gr_mutex track_7559;

static bool dial_7559(void) { return false; } /* Go: of no address, which cannot succeed */

static void run_7559(void) {
    for (int i = 0; i < 2; i++) {
        gr_mutex_lock(&track_7559);
        if (!dial_7559())
            continue; /* no unlock */
        if (i == 0)
            break;
    }
    gr_mutex_unlock(&track_7559);
}

void moby7559(void *arg) {
    (void)arg;
    run_7559();
}

/* moby 17176: nothing to clean up, and a return without unlocking. */
static struct {
    gr_mutex lock;
    int deleted;
} devices_17176;

static bool cleanup_17176(void) {
    gr_mutex_lock(&devices_17176.lock);
    if (devices_17176.deleted == 0)
        return true; /* no unlock */
    gr_mutex_unlock(&devices_17176.lock);
    return false;
}

static void lock_17176(void *done) {
    gr_mutex_lock(&devices_17176.lock);
    send(done);
    gr_mutex_unlock(&devices_17176.lock);
}

void moby17176(void *arg) {
    (void)arg;
    gr_chan *done = make_chan(0);
    cleanup_17176();
    gr_go(lock_17176, done);
    choose(recv_from(gr_after(GR_MILLISECOND)), recv_from(done));
}

/* moby 21233: the consumer of progress ends at its leisure, without a word; the watchers of transfers go on sending
 * to it, who releases one waits for that watcher, and who waits for the consumer's word waits for ever. */
#define TRANSFERS_21233 3
typedef struct Transfer21233 {
    gr_mutex lock;
    gr_chan *signal, *release, *running;
} Transfer21233;
static gr_chan *progress_21233, *done_21233;

static void watch_21233(void *arg) {
    Transfer21233 *t = arg;
    for (bool done = false;;) {
        gr_mutex_lock(&t->lock);
        gr_mutex_unlock(&t->lock);
        if (dice(2) == 1)
            send(progress_21233);
        if (done)
            break;
        done = choose(recv_from(t->signal), recv_from(t->release)) == 1;
    }
    gr_chan_close(t->running);
}

static void release_21233(Transfer21233 *t) {
    gr_mutex_lock(&t->lock);
    gr_mutex_unlock(&t->lock);
    gr_chan_close(t->release);
    recv(t->running);
}

static void consume_21233(void *arg) {
    (void)arg;
    gr_sleep(GR_MILLISECOND);
    while (recv(progress_21233))
        if (dice(2) == 1)
            return;
    gr_chan_close(done_21233);
}

void moby21233(void *arg) {
    static Transfer21233 transfers[TRANSFERS_21233];
    (void)arg;
    progress_21233 = make_chan(0);
    done_21233 = make_chan(0);
    gr_go(consume_21233, NULL);
    gr_sleep(GR_MILLISECOND);
    for (int i = 0; i < TRANSFERS_21233; i++) {
        transfers[i] = (Transfer21233){.signal = make_chan(0), .release = make_chan(0), .running = make_chan(0)};
        gr_go(watch_21233, &transfers[i]);
        gr_sleep(2 * GR_MILLISECOND);
    }
    for (int i = 0; i < TRANSFERS_21233; i++)
        release_21233(&transfers[i]);
    gr_chan_close(progress_21233);
    recv(done_21233);
}

/* moby 25384: the wait for all plugins stands in the loop that starts them. */
#define PLUGINS_25384 2
static void plugin_25384(void *group) { gr_waitgroup_done((gr_waitgroup *)group); }

static void init_25384(void *arg) {
    static gr_waitgroup group;
    (void)arg;
    gr_waitgroup_add(&group, PLUGINS_25384);
    for (int i = 0; i < PLUGINS_25384; i++) {
        gr_go(plugin_25384, &group);
        gr_waitgroup_wait(&group);
    }
}

void moby25384(void *arg) {
    (void)arg;
    gr_go(init_25384, NULL);
}

/* moby 27782: closed logs remove their file's watcher, which waits until it is told of the removal; but it is the
 * sender of events who would tell, and that waits for a receiver of the one before. GoKer's reduction holds the
 * logger's lock while it follows the logs, so that Close cannot find the reader and nothing hangs; moby holds it,
 * as here, for the registration only. */
static struct {
    gr_chan *events, *done;
    gr_mutex lock;
    gr_cond removed;
} watcher_27782;
static struct {
    gr_mutex lock;
    gr_chan *closed;
    bool registered;
} logs_27782;

static void read_events_27782(void *arg) {
    (void)arg;
    while (try_choose(recv_from(watcher_27782.done)) < 0) {
        gr_yield(); /* the event: the file was written to; others would be told through `removed` */
        gr_yield();
        if (choose(send_to(watcher_27782.events), recv_from(watcher_27782.done)) == 1)
            break;
    }
    gr_chan_close(watcher_27782.events);
}

static void remove_27782(void) {
    gr_mutex_lock(&watcher_27782.lock);
    for (;;) {
        gr_cond_wait(&watcher_27782.removed, &watcher_27782.lock);
        gr_yield();
    }
}

static void follow_27782(void) {
    gr_go(read_events_27782, NULL);
    gr_yield();
    if (choose(recv_from(watcher_27782.events), recv_from(logs_27782.closed)) == 1)
        remove_27782();
    gr_chan_close(watcher_27782.done);
}

static void read_logs_27782(void *arg) {
    (void)arg;
    gr_mutex_lock(&logs_27782.lock);
    logs_27782.registered = true;
    gr_mutex_unlock(&logs_27782.lock);
    follow_27782();
}

void moby27782(void *arg) {
    (void)arg;
    watcher_27782.events = make_chan(0);
    watcher_27782.done = make_chan(0);
    logs_27782.closed = make_chan(0);
    gr_go(read_logs_27782, NULL);
    gr_mutex_lock(&logs_27782.lock); /* starting to log has failed: reset */
    if (logs_27782.registered)
        gr_chan_close(logs_27782.closed);
    gr_mutex_unlock(&logs_27782.lock);
}

/* moby 28462: the daemon stops the monitor of a container with the container's lock, which the monitor wants to
 * note a result. */
static gr_mutex container_28462;

static void handle_probe_28462(void) {
    gr_yield();
    gr_mutex_lock(&container_28462);
    gr_mutex_unlock(&container_28462);
}

static void monitor_28462(void *stop) {
    while (try_choose(recv_from(stop)) < 0)
        handle_probe_28462();
}

static void state_changed_28462(void *stop) {
    gr_mutex_lock(&container_28462);
    send(stop);
    gr_mutex_unlock(&container_28462);
}

void moby28462(void *arg) {
    (void)arg;
    gr_chan *stop = make_chan(0);
    gr_go(monitor_28462, stop);
    gr_go(state_changed_28462, stop);
}

/* moby 30408: a plugin that could not be activated has an error and no manifest; who waits for it looks at the
 * manifest. */
static struct {
    gr_mutex lock;
    gr_cond activate;
    const char *error, *manifest;
} plugin_30408;

static void wait_active_30408(void *done) {
    gr_mutex_lock(&plugin_30408.lock);
    while (!plugin_30408.manifest)
        gr_cond_wait(&plugin_30408.activate, &plugin_30408.lock);
    gr_mutex_unlock(&plugin_30408.lock);
    gr_chan_close(done);
}

void moby30408(void *arg) {
    (void)arg;
    gr_chan *done = make_chan(0);
    plugin_30408.error = "some junk happened";
    gr_go(wait_active_30408, done);
    recv(done);
}

/* moby 33781: a monitor that is stopped while a probe is under way leaves the probe with its result. */
static void probe_33781(void *results) {
    send(results);
    gr_chan_close(results);
}

static void monitor_33781(void *stop) {
    while (choose(recv_from(stop), recv_from(gr_after(GR_MILLISECOND))) == 1) {
        gr_chan *results = make_chan(0);
        gr_go(probe_33781, results);
        int which = choose(recv_from(stop), recv_from(results), recv_from(gr_after(GR_MILLISECOND)));
        if (which == 0)
            return; /* the results are not drained */
        if (which == 2)
            recv(results);
    }
}

static void stop_33781(void *stop) {
    gr_sleep(dice(10) * GR_MILLISECOND);
    send(stop);
}

void moby33781(void *arg) {
    (void)arg;
    gr_chan *stop = make_chan(0);
    gr_go(monitor_33781, stop);
    gr_go(stop_33781, stop);
}

/* moby 36114: adding disks removes some first, and locks again. */
static gr_mutex vm_36114;

static void hot_remove_36114(void) {
    gr_mutex_lock(&vm_36114);
    gr_mutex_unlock(&vm_36114);
}

static void hot_add_36114(void *arg) {
    (void)arg;
    gr_mutex_lock(&vm_36114);
    hot_remove_36114();
    gr_mutex_unlock(&vm_36114);
}

void moby36114(void *arg) {
    (void)arg;
    gr_go(hot_add_36114, NULL);
}
