/*
 * dump_json.c: one event as one line of JSON.
 *
 * {"time":ns,"m":…,"p":…,"g":…,"event":"GoBlock", then the arguments by the names of the event table, strings and
 * stacks resolved: "reason":"chan send","stack":[{"func":…,"file":…,"line":…,"pc":"0x…"}]}. m, p, g are the context
 * before the event, null where there is none. Sequence numbers are left out: the lines are in order. Statuses are
 * words. Arguments named g, m or p are called of_g, of_m, of_p. Events of the AllocFree experiment add what their ids
 * stand for, where its batches tell: "address":"0x…", "type_name", "type_bytes", "bytes" of a stack.
 * With GT_OPT_OFFSETS "offset" follows "time": the event's byte in the trace. Events that one on the wire becomes
 * (GoSwitch is three) share it.
 */
#include "base/reader.h"

static void id_or_null(struct text *t, const char *name, uint64_t id) {
    gt_text_str(t, name);
    if (id == NO_ID)
        gt_text_str(t, "null");
    else
        gt_text_u64(t, id);
}

static void string_json(struct gt_reader *r, uint64_t string_id) {
    uint32_t n, index = id_find(&r->gen.string_ids, string_id);
    const char *p = gt_local_text(r, index == UINT32_MAX ? 0 : index, &n);
    gt_text_json_quote(&r->text, p, n);
}

static void stack_json(struct gt_reader *r, uint64_t stack) {
    struct text *t = &r->text;
    uint32_t n, index = id_find(&r->gen.stack_ids, stack);
    const struct local_stack *s = &r->gen.stacks.p[index == UINT32_MAX ? 0 : index];
    gt_text_char(t, '[');
    for (uint32_t i = 0; i < s->n; i++) {
        const struct local_frame *f = &r->gen.frames.p[r->gen.frame_refs.p[s->first + i]];
        const char *p = gt_local_text(r, (uint32_t)f->func, &n);
        gt_text_str(t, i ? ",{\"func\":" : "{\"func\":");
        gt_text_json_quote(t, p, n);
        p = gt_local_text(r, (uint32_t)f->file, &n);
        gt_text_str(t, ",\"file\":");
        gt_text_json_quote(t, p, n);
        gt_text_str(t, ",\"line\":");
        gt_text_u64(t, f->line);
        gt_text_str(t, ",\"pc\":\"0x");
        gt_text_hex(t, f->pc);
        gt_text_str(t, "\"}");
    }
    gt_text_char(t, ']');
}

/* An argument's name without the type that Go hangs on to it: reason_string is "reason". */
static void arg_name(struct text *t, uint8_t arg) {
    static const char *const names[] = {
#define TRACE_A(NAME, name, type) name,
        TRACE_ARGS(TRACE_A)
#undef TRACE_A
    };
    const char *s = names[arg], *cut = strstr(s, "_string");
    if (!cut)
        cut = strstr(s, "_value");
    gt_text_str(t, ",\"");
    gt_text_bytes(t, s, cut ? (uint32_t)(cut - s) : (uint32_t)strlen(s));
    gt_text_str(t, "\":");
}

static void arg_json(struct gt_reader *r, uint8_t arg, uint64_t v) {
    static const uint8_t types[] = {
#define TRACE_A(NAME, name, type) TRACE_TYPE_##type,
        TRACE_ARGS(TRACE_A)
#undef TRACE_A
    };
    static const char *const gs[] = {"bad", "runnable", "running", "syscall", "waiting"};
    static const char *const ps[] = {"bad", "running", "idle", "syscall", "abandoned"};
    if (types[arg] == TRACE_TYPE_SEQ && arg != TRACE_ARG_GC_SEQ)
        return;
    if (types[arg] == TRACE_TYPE_STACK && v == 0)
        return;
    arg_name(&r->text, arg);
    switch (types[arg]) {
    case TRACE_TYPE_STRING:
        string_json(r, v);
        break;
    case TRACE_TYPE_STACK:
        stack_json(r, v);
        break;
    case TRACE_TYPE_GSTATUS:
    case TRACE_TYPE_PSTATUS:
        gt_text_char(&r->text, '"');
        gt_text_str(&r->text, (types[arg] == TRACE_TYPE_GSTATUS ? gs : ps)[v <= 4 ? v : 0]);
        gt_text_char(&r->text, '"');
        break;
    case TRACE_TYPE_G:
    case TRACE_TYPE_P:
    case TRACE_TYPE_M:
    case TRACE_TYPE_TASK:
        id_or_null(&r->text, "", v);
        break;
    default:
        gt_text_u64(&r->text, v);
        break;
    }
}

/* The GoStatus arguments g and m would hide the context of the same name; they are prefixed. */
static bool clashes(uint8_t arg) { return arg == TRACE_ARG_G || arg == TRACE_ARG_M || arg == TRACE_ARG_P; }

bool gt_dump_json(struct gt_reader *r, const struct event *ev) {
    struct text *t = &r->text;
    gt_text_str(t, "{\"time\":");
    gt_text_i64(t, ev->time);
    if (r->options & GT_OPT_OFFSETS) {
        gt_text_str(t, ",\"offset\":");
        gt_text_u64(t, ev->offset);
    }
    id_or_null(t, ",\"m\":", ev->m);
    id_or_null(t, ",\"p\":", ev->p);
    id_or_null(t, ",\"g\":", ev->g);
    gt_text_str(t, ",\"event\":\"");
    gt_text_str(t, gt_event_name(ev->type));
    gt_text_char(t, '"');
    if (ev->type == EV_SYNC) {
        gt_text_str(t, ",\"n\":");
        gt_text_u64(t, ev->args[0]);
    } else if (ev->type == TRACE_EV_CPU_SAMPLE) {
        arg_json(r, TRACE_ARG_STACK, ev->args[0]);
    } else {
        const struct trace_event_desc *d = &gt_trace_event_table[ev->type];
        for (uint32_t i = 1; i < d->nargs; i++) {
            if (clashes(d->args[i])) {
                static const char *const of[] = {
                    [TRACE_ARG_G] = ",\"of_g\":", [TRACE_ARG_M] = ",\"of_m\":", [TRACE_ARG_P] = ",\"of_p\":"};
                id_or_null(t, of[d->args[i]], ev->args[i - 1]);
            } else {
                arg_json(r, d->args[i], ev->args[i - 1]);
            }
        }
        if (ev->type >= TRACE_EV_SPAN)
            gt_allocfree_json(r, ev);
        if (ev->type == TRACE_EV_STW_END) {
            gt_text_str(t, ",\"kind\":");
            string_json(r, ev->args[0]);
        }
    }
    gt_text_str(t, "}\n");
    return !t->failed || gt_fail_memory(r);
}
