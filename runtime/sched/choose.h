/* choose.h: the decisions the scheduler is free in. In sim mode somebody may make them in its stead: chaos.c at random, by the
 * seed; the native port's explorer (port/many.c) all of them, one after the other. Whatever is chosen is legal: a program that is
 * right is right under every choice.
 */
#ifndef GR_CHOOSE_H
#define GR_CHOOSE_H

#include "sched.h"

typedef enum Choice {
    CHOOSE_PREEMPT, /* at an operation: 1, the goroutine is preempted there */
    CHOOSE_DELAY,   /* at an operation: ns by which it takes longer, n is not looked at */
    CHOOSE_TAIL,    /* a goroutine becomes runnable: 1, it goes to the end of the queue, not to runnext */
    CHOOSE_WAKE,    /* between steps: 1, an M is woken for nothing */
    CHOOSE_CASE,    /* select: the next of its random numbers */
    CHOOSE_STEP,    /* exploration: what happens next */
    CHOOSE_SWITCH, /* the same where the goroutine that took the last step could go on (0): anything else preempts it */
} Choice;

/* Somebody makes the choices; else the scheduler does what it always does. Sim only. */
extern bool rt_choosing;
/* Chooses a number below n (n >= 1). A function and no pointer in wasm: a call through a pointer is one that may suspend, for
 * asyncify, and with it all from gr_go to a channel's send would be (tests/abi/suspend.test.mjs). */
uint32_t rt_chosen(Choice what, uint32_t n);
#ifndef __wasm__
extern uint32_t (*rt_explorer)(Choice what, uint32_t n); /* makes them instead of chaos.c, if not NULL */
#endif

/* Exploration: times order nothing, every operation may come next. */
typedef enum Explore {
    EXPLORE_OFF,
    EXPLORE_GOROUTINES, /* in every order of the goroutines' operations */
    EXPLORE_MS,         /* also of the Ms' looking for work, and both places in the queue */
} Explore;
extern Explore rt_explore;

/* What the scheduler itself would do is 0. */
static inline uint32_t rt_choose(Choice what, uint32_t n) {
    return __builtin_expect(rt_choosing, 0) ? rt_chosen(what, n) : 0;
}

/* chaos.c */
void chaos_init(uint64_t seed);

#endif
