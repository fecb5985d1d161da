/* panic.c: how a program fails: the texts are Go's, the exit code is 2. Nothing here allocates or uses stdio: it must work on
 * a nearly full goroutine stack. */
#include "main.h"
#include "nullpage.h"
#include "proc.h"
#include "text.h"
#include <string.h>

#define MESSAGE_MAX 16384 /* bytes of a panic's message that are shown */

static void put_frame(Text *t, const char *func, gr_site *site) {
    text_put(t, func);
    text_put(t, "(...)\n\t");
    text_put(t, site->file);
    text_put(t, ":");
    text_i64(t, site->line);
    text_put(t, "\n");
}

static const char *state_name(G *g, uint32_t s) {
    return s == G_WAITING && g->reason < WAIT_COUNT ? text_reason(g->reason) : text_gstate(s);
}

/* What Go says behind the state: how long, if a minute or more, and whether the goroutine has its thread for itself. */
static void put_circumstances(Text *t, G *g, uint32_t s) {
    int64_t minutes = (atomic_load(&sched.coarse_ns) - g->since_ns) / (60 * GR_SECOND);
    if ((s == G_WAITING || s == G_SYSCALL) && minutes > 0) {
        text_put(t, ", ");
        text_i64(t, minutes);
        text_put(t, " minutes");
    }
    if (g->lockedm)
        text_put(t, ", locked to thread");
}

/* "goroutine N [state]:" with where it is and who made it. mark: behind the state. */
static void put_goroutine(Text *t, G *g, G *cur, gr_site *cur_site, const char *mark) {
    uint32_t s = gstate(g);
    text_put(t, "\ngoroutine ");
    text_i64(t, g->goid);
    text_put(t, " [");
    text_put(t, state_name(g, s));
    text_put(t, mark);
    put_circumstances(t, g, s);
    text_put(t, "]:\n");
    gr_site *at = g == cur && cur_site ? cur_site : g->site;
    if (s == G_RUNNING && g != cur)
        text_put(t, "\tgoroutine running on other thread; stack unavailable\n");
    else if (at)
        put_frame(t, at->func, at);
    else if (g->create_site != &goroutine_main_site)
        put_frame(t, g->name, g->create_site);
    else
        text_put(t, "gr_main(...)\n");
    if (g->creator == 0)
        return;
    text_put(t, "created by ");
    text_put(t, g->create_site->func);
    text_put(t, " in goroutine ");
    text_i64(t, g->creator);
    text_put(t, "\n\t");
    text_put(t, g->create_site->file);
    text_put(t, ":");
    text_i64(t, g->create_site->line);
    text_put(t, "\n");
}

/* Not a pointer to a function: leak_report is below the scheduler's loops (tests/abi/suspend.test.mjs). */
typedef enum Which { ALIVE, LEAKED, LEAKED_AT_REST } Which;

static bool is_one(G *g, Which which) {
    return which == ALIVE ? gstate(g) != G_DEAD : is_leaked(g, which == LEAKED_AT_REST);
}

/* Those of `which` but cur, by id, in as many passes as there are of them (a dying program has time). */
static void put_by_id(Text *t, Which which, G *cur, gr_site *site, const char *mark) {
    for (uint64_t last = 0;;) {
        G *next = NULL;
        for (G *g = atomic_load(&sched.allg); g; g = g->all_next)
            if (g != cur && is_one(g, which) && g->goid > last && (!next || g->goid < next->goid))
                next = g;
        if (!next)
            return;
        put_goroutine(t, next, cur, site, mark);
        last = next->goid;
    }
}

/* All goroutines, the current one first. */
static void put_all(Text *t, G *cur, gr_site *site) {
    if (cur)
        put_goroutine(t, cur, cur, site, "");
    put_by_id(t, ALIVE, cur, site, "");
}

/* One only dies once: a second M stops here for good, a failure while failing ends the program at once. */
static _Atomic uint32_t dying;

bool is_dying(void) { return atomic_load(&dying) > 0; }

static void die_once(M *m) {
    if (!atomic_exchange(&dying, 1))
        return;
    if (m && atomic_load(&sched.exiting) == 0 && port_has_threads() && !rt_config.sim)
        rt_stop_here();
    port_exit(2);
}

