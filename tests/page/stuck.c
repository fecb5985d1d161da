/* Computes for a while without giving way when it is asked to: live.test.mjs asks for more meanwhile. */
#include <goroscope.h>
#include <stdlib.h>

static gr_chan *begin;

static void spin(void *unused) {
    (void)unused;
    for (int ms; gr_chan_recv(begin, &ms);)
        for (int64_t end = gr_now() + ms * GR_MILLISECOND; gr_now() < end;)
            ;
}

static void spin_for(gr_call *call) {
    int ms = atoi(call->data);
    gr_chan_send(begin, &ms);
    gr_call_reply(call, "", 0);
}
GR_CALLABLE(spin_for);

static void hello(gr_call *call) { gr_call_reply(call, "hello", 5); }
GR_CALLABLE(hello);

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    begin = gr_chan_make(sizeof(int), 0);
    gr_go(spin, NULL);
    for (;;)
        gr_sleep(GR_MILLISECOND);
}
