/* dump_go.c: one event as `go tool trace -d=parsed` prints it (Go's internal/trace Event.String). */
#include "base/reader.h"

static void quoted(struct gt_reader *r, uint64_t string_id) {
    uint32_t n, index = id_find(&r->gen.string_ids, string_id);
    const char *p = gt_local_text(r, index == UINT32_MAX ? 0 : index, &n);
    gt_text_go_quote(&r->text, p, n);
}

static void field(struct gt_reader *r, const char *name, uint64_t v) {
    gt_text_str(&r->text, name);
    gt_text_i64(&r->text, (int64_t)v);
}

static void frames(struct gt_reader *r, const char *heading, uint64_t stack) {
    struct text *t = &r->text;
    gt_text_str(t, heading);
    uint32_t index = id_find(&r->gen.stack_ids, stack);
    const struct local_stack *s = &r->gen.stacks.p[index == UINT32_MAX ? 0 : index];
    for (uint32_t i = 0; i < s->n; i++) {
        const struct local_frame *f = &r->gen.frames.p[r->gen.frame_refs.p[s->first + i]];
        uint32_t n;
        const char *p = gt_local_text(r, (uint32_t)f->func, &n);
        gt_text_char(t, '\t');
        gt_text_bytes(t, p, n);
        gt_text_str(t, " @ 0x");
        gt_text_hex(t, f->pc);
        gt_text_str(t, "\n\t\t");
        p = gt_local_text(r, (uint32_t)f->file, &n);
        gt_text_bytes(t, p, n);
        gt_text_char(t, ':');
        gt_text_u64(t, f->line);
        gt_text_char(t, '\n');
    }
}

static void value(struct gt_reader *r, uint64_t v) {
    gt_text_str(&r->text, "Value{Uint64(");
    gt_text_u64(&r->text, v);
    gt_text_str(&r->text, ")}");
}

static void metric(struct gt_reader *r, const struct event *ev) {
    gt_text_str(&r->text, ev->type == TRACE_EV_PROCS_CHANGE ? " Name=\"/sched/gomaxprocs:threads\" Value="
                          : ev->type == TRACE_EV_HEAP_ALLOC ? " Name=\"/memory/classes/heap/objects:bytes\" Value="
                                                            : " Name=\"/gc/heap/goal:bytes\" Value=");
    value(r, ev->args[0]);
}

/* The text of "stop-the-world (kind)", which Go quotes as a whole. */
static void stw_name(struct gt_reader *r, uint64_t kind) {
    struct text name = {0};
    uint32_t n, index = id_find(&r->gen.string_ids, kind);
    const char *p = gt_local_text(r, index == UINT32_MAX ? 0 : index, &n);
    gt_text_str(&name, "stop-the-world (");
    gt_text_bytes(&name, p, n);
    gt_text_char(&name, ')');
    gt_text_go_quote(&r->text, name.p, name.n);
    r->text.failed |= name.failed;
    gt_text_free(&name);
}

static void range(struct gt_reader *r, const struct event *ev) {
    struct text *t = &r->text;
    gt_text_str(t, " Name=");
    switch (gt_trace_event_table[ev->type].start ? gt_trace_event_table[ev->type].start : ev->type) {
    case TRACE_EV_STW_BEGIN:
        stw_name(r, ev->args[0]);
        field(r, " Scope=Goroutine(", ev->g);
        gt_text_char(t, ')');
        break;
    case TRACE_EV_GC_BEGIN:
        gt_text_str(t, "\"GC concurrent mark phase\" Scope=None");
        break;
    case TRACE_EV_GC_SWEEP_BEGIN:
        gt_text_str(t, "\"GC incremental sweep\"");
        field(r, " Scope=Proc(", ev->type == TRACE_EV_GC_SWEEP_ACTIVE ? ev->args[0] : ev->p);
        gt_text_char(t, ')');
        break;
    default:
        gt_text_str(t, "\"GC mark assist\"");
        field(r, " Scope=Goroutine(", ev->type == TRACE_EV_GC_MARK_ASSIST_ACTIVE ? ev->args[0] : ev->g);
        gt_text_char(t, ')');
        break;
    }
    if (strcmp(gt_kind_of(ev->type), "RangeEnd") != 0)
        return;
    gt_text_str(t, " Attributes=[");
    if (ev->type == TRACE_EV_GC_SWEEP_END) {
        gt_text_str(t, "\"bytes swept\"=");
        value(r, ev->args[0]);
        gt_text_str(t, " \"bytes reclaimed\"=");
        value(r, ev->args[1]);
    }
    gt_text_char(t, ']');
}

