/* A program that the host calls; call.test.mjs knows what it must answer. gr_main ends when `quit` is called. */
#include <goroscope.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gr_chan *quitting, *meeting;
static _Atomic long count;
static gr_once once;

static void make(void) {
    quitting = gr_chan_make(0, 0);
    meeting = gr_chan_make(sizeof(long), 0);
}

static void reply_long(gr_call *call, long v) {
    char text[24];
    gr_call_reply(call, text, (size_t)snprintf(text, sizeof text, "%ld", v));
}

static void square(gr_call *call) { reply_long(call, atol(call->data) * atol(call->data)); }
GR_CALLABLE(square);

static void later(gr_call *call) {
    gr_sleep(atol(call->data) * GR_MILLISECOND);
    reply_long(call, atol(call->data));
}
GR_CALLABLE(later);

static void refuse(gr_call *call) { gr_call_fail(call, "refused on purpose"); }
GR_CALLABLE(refuse);

static void silent(gr_call *call) { (void)call; }
GR_CALLABLE(silent);

static void leave(gr_call *call) {
    (void)call;
    gr_goexit();
}
GR_CALLABLE(leave);

static void reversed(gr_call *call) {
    char *bytes = malloc(call->size + 1);
    for (size_t i = 0; i < call->size; i++)
        bytes[i] = call->data[call->size - 1 - i];
    gr_call_reply(call, bytes, call->size);
    free(bytes);
}
GR_CALLABLE(reversed);

/* Calls wait for each other: odd ones for even ones. */
static void meet(gr_call *call) {
    long me = atol(call->data), other = 0;
    gr_once_do(&once, make); /* it may come before gr_main has begun */
    if (me % 2 == 0) {
        gr_chan_send(meeting, &me);
        other = me;
    } else {
        gr_chan_recv(meeting, &other);
    }
    reply_long(call, other);
}
GR_CALLABLE(meet);

static void helper(void *arg) {
    gr_call_reply(arg, "by another", 10);
    gr_chan_close(meeting);
}
static void passed_on(gr_call *call) {
    gr_once_do(&once, make);
    gr_go(helper, call);
    gr_chan_recv(meeting, NULL);
}
GR_CALLABLE(passed_on);

/* For debug calls: how far the counter comes while it looks. */
static void watch(gr_call *call) {
    long before = atomic_load(&count);
    gr_sleep(20 * GR_MILLISECOND);
    reply_long(call, atomic_load(&count) - before);
}
GR_CALLABLE(watch);

/* Answers when the counter moves; its thread may have to wait for a core first, however long. */
static void moves(gr_call *call) {
    for (long before = atomic_load(&count); atomic_load(&count) == before;)
        gr_sleep(GR_MILLISECOND);
    gr_call_reply(call, "moves", 5);
}
GR_CALLABLE(moves);

static void counter(void *unused) {
    (void)unused;
    for (;;) {
        atomic_fetch_add(&count, 1);
        gr_yield();
    }
}

static void start_counter(gr_call *call) {
    (void)call;
    gr_go(counter, NULL);
}
GR_CALLABLE(start_counter);

static void crash(gr_call *call) {
    (void)call;
    gr_panic("on purpose");
}
GR_CALLABLE(crash);

static void quit(gr_call *call) {
    (void)call;
    gr_once_do(&once, make);
    gr_chan_close(quitting);
}
GR_CALLABLE(quit);

int gr_main(int argc, char **argv) {
    gr_once_do(&once, make);
    if (argc > 1 && strcmp(argv[1], "busy") == 0) /* no M is idle */
        for (int i = 0; i < gr_gomaxprocs(0); i++)
            gr_go(counter, NULL);
    gr_chan_recv(quitting, NULL); /* no deadlock: the host may call */
    printf("quit\n");
    return 3;
}
