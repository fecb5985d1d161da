/* main.h: goroutine 1; see main.c. */
#ifndef RT_MAIN_H
#define RT_MAIN_H

/* Makes it: it will call gr_main. By the first M, which has a P. argv must live on. */
void rt_main_start(int argc, char **argv);
_Noreturn void rt_main_returned(void); /* it has, and its deferred calls have run */

#endif
