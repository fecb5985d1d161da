/* dump_go.c: one event as `go tool trace -d=parsed` prints it (Go's internal/trace Event.String). */
#include "reader.h"

static void quoted(struct gt_reader *r, uint64_t string_id) {
    uint32_t n, index = id_find(&r->gen.string_ids, string_id);
    const char *p = local_text(r, index == UINT32_MAX ? 0 : index, &n);
    text_go_quote(&r->text, p, n);
}

static void field(struct gt_reader *r, const char *name, uint64_t v) {
    text_str(&r->text, name);
    text_i64(&r->text, (int64_t)v);
}

static void frames(struct gt_reader *r, const char *heading, uint64_t stack) {
    struct text *t = &r->text;
    text_str(t, heading);
    uint32_t index = id_find(&r->gen.stack_ids, stack);
    const struct local_stack *s = &r->gen.stacks.p[index == UINT32_MAX ? 0 : index];
    for (uint32_t i = 0; i < s->n; i++) {
        const struct local_frame *f = &r->gen.frames.p[r->gen.frame_refs.p[s->first + i]];
        uint32_t n;
        const char *p = local_text(r, (uint32_t)f->func, &n);
        text_char(t, '\t');
        text_bytes(t, p, n);
        text_str(t, " @ 0x");
        text_hex(t, f->pc);
        text_str(t, "\n\t\t");
        p = local_text(r, (uint32_t)f->file, &n);
        text_bytes(t, p, n);
        text_char(t, ':');
        text_u64(t, f->line);
        text_char(t, '\n');
    }
}

static void value(struct gt_reader *r, uint64_t v) {
    text_str(&r->text, "Value{Uint64(");
    text_u64(&r->text, v);
    text_str(&r->text, ")}");
}

static void metric(struct gt_reader *r, const struct event *ev) {
    text_str(&r->text, ev->type == TRACE_EV_PROCS_CHANGE ? " Name=\"/sched/gomaxprocs:threads\" Value="
                       : ev->type == TRACE_EV_HEAP_ALLOC ? " Name=\"/memory/classes/heap/objects:bytes\" Value="
                                                         : " Name=\"/gc/heap/goal:bytes\" Value=");
    value(r, ev->args[0]);
}

/* The text of "stop-the-world (kind)", which Go quotes as a whole. */
static void stw_name(struct gt_reader *r, uint64_t kind) {
    struct text name = {0};
    uint32_t n, index = id_find(&r->gen.string_ids, kind);
    const char *p = local_text(r, index == UINT32_MAX ? 0 : index, &n);
    text_str(&name, "stop-the-world (");
    text_bytes(&name, p, n);
    text_char(&name, ')');
    text_go_quote(&r->text, name.p, name.n);
    r->text.failed |= name.failed;
    text_free(&name);
}

static void range(struct gt_reader *r, const struct event *ev) {
    struct text *t = &r->text;
    text_str(t, " Name=");
    switch (trace_event_table[ev->type].start ? trace_event_table[ev->type].start : ev->type) {
    case TRACE_EV_STW_BEGIN:
        stw_name(r, ev->args[0]);
        field(r, " Scope=Goroutine(", ev->g);
        text_char(t, ')');
        break;
    case TRACE_EV_GC_BEGIN:
        text_str(t, "\"GC concurrent mark phase\" Scope=None");
        break;
    case TRACE_EV_GC_SWEEP_BEGIN:
        text_str(t, "\"GC incremental sweep\"");
        field(r, " Scope=Proc(", ev->type == TRACE_EV_GC_SWEEP_ACTIVE ? ev->args[0] : ev->p);
        text_char(t, ')');
        break;
    default:
        text_str(t, "\"GC mark assist\"");
        field(r, " Scope=Goroutine(", ev->type == TRACE_EV_GC_MARK_ASSIST_ACTIVE ? ev->args[0] : ev->g);
        text_char(t, ')');
        break;
    }
    if (strcmp(kind_of(ev->type), "RangeEnd") != 0)
        return;
    text_str(t, " Attributes=[");
    if (ev->type == TRACE_EV_GC_SWEEP_END) {
        text_str(t, "\"bytes swept\"=");
        value(r, ev->args[0]);
        text_str(t, " \"bytes reclaimed\"=");
        value(r, ev->args[1]);
    }
    text_char(t, ']');
}

static void annotation(struct gt_reader *r, const struct event *ev) {
    struct text *t = &r->text;
    switch (ev->type) {
    case TRACE_EV_GO_LABEL:
        text_str(t, " Label=");
        quoted(r, ev->args[0]);
        field(r, " Resource=Goroutine(", ev->g);
        text_char(t, ')');
        break;
    case TRACE_EV_USER_TASK_BEGIN:
    case TRACE_EV_USER_TASK_END:
        text_str(t, " ID=");
        text_u64(t, ev->args[0]);
        text_str(t, " Parent=");
        text_u64(t, ev->type == TRACE_EV_USER_TASK_BEGIN ? ev->args[1] : ev->extra[0]);
        text_str(t, " Type=");
        if (ev->type == TRACE_EV_USER_TASK_BEGIN) {
            quoted(r, ev->args[2]);
        } else {
            const struct lasting_string *s = &r->intern.strings.p[ev->extra[1]];
            text_go_quote(t, s->p, s->n);
        }
        break;
    case TRACE_EV_USER_LOG:
        text_str(t, " Task=");
        text_u64(t, ev->args[0]);
        text_str(t, " Category=");
        quoted(r, ev->args[1]);
        text_str(t, " Message=");
        quoted(r, ev->args[2]);
        break;
    default: /* regions */
        text_str(t, " Task=");
        text_u64(t, ev->args[0]);
        text_str(t, " Type=");
        quoted(r, ev->args[1]);
        break;
    }
}

