/* many.h: many simulated runs of one program (many.c; native port only). */
#ifndef GR_MANY_H
#define GR_MANY_H

#include "../sched/main.h"

/* If the environment asks for many runs: returns in a process of its own for each of them, c changed to what it is to run with;
 * the process that called it ends when the last run has. Before rt_init. */
void many_runs(Config *c, char **argv);
/* True: output of one of many runs, kept with its result. */
bool many_output(int fd, const void *buf, size_t n);
/* The program ends with this exit code. */
void many_end(int code);

#endif
