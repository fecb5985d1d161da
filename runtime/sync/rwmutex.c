/* rwmutex.c: gr_rwmutex: many readers or one writer. (Go's sync/rwmutex.go)
 *
 * A writer first takes w, which keeps other writers away, then subtracts MAX_READERS from reader_count: readers
 * that come now see a negative count and wait, so writers do not starve. It then waits for the readers that were in
 * before it. On its way out it adds MAX_READERS again, lets in all the readers that have gathered, and gives w
 * free, so readers do not starve either.
 *
 * Unlike a gr_mutex, a gr_rwmutex must not be freed before all unlock calls have returned.
 */
#include "core/park.h"
#include "sync/sema.h"

#define MAX_READERS (1 << 30)

void gr_rwmutex_rlock_at(gr_rwmutex *m, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    if (WORD_ADD(&m->reader_count, 1) < 0)
        rt_sema_acquire(&m->reader_sema, false, WAIT_RWMUTEX_R, site);
}

bool gr_rwmutex_tryrlock(gr_rwmutex *m) {
    rt_charge(SYNC_COST_NS);
    int32_t readers = WORD_LOAD(&m->reader_count);
    while (readers >= 0)
        if (WORD_CAS(&m->reader_count, &readers, readers + 1))
            return true;
    return false;
}

void gr_rwmutex_runlock_at(gr_rwmutex *m, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    int32_t left = WORD_ADD(&m->reader_count, -1);
    if (left >= 0)
        return;
    if (left == -1 || left == -MAX_READERS - 1)
        rt_fatal_at("sync: RUnlock of unlocked RWMutex", site);
    /* a writer waits; the last of the readers it waits for lets it go on */
    if (WORD_ADD(&m->reader_wait, -1) == 0)
        rt_sema_release(&m->writer_sema, false, site);
}

void gr_rwmutex_lock_at(gr_rwmutex *m, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    rt_mutex_lock(&m->w, site);
    int32_t readers = WORD_ADD(&m->reader_count, -MAX_READERS) + MAX_READERS;
    /* readers that left since the line above have already been subtracted from reader_wait */
    if (readers != 0 && WORD_ADD(&m->reader_wait, readers) != 0)
        rt_sema_acquire(&m->writer_sema, false, WAIT_RWMUTEX_W, site);
}

bool gr_rwmutex_trylock(gr_rwmutex *m) {
    if (!gr_mutex_trylock(&m->w))
        return false;
    int32_t none = 0;
    if (WORD_CAS(&m->reader_count, &none, -MAX_READERS))
        return true;
    rt_mutex_unlock(&m->w, GR_SITE);
    return false;
}

void gr_rwmutex_unlock_at(gr_rwmutex *m, gr_site *site) {
    rt_charge(SYNC_COST_NS);
    int32_t readers = WORD_ADD(&m->reader_count, MAX_READERS);
    if (readers >= MAX_READERS)
        rt_fatal_at("sync: Unlock of unlocked RWMutex", site);
    for (int32_t i = 0; i < readers; i++)
        rt_sema_release(&m->reader_sema, false, site);
    rt_mutex_unlock(&m->w, site);
}
