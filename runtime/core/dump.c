/* dump.c: the goroutines there are, on demand, for a host that looks at a running program from outside
 * (rt.goroutines()).
 *
 * A line per goroutine, fields parted by tabs:
 *   id  state  reason  nanoseconds in that state  function file line (of its call)  name  creator
 *   function file line (of the go)
 *   function file line, of each frame, innermost first, where they are known: it has left its stack
 * Fields that do not apply are empty. The list of all Gs only grows, and what they point to for their sites and
 * names is never freed, so it can be walked while everything runs. A goroutine that changes while it is read is
 * read again.
 */
#include "base/text.h"
#include "core/driver.h"
#include "core/dump.h"
#include "core/names.h"

#define LONGEST_LINE 8192    /* five names, four numbers; and frames, as many as there is room for */
#define MOST_LOOKED_AT 65536 /* goroutines, at once */
#define LONGEST_PLACE (2 * MAX_NAME + 3 + TEXT_DIGITS)
/* A goroutine that changes its state more often while it is looked at is shown as it was found last. */
#define TRIES 100

/* What is shown of a G. */
typedef struct View {
    uint64_t goid, creator;
    uint32_t state;
    WaitReason reason;
    int64_t since_ns;
    gr_site *site, *create_site;
    const char *name;
    port_ctx ctx; /* as long as it is the same */
} View;

/* It has not changed since; its time of that is coarse, so it is looked at where its stack was left, too. */
static bool is_same(G *g, const View *v) {
    atomic_thread_fence(memory_order_seq_cst);
    return *(volatile uint64_t *)&g->goid == v->goid && rt_gstate(g) == v->state &&
           *(volatile int64_t *)&g->since_ns == v->since_ns && *(volatile uintptr_t *)&g->ctx.sp == v->ctx.sp &&
           *(volatile uintptr_t *)&g->ctx.rewind[0] == v->ctx.rewind[0];
}

static View look(G *g) {
    View v;
    for (int i = 0; i < TRIES; i++) {
        v = (View){*(volatile uint64_t *)&g->goid,
                   g->creator,
                   rt_gstate(g),
                   g->reason,
                   g->since_ns,
                   g->site,
                   g->create_site,
                   g->name,
                   g->ctx};
        if (is_same(g, &v))
            break;
    }
    return v;
}

typedef struct Line {
    char *at;
} Line;

/* Control characters would break the line up. */
static void put(Line *l, const char *s) {
    for (int i = 0; s && *s && i < MAX_NAME; i++, s++)
        *l->at++ = (unsigned char)*s < ' ' ? '?' : *s;
}

static void tab(Line *l) { *l->at++ = '\t'; }

static void put_u64(Line *l, uint64_t v) {
    char d[TEXT_DIGITS];
    put(l, rt_text_digits(v, d));
}

static void put_site(Line *l, gr_site *site) {
    tab(l);
    put(l, site ? site->func : "");
    tab(l);
    put(l, site ? site->file : "");
    tab(l);
    if (site)
        put_u64(l, site->line);
}

static void put_place(Line *l, const port_place *p) {
    tab(l);
    put(l, p->func);
    tab(l);
    put(l, p->file);
    tab(l);
    put_u64(l, p->line);
}

/* Of who was made runnable at a safe point the last call may be another one. */
static uint32_t places_of(G *g, View *v, port_place *places) {
    uint32_t frames[TRACE_MOST_FRAMES];
    if (v->state != G_WAITING && v->state != G_RUNNABLE)
        return 0;
    uint32_t n = (uint32_t)port_frames(&v->ctx, frames, TRACE_MOST_FRAMES);
    return n && is_same(g, v) ? rt_places_of(v->state == G_WAITING ? v->site : NULL, frames, n, places) : 0;
}

uint32_t rt_g_places(G *g, port_place *places) {
    View v = look(g);
    return places_of(g, &v, places);
}

static size_t put_line(char *to, G *g, View *v, int64_t now) {
    Line l = {to};
    put_u64(&l, v->goid);
    tab(&l);
    put(&l, rt_text_gstate(v->state));
    tab(&l);
    put(&l, v->state == G_WAITING && v->reason < WAIT_COUNT ? rt_text_reason(v->reason) : "");
    tab(&l);
    put_u64(&l, now > v->since_ns ? (uint64_t)(now - v->since_ns) : 0);
    put_site(&l, v->state == G_RUNNING ? NULL : v->site);
    tab(&l);
    put(&l, v->name);
    tab(&l);
    put_u64(&l, v->creator);
    put_site(&l, v->creator ? v->create_site : NULL);
    port_place places[TRACE_MOST_FRAMES];
    uint32_t n = places_of(g, v, places);
    for (uint32_t i = 0; i < n && (size_t)(l.at - to) + LONGEST_PLACE < LONGEST_LINE; i++)
        put_place(&l, &places[i]);
    *l.at++ = '\n';
    return (size_t)(l.at - to);
}

G *rt_goroutines(G *from, char *text, size_t bytes, size_t *n) {
    int64_t now = rt_config.sim ? atomic_load(&rt_sched.coarse_ns) : rt_now();
    G *g = from ? from : atomic_load(&rt_sched.allg);
    *n = 0;
    /* A program may have written over the list, which then need not end. */
    for (int i = 0; g && bytes - *n >= LONGEST_LINE && i < MOST_LOOKED_AT; i++, g = g->all_next) {
        View v = look(g);
        if (v.goid != 0 && !g->system && v.state > G_IDLE && v.state < G_DEAD)
            *n += put_line(text + *n, g, &v, now);
    }
    return g;
}