/* A panic's message as Go prints it: further lines indented. One that is too long ends at a whole character. */
static void put_message(Text *t, const char *s) {
    size_t len = strlen(s), n = len;
    if (n > MESSAGE_MAX)
        for (n = MESSAGE_MAX; n > MESSAGE_MAX - 4 && ((unsigned char)s[n] & 0xc0) == 0x80;)
            n--;
    for (size_t i = 0; i < n; i++) {
        text_put(t, (char[]){s[i], 0});
        if (s[i] == '\n')
            text_put(t, "\t");
    }
    if (n < len) {
        text_put(t, "... (");
        text_i64(t, len - n);
        text_put(t, " more bytes)");
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
        text_put(t, first ? "panic: " : "\tpanic: ");
        put_message(t, p->msg);
        text_put(t, !p->recovered ? "\n" : next && is_again(next) ? " [recovered, repanicked]\n" : " [recovered]\n");
        first = false;
    }
}

/* The one way down: of panics, or else of msg. all: every goroutine is shown, else only the current one. */
static _Noreturn void die(Panic *panics, const char *before, const char *msg, gr_site *site, bool all) {
    M *m = port_get_m();
    die_once(m);
    G *cur = m ? m->curg : NULL;
    output_flush_all();
    Text t = {.n = 0};
    if (panics) {
        put_panics(&t, panics);
    } else {
        text_put(&t, before);
        text_put(&t, msg);
        text_put(&t, "\n");
    }
    if (all)
        put_all(&t, cur, site);
    else if (cur)
        put_goroutine(&t, cur, cur, site, "");
    text_flush(&t);
    rt_exit(2);
}

/* Before something that should not happen is reported: what has been written to through a null pointer may be why. */
static void suspect_null_pointer(void) {
    if (!is_dying() && sched.mnext)
        null_page_check(", noticed when something went wrong", NULL);
}

_Noreturn void rt_throw(const char *msg) {
    suspect_null_pointer();
    die(NULL, "fatal error: ", msg, NULL, true);
}
_Noreturn void rt_fatal(const char *msg) { die(NULL, "fatal error: ", msg, NULL, true); }
_Noreturn void rt_fatal_at(const char *msg, gr_site *site) { die(NULL, "fatal error: ", msg, site, true); }
_Noreturn void die_of_panic(Panic *last) { die(last, NULL, NULL, last->site, false); }

/* The marking is the one of Go's goroutine leak profile. */
_Noreturn void rt_fatal_leaked(int n, int after_ms) {
    die_once(port_get_m());
    output_flush_all();
    Text t = {.n = 0};
    text_put(&t, "goroutine leak: ");
    text_i64(&t, n);
    text_put(&t, n == 1 ? " goroutine" : " goroutines");
    if (after_ms) {
        text_put(&t, " still waiting ");
        text_i64(&t, after_ms);
        text_put(&t, " ms after main returned\n");
    } else {
        text_put(&t, n == 1 ? " waits for ever\n" : " wait for ever\n");
    }
    put_by_id(&t, after_ms ? LEAKED : LEAKED_AT_REST, NULL, NULL, " (leaked)");
    text_flush(&t);
    rt_exit(2);
}

_Noreturn void rt_stack_overflow(void) {
    Text t = {.n = 0};
    text_put(&t, "runtime: goroutine stack exceeds ");
    text_i64(&t, (int64_t)rt_config.stack_max);
    text_put(&t, "-byte limit\nfatal error: stack overflow");
    t.s[t.n] = 0;
    die(NULL, "", t.s, NULL, true);
}

/* Go's words, but no panic: where memory does not fault this is known too late to go on. */
_Noreturn void rt_null_pointer(const char *what, uint32_t at, const char *when, gr_site *site) {
    Text t = {.n = 0};
    text_put(&t, "invalid memory address or nil pointer dereference\n[");
    text_put(&t, what);
    text_put(&t, " address ");
    text_i64(&t, at);
    text_put(&t, when);
    text_put(&t, "]");
    t.s[t.n] = 0;
    die(NULL, "fatal error: ", t.s, site, true);
}

_Noreturn void rt_trap(int kind, const char *what) {
    if (kind == 1)
        rt_stack_overflow();
    suspect_null_pointer();
    die(NULL, "fatal error: unexpected trap: ", what, NULL, true);
}
