/* hooks.h: what runtime/check looks at and decides in builds for tests (GR_CHECK): all of it is empty in a release.
 *
 * The scheduler has choices. In sim somebody may make them in its stead: check/chaos.c at random, by the seed; the
 * explorer (check/explorer.c) in every way, one after the other. Whatever is chosen is legal: a program that is right
 * is right under every choice. After each step of the simulation check/check.c looks whether the invariants hold.
 */
#ifndef RT_HOOKS_H
#define RT_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

struct G;

/* What there is to choose. */
typedef enum Choice {
    CHOOSE_PREEMPT, /* at an operation: 1, the goroutine is preempted there */
    CHOOSE_DELAY,   /* at an operation: ns by which it takes longer, n is not looked at */
    CHOOSE_TAIL,    /* a goroutine becomes runnable: 1, it goes to the end of the queue, not to runnext */
    CHOOSE_WAKE,    /* between steps: 1, an M is woken for nothing */
    CHOOSE_CASE,    /* select: the next of its random numbers */
    CHOOSE_STEP,    /* exploration: what happens next */
    CHOOSE_SWITCH,  /* the same where who took the last step could go on (0): anything else preempts it */
} Choice;

/* Exploration: times order nothing, every operation may come next. */
typedef enum Explore {
    EXPLORE_OFF,
    EXPLORE_GOROUTINES, /* in every order of the goroutines' operations */
    EXPLORE_MS,         /* also of the Ms' looking for work, and both places in the queue */
} Explore;

#ifdef GR_CHECK

/* ---- choices (check/chaos.c) ---- */

extern bool rt_choosing; /* somebody makes the choices; else the scheduler does what it always does. Sim only */
extern Explore rt_explore;
void rt_chaos_init(uint64_t seed);
/* Chooses a number below n (n >= 1). A function and no pointer in wasm: a call through a pointer is one that may
 * suspend, for asyncify, and with it all from gr_go to a channel's send would be (tests/abi/suspend.test.mjs). */
uint32_t rt_chosen(Choice what, uint32_t n);

/* ---- looking on (check/check.c) ---- */

extern uint64_t rt_check_fired; /* timers that have fired so far */
/* After a step of the driver: no M is in the middle of anything, no lock is held. Ends the program if an invariant
 * is broken. */
void rt_check_step(void);
/* rule: the invariant, as a sentence that g (NULL: nobody in particular) breaks. */
_Noreturn void rt_check_broken(const char *rule, struct G *g);
#define rt_check_that(cond, rule, g) ((cond) ? (void)0 : rt_check_broken((rule), (g)))
/* ---- the heap (check/heap.c; with other sanitizers it is theirs) ---- */

/* At the end of the program: ends it with a fatal error if memory of malloc's has been written to that nobody had. */
#ifdef GR_CHECK_HEAP
void rt_heap_check(void);
/* The same when something has failed, for which that may be the reason. */
void rt_heap_suspect(void);
#else
static inline void rt_heap_check(void) {}
static inline void rt_heap_suspect(void) {}
#endif

/* Statements for builds with checks. */
#define RT_CHECKED(...) __VA_ARGS__

#else

#define rt_choosing false
#define rt_explore EXPLORE_OFF
static inline void rt_chaos_init(uint64_t seed) { (void)seed; }
static inline uint32_t rt_chosen(Choice what, uint32_t n) {
    (void)what, (void)n;
    return 0;
}
#define rt_check_step() ((void)0)
static inline void rt_heap_check(void) {}
static inline void rt_heap_suspect(void) {}
#define RT_CHECKED(...)

#endif

/* What the scheduler itself would do is 0. */
static inline uint32_t rt_choose(Choice what, uint32_t n) {
    return __builtin_expect(rt_choosing, 0) ? rt_chosen(what, n) : 0;
}

#endif
