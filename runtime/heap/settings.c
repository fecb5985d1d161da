/* settings.c: GOGC and GOMEMLIMIT, from the environment and from the program. (readGOGC, readGOMEMLIMIT,
 * parseByteCount, setGCPercent, setMemoryLimit)
 *
 * Who marks or plans looks at them without a lock, so they change while the world is stopped.
 */
#include "base/text.h"
#include "core/gcwork.h"
#include "core/stw.h"
#include "heap/cycle.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static gr_site here = {"runtime.setGCSettings", "heap/settings.c", 0, 0};

/* ---- the environment ----------------------------------------------------------------------------------------- */

/* The first n characters as a decimal number, a sign before it or none. False: they are none that fits.
 * (strconv.ParseInt) */
static bool parse(const char *s, size_t n, int64_t *value) {
    bool minus = n > 0 && s[0] == '-';
    size_t i = n > 0 && (minus || s[0] == '+');
    int64_t v = 0; /* below 0: there is one more of them */
    if (i == n)
        return false;
    for (; i < n; i++) {
        int d = s[i] - '0';
        if (d < 0 || d > 9 || __builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, d, &v))
            return false;
    }
    if (!minus && v == INT64_MIN)
        return false;
    *value = minus ? v : -v;
    return true;
}

int rt_percent_wanted(void) {
    const char *s = getenv("GOGC");
    int64_t n;
    if (s && strcmp(s, "off") == 0)
        return -1;
    if (!s || !parse(s, strlen(s), &n) || n > INT_MAX || n < INT_MIN)
        return 100;
    return n < 0 ? -1 : (int)n;
}

static bool parse_bytes(const char *s, int64_t *bytes) {
    static const char units[] = "KMGT";
    size_t n = strlen(s), shift = 0;
    if (n > 3 && s[n - 1] == 'B' && s[n - 2] == 'i') {
        const char *unit = memchr(units, s[n - 3], sizeof units - 1);
        if (!unit)
            return false;
        shift = 10 * (size_t)(unit - units + 1);
        n -= 3;
    } else if (n > 1 && s[n - 1] == 'B') {
        n--;
    }
    if (!parse(s, n, bytes) || *bytes < 0 || *bytes > INT64_MAX >> shift)
        return false;
    *bytes <<= shift;
    return true;
}

int64_t rt_limit_wanted(void) {
    const char *s = getenv("GOMEMLIMIT");
    int64_t bytes;
    if (!s || !*s || strcmp(s, "off") == 0)
        return INT64_MAX;
    if (parse_bytes(s, &bytes))
        return bytes;
    Text t = {.n = 0};
    rt_text_put(&t, "GOMEMLIMIT=");
    rt_text_put(&t, s);
    rt_text_put(&t, "\n");
    rt_text_flush(&t);
    rt_fatal("malformed GOMEMLIMIT: a number of bytes, with B, KiB, MiB, GiB or TiB behind it or nothing, or off");
}

/* ---- the program --------------------------------------------------------------------------------------------- */

/* (gcControllerCommit) */
static void commit(void) {
    rt_gc_plan();
    if (atomic_load(&rt_heap.phase) == GC_OFF)
        rt_sweep_goal(rt_pacer.trigger);
    rt_gc_tell_goal(port_get_m());
}

int gr_gc_percent(int percent) {
    rt_charge(100);
    if (!atomic_load(&rt_heap.begun))
        rt_heap_begin();
    rt_stop_the_world(STW_GC_SETTINGS, &here);
    int old = rt_pacer.percent;
    rt_pacer.percent = percent < 0 ? -1 : percent;
    commit();
    rt_start_the_world();
    if (percent < 0)
        rt_gc_wait(&here); /* for one that has begun, or is about to (gcWaitOnMark) */
    return old;
}

int64_t gr_memory_limit(int64_t bytes) {
    rt_charge(100);
    if (!atomic_load(&rt_heap.begun))
        rt_heap_begin();
    int64_t old = rt_pacer.limit;
    if (bytes < 0 || bytes == old)
        return old;
    rt_stop_the_world(STW_GC_SETTINGS, &here);
    old = rt_pacer.limit;
    rt_pacer.limit = bytes;
    commit();
    rt_start_the_world();
    return old;
}
