/* panic.c: how a program fails: the texts are Go's, the exit code is 2. Nothing here allocates or uses stdio: it
 * must work on a nearly full goroutine stack. */
#include "base/hooks.h"
#include "base/text.h"
#include "core/dump.h"
#include "core/exit.h"
#include "core/goroutine.h"
#include "core/leak.h"
#include "core/names.h"
#include "core/nullpage.h"
#include "core/panic.h"
#include <string.h>

#ifdef GR_CHECK
#define ADVICE
#else
#define ADVICE "; build it with --check to see where"
#endif
/* As the loader says it (wasm/host/damage.mjs). */
#define OVERWRITTEN                                                                                                    \
    "the program's memory is overwritten (a write through a wild pointer, or far beyond a block): the run cannot go "  \
    "on" ADVICE

#define MESSAGE_MAX 16384  /* bytes of a panic's message that are shown */
#define GOROUTINES_MAX 100 /* shown beside the current one */

/* func: NULL, not known. */
static void put_frame(Text *t, const char *func, gr_site *site) {
    rt_text_put(t, func);
    rt_text_put(t, func ? "(...)\n\t" : "\t");
    rt_text_put(t, site->file);
    rt_text_put(t, ":");
    rt_text_i64(t, site->line);
    rt_text_put(t, "\n");
}

/* ---- the frames of the goroutine that dies, where the port knows them ---------------------------------------- */

static char frames[16384]; /* only one dies */

static const char *next_line(const char *s) {
    s += strcspn(s, "\n");
    return *s ? s + 1 : s;
}

/* Whether s, at the start of a line, is this text up to its end, and then `end`. */
static bool is_line(const char *s, const char *text, const char *end) {
    size_t n = strlen(text);
    return strncmp(s, text, n) == 0 && strncmp(s + n, end, strlen(end)) == 0;
}

/* Whether the frame is of this function, whose name has no namespaces, classes or arguments of templates. */
static bool is_of(const char *frame, const char *func) {
    static const char ends[][6] = {"(...)", "<...>"};
    size_t n = strcspn(frame, "\n"), len = strlen(func);
    for (size_t i = 0; i < 2; i++)
        if (n >= 5 && strncmp(frame + n - 5, ends[i], 5) == 0)
            n -= 5;
    return n >= len && strncmp(frame + n - len, func, len) == 0 && (n == len || frame[n - len - 1] == ':');
}

/* Whether the frame is the one that a site is in: of the same function, or at the same line. */
static bool is_at(const char *frame, gr_site *site) {
    if (is_of(frame, site->func))
        return true;
    const char *place = next_line(frame);
    if (*place != '\t' || !is_line(place + 1, site->file, ":"))
        return false;
    char digits[TEXT_DIGITS];
    return is_line(place + 1 + strlen(site->file) + 1, rt_text_digits((uint64_t)site->line, digits), "\n");
}

/* All of g's; the first is the one of the site, if there is one. false: they are not known, or not on this
 * stack. */
static bool put_frames(Text *t, G *g, gr_site *site) {
    if (port_get_g() != g)
        return false;
    frames[port_stack_text(frames, sizeof frames - 1)] = 0;
    if (!frames[0])
        return false;
    const char *rest = frames;
    if (site) {
        put_frame(t, site->func, site);
        if (is_at(rest, site))
            rest = next_line(next_line(rest));
    }
    rt_text_put(t, rest);
    return true;
}

/* The same of one that has left its stack. */
static bool put_left_frames(Text *t, G *g) {
    static port_place places[TRACE_MOST_FRAMES]; /* only one dies */
    uint32_t n = rt_g_places(g, places);
    for (uint32_t i = 0; i < n; i++) {
        rt_text_put(t, places[i].func);
        rt_text_put(t, "(...)\n\t");
        rt_text_put(t, places[i].file);
        rt_text_put(t, ":");
        rt_text_i64(t, places[i].line);
        rt_text_put(t, "\n");
    }
    return n > 0;
}

static const char *state_name(G *g, uint32_t s) {
    return s == G_WAITING && g->reason < WAIT_COUNT ? rt_text_reason(g->reason) : rt_text_gstate(s);
}

/* What Go says behind the state: how long, if a minute or more, and whether the goroutine has its thread for itself. */
static void put_circumstances(Text *t, G *g, uint32_t s) {
    int64_t minutes = (atomic_load(&rt_sched.coarse_ns) - g->since_ns) / (60 * GR_SECOND);
    if ((s == G_WAITING || s == G_SYSCALL) && minutes > 0) {
        rt_text_put(t, ", ");
        rt_text_i64(t, minutes);
        rt_text_put(t, " minutes");
    }
    if (g->lockedm)
        rt_text_put(t, ", locked to thread");
}

