/* once.c: gr_once. (Go's sync/once.go)
 *
 * Whoever comes while fn runs waits for its end, so `done` is set after fn, not before; also when fn ends its
 * goroutine by gr_goexit or a panic: then it has been called all the same.
 */
#include "core/park.h"
#include "sync/sema.h"

typedef struct Doing {
    gr_once *once;
    gr_site *site;
} Doing;

static void done(void *arg) {
    Doing *d = arg;
    WORD_STORE(&d->once->done, UINT32_C(1));
    rt_mutex_unlock(&d->once->m, d->site);
}

void gr_once_do_at(gr_once *o, void (*fn)(void), gr_site *site) {
    rt_charge(SYNC_COST_NS);
    if (WORD_LOAD(&o->done))
        return;
    rt_mutex_lock(&o->m, site);
    if (WORD_LOAD(&o->done)) {
        rt_mutex_unlock(&o->m, site);
        return;
    }
    Doing doing = {o, site};
    Defer d = {.fn = done, .arg = &doing};
    rt_defer_push(&d);
    fn();
    rt_defer_remove(&d);
    done(&doing);
}
