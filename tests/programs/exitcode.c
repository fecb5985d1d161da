/* exitcode: ends the program with the code N while other goroutines are still at work.
 *
 * usage: exitcode [N [exit]]     7 unless given; exit: a goroutine calls exit(N) instead of gr_main returning N
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static void work(void *arg) {
    (void)arg;
    for (;;)
        gr_yield();
}

static void leave(void *code) { exit(*(int *)code); }

int gr_main(int argc, char **argv) {
    static int code;
    code = argc > 1 ? atoi(argv[1]) : 7;
    for (int i = 0; i < 10; i++)
        gr_go(work, NULL);
    printf("no newline at the end"); /* must arrive all the same */
    if (argc > 2) {
        gr_go(leave, &code);
        gr_chan_recv(NULL, NULL);
    }
    return code;
}
