/* output.c: printf from many goroutines arrives by whole lines, in order per goroutine. This program prints them;
 * the test that runs it reads them: every line of a goroutine carries its number, a count and a tail that repeats
 * both. */
#include "check.h"

enum { GOROUTINES = 20, LINES = 25 };

typedef struct Talker {
    int id;
    gr_waitgroup *wg;
} Talker;

static void talk_in_pieces(void *arg) {
    Talker *t = arg;
    for (int i = 0; i < LINES; i++) {
        printf("line g=%d ", t->id);
        gr_yield();
        printf("i=%d ", i);
        if (i % 5 == 0)
            gr_sleep(50 * GR_MICROSECOND);
        for (int k = 0; k < i; k++)
            printf("%c", 'a' + t->id);
        gr_yield();
        printf(" end=%d.%d\n", t->id, i);
    }
    gr_waitgroup_done(t->wg);
}

static void lines_stay_whole(void) {
    gr_waitgroup wg = {0};
    Talker talker[GOROUTINES];
    gr_waitgroup_add(&wg, GOROUTINES);
    for (int i = 0; i < GOROUTINES; i++) {
        talker[i] = (Talker){i, &wg};
        gr_go(talk_in_pieces, &talker[i]);
    }
    gr_waitgroup_wait(&wg);
}

static void print_and_leave(void *arg) {
    gr_print("rest of a goroutine that ended");
    atomic_store((_Atomic int *)arg, 1);
}

/* What has no newline goes out when its goroutine ends. */
static void the_rest_goes_out_at_the_end(void) {
    _Atomic int done = 0;
    gr_go(print_and_leave, &done);
    check_await(&done, 1);
    while (gr_numgoroutine() > 1)
        gr_yield();
    gr_print("\n");
}

static void gr_print_and_printf_share_a_line(void) {
    gr_print("mixed ");
    printf("%d ", 42);
    gr_print("line\n");
}

static void a_line_of_ten_thousand_bytes(void) {
    for (int i = 0; i < 10000; i++)
        gr_print(i == 0 ? "<" : i == 9999 ? ">" : "=");
    gr_print("\n");
}

static void both_streams(void) {
    fprintf(stderr, "to stderr %s\n", "by fprintf");
    fputs("to stdout by fputs\n", stdout);
}

TESTS(T(lines_stay_whole), T(the_rest_goes_out_at_the_end), T(gr_print_and_printf_share_a_line),
      T(a_line_of_ten_thousand_bytes), T(both_streams))
