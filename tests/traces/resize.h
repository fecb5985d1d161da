/* resize.h: put before a program's text (-include), has the number of Ps change 1000 times while it runs. Not for
 * ever: programs wait until they are alone, and a deadlock is one only when nobody else runs. */
#include "goroscope.h"

int program_main(int argc, char **argv);

static void resize_often(void *arg) {
    (void)arg;
    for (unsigned i = 1, x = 1; i <= 1000; i++) {
        x = x * 1664525u + 1013904223u;
        gr_gomaxprocs(1 + (int)(x >> 16) % 5);
        if (i % 4)
            gr_sleep(20 * GR_MICROSECOND);
        else
            gr_yield();
    }
}

int gr_main(int argc, char **argv) {
    gr_go(resize_often, NULL);
    return program_main(argc, argv);
}

#define gr_main program_main
