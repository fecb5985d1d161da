/* floor: nanoseconds for the switch alone: two suspended stacks take turns through a queue, with no scheduler
 * around. What switch.c measures beyond this is the scheduler's. Only in wasm, where a switch is asyncify's
 * (wasm/port/switch.c).
 *
 * usage: floor [N]     N switches, 4,000,000 unless given; prints one line of JSON
 * Goroutine 1 plays the M: from its own stack it switches to contexts that belong to no goroutine. They call
 * nothing that looks at the running goroutine.
 */
#include "../../wasm/port/switch.h"
#include "measure.h"
#include "core/proc.h"

#define QUEUE 4
#define STACK_BYTES 2048

typedef struct Turn {
    port_ctx ctx;
    long taken;
} Turn;

static Turn turn[2];
static Turn *queue[QUEUE], *running;
static unsigned head, tail;

static void take_turns(void) {
    for (;;) {
        running->taken++;
        port_switch_out(&running->ctx);
    }
}

/* Asyncify takes what calls port_switch_in for never suspended, as the M's functions are; so nothing else is in
 * here. */
static void switches(long n) {
    for (long i = 0; i < n; i++) {
        running = queue[head++ % QUEUE];
        port_switch_in(&running->ctx, take_turns);
        queue[tail++ % QUEUE] = running;
    }
}

/* Puts the thread's state back to this goroutine's: the limits of its stack; and the M's stack pointer, by a switch
 * of its own. */
static void be_a_goroutine_again(void) {
    port_ctx *own = &port_get_g()->ctx;
    port_set_sp(port_get_sp(), own->stack_lo, own->stack_hi - own->stack_lo);
    gr_yield();
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 4000000);
    for (int i = 0; i < 2; i++) {
        port_ctx_init(&turn[i].ctx, port_stack_alloc(STACK_BYTES), STACK_BYTES);
        queue[tail++] = &turn[i];
    }
    double ns = measure(switches, n);
    be_a_goroutine_again();
    long apart = turn[0].taken - turn[1].taken;
    check(turn[0].taken + turn[1].taken >= n && apart >= -1 && apart <= 1, "a turn was not taken");
    say_begin("floor", n);
    say("switch_ns", ns);
    say_end();
    return 0;
}