/* "goroutine N [state]:" with where it is and who made it. mark: behind the state. */
static void put_goroutine(Text *t, G *g, G *cur, gr_site *cur_site, const char *mark) {
    uint32_t s = rt_gstate(g);
    rt_text_put(t, "\ngoroutine ");
    rt_text_i64(t, g->goid);
    rt_text_put(t, " [");
    rt_text_put(t, state_name(g, s));
    rt_text_put(t, mark);
    put_circumstances(t, g, s);
    rt_text_put(t, "]:\n");
    gr_site *at = g == cur && cur_site ? cur_site : g->site;
    if (g == cur ? put_frames(t, g, cur_site) : put_left_frames(t, g))
        ;
    else if (s == G_RUNNING && g != cur)
        rt_text_put(t, "\tgoroutine running on other thread; stack unavailable\n");
    else if (at)
        put_frame(t, at->func, at);
    else { /* where in it is not known */
        rt_text_put(t, g->create_site != &rt_goroutine_main_site ? g->name : "gr_main");
        rt_text_put(t, "(...)\n");
    }
    if (g->creator == 0)
        return;
    rt_text_put(t, "created by ");
    rt_text_put(t, g->create_site->func);
    rt_text_put(t, " in goroutine ");
    rt_text_i64(t, g->creator);
    rt_text_put(t, "\n\t");
    rt_text_put(t, g->create_site->file);
    rt_text_put(t, ":");
    rt_text_i64(t, g->create_site->line);
    rt_text_put(t, "\n");
}

/* Not a pointer to a function: rt_leak_report is below the scheduler's loops (tests/abi/suspend.test.mjs). */
typedef enum Which { ALIVE, LEAKED, LEAKED_AT_REST } Which;

static bool is_one(G *g, Which which) {
    return which == ALIVE ? rt_gstate(g) != G_DEAD && !g->system : rt_is_leaked(g, which == LEAKED_AT_REST);
}

/* Those of `which` but cur, by id, in as many passes as are shown (a dying program has time). Go shows all; but what a
 * program started without end nobody reads, and it would take as long as the square of it. */
static void put_by_id(Text *t, Which which, G *cur, gr_site *site, const char *mark) {
    int64_t left = 0;
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        left += g != cur && is_one(g, which);
    uint64_t last = 0;
    for (int shown = 0; shown < GOROUTINES_MAX; shown++, left--) {
        G *next = NULL;
        for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
            if (g != cur && is_one(g, which) && g->goid > last && (!next || g->goid < next->goid))
                next = g;
        if (!next)
            return;
        put_goroutine(t, next, cur, site, mark);
        last = next->goid;
    }
    if (left <= 0)
        return;
    rt_text_put(t, "\n...");
    rt_text_i64(t, left);
    rt_text_put(t, left == 1 ? " more goroutine elided...\n" : " more goroutines elided...\n");
}

/* All goroutines, the current one first. */
static void put_all(Text *t, G *cur, gr_site *site) {
    if (cur)
        put_goroutine(t, cur, cur, site, "");
    put_by_id(t, ALIVE, cur, site, "");
}

/* One only dies once: a second M stops here for good, a failure while failing ends the program at once. */
static _Atomic uint32_t dying;
static _Atomic(M *) dier; /* who does; NULL: nobody, or no M */

bool rt_is_dying(void) { return atomic_load(&dying) > 0; }

static M *flusher;                        /* flushes before its report */
static bool flushed_lines, flushed_stdio; /* that has been tried */

/* false: it has failed at flushing, and is still to report what it dies of. */
static bool die_once(M *m) {
    if (!atomic_exchange(&dying, 1)) {
        atomic_store(&dier, m);
        if (m)
            rt_output_seize();
        port_report_mark();
        return true;
    }
    if (m && m == flusher) {
        flusher = NULL;
        return false;
    }
    if (m && m != atomic_load(&dier) && atomic_load(&rt_sched.exiting) == 0 && port_has_threads() && !rt_config.sim)
        rt_stop_here();
    port_exit(2);
}

#define LAST_WAIT_NS (100 * GR_MILLISECOND)

static _Atomic bool reported;

