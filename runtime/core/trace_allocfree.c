/* trace_allocfree.c: the experiment AllocFree (GRDEBUG=traceallocfree=1): events of memory that begins and ends to
 * be used. Blocks of goroutine stacks are ours to tell; spans and objects the heap's. (Go's traceallocfree.go)
 *
 * An event has no address but a number: the address by what it is aligned to. What that is says a batch of the
 * experiment in each generation, so that a trace may begin with any; Go has it in the first one. Ids count from
 * address 0, where Go's count from the heap's lowest one.
 *
 * Where we differ from Go: a goroutine keeps its first block, and grows by further ones that it gives back when it
 * has left its stack (wasm/port/stacks.c); told of is the first. Blocks that are no power of two are told as the
 * next larger one, for which they have room. What generations that are lost have told is not told again.
 */
#include "core/trace_allocfree.h"

#define ALLOCFREE 1    /* the experiment's number */
#define BATCH_INFO 1   /* the kind of a batch: lowest address, bytes of a page, alignment of objects and of stacks */
#define STACK_ALIGN 16 /* of blocks of stacks */

static uint64_t stack_id(void *block) { return (uint64_t)(uintptr_t)block / STACK_ALIGN; }
static uint64_t page_id(void *base) { return (uint64_t)(uintptr_t)base / ALLOCFREE_PAGE; }
static uint64_t object_id(void *object) { return (uint64_t)(uintptr_t)object / ALLOCFREE_OBJECT; }

/* 1 + the logarithm of the power of two that bytes have room in. */
static uint64_t order_of(size_t bytes) { return bytes <= 1 ? 1 : 65 - (uint64_t)__builtin_clzll(bytes - 1); }

static void tell(TraceLocker l, uint8_t ev, int nargs, const uint64_t *args) {
    rt_ev_memory(rt_locker_buf(l), ev, nargs, args);
}

/* ---- stacks -------------------------------------------------------------------------------------------------- */

static void tell_stack(uint8_t ev, int nargs, const uint64_t *args) {
    M *m = port_get_m();
    TraceLocker l = m ? rt_trace_acquire(m) : (TraceLocker){NULL};
    if (!l.m)
        return;
    tell(l, ev, nargs, args);
    rt_trace_release(l);
}

void rt_trace_stack_alloc(void *block, size_t bytes) {
    if (rt_allocfree_enabled())
        tell_stack(TRACE_EV_GOROUTINE_STACK_ALLOC, 2, (uint64_t[]){stack_id(block), order_of(bytes)});
}

void rt_trace_stack_free(void *block) {
    if (rt_allocfree_enabled())
        tell_stack(TRACE_EV_GOROUTINE_STACK_FREE, 1, (uint64_t[]){stack_id(block)});
}

void (*rt_trace_heap)(TraceLocker l, bool blocks);

void rt_allocfree_snapshot(M *m) {
    bool blocks = rt_allocfree_enabled();
    if (!blocks && !rt_trace_heap)
        return;
    TraceLocker l = rt_trace_acquire(m);
    if (!l.m)
        return;
    for (G *g = atomic_load(&rt_sched.allg); blocks && g; g = g->all_next)
        if (g->block_bytes)
            tell(l, TRACE_EV_GOROUTINE_STACK, 2, (uint64_t[]){stack_id(g->block), order_of(g->block_bytes)});
    if (rt_trace_heap)
        rt_trace_heap(l, blocks);
    rt_trace_release(l);
}

/* ---- spans and objects --------------------------------------------------------------------------------------- */

/* Go's word for what a span is for: its class, or 1. */
static uint64_t kind_of(uint32_t size_class) { return size_class == SPAN_OF_STACKS ? 1 : (uint64_t)size_class << 1; }

void rt_trace_span_exists(TraceLocker l, void *base, size_t pages, uint32_t size_class) {
    tell(l, TRACE_EV_SPAN, 3, (uint64_t[]){page_id(base), pages, kind_of(size_class)});
}
void rt_trace_span_alloc(TraceLocker l, void *base, size_t pages, uint32_t size_class) {
    tell(l, TRACE_EV_SPAN_ALLOC, 3, (uint64_t[]){page_id(base), pages, kind_of(size_class)});
}
void rt_trace_span_free(TraceLocker l, void *base) { tell(l, TRACE_EV_SPAN_FREE, 1, (uint64_t[]){page_id(base)}); }

void rt_trace_object_exists(TraceLocker l, void *object) {
    tell(l, TRACE_EV_HEAP_OBJECT, 2, (uint64_t[]){object_id(object), 0});
}
void rt_trace_object_alloc(TraceLocker l, void *object) {
    tell(l, TRACE_EV_HEAP_OBJECT_ALLOC, 2, (uint64_t[]){object_id(object), 0});
}
void rt_trace_object_free(TraceLocker l, void *object) {
    tell(l, TRACE_EV_HEAP_OBJECT_FREE, 1, (uint64_t[]){object_id(object)});
}

/* ---- batches of the experiment ------------------------------------------------------------------------------- */

void rt_allocfree_end(TraceBuf *b) {
    if (!rt_debug_vars.traceallocfree)
        return;
    uint8_t head[2 + 4 * TRACE_MAX_VARINT], body[1 + 4 * TRACE_MAX_VARINT];
    uint8_t *at = body;
    *at++ = BATCH_INFO;
    at = rt_put_varint(at, 0);
    at = rt_put_varint(at, ALLOCFREE_PAGE);
    at = rt_put_varint(at, ALLOCFREE_OBJECT);
    at = rt_put_varint(at, STACK_ALIGN);
    size_t bytes = (size_t)(at - body);
    at = head;
    *at++ = TRACE_EV_EXPERIMENTAL_BATCH;
    *at++ = ALLOCFREE;
    at = rt_put_batch(at, b->gen, TRACE_NO_M, rt_trace_now(), bytes);
    rt_ring_append(b->gen, head, (size_t)(at - head), body, bytes);
}
