/* debug.c: GRDEBUG, a list name=value,name=value of what the runtime is to watch or tell; Go's is called GODEBUG.
 * The same name twice: the later one counts. Names that nobody knows and values that are no number are passed over,
 * as Go does: a setting of a later version must not break an earlier one.
 *
 * A new setting is a field of DebugVars and a line of the table.
 */
#include "base/debug.h"
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

DebugVars rt_debug_vars = {.leakwait = 10000, .tracesamples = 1};

static const struct {
    const char *name;
    int *value;
} table[] = {
    {"leaks", &rt_debug_vars.leaks},
    {"leakwait", &rt_debug_vars.leakwait},
    {"schedtrace", &rt_debug_vars.schedtrace},
    {"scheddetail", &rt_debug_vars.scheddetail},
    {"traceloss", &rt_debug_vars.traceloss},
    {"preempt", &rt_debug_vars.preempt},
    {"tracereentrancy", &rt_debug_vars.tracereentrancy},
    {"tracesamples", &rt_debug_vars.tracesamples},
    {"traceallocfree", &rt_debug_vars.traceallocfree},
    {"gctrace", &rt_debug_vars.gctrace},
    {"gcstress", &rt_debug_vars.gcstress},
    {"tracestacks", &rt_debug_vars.tracestacks},
};

/* The n digits at s; false if that is no number from 0 to INT_MAX. */
static bool number(const char *s, size_t n, int *value) {
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        int d = s[i] - '0';
        if (d < 0 || d > 9 || v > (INT_MAX - d) / 10)
            return false;
        v = v * 10 + d;
    }
    *value = v;
    return n > 0;
}

static void set(const char *name, size_t name_len, const char *value, size_t value_len) {
    int v;
    if (!number(value, value_len, &v))
        return;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strlen(table[i].name) == name_len && memcmp(table[i].name, name, name_len) == 0)
            *table[i].value = v;
}

void rt_debug_parse(const char *text) {
    while (text && *text) {
        size_t n = strcspn(text, ","), eq = strcspn(text, "=,");
        if (eq < n)
            set(text, eq, text + eq + 1, n - eq - 1);
        text += n;
        text += *text == ',';
    }
}