/* What is left for it to do is not worth a hang: where it failed it may have held that lock itself. */
int64_t rt_last_wait(void) {
    static int64_t until_ns; /* 0: it has not waited yet */
    M *m = port_get_m();
    if (!m || m != atomic_load(&dier) || !atomic_load(&reported))
        return -1;
    int64_t now = port_now_ns();
    if (!until_ns)
        until_ns = now + (rt_config.sim ? 0 : LAST_WAIT_NS);
    if (now >= until_ns)
        port_exit(2);
    return until_ns - now;
}

static void report_is_whole(Text *t) {
    rt_text_flush(t);
    port_report_mark();
    atomic_store(&reported, true);
}

/* What the program has printed: what stdio has buffered, lines that goroutines have begun. Once, since it may fail. */
static void flush_stdio(M *m) {
    if (flushed_stdio)
        return;
    flushed_stdio = true;
    flusher = m;
    port_libc_flush();
    flusher = NULL;
}

static void flush_lines(M *m) {
    if (flushed_lines)
        return;
    flushed_lines = true;
    flusher = m;
    rt_output_flush_all();
    flusher = NULL;
}

/* A panic's message as Go prints it: further lines indented. One that is too long ends at a whole character. */
static void put_message(Text *t, const char *s) {
    size_t len = strlen(s), n = len;
    if (n > MESSAGE_MAX)
        for (n = MESSAGE_MAX; n > MESSAGE_MAX - 4 && ((unsigned char)s[n] & 0xc0) == 0x80;)
            n--;
    for (size_t i = 0; i < n; i++) {
        rt_text_put(t, (char[]){s[i], 0});
        if (s[i] == '\n')
            rt_text_put(t, "\t");
    }
    if (n < len) {
        rt_text_put(t, "... (");
        rt_text_i64(t, len - n);
        rt_text_put(t, " more bytes)");
    }
}

/* Whether p was raised during another one with the same message. */
static bool is_again(Panic *p) { return p->link && strcmp(p->link->msg, p->msg) == 0; }

/* All that are under way, the first one first; one raised again is one line. (printpanics) */
static void put_panics(Text *t, Panic *last) {
    uint32_t n = 0;
    for (Panic *p = last; p; p = p->link)
        n++;
    for (bool first = true; n > 0; n--) {
        Panic *p = last, *next = NULL;
        for (uint32_t i = 1; i < n; i++) {
            next = p;
            p = p->link;
        }
        if (is_again(p))
            continue;
        rt_text_put(t, first ? "panic: " : "\tpanic: ");
        put_message(t, p->msg);
        rt_text_put(t, !p->recovered ? "\n" : next && is_again(next) ? " [recovered, repanicked]\n" : " [recovered]\n");
        first = false;
    }
}

typedef enum Cause { MISTAKE, FAULT } Cause; /* the program's, whose stdio is in order; or of ours, a trap: who knows */

#define MSG_MAX 1024

/* What is reported: panics, or else msg. */
typedef struct Death {
    Panic *panics;
    const char *before; /* in front of msg */
    char msg[MSG_MAX];  /* a copy: flushing may fail on the stack that it stood on */
    gr_site *site;      /* NULL: not known */
    bool all;           /* every goroutine is shown, else only the current one */
} Death;

static Death death; /* one only dies once; 0 until then */

static void report(Death *d, G *cur) {
    Text t = {.is_report = true};
    if (d->panics) {
        put_panics(&t, d->panics);
    } else {
        rt_text_put(&t, d->before);
        rt_text_put(&t, d->msg);
        rt_text_put(&t, "\n");
    }
    if (d->all)
        put_all(&t, cur, d->site);
    else if (cur)
        put_goroutine(&t, cur, cur, d->site, "");
    report_is_whole(&t);
}

/* The one way down. */
static _Noreturn void die(Cause cause, Panic *panics, const char *before, const char *msg, gr_site *site, bool all) {
    M *m = port_get_m();
    if (die_once(m)) {
        death.panics = panics;
        death.before = before;
        death.site = site;
        death.all = all;
        if (msg)
            strncpy(death.msg, msg, MSG_MAX - 1);
    }
    if (cause == MISTAKE)
        flush_stdio(m);
    flush_lines(m);
    report(&death, m ? m->curg : NULL);
    flush_stdio(NULL);
    rt_exit(2);
}

#define SUSPECT_NS (500 * GR_MILLISECOND) /* longer than the first one looks, mostly; the host waits for two seconds */

