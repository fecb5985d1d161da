/* leaks.c: CASE: a program that returns 7 from main while others still wait, work or sleep. For the leak report
 * (core/leak.c). */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gr_chan *nobody_sends, *answers;

static void wait_for_ever(void *arg) {
    (void)arg;
    gr_chan_recv(nobody_sends, NULL);
}

static void finish_late(void *arg) {
    (void)arg;
    gr_sleep(20 * GR_MILLISECOND);
    printf("finished\n");
}

static void answer(void *arg) {
    (void)arg;
    gr_chan_send(answers, &(int){1});
}

static void tick_for_ever(void *arg) {
    gr_ticker *t = gr_ticker_make(GR_MILLISECOND);
    (void)arg;
    for (;;)
        gr_chan_recv(gr_ticker_chan(t), NULL);
}

static void sleep_for_ever(void *arg) {
    (void)arg;
    for (;;)
        gr_sleep(3600 * GR_SECOND);
}

static void panic_late(void *arg) {
    (void)arg;
    gr_sleep(5 * GR_MILLISECOND);
    gr_panic("too late");
}

/* The element of a sequence nobody asks for again. */
static void two(gr_yield_fn *yield, void *arg) {
    (void)arg;
    if (yield(&(int){1}))
        yield(&(int){2});
}

static void nothing_left(void) { gr_go(finish_late, NULL); }

static void some_left(void) {
    gr_go(finish_late, NULL);
    gr_go(answer, NULL);
    gr_go(wait_for_ever, NULL);
    gr_chan_recv(answers, NULL);
}

static void iterator_left(void) { gr_next(gr_pull(two, NULL, sizeof(int)), NULL); }

static void never_at_rest(void) {
    gr_go(tick_for_ever, NULL);
    gr_go(sleep_for_ever, NULL);
    gr_go(wait_for_ever, NULL);
    iterator_left();
}

static void only_asleep(void) { gr_go(sleep_for_ever, NULL); }
static void panics(void) { gr_go(panic_late, NULL); }

static void exits(void) {
    gr_go(wait_for_ever, NULL);
    gr_yield();
    exit(3);
}

static void main_too(void) {
    gr_go(wait_for_ever, NULL);
    wait_for_ever(NULL);
}

int gr_main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*fn)(void);
    } cases[] = {
        {"nothing", nothing_left}, {"some", some_left},     {"iterator", iterator_left},
        {"busy", never_at_rest},   {"asleep", only_asleep}, {"panic", panics},
        {"exit", exits},           {"main", main_too},
    };
    nobody_sends = gr_chan_make(0, 0);
    answers = gr_chan_make(sizeof(int), 0);
    for (size_t i = 0; argc == 2 && i < sizeof cases / sizeof *cases; i++)
        if (strcmp(argv[1], cases[i].name) == 0)
            cases[i].fn();
    return 7;
}
