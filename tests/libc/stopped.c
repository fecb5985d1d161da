/* stopped.c: writes a file and runs until it is stopped. */
#include <goroscope.h>
#include <stdio.h>

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    FILE *f = fopen("log.txt", "w");
    fputs("line\n", f);
    fflush(f);
    printf("written\n");
    for (;;)
        gr_yield();
}
