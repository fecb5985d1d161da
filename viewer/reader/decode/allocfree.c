/*
 * allocfree.c: the batches of the AllocFree experiment (GODEBUG=traceallocfree=1): what its events' ids stand for.
 *
 * A batch is a kind byte and then: kind 0, types, each {id, address, size, bytes with pointers, length of name, name};
 * kind 1, {lowest heap address, page size, alignment of objects, alignment of stacks}. An event's id times its
 * alignment, above the lowest heap address, is an address.
 */
#include "base/reader.h"
#include "decode/varint.h"

enum { KIND_TYPES = 0, KIND_INFO = 1 };

/* Reads n numbers at p[*at]; false = the batch ends or a number is too large. */
static bool numbers(const uint8_t *p, uint32_t len, uint32_t *at, uint64_t *out, int n) {
    for (int i = 0; i < n; i++) {
        int got = varint(p + *at, len - *at, &out[i]);
        if (got < 0)
            return false;
        *at += (uint32_t)got;
    }
    return true;
}

/* GT_MORE stands for "go on": GT_DONE is damage, GT_FAILED memory that ran out. */
static int types(struct gt_reader *r, const struct batch *b) {
    struct allocfree *a = &r->allocfree;
    const uint8_t *p = r->in.p + b->off;
    for (uint32_t at = 1; at < b->len;) {
        uint64_t v[5];
        if (!numbers(p, b->len, &at, v, 5) || v[4] > b->len - at)
            return GT_DONE;
        if (!VEC_ROOM(&a->types, a->types.n + 1) || !gt_map_set(&a->ids, v[0], a->types.n + 1))
            return GT_FAILED;
        a->types.p[a->types.n++] = (struct alloc_type){v[0], v[1], v[2], v[3], b->off + at, (uint32_t)v[4]};
        at += (uint32_t)v[4];
    }
    return GT_MORE;
}

bool gt_allocfree_batch(struct gt_reader *r, const struct batch *b) {
    struct allocfree *a = &r->allocfree;
    const uint8_t *p = r->in.p + b->off;
    uint32_t at = 1;
    uint64_t v[4];
    a->batches++;
    if (b->len && p[0] == KIND_TYPES) {
        int state = types(r, b);
        if (state == GT_FAILED)
            return gt_fail_memory(r);
        a->damaged += state == GT_DONE;
    } else if (b->len && p[0] == KIND_INFO && numbers(p, b->len, &at, v, 4)) {
        a->has_info = true;
        a->min_heap = v[0];
        a->page_size = v[1];
        a->heap_align = v[2];
        a->stack_align = v[3];
    } else {
        a->damaged++;
    }
    return true;
}

static void address(struct gt_reader *r, uint64_t id, uint64_t unit) {
    gt_text_str(&r->text, ",\"address\":\"0x");
    gt_text_hex(&r->text, r->allocfree.min_heap + id * unit);
    gt_text_char(&r->text, '"');
}

void gt_allocfree_json(struct gt_reader *r, const struct event *ev) {
    struct allocfree *a = &r->allocfree;
    struct text *t = &r->text;
    if (a->has_info) {
        bool span = ev->type <= TRACE_EV_SPAN_FREE, object = !span && ev->type <= TRACE_EV_HEAP_OBJECT_FREE;
        address(r, ev->args[0], span ? a->page_size : object ? a->heap_align : a->stack_align);
    }
    if (ev->type == TRACE_EV_GOROUTINE_STACK || ev->type == TRACE_EV_GOROUTINE_STACK_ALLOC) {
        gt_text_str(t, ",\"bytes\":");
        gt_text_u64(t, ev->args[1] >= 1 && ev->args[1] <= 64 ? (uint64_t)1 << (ev->args[1] - 1) : 0);
    }
    if (ev->type != TRACE_EV_HEAP_OBJECT && ev->type != TRACE_EV_HEAP_OBJECT_ALLOC)
        return;
    uint32_t place = gt_map_get(&a->ids, ev->args[1]);
    if (!place)
        return;
    const struct alloc_type *type = &a->types.p[place - 1];
    gt_text_str(t, ",\"type_name\":");
    gt_text_json_quote(t, (const char *)r->in.p + type->off, type->n);
    gt_text_str(t, ",\"type_bytes\":");
    gt_text_u64(t, type->size);
}

void gt_allocfree_reset(struct allocfree *a) {
    a->types.n = 0;
    a->has_info = false;
    gt_map_clear(&a->ids);
}

void gt_allocfree_close(struct allocfree *a) {
    VEC_FREE(&a->types);
    gt_map_free(&a->ids);
}
