/* native_tls.c: thread-local variables of a native program belong to its goroutines.
 *
 * The program's own files are compiled with clang's -femulated-tls: for each use of such a variable the compiler calls
 * __emutls_get_address, which is here instead of in the compiler's library. The goroutine has a table of the variables
 * it has used so far; each is memory of its own, made at its first use, so that its address stays. gcc has no such
 * option: there they are the thread's.
 *
 * Outside of goroutines (constructors, threads of the program's own) the table is the thread's. Goroutine 1 has that
 * of the main thread: it finds what constructors have left.
 */
#define _GNU_SOURCE
#include "core/sched.h"
#include "port/native_tls.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the compiler makes for each variable; its layout is fixed (__emutls_control of compiler-rt and libgcc). */
typedef struct Variable {
    size_t bytes, align;
    uintptr_t index;   /* in tables, from 1; 0: never used yet */
    const void *value; /* at first, NULL: all 0 */
} Variable;

typedef struct Table {
    size_t n;
    void **at; /* variable i at [i - 1], NULL: not used here */
} Table;

void *__emutls_get_address(Variable *v);

static uintptr_t variables;            /* indexes given so far */
static Table *of_main_thread;          /* and goroutine 1's; NULL: not made yet */
static _Thread_local Table *of_thread; /* outside of goroutines, but for the main thread */

static void *must(void *p) {
    if (!p)
        rt_fatal("out of memory (thread-local variables)");
    return p;
}

static uintptr_t index_of(Variable *v) {
    uintptr_t i = __atomic_load_n(&v->index, __ATOMIC_RELAXED), none = 0;
    if (i)
        return i;
    i = __atomic_add_fetch(&variables, 1, __ATOMIC_RELAXED); /* for nobody, if another thread is faster */
    return __atomic_compare_exchange_n(&v->index, &none, i, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED) ? i : none;
}

/* Where the table of whoever is running is kept. */
static Table **table_place(void) {
    G *g = port_get_g();
    if (!g)
        return gettid() == getpid() ? &of_main_thread : &of_thread;
    return g->goid == 1 ? &of_main_thread : (Table **)(void *)&g->ctx.tls;
}

static Table *table(void) {
    Table **t = table_place();
    if (!*t)
        *t = must(calloc(1, sizeof **t));
    return *t;
}

static void grow(Table *t, uintptr_t n) {
    n = n < 8 ? 8 : n * 2;
    t->at = must(realloc(t->at, n * sizeof *t->at));
    memset(t->at + t->n, 0, (n - t->n) * sizeof *t->at);
    t->n = n;
}

static void *make(const Variable *v) {
    size_t align = v->align < sizeof(void *) ? sizeof(void *) : v->align;
    void *p = must(aligned_alloc(align, (v->bytes + align - 1) & ~(align - 1)));
    return v->value ? memcpy(p, v->value, v->bytes) : memset(p, 0, v->bytes);
}

void *__emutls_get_address(Variable *v) {
    uintptr_t i = index_of(v);
    Table *t = table();
    if (i > t->n)
        grow(t, i);
    if (!t->at[i - 1])
        t->at[i - 1] = make(v);
    return t->at[i - 1];
}

void port_tls_end(port_ctx *ctx) {
    Table *t = ctx->tls;
    ctx->tls = NULL;
    for (size_t i = 0; i < t->n; i++)
        free(t->at[i]);
    free(t->at);
    free(t);
}

bool port_tls_roots(port_ctx *ctx, port_roots *r) {
    G *g = (G *)(void *)ctx; /* G.ctx is first */
    Table *t = g->goid == 1 ? of_main_thread : ctx->tls;
    while (t && r->step <= t->n) {
        void *v = t->at[r->step++ - 1];
        if (!v)
            continue;
        r->from = v;
        r->bytes = malloc_usable_size(v) & ~(sizeof v - 1);
        return true;
    }
    return false;
}
