/* once.c: gr_once. (Go's sync/once.go)
 *
 * Whoever comes while fn runs waits for its end, so `done` is set after fn, not before. A fn that ends its goroutine with
 * gr_goexit leaves the gr_once locked: C has no deferred calls.
 */
#include "sema.h"

void gr_once_do_at(gr_once *o, void (*fn)(void), gr_site *site) {
    rt_charge(SYNC_COST_NS);
    if (WORD_LOAD(&o->done))
        return;
    mutex_lock(&o->m, site);
    if (!WORD_LOAD(&o->done)) {
        fn();
        WORD_STORE(&o->done, UINT32_C(1));
    }
    mutex_unlock(&o->m, site);
}
