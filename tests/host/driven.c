/* A program whose goroutines compute without ever waiting, until `quit` is called: live.test.mjs drives it. */
#include <goroscope.h>
#include <stdatomic.h>

static _Atomic int over;

static void computes(void *unused) {
    (void)unused;
    gr_mutex m = {0};
    while (!atomic_load(&over)) { /* safe points, at which it goes on */
        gr_mutex_lock(&m);
        gr_mutex_unlock(&m);
    }
}

static void quit(gr_call *call) {
    (void)call;
    atomic_store(&over, 1);
}
GR_CALLABLE(quit);

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    gr_go(computes, NULL);
    computes(NULL);
    return 3;
}
