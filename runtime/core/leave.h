/* leave.h: a goroutine that goes on leaves a copy of its stack; see leave.c. */
#ifndef RT_LEAVE_H
#define RT_LEAVE_H

#include "core/sched.h"

/* What a goroutine's stack held. */
typedef struct LeftStack {
    bool wanted; /* the goroutine has switched out for that */
    bool valid;  /* it counts: the goroutine is in a system call, or stops the world */
    size_t bytes, room;
    void *copy;
} LeftStack;

/* Whether goroutines that go into a system call have to; set for good when a collector begins to be. */
extern _Atomic bool rt_stacks_are_left;
void rt_stacks_will_be_left(void); /* by who is the only one to call it */
/* The calling goroutine leaves one, which counts until rt_leave_over. It stays on its M and runs on at once. */
void rt_leave_stack(void);
void rt_leave_over(G *g); /* g has a P */
void rt_leave_free(G *g); /* g is dead, and has left one some time */
void rt_leave_look(G *g); /* on the M's stack, when g has switched out */

#endif
