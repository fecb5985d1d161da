/* late_threads: memory has grown when the other Ms start, whose first blocks lie in the new part, and grows while
 * they do. Prints "ok".
 */
#include "goroscope.h"
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_AT_START = 64 << 20, PIECE = 48 << 10 };

static _Atomic int here;

static void be_here(void *arg) {
    (void)arg;
    here++;
    while (here < gr_gomaxprocs(0)) /* so each needs an M of its own */
        free(malloc(1 << 20));
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    char *p; /* fills what there is: stacks and thread-locals of new threads come after it */
    do {
        p = malloc(PIECE);
        if (!p)
            return 1;
        memset(p, 1, PIECE);
    } while ((uintptr_t)p < MEMORY_AT_START);
    for (int i = 1; i < gr_gomaxprocs(0); i++)
        gr_go(be_here, NULL);
    be_here(NULL);
    puts("ok");
    return 0;
}
