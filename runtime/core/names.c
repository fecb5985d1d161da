/* names.c: see names.h. */
#include "core/names.h"

const char *rt_text_gstate(uint32_t state) {
    static const char *const states[] = {
#define X(id, text) text,
        G_STATES(X)
#undef X
    };
    return states[state];
}

const char *rt_text_reason(WaitReason r) {
    static const char *const reasons[] = {
#define X(id, dump, trace) dump,
        WAIT_REASONS(X)
#undef X
    };
    return reasons[r];
}
