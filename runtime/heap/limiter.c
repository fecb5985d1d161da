/* limiter.c: keeps a memory limit that is too small from eating the program: over about a second the collector gets
 * no more than half of the Ps' time. (mgclimit.go)
 *
 * A bucket of one second of each P's time is filled by what cycles take and emptied by what is left for the program;
 * what nobody wanted is neither. While it is full, and it is the limit that sets the goal, nobody assists. The heap
 * then grows over its goal: that is the bargain, as in Go. Where we differ: a cycle of ours may keep the world stopped
 * all the time (there is no room for a copy below the limit), so the next one waits as well until the program has had
 * as much time as the last one took, or the heap is what it would be with GOGC=100. Without a limit all this would be
 * for nothing: the heap that grows pays for its next cycle.
 */
#include "heap/cycle.h"

#define BUCKET_NS GR_SECOND /* for each P */

static struct {
    int64_t filled_ns;      /* by Ps */
    int64_t at_ns, idle_ns; /* then; what Ps had been idle, or had marked for want of anything else */
    _Atomic bool full;
    _Atomic int64_t not_before_ns;
} limiter;

/* The world is stopped, so idle Ps have been counted. */
void rt_limiter_spent(int64_t now, int64_t spent_ns, int64_t idle_ns, int procs) {
    int64_t idle = rt_sched.idle_ns + idle_ns, all = (now - limiter.at_ns) * procs - (idle - limiter.idle_ns);
    int64_t filled = limiter.filled_ns + spent_ns - (all - spent_ns), most = BUCKET_NS * procs;
    limiter.at_ns = now;
    limiter.idle_ns = idle;
    limiter.filled_ns = filled < 0 ? 0 : filled > most ? most : filled;
    atomic_store(&limiter.full, filled >= most);
    atomic_store(&limiter.not_before_ns, now + (spent_ns < all ? spent_ns : all) / procs);
}

bool rt_limiter_forbids(int64_t now, int64_t live) {
    return rt_limiter_is_on() && live < 2 * rt_pacer.marked && now < atomic_load(&limiter.not_before_ns);
}

bool rt_limiter_is_on(void) {
    return atomic_load_explicit(&limiter.full, memory_order_relaxed) && load_relaxed(bool, &rt_pacer.limited);
}
