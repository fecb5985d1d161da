/* anew.h: put before a program's text (-include), begins and ends traces while it runs, ANEW times, and now and then
 * takes snapshots of one, into files beside it. Not for ever: programs wait until they are alone, and a deadlock is one
 * only when nobody else runs. */
#include "goroscope.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANEW 12

int program_main(int argc, char **argv);

static void must(const char *what, bool ok) {
    if (ok)
        return;
    fprintf(stderr, "anew: %s\n", what);
    _Exit(99);
}

static int write_snapshot(void *file, const void *bytes, size_t n) { return fwrite(bytes, 1, n, file) != n; }

/* That there is no whole generation yet is no mistake: then there is no file. It gets its name when it is whole: the
 * program may end before. */
static void snapshot_into(const char *trace, unsigned n) {
    char name[4096], part[4096];
    snprintf(name, sizeof name, "%s.snapshot-%u", trace, n);
    snprintf(part, sizeof part, "%s.part-%u", trace, n);
    FILE *f = fopen(part, "wb");
    must("a snapshot's file cannot be made", f != NULL);
    int made = gr_trace_snapshot(write_snapshot, f);
    must("a snapshot could not be written", fclose(f) == 0 && made <= 0);
    must("a snapshot's file cannot be named", (made < 0 ? remove(part) : rename(part, name)) == 0);
}

static void trace_anew(void *arg) {
    (void)arg;
    for (unsigned i = 0, x = (unsigned)gr_goid() + 1; i < ANEW; i++) {
        x = x * 1664525u + 1013904223u;
        if (gr_trace_start(&(gr_trace_options){.ring_bytes = 1 << 20}))
            return; /* the file cannot be made */
        gr_sleep((int64_t)(x >> 20) * GR_MICROSECOND / 4);
        const char *why = gr_trace_start(NULL);
        must("it began twice", why && strstr(why, "is being written already"));
        if (x >> 16 & 1)
            gr_yield();
        for (unsigned k = 0; k < (x >> 18 & 3); k++)
            snapshot_into(getenv("GOROSCOPE_TRACE"), 4 * i + k);
        must("it does not know that it traces", gr_trace_enabled());
        must("it did not end", !gr_trace_stop());
        must("it ended twice", gr_trace_stop() != NULL && !gr_trace_enabled());
        if (x >> 17 & 1)
            gr_sleep((int64_t)(x >> 22) * GR_MICROSECOND);
    }
}

int gr_main(int argc, char **argv) {
    gr_go(trace_anew, NULL);
    return program_main(argc, argv);
}

#define gr_main program_main