static void annotation(struct gt_reader *r, const struct event *ev) {
    struct text *t = &r->text;
    switch (ev->type) {
    case TRACE_EV_GO_LABEL:
        gt_text_str(t, " Label=");
        quoted(r, ev->args[0]);
        field(r, " Resource=Goroutine(", ev->g);
        gt_text_char(t, ')');
        break;
    case TRACE_EV_USER_TASK_BEGIN:
    case TRACE_EV_USER_TASK_END:
        gt_text_str(t, " ID=");
        gt_text_u64(t, ev->args[0]);
        gt_text_str(t, " Parent=");
        gt_text_u64(t, ev->type == TRACE_EV_USER_TASK_BEGIN ? ev->args[1] : ev->extra[0]);
        gt_text_str(t, " Type=");
        if (ev->type == TRACE_EV_USER_TASK_BEGIN) {
            quoted(r, ev->args[2]);
        } else {
            const struct lasting_string *s = &r->intern.strings.p[ev->extra[1]];
            gt_text_go_quote(t, s->p, s->n);
        }
        break;
    case TRACE_EV_USER_LOG:
        gt_text_str(t, " Task=");
        gt_text_u64(t, ev->args[0]);
        gt_text_str(t, " Category=");
        quoted(r, ev->args[1]);
        gt_text_str(t, " Message=");
        quoted(r, ev->args[2]);
        break;
    default: /* regions */
        gt_text_str(t, " Task=");
        gt_text_u64(t, ev->args[0]);
        gt_text_str(t, " Type=");
        quoted(r, ev->args[1]);
        break;
    }
}

static void transition(struct gt_reader *r, const struct event *ev) {
    static const char *const gs[] = {"Undetermined", "NotExist", "Runnable", "Running", "Waiting", "Syscall"};
    static const char *const ps[] = {"Undetermined", "NotExist", "Running", "Idle"};
    struct text *t = &r->text;
    struct transition x = gt_transition_of(ev);
    const char *const *names = x.kind == 'G' ? gs : ps;
    field(r, x.kind == 'G' ? " GoID=" : " ProcID=", x.id);
    gt_text_char(t, ' ');
    gt_text_str(t, names[x.from]);
    gt_text_str(t, "->");
    gt_text_str(t, names[x.to]);
    gt_text_str(t, " Reason=");
    quoted(r, x.reason);
    if (x.has_stack)
        frames(r, "\nTransitionStack=\n", x.stack);
}

static void experimental(struct gt_reader *r, const struct event *ev) {
    const struct trace_event_desc *d = &gt_trace_event_table[ev->type];
    static const char *const names[] = {
#define TRACE_A(NAME, name, type) name,
        TRACE_ARGS(TRACE_A)
#undef TRACE_A
    };
    gt_text_str(&r->text, " Name=");
    gt_text_str(&r->text, d->name);
    gt_text_str(&r->text, " Args=[");
    for (uint32_t i = 1; i < d->nargs; i++) {
        if (i > 1)
            gt_text_str(&r->text, ", ");
        gt_text_str(&r->text, names[d->args[i]]);
        gt_text_char(&r->text, '=');
        value(r, ev->args[i - 1]);
    }
    gt_text_char(&r->text, ']');
}

static void two_digits(struct text *t, uint64_t v) {
    gt_text_char(t, (char)('0' + v / 10 % 10));
    gt_text_char(t, (char)('0' + v % 10));
}

/* A year as Go prints it: four digits at least, before year 0 with a minus. */
static void year_digits(struct text *t, int64_t year) {
    uint64_t v = year < 0 ? 0 - (uint64_t)year : (uint64_t)year;
    if (year < 0)
        gt_text_char(t, '-');
    for (uint64_t least = 1000; least > v && least > 1; least /= 10)
        gt_text_char(t, '0');
    gt_text_u64(t, v);
}

/* Eras of 400 years before year 0 from which days are counted: as many as Go has, so that the ends of 64 bits agree. */
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
    gt_text_char(t, '-');
    two_digits(t, month);
    gt_text_char(t, '-');
    two_digits(t, of_year - (153 * shifted + 2) / 5 + 1);
    gt_text_char(t, 'T');
    two_digits(t, rest / 3600);
    gt_text_char(t, ':');
    two_digits(t, rest / 60 % 60);
    gt_text_char(t, ':');
    two_digits(t, rest % 60);
    if (wall.nsec) {
        char digits[9];
        uint32_t n = 9, nsec = wall.nsec;
        for (uint32_t i = 9; i-- > 0; nsec /= 10)
            digits[i] = (char)('0' + nsec % 10);
        while (digits[n - 1] == '0')
            n--;
        gt_text_char(t, '.');
        gt_text_bytes(t, digits, n);
    }
    gt_text_char(t, 'Z');
}

static void sync(struct gt_reader *r, const struct event *ev) {
    field(r, " N=", ev->args[0]);
    if (!ev->extra[0])
        return;
    field(r, " Trace=", (uint64_t)gt_units_to_ns(r->gen.ns_per_unit, r->gen.clock_time));
    gt_text_str(&r->text, " Mono=");
    gt_text_u64(&r->text, r->gen.clock_mono);
    gt_text_str(&r->text, " Wall=");
    wall_clock(&r->text, r->gen.wall);
}

bool gt_dump_go(struct gt_reader *r, const struct event *ev) {
    struct text *t = &r->text;
    const char *kind = gt_kind_of(ev->type);
    field(r, "M=", ev->m);
    field(r, " P=", ev->p);
    field(r, " G=", ev->g);
    gt_text_char(t, ' ');
    gt_text_str(t, kind);
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
    uint64_t stack = gt_stack_of(ev, &has);
    if (has)
        frames(r, "\nStack=\n", stack);
    gt_text_char(t, '\n');
    return !t->failed || gt_fail_memory(r);
}
