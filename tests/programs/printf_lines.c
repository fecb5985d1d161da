/* printf_lines: many goroutines print their lines in pieces, with switches in between; every line must arrive
 * whole, and each goroutine's lines in order.
 *
 * usage: printf_lines [GOROUTINES [LINES]]     20 50 unless given
 * A line reads "goroutine G line L: abcdefghijklmnopqrstuvwxyz."
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

static int lines = 50;
static gr_waitgroup group;

static void print_line(int number, int line) {
    printf("goroutine %d ", number);
    gr_yield();
    printf("line %d: ", line);
    for (char c = 'a'; c <= 'z'; c++) {
        putchar(c);
        if ((c + line) % 9 == 0)
            gr_yield();
    }
    gr_print(".");
    gr_yield();
    printf("\n");
}

static void printer(void *arg) {
    int number = *(int *)arg;
    free(arg);
    for (int line = 1; line <= lines; line++)
        print_line(number, line);
    gr_waitgroup_done(&group);
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 20;
    lines = argc > 2 ? atoi(argv[2]) : lines;
    gr_waitgroup_add(&group, n);
    for (int i = 1; i <= n; i++) {
        int *number = malloc(sizeof *number);
        if (!number)
            gr_panic("printf_lines: out of memory");
        *number = i;
        gr_go(printer, number);
    }
    gr_waitgroup_wait(&group);
    return 0;
}
