/* leave.c: what a collector has to know of a goroutine that does not stand still: pointers in its frames.
 *
 * Of a goroutine that has left its stack all lies in memory. One in a system call runs on where nobody can look:
 * wasm's locals are not in memory, and native registers are the thread's. So it switches out for a moment before it
 * goes in, its M copies what it left, and goes straight on with it (AFTER_LOOK). What it does in the call is not
 * seen: until it comes back its stack counts as it was. Who stops the world in order to collect does the same.
 *
 * A copy is given up where its goroutine has a P again, so while the world is stopped none goes away.
 */
#include "core/leave.h"
#include "base/throw.h"
#include <stdlib.h>
#include <string.h>

#define RESERVE 65536u /* bytes: deeper stacks are rare */

_Atomic bool rt_stacks_are_left;
static void *_Atomic reserve; /* given up when there is no memory for a copy */

void rt_stacks_will_be_left(void) {
    atomic_store(&reserve, malloc(RESERVE));
    store_relaxed(bool, &rt_stacks_are_left, true);
}

/* A collection may be what it is for. False: there is none any more. */
static bool give_reserve(void) {
    void *given = atomic_exchange(&reserve, NULL);
    free(given);
    return given != NULL;
}

void rt_leave_stack(void) {
    M *m = port_get_m();
    G *g = m->curg;
    if (!g->left && !(g->left = calloc(1, sizeof *g->left)) &&
        !(give_reserve() && (g->left = calloc(1, sizeof *g->left))))
        rt_fatal("out of memory (a copy of a stack)");
    g->left->wanted = true;
    m->after = AFTER_LOOK;
    port_switch_out(&g->ctx);
}

void rt_leave_over(G *g) {
    if (g->left)
        g->left->valid = false;
}

/* What it held could be found in whoever has that memory next, a stack, say, and keep blocks for as long. */
static void free_copy(LeftStack *left) {
    if (!left->copy)
        return;
    memset(left->copy, 0, left->room);
    __asm__ volatile("" ::"r"(left->copy) : "memory"); /* though nobody looks at it any more */
    free(left->copy);
    left->copy = NULL;
}

void rt_leave_free(G *g) {
    free_copy(g->left);
    free(g->left);
    g->left = NULL;
}

/* Word by word: what an address sanitizer keeps between variables is copied too. */
__attribute__((no_sanitize("address", "thread"))) static void copy_words(void *to, const void *from, size_t bytes) {
    for (size_t i = 0; i < bytes / sizeof(uintptr_t); i++)
        ((volatile uintptr_t *)to)[i] = ((const uintptr_t *)from)[i];
}

static void make_room(LeftStack *left, size_t bytes) {
    if (bytes <= left->room)
        return;
    free_copy(left);
    left->room = 2 * bytes;
    if (!(left->copy = malloc(left->room)))
        left->copy = malloc(left->room = bytes);
    if (!left->copy && give_reserve())
        left->copy = malloc(left->room);
    if (!left->copy)
        rt_fatal("out of memory (a copy of a stack)");
}

void rt_leave_look(G *g) {
    LeftStack *left = g->left;
    left->wanted = false;
    left->bytes = 0;
    for (port_roots r = {0}; port_stack_roots(&g->ctx, &r);)
        left->bytes += r.bytes;
    make_room(left, left->bytes);
    char *to = left->copy;
    for (port_roots r = {0}; port_stack_roots(&g->ctx, &r); to += r.bytes)
        copy_words(to, r.from, r.bytes);
    left->valid = true;
}
