/* main.h: what a port calls to run a program; see main.c, threads.c, sim.c, panic.c, output.c. */
#ifndef GR_MAIN_H
#define GR_MAIN_H

#include "sched.h"

/* Bytes to which a goroutine's stack may grow. A WASI host has a stack of its own for the frames, 0.5 to 1 MiB, and ends the
 * program without a word when it runs out: ours must run out first. */
#ifdef __wasi__
#define DEFAULT_STACK_MAX (256 << 10)
#else
#define DEFAULT_STACK_MAX (1 << 20)
#endif
#define DEFAULT_RING (16 << 20) /* bytes of the trace ring */

/* Sets everything up; goroutine 1 is runnable afterwards. The caller's thread becomes M 0. argv must live on. */
void rt_init(const Config *cfg, int argc, char **argv);
/* Threads: runs M 0; starts others as work appears. */
_Noreturn void rt_run_threads(void);
/* Sim: runs slices for about budget_ns of host time. Returns 0: call again; n > 0: nothing to do for n ns of host time, or until
 * the host has answered a request (INT64_MAX: only then). */
int64_t rt_sim_step(int64_t budget_ns);
/* By port_answers, once for each piece of an answer: total bytes in all, n of them here, in order. what: PortAnswer. */
void rt_answer(uint32_t id, uint32_t what, uint32_t total, const void *bytes, size_t n);
/* exit() of the C library and the like: output and trace are finished first. */
_Noreturn void rt_exit(int code);
/* The shared ring's header (trace/ring.h), NULL when not tracing. */
void *rt_trace_region(void);
/* The goroutines there are, as text, in pieces: fills text with whole lines, sets *n to their bytes and returns what to pass as `from`
 * for the next piece, NULL: that was the last. Begin with NULL. May be called at any time by any thread, also by one that is no M;
 * takes no lock, waits for nobody, stops nobody: each line is true of one moment, all of them together need not be. (dump.c) */
G *rt_goroutines(G *from, char *text, size_t bytes, size_t *n);
/* {width, height, address of the pixels}, NULL if there is no picture. */
const uint32_t *rt_image(void);
/* Where that will be; width 0 until then. */
const uint32_t *rt_image_place(void);
/* What the C library writes to fd 1 or 2. Returns n. */
size_t rt_output(int fd, const void *buf, size_t n);
/* The host caught a trap on this M. kind 0: what says which; 1: a stack ran over. Or, 2, the C library is to end the program: what is
 * the first line. Called on a stack of the M's own. */
_Noreturn void rt_trap(int kind, const char *what);
/* The running goroutine's stack may not grow as far as it would have to. Called on a stack of the M's own, limit off. */
_Noreturn void rt_stack_overflow(void);

#endif