/* Before something that should not happen is reported: what the program has written to may be why. Once, since to
 * look at it may fail, too; others that fail of it meanwhile let the first one speak. */
static void suspect_program(void) {
    static _Atomic(M *) suspecting;
    M *m = port_get_m(), *first = NULL;
    if (rt_is_dying() || !rt_sched.mnext || !m)
        return;
    if (!atomic_compare_exchange_strong(&suspecting, &first, m)) {
        for (int64_t until_ns = port_now_ns() + SUSPECT_NS; first != m && !rt_is_dying() && port_now_ns() < until_ns;)
            port_pause();
        return;
    }
    rt_null_page_check(", noticed when something went wrong", NULL);
    rt_heap_suspect();
}

_Noreturn void rt_throw(const char *msg) {
    suspect_program();
    die(FAULT, NULL, "fatal error: ", msg, NULL, true);
}
_Noreturn void rt_fatal(const char *msg) { die(MISTAKE, NULL, "fatal error: ", msg, NULL, true); }
_Noreturn void rt_fatal_at(const char *msg, gr_site *site) { die(MISTAKE, NULL, "fatal error: ", msg, site, true); }
_Noreturn void rt_damaged_at(const char *msg, gr_site *site) { die(FAULT, NULL, "fatal error: ", msg, site, true); }
_Noreturn void rt_overwritten(void) { rt_throw(OVERWRITTEN); }
_Noreturn void rt_die_of_panic(Panic *last) { die(MISTAKE, last, NULL, NULL, last->site, false); }

/* The marking is the one of Go's goroutine leak profile. */
_Noreturn void rt_fatal_leaked(int n, int after_ms) {
    Text t = {.is_report = true};
    rt_text_i64(&t, n);
    rt_text_put(&t, n == 1 ? " goroutine" : " goroutines");
    if (after_ms) {
        rt_text_put(&t, " still waiting ");
        rt_text_i64(&t, after_ms);
        rt_text_put(&t, " ms after main returned\n");
    } else {
        rt_text_put(&t, n == 1 ? " waits for ever\n" : " wait for ever\n");
    }
    if (die_once(port_get_m())) {
        death.before = "goroutine leak: "; /* should flushing fail */
        memcpy(death.msg, t.s, t.n);
    }
    t.n = 0;
    flush_stdio(port_get_m());
    flush_lines(port_get_m());
    rt_text_put(&t, death.before);
    rt_text_put(&t, death.msg);
    put_by_id(&t, after_ms ? LEAKED : LEAKED_AT_REST, NULL, NULL, " (leaked)");
    report_is_whole(&t);
    rt_exit(2);
}

_Noreturn void rt_stack_overflow(void) {
    Text t = {.n = 0};
    rt_text_put(&t, "runtime: goroutine stack exceeds ");
    rt_text_i64(&t, (int64_t)rt_config.stack_max);
    rt_text_put(&t, "-byte limit\nfatal error: stack overflow");
    t.s[t.n] = 0;
    die(FAULT, NULL, "", t.s, NULL, true);
}

/* Go's words, but no panic: where memory does not fault this is known too late to go on. */
_Noreturn void rt_null_pointer(const char *what, uint32_t at, const char *when, gr_site *site) {
    Text t = {.n = 0};
    rt_text_put(&t, "invalid memory address or nil pointer dereference\n[");
    rt_text_put(&t, what);
    rt_text_put(&t, " address ");
    rt_text_i64(&t, at);
    rt_text_put(&t, when);
    rt_text_put(&t, "]");
    t.s[t.n] = 0;
    die(FAULT, NULL, "fatal error: ", t.s, site, true);
}

uint32_t rt_null_stopped;

_Noreturn void rt_trap(int kind, const char *what) {
    if (kind == 1)
        rt_stack_overflow();
    if (kind == 2)
        die(MISTAKE, NULL, "", what, NULL, true);
    if (rt_null_stopped)
        rt_null_pointer("a write to", rt_null_stopped - 1, " by memset, memcpy or the like", NULL);
    suspect_program();
    Text t = {.n = 0};
    rt_text_put(&t, what);
#ifndef GR_CHECK /* engines: unreachable, unreachable executed, Unreachable code should not be executed */
    if (strstr(what, "nreachable"))
        rt_text_put(&t,
                    "\n[undefined behaviour in C, such as the use of a null pointer: build with --check to see what]");
#endif
    t.s[t.n] = 0;
    die(FAULT, NULL, "fatal error: unexpected trap: ", t.s, NULL, true);
}
