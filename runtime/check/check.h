/* check.h: what the files of check/ share. */
#ifndef RT_CHECK_H
#define RT_CHECK_H

#include "base/hooks.h"
#include "core/sched.h"

/* check/check_wait.c: what g, whose state is G_WAITING, waits on is as it must be, and knows of it. */
void rt_check_waiting(G *g);
/* After rt_check_waiting for all: g stands in the queues that it waits in once each. */
void rt_check_waiting_places(G *g);

/* Exploration: makes the choices instead of chaos.c, if not NULL. Native port only. */
extern uint32_t (*rt_explorer)(Choice what, uint32_t n);

#endif
