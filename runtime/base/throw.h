/* throw.h: the ways in which a program dies of a failure, and assertions in two price tiers. core/panic.c
 * implements them. */
#ifndef RT_THROW_H
#define RT_THROW_H

#include <goroscope.h>

/* Our own bug: "fatal error: MSG", all goroutines, exit 2. */
_Noreturn void rt_throw(const char *msg);
/* The user's mistake that Go cannot recover from: the same, Go's text. */
_Noreturn void rt_fatal(const char *msg);
_Noreturn void rt_fatal_at(const char *msg, gr_site *site);
/* The same, of memory that is damaged: what stdio has buffered may be, too, so it is reported first. */
_Noreturn void rt_damaged_at(const char *msg, gr_site *site);
/* Memory of the runtime's own is not as the runtime left it: the program has written over it. */
_Noreturn void rt_overwritten(void);

/* Cheap, always on. */
#define rt_assert(cond) ((cond) ? (void)0 : rt_throw("assertion failed: " #cond))
/* In builds with checks only. */
#ifdef GR_CHECK
#define rt_assert_slow(cond) rt_assert(cond)
#else
#define rt_assert_slow(cond) ((void)0)
#endif

#endif
