/* error.c: the one fault a reader can have, as a sentence with its place. */
#include "reader.h"

#include <stdarg.h>

const struct trace_event_desc trace_event_table[TRACE_EV_LIMIT] = TRACE_EVENT_TABLE;

const char *event_name(uint8_t ev) {
    if (ev == EV_SYNC)
        return "Sync";
    if (ev >= TRACE_EV_LIMIT || !trace_event_table[ev].name)
        return "unknown event";
    return trace_event_table[ev].name;
}

static void text_id(struct text *t, uint64_t id) {
    if (id == NO_ID)
        text_str(t, "none");
    else
        text_u64(t, id);
}

static void directive(struct text *t, char c, va_list *args) {
    switch (c) {
    case 's':
        text_str(t, va_arg(*args, const char *));
        break;
    case 'u':
        text_u64(t, va_arg(*args, uint64_t));
        break;
    case 'd':
        text_i64(t, va_arg(*args, int64_t));
        break;
    case 'x':
        text_hex(t, va_arg(*args, uint64_t));
        break;
    case 'i':
        text_id(t, va_arg(*args, uint64_t));
        break;
    case 'e':
        text_str(t, event_name((uint8_t)va_arg(*args, int)));
        break;
    default:
        text_char(t, c);
        break;
    }
}

bool fail(struct gt_reader *r, const char *rule, const char *fmt, ...) {
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
            text_char(&r->err.text, *p);
    }
    va_end(args);
    return false;
}

bool fail_memory(struct gt_reader *r) {
    r->no_memory = true;
    return fail(r, "memory", "out of memory while reading the trace");
}

struct text *text_anew(struct gt_reader *r) {
    r->text.n = 0;
    r->text.failed = false;
    return &r->text;
}

int gt_error_json(gt_reader *r) {
    struct text *t = text_anew(r);
    if (!r->err.set) {
        text_str(t, "null");
        return !t->failed;
    }
    const struct fault *f = &r->err;
    text_str(t, "{\"message\":");
    /* The sentence itself may be what memory ran out for. */
    if (f->text.n)
        text_json_quote(t, f->text.p, f->text.n);
    else
        text_str(t, "\"out of memory while reading the trace\"");
    text_str(t, ",\"rule\":\"");
    text_str(t, f->rule);
    text_str(t, "\",\"offset\":");
    text_u64(t, f->at.offset);
    text_str(t, ",\"generation\":");
    text_u64(t, f->at.gen);
    text_str(t, ",\"m\":");
    if (f->at.m == NO_ID)
        text_str(t, "null");
    else
        text_u64(t, f->at.m);
    text_str(t, ",\"event\":");
    if (f->at.ev) {
        text_char(t, '"');
        text_str(t, event_name(f->at.ev));
        text_char(t, '"');
    } else {
        text_str(t, "null");
    }
    text_char(t, '}');
    return !t->failed;
}
