/* exit.h: the program's end; see exit.c. */
#ifndef RT_EXIT_H
#define RT_EXIT_H

#include <stddef.h>

/* Ends the program: output and trace are finished first. Also exit() of the C library. */
_Noreturn void rt_exit(int code);
_Noreturn void rt_stop_here(void); /* another M is ending the program: never goes on */

struct G;
/* host/output.c: what a goroutine left without a newline goes out, on fd 1 or 2, on both; of all of them. */
void rt_output_flush_line(struct G *g, int fd);
void rt_output_flush_g(struct G *g);
void rt_output_flush_all(void);
/* Who dies prints alone from now on, if that can be had soon: who prints may have failed, or wait for the host. */
void rt_output_seize(void);

#endif
