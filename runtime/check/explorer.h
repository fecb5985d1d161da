/* explorer.h: many simulated runs of one program (explorer.c); in native builds with checks only, else nothing
 * happens. */
#ifndef RT_EXPLORER_H
#define RT_EXPLORER_H

#include "core/config.h"

#ifdef GR_CHECK

/* If the environment asks for many runs: returns in a process of its own for each of them, c changed to what it is
 * to run with; the process that called it ends when the last run has. Before rt_init. */
void rt_many_runs(Config *c, char **argv);
/* True: output of one of many runs, kept with its result. */
bool rt_many_output(int fd, const void *buf, size_t n);
/* The program ends with this exit code. */
void rt_many_end(int code);

#else

static inline bool rt_many_output(int fd, const void *buf, size_t n) {
    (void)fd, (void)buf, (void)n;
    return false;
}
static inline void rt_many_end(int code) { (void)code; }

#endif

#endif
