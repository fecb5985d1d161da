/* A program that goes on for ever, with some thousand events a second: live.test.mjs drives it. */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static gr_chan *ask, *answer;

static void answers(void *unused) {
    (void)unused;
    for (int n; gr_chan_recv(ask, &n);)
        gr_chan_send(answer, &n);
}

/* Computes a while between two waits, so that it is found running. */
static void works(void *unused) {
    (void)unused;
    for (;;) {
        for (int64_t end = gr_now() + 2 * GR_MILLISECOND; gr_now() < end;)
            ;
        gr_sleep(GR_MILLISECOND);
    }
}

static void square(gr_call *call) {
    char text[24];
    long n = atol(call->data);
    gr_call_reply(call, text, (size_t)snprintf(text, sizeof text, "%ld", n * n));
}
GR_CALLABLE(square);

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    ask = gr_chan_make(sizeof(int), 0);
    answer = gr_chan_make(sizeof(int), 0);
    gr_go(works, NULL);
    gr_go(answers, NULL);
    for (int n = 0;; n++) {
        gr_chan_send(ask, &n);
        gr_chan_recv(answer, &n);
        gr_sleep(GR_MILLISECOND);
    }
}
