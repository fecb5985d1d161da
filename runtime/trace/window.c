/* window.c: where the generations begin that the ring still holds, read or not, oldest first. Others than the ring's
 * reader see what lies between start_pos and write_pos: snapshots, subscribers.
 *
 * Invariants
 *  1. start_pos is the beginning of a generation that a trace may begin with, or write_pos. It only grows.
 *  2. It is beyond what is written over before that happens. Else who copies from there and then looks at it (as
 *     those do that cannot take the ring's lock) would take torn bytes for whole ones.
 */
#include "trace/window.h"
#include "base/throw.h"
#include <stdlib.h>

typedef struct Begin {
    uint64_t pos; /* bytes since the start */
    int64_t ns;   /* when */
    bool may;     /* a trace may begin here */
} Begin;

static TraceTail *tail;
static Begin *list;         /* a ring of its own */
static uint32_t cap;        /* of list, a power of two */
static uint32_t head, last; /* the oldest, the newest, which is being written: indices that never wrap */

static Begin *at(uint32_t i) { return &list[i & (cap - 1)]; }

/* Says where the oldest is that may be seen. */
static void publish(void) {
    uint32_t i = head;
    while (i != last && !at(i)->may)
        i++;
    atomic_store(&tail->start_pos, at(i)->pos);
    atomic_thread_fence(memory_order_seq_cst); /* invariant 2: the bytes are not atomic */
}

static void more_room(void) {
    uint32_t n = last - head + 1, wanted = cap ? 2 * cap : 64;
    Begin *more = malloc(wanted * sizeof *more);
    if (!more) { /* rather a shorter window than none */
        head++;
        return;
    }
    for (uint32_t i = 0; i < n && cap; i++)
        more[(head + i) & (wanted - 1)] = *at(head + i);
    free(list);
    list = more;
    cap = wanted;
}

void rt_window_init(TraceTail *t, uint64_t pos, int64_t ns) {
    tail = t;
    head = last = 0;
    if (cap == 0)
        more_room();
    if (cap == 0)
        rt_fatal("out of memory (the trace's window)");
    *at(0) = (Begin){pos, ns, true};
    atomic_store(&tail->begin_pos, pos);
    publish();
}

void rt_window_add(uint64_t pos, int64_t ns, bool begins) {
    if (last - head + 1 == cap)
        more_room();
    last++;
    *at(last) = (Begin){pos, ns, begins};
    if (begins)
        atomic_store(&tail->begin_pos, pos);
    publish();
}

void rt_window_evict(uint64_t limit) {
    if (at(head)->pos >= limit)
        return;
    while (head != last && at(head)->pos < limit)
        head++;
    publish();
}

void rt_window_forget(int64_t ns) {
    uint32_t i = head;
    while (i != last && at(i + 1)->ns <= ns)
        i++;
    while (i != head && !at(i)->may) /* where the world stood still for long, none that is younger may begin a trace */
        i--;
    if (i == head)
        return;
    head = i;
    publish();
}
