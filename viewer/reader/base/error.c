/* error.c: the one fault a reader can have, as a sentence with its place. */
#include "base/reader.h"

#include <stdarg.h>

const struct trace_event_desc gt_trace_event_table[TRACE_EV_LIMIT] = TRACE_EVENT_TABLE;

const char *gt_event_name(uint8_t ev) {
    if (ev == EV_SYNC)
        return "Sync";
    if (ev >= TRACE_EV_LIMIT || !gt_trace_event_table[ev].name)
        return "unknown event";
    return gt_trace_event_table[ev].name;
}

static void text_id(struct text *t, uint64_t id) {
    if (id == NO_ID)
        gt_text_str(t, "none");
    else
        gt_text_u64(t, id);
}

static void directive(struct text *t, char c, va_list *args) {
    switch (c) {
    case 's':
        gt_text_str(t, va_arg(*args, const char *));
        break;
    case 'u':
        gt_text_u64(t, va_arg(*args, uint64_t));
        break;
    case 'd':
        gt_text_i64(t, va_arg(*args, int64_t));
        break;
    case 'x':
        gt_text_hex(t, va_arg(*args, uint64_t));
        break;
    case 'i':
        text_id(t, va_arg(*args, uint64_t));
        break;
    case 'e':
        gt_text_str(t, gt_event_name((uint8_t)va_arg(*args, int)));
        break;
    default:
        gt_text_char(t, c);
        break;
    }
}

bool gt_fail(struct gt_reader *r, const char *rule, const char *fmt, ...) {
    if (r->err.set)
        return false;
    r->err.set = true;
    r->err.rule = rule;
    r->err.at = r->at;
    va_list args;
    va_start(args, fmt);
    for (const char *p = fmt; *p; p++) {
        if (*p == '%' && p[1])
            directive(&r->err.text, *++p, &args);
        else
            gt_text_char(&r->err.text, *p);
    }
    va_end(args);
    return false;
}

bool gt_fail_memory(struct gt_reader *r) {
    r->no_memory = true;
    return gt_fail(r, "memory", "out of memory while reading the trace");
}

struct text *gt_text_anew(struct gt_reader *r) {
    r->text.n = 0;
    r->text.failed = false;
    return &r->text;
}

int gt_error_json(gt_reader *r) {
    struct text *t = gt_text_anew(r);
    if (!r->err.set) {
        gt_text_str(t, "null");
        return !t->failed;
    }
    const struct fault *f = &r->err;
    gt_text_str(t, "{\"message\":");
    /* The sentence itself may be what memory ran out for. */
    if (f->text.n)
        gt_text_json_quote(t, f->text.p, f->text.n);
    else
        gt_text_str(t, "\"out of memory while reading the trace\"");
    gt_text_str(t, ",\"rule\":\"");
    gt_text_str(t, f->rule);
    gt_text_str(t, "\",\"offset\":");
    gt_text_u64(t, f->at.offset);
    gt_text_str(t, ",\"generation\":");
    gt_text_u64(t, f->at.gen);
    gt_text_str(t, ",\"m\":");
    if (f->at.m == NO_ID)
        gt_text_str(t, "null");
    else
        gt_text_u64(t, f->at.m);
    gt_text_str(t, ",\"event\":");
    if (f->at.ev) {
        gt_text_char(t, '"');
        gt_text_str(t, gt_event_name(f->at.ev));
        gt_text_char(t, '"');
    } else {
        gt_text_str(t, "null");
    }
    gt_text_char(t, '}');
    return !t->failed;
}
