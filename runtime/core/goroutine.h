/* goroutine.h: making and reusing goroutines; see goroutine.c. */
#ifndef RT_GOROUTINE_H
#define RT_GOROUTINE_H

#include "core/sched.h"

G *rt_spawn_g(M *m, void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site, bool blocked);
void rt_g_free(P *p, G *g);
G *rt_g_new_bare(size_t bytes); /* a G with a stack that is on no list; of an extra M */
void rt_g_free_all(P *p);       /* p's free goroutines go to the global list */
void rt_g_not_counted(P *p);    /* one that has just begun on p */
int64_t rt_g_count(void);       /* alive; exact if nothing runs meanwhile */
extern gr_site rt_goroutine_main_site;

#endif