static void transition(struct gt_reader *r, const struct event *ev) {
    static const char *const gs[] = {"Undetermined", "NotExist", "Runnable", "Running", "Waiting", "Syscall"};
    static const char *const ps[] = {"Undetermined", "NotExist", "Running", "Idle"};
    struct text *t = &r->text;
    struct transition x = transition_of(ev);
    const char *const *names = x.kind == 'G' ? gs : ps;
    field(r, x.kind == 'G' ? " GoID=" : " ProcID=", x.id);
    text_char(t, ' ');
    text_str(t, names[x.from]);
    text_str(t, "->");
    text_str(t, names[x.to]);
    text_str(t, " Reason=");
    quoted(r, x.reason);
    if (x.has_stack)
        frames(r, "\nTransitionStack=\n", x.stack);
}

static void experimental(struct gt_reader *r, const struct event *ev) {
    const struct trace_event_desc *d = &trace_event_table[ev->type];
    static const char *const names[] = {
#define TRACE_A(NAME, name, type) name,
        TRACE_ARGS(TRACE_A)
#undef TRACE_A
    };
    text_str(&r->text, " Name=");
    text_str(&r->text, d->name);
    text_str(&r->text, " Args=[");
    for (uint32_t i = 1; i < d->nargs; i++) {
        if (i > 1)
            text_str(&r->text, ", ");
        text_str(&r->text, names[d->args[i]]);
        text_char(&r->text, '=');
        value(r, ev->args[i - 1]);
    }
    text_char(&r->text, ']');
}

static void two_digits(struct text *t, uint64_t v) {
    text_char(t, (char)('0' + v / 10 % 10));
    text_char(t, (char)('0' + v % 10));
}

/* A year as Go prints it: four digits at least, before year 0 with a minus. */
static void year_digits(struct text *t, int64_t year) {
    uint64_t v = year < 0 ? 0 - (uint64_t)year : (uint64_t)year;
    if (year < 0)
        text_char(t, '-');
    for (uint64_t least = 1000; least > v && least > 1; least /= 10)
        text_char(t, '0');
    text_u64(t, v);
}

/* Years before year 0 from which days are counted: a multiple of 400, and the same as Go's, so that the ends of 64 bits agree. */
#define ERAS_BEFORE_0 730692556u

/* RFC 3339 with nanoseconds, in UTC; the civil date from days since March 1 by the usual 400-year cycle. */
static void wall_clock(struct text *t, struct wall wall) {
    uint64_t sec = (uint64_t)wall.sec + (ERAS_BEFORE_0 * UINT64_C(146097) + 719468) * 86400;
    uint64_t days = sec / 86400, rest = sec % 86400;
    uint64_t era = days / 146097, day = days % 146097;
    uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    uint64_t of_year = day - (365 * year + year / 4 - year / 100);
    uint64_t shifted = (5 * of_year + 2) / 153;
    uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    year_digits(t, ((int64_t)era - ERAS_BEFORE_0) * 400 + (int64_t)(year + (month <= 2)));
    text_char(t, '-');
    two_digits(t, month);
    text_char(t, '-');
    two_digits(t, of_year - (153 * shifted + 2) / 5 + 1);
    text_char(t, 'T');
    two_digits(t, rest / 3600);
    text_char(t, ':');
    two_digits(t, rest / 60 % 60);
    text_char(t, ':');
    two_digits(t, rest % 60);
    if (wall.nsec) {
        char digits[9];
        uint32_t n = 9, nsec = wall.nsec;
        for (uint32_t i = 9; i-- > 0; nsec /= 10)
            digits[i] = (char)('0' + nsec % 10);
        while (digits[n - 1] == '0')
            n--;
        text_char(t, '.');
        text_bytes(t, digits, n);
    }
    text_char(t, 'Z');
}

static void sync(struct gt_reader *r, const struct event *ev) {
    field(r, " N=", ev->args[0]);
    if (!ev->extra[0])
        return;
    field(r, " Trace=", (uint64_t)units_to_ns(r->gen.ns_per_unit, r->gen.clock_time));
    text_str(&r->text, " Mono=");
    text_u64(&r->text, r->gen.clock_mono);
    text_str(&r->text, " Wall=");
    wall_clock(&r->text, r->gen.wall);
}

void dump_go(struct gt_reader *r, const struct event *ev) {
    struct text *t = &r->text;
    const char *kind = kind_of(ev->type);
    field(r, "M=", ev->m);
    field(r, " P=", ev->p);
    field(r, " G=", ev->g);
    text_char(t, ' ');
    text_str(t, kind);
    field(r, " Time=", (uint64_t)ev->time);
    switch (kind[0]) {
    case 'M':
        metric(r, ev);
        break;
    case 'E':
        experimental(r, ev);
        break;
    case 'S':
        if (kind[1] == 'y')
            sync(r, ev);
        else if (ev->type != TRACE_EV_CPU_SAMPLE)
            transition(r, ev);
        break;
    case 'R':
        if (kind[1] == 'a')
            range(r, ev);
        else
            annotation(r, ev);
        break;
    default:
        annotation(r, ev);
        break;
    }
    bool has;
    uint64_t stack = stack_of(ev, &has);
    if (has)
        frames(r, "\nStack=\n", stack);
    text_char(t, '\n');
}
