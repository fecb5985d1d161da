/* strings.c: the strings of a generation. They are the program's own memory, or made while it runs, and may change or
 * be gone when the generation is written; so each is written at once, into a batch of strings that belongs to its
 * generation, and what may be asked for again is remembered by a copy until the generation ends. Two generations are
 * written at once: two tables, by the last bit. Only what a generation uses is in it. (Go's tracestring.go)
 *
 * Whoever asks for a string that is there takes no lock: entries are only added, each whole before it is linked, until
 * every M has left the generation.
 */
#include "base/throw.h"
#include "trace/trace.h"
#include <stdlib.h>
#include <string.h>

#define BUCKETS 256

typedef struct Entry {
    struct Entry *next; /* in its bucket */
    uint32_t hash, id;
    size_t n; /* bytes of text */
    char text[];
} Entry;

typedef struct StringTable {
    rt_mutex lock; /* RANK_STRINGS: adding */
    TraceBuf *buf; /* the batch being filled, NULL: none yet */
    uint32_t ids;  /* given so far, besides the fixed ones */
    _Atomic(Entry *) heads[BUCKETS];
} StringTable;

static StringTable tables[2];

/* The strings with numbers in every generation: TRACE_STR_… (trace.h). Some reasons share a name. */
static const char *const fixed[] = {"", "runtime.Gosched", "preempted", "(generations lost)",
#define X(id, text) text,
                                    STW_REASONS(X)
#undef X
#define X(id, dump, trace) trace,
                                        WAIT_REASONS(X)
#undef X
};
#define NFIXED (sizeof fixed / sizeof *fixed)

/* As much of s as a trace may have, without half a character of UTF-8 at the end. */
static size_t size_of(const char *s) {
    size_t n = strnlen(s, TRACE_MAX_STRING + 1);
    if (n <= TRACE_MAX_STRING)
        return n;
    n = TRACE_MAX_STRING;
    while (n > TRACE_MAX_STRING - 4 && ((uint8_t)s[n] & 0xc0) == 0x80)
        n--;
    return n;
}

static uint32_t hash_of(const char *s, size_t n) { /* FNV-1a */
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)s[i]) * 16777619u;
    return h;
}

static Entry *find(StringTable *t, uint32_t hash, const char *s, size_t n) {
    Entry *e = atomic_load_explicit(&t->heads[hash % BUCKETS], memory_order_acquire);
    while (e && !(e->hash == hash && e->n == n && memcmp(e->text, s, n) == 0))
        e = e->next;
    return e;
}

/* With the lock. */
static void write(StringTable *t, uint32_t gen, uint32_t id, const char *s, size_t n) {
    TraceBuf *b = t->buf;
    if (!b)
        b = t->buf = rt_buf_new(TRACE_NO_M);
    b->gen = gen;
    rt_buf_table(b, TRACE_EV_STRINGS, 1 + 2 * TRACE_MAX_VARINT + n);
    b->data[b->n++] = TRACE_EV_STRING;
    rt_buf_varint(b, id);
    rt_buf_varint(b, n);
    rt_buf_bytes(b, s, n);
}

static uint32_t add(StringTable *t, uint32_t gen, const char *s, size_t n) {
    uint32_t id = (uint32_t)NFIXED + t->ids++;
    write(t, gen, id, s, n);
    return id;
}

uint32_t rt_trace_string(uint32_t gen, const char *s) {
    size_t n = s ? size_of(s) : 0;
    if (n == 0)
        return TRACE_STR_EMPTY;
    StringTable *t = &tables[gen % 2];
    uint32_t hash = hash_of(s, n);
    Entry *e = find(t, hash, s, n);
    if (e)
        return e->id;
    rt_lock(&t->lock, RANK_STRINGS);
    e = find(t, hash, s, n);
    if (!e) {
        e = malloc(sizeof *e + n);
        if (!e)
            rt_fatal("out of memory (strings of the trace)");
        e->hash = hash;
        e->n = n;
        memcpy(e->text, s, n);
        e->id = add(t, gen, e->text, n); /* the copy: s itself may change meanwhile */
        e->next = load_relaxed(Entry *, &t->heads[hash % BUCKETS]);
        atomic_store_explicit(&t->heads[hash % BUCKETS], e, memory_order_release);
    }
    rt_unlock(&t->lock);
    return e->id;
}

uint32_t rt_trace_string_once(uint32_t gen, const char *s) {
    size_t n = s ? size_of(s) : 0;
    if (n == 0)
        return TRACE_STR_EMPTY;
    StringTable *t = &tables[gen % 2];
    rt_lock(&t->lock, RANK_STRINGS);
    uint32_t id = add(t, gen, s, n);
    rt_unlock(&t->lock);
    return id;
}

void rt_strings_forget(uint32_t gen) {
    StringTable *t = &tables[gen % 2];
    for (int i = 0; i < BUCKETS; i++) {
        Entry *e = load_relaxed(Entry *, &t->heads[i]);
        for (Entry *next; e; e = next) {
            next = e->next;
            free(e);
        }
        store_relaxed(Entry *, &t->heads[i], NULL);
    }
    t->ids = 0;
    if (t->buf)
        t->buf->n = 0;
}

void rt_strings_end(uint32_t gen) {
    StringTable *t = &tables[gen % 2];
    rt_lock(&t->lock, RANK_STRINGS);
    for (uint32_t i = 1; i < NFIXED; i++)
        write(t, gen, i, fixed[i], strlen(fixed[i]));
    rt_buf_flush(t->buf);
    rt_unlock(&t->lock);
    rt_strings_forget(gen);
}
