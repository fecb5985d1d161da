/* explore.h: small concurrent cases whose schedules the native port goes through, all of them
 * (runtime/check/explorer.c).
 *
 * A program is a table of cases. Without arguments it prints them, a line each: name, tab, the outcomes Go's
 * semantics allow, separated by "; ". With a name it runs that case. The outcome of a run is what it prints, or the
 * first line of what it dies with. explore.test.mjs demands that what is seen over all schedules is just what is
 * allowed: nothing else, and nothing less.
 *
 * What a goroutine does between two operations of the runtime belongs to the first one's step, so note() after an
 * operation tells in which order operations came. What it does before its first operation it does as soon as it is
 * started. No case may wait by spinning: there is a schedule in which it does so for ever. */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "goroscope.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Case {
    const char *name;
    void (*fn)(void);
    const char *allowed;
} Case;

#define DEADLOCK "fatal error: all goroutines are asleep - deadlock!"

static char noted[64];

/* Appends to the outcome. */
static inline void note(const char *s) { strncat(noted, s, sizeof noted - strlen(noted) - 1); }
static inline void note_int(int v) {
    char s[12];
    snprintf(s, sizeof s, "%d", v);
    note(s);
}

static int left;           /* goroutines that have not ended */
static void (*then)(void); /* what the last of them does, may be NULL */

/* Prints the outcome and ends the program. */
static inline void finish(void) {
    printf("%s\n", noted);
    exit(0);
}

static inline void run_and_leave(void *fn) {
    ((void (*)(void))(uintptr_t)fn)();
    if (--left > 0)
        return;
    if (then)
        then();
    finish();
}

/* Runs these at once, each as a goroutine, to their ends, then last(). Does not return: nobody who waits for them
 * adds schedules. */
static inline _Noreturn void run_together(void (*last)(void), void (**fns)(void), int n) {
    left = n;
    then = last;
    for (int i = 0; i < n; i++)
        gr_go(run_and_leave, (void *)(uintptr_t)fns[i]);
    gr_goexit();
}
#define together(last, ...)                                                                                            \
    run_together((last), (void (*[])(void)){__VA_ARGS__},                                                              \
                 (int)(sizeof((void (*[])(void)){__VA_ARGS__}) / sizeof(void (*)(void))))

static inline void note_ok(void) { note("ok"); }

static inline void send_int(gr_chan *c, int v) { gr_chan_send(c, &v); }
/* -1: closed */
static inline int recv_int(gr_chan *c) {
    int v;
    return gr_chan_recv(c, &v) ? v : -1;
}
static inline gr_chan *chan_of_int(size_t cap) { return gr_chan_make(sizeof(int), cap); }

#define CASES(...)                                                                                                     \
    int gr_main(int argc, char **argv) {                                                                               \
        static const Case cases[] = {__VA_ARGS__};                                                                     \
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {                                                    \
            if (argc < 2)                                                                                              \
                printf("%s\t%s\n", cases[i].name, cases[i].allowed);                                                   \
            else if (!strcmp(argv[1], cases[i].name))                                                                  \
                cases[i].fn();                                                                                         \
        }                                                                                                              \
        if (argc > 1)                                                                                                  \
            finish();                                                                                                  \
        return 0;                                                                                                      \
    }
#define C(fn, allowed)                                                                                                 \
    { #fn, fn, allowed }

#endif
