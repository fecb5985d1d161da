/* output.c: what goroutines print. Each goroutine collects its own unfinished line; whole lines go to the host
 * under one lock, so lines of different goroutines never mix, but where one shows a line that it has only begun. */
#include "core/exit.h"
#include "core/panic.h"
#include "core/sched.h"
#include "host/output.h"
#include <stdlib.h>
#include <string.h>

#define SEIZE_NS (100 * GR_MILLISECOND)

static rt_mutex output_lock;
static _Atomic(M *) seizer; /* has the lock for good; NULL: nobody */

/* The place for g's pending line of fd 1 or 2, made on first use; NULL if there is no memory for it. */
static LineBuf *line_of(G *g, int fd) {
    LineBuf **at = &g->line[fd - 1];
    if (!*at) {
        *at = malloc(sizeof(LineBuf));
        if (*at)
            (*at)->n = 0;
    }
    return *at;
}

/* A line that is longer than it can be is not one. While the program dies of it the report is worth more. */
static void check_line(LineBuf *l) {
    if (l->n <= sizeof l->text)
        return;
    l->n = 0;
    if (!rt_is_dying())
        rt_overwritten();
}

/* Before anything is printed: a size that memory does not have traps here. */
static void check_end(const char *s, size_t n) {
    if (n > 0 && (uintptr_t)s + n < n)
        rt_overwritten();
    if (n > 0)
        (void)*(const volatile char *)(s + n - 1);
}

static void write_out(int fd, LineBuf *l, const char *s, size_t n) {
    if (l)
        check_line(l);
    bool own = atomic_load(&seizer) && atomic_load(&seizer) == port_get_m();
    if (!own)
        rt_lock(&output_lock, RANK_OUTPUT);
    if (l && l->n > 0) {
        port_write(fd, l->text, l->n);
        l->n = 0;
    }
    if (n > 0)
        port_write(fd, s, n);
    if (!own)
        rt_unlock(&output_lock);
}

void rt_output_seize(void) {
    uint32_t free = 0;
    bool had = atomic_compare_exchange_strong(&output_lock.word, &free, 2);
    for (int64_t until_ns = port_now_ns() + SEIZE_NS; !had && !rt_config.sim && port_now_ns() < until_ns;) {
        port_pause();
        free = 0;
        had = atomic_compare_exchange_strong(&output_lock.word, &free, 2);
    }
    if (had)
        atomic_store(&seizer, port_get_m());
}

size_t rt_output(int fd, const void *buf, size_t n) {
    const char *s = buf;
    check_end(s, n);
    G *g = port_get_g();
    LineBuf *l = g ? line_of(g, fd) : NULL;
    if (!l) {
        write_out(fd, NULL, s, n);
        return n;
    }
    size_t whole = n;
    while (whole > 0 && s[whole - 1] != '\n')
        whole--;
    if (whole > 0)
        write_out(fd, l, s, whole);
    size_t rest = n - whole;
    check_line(l);
    if (l->n + rest > sizeof l->text) {
        write_out(fd, l, s + whole, rest); /* a line longer than the buffer goes out in pieces */
    } else {
        memcpy(l->text + l->n, s + whole, rest);
        l->n += (uint32_t)rest;
    }
    return n;
}

void gr_print(const char *s) { rt_output(1, s, strlen(s)); }

void rt_output_flush_line(G *g, int fd) {
    if (g->line[fd - 1] && g->line[fd - 1]->n > 0)
        write_out(fd, g->line[fd - 1], NULL, 0);
}

void rt_output_flush_g(G *g) {
    rt_output_flush_line(g, 1);
    rt_output_flush_line(g, 2);
}

void rt_output_flush_all(void) {
    for (G *g = atomic_load(&rt_sched.allg); g; g = g->all_next)
        if (rt_gstate(g) != G_DEAD)
            rt_output_flush_g(g);
}
