/* profile.c: where memory is allocated: one block in about RATE bytes is remembered with its call, and told from the
 * others when it is freed. (mprof.go)
 *
 * Where we differ from Go: the draw is made when a P takes a span to allocate from, so that other blocks cost nothing.
 * A span with room for n bytes is drawn with probability n / RATE, and of its blocks one, each as likely as the others,
 * which then stands for RATE bytes; one of RATE bytes or more is drawn always and stands for itself. So each byte of
 * each call counts once, on average, whatever is allocated between. A sample's stack is the call alone.
 *
 * Written in pprof's own format (profile.proto), not compressed, with Go's sample types.
 */
#include "base/random.h"
#include "heap/collect.h"
#include "heap/specials.h"
#include <stdlib.h>
#include <string.h>

#define RATE 65536u /* bytes; Go's is 512 KiB, and costs at each block */
#define BUCKETS 256

/* A call of an allocating function. */
typedef struct Bucket {
    struct Bucket *next;
    gr_site *site;
    uint64_t allocs, alloc_bytes, frees, free_bytes;
} Bucket;

typedef struct Sample {
    Special of; /* first */
    Bucket *bucket;
    uint64_t blocks, bytes; /* that it stands for */
} Sample;

static rt_mutex lock; /* RANK_MARK; guards the rest */
static Bucket *buckets[BUCKETS];

/* With the lock. NULL: no memory. */
static Bucket *bucket_of(gr_site *site) {
    Bucket **at = &buckets[((uintptr_t)site >> 4) % BUCKETS];
    while (*at && (*at)->site != site)
        at = &(*at)->next;
    if (!*at && (*at = calloc(1, sizeof **at)) != NULL)
        (*at)->site = site;
    return *at;
}

uint32_t rt_profile_draw(Cache *c, uint32_t blocks, size_t size) {
    uint64_t bytes = (uint64_t)blocks * size;
    if (!c->random) /* the same in each run: a schedule shall not depend on it, nor it on a seed */
        c->random = UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(port_get_m()->p->id + 1);
    if (bytes < RATE && rt_random_below(&c->random, RATE) >= bytes)
        return NO_SAMPLE;
    return rt_random_below(&c->random, blocks);
}

void rt_profile_sample(uint32_t blocks, gr_site *site, void *block) {
    Span *s = rt_span_of((uintptr_t)block);
    Sample *x = malloc(sizeof *x);
    if (!x)
        return;
    uint64_t bytes = (uint64_t)blocks * s->size;
    if (bytes < RATE)
        bytes = RATE;
    *x = (Sample){.of = {.block = rt_block_number(s, (uintptr_t)block), .kind = SPECIAL_SAMPLE},
                  .bytes = bytes,
                  .blocks = bytes / s->size ? bytes / s->size : 1};
    rt_lock(&lock, RANK_MARK);
    Bucket *b = x->bucket = bucket_of(site);
    if (b) {
        b->allocs += x->blocks;
        b->alloc_bytes += x->bytes;
    }
    rt_unlock(&lock);
    if (b)
        rt_special_put(s, &x->of);
    else
        free(x);
}

void rt_sample_freed(Special *special) {
    Sample *x = (Sample *)(void *)special;
    rt_lock(&lock, RANK_MARK);
    x->bucket->frees += x->blocks;
    x->bucket->free_bytes += x->bytes;
    rt_unlock(&lock);
    free(x);
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

/* A message of profile.proto: first counted, then written, by the same functions. */
typedef struct Out {
    void (*write)(void *arg, const void *bytes, size_t n); /* NULL: only counts */
    void *arg;
    size_t n;
} Out;

static void put(Out *o, const void *bytes, size_t n) {
    o->n += n;
    if (o->write)
        o->write(o->arg, bytes, n);
}

static void put_number(Out *o, uint64_t v) {
    uint8_t bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (uint8_t)v | 0x80;
    bytes[n++] = (uint8_t)v;
    put(o, bytes, n);
}

enum { NUMBER = 0, BYTES = 2 }; /* wire types */

static void put_key(Out *o, uint32_t field, uint32_t type) { put_number(o, field << 3 | type); }
static void put_field(Out *o, uint32_t field, uint64_t v) {
    put_key(o, field, NUMBER);
    put_number(o, v);
}
static void put_text(Out *o, uint32_t field, const char *s) {
    put_key(o, field, BYTES);
    put_number(o, strlen(s));
    put(o, s, strlen(s));
}

typedef void part(Out *o, const Bucket *b, uint64_t id);

static void put_part(Out *o, uint32_t field, part *p, const Bucket *b, uint64_t id) {
    Out count = {0};
    p(&count, b, id);
    put_key(o, field, BYTES);
    put_number(o, count.n);
    p(o, b, id);
}

/* The first strings; then of each bucket its function and file. */
static const char *const strings[] = {"",      "alloc_objects", "count",       "alloc_space",
                                      "bytes", "inuse_objects", "inuse_space", "space"};
enum { NSTRINGS = sizeof strings / sizeof *strings };

static void type_of(Out *o, const Bucket *b, uint64_t id) { /* id: number of its name << 8 | its unit */
    (void)b;
    put_field(o, 1, id >> 8);
    put_field(o, 2, id & 255);
}

static void values(Out *o, const Bucket *b, uint64_t id) {
    (void)id;
    put_number(o, b->allocs);
    put_number(o, b->alloc_bytes);
    put_number(o, b->allocs - b->frees);
    put_number(o, b->alloc_bytes - b->free_bytes);
}

static void sample(Out *o, const Bucket *b, uint64_t id) {
    put_field(o, 1, id);
    put_part(o, 2, values, b, id);
}

static void line(Out *o, const Bucket *b, uint64_t id) {
    put_field(o, 1, id);
    put_field(o, 2, b->site->line);
}

static void location(Out *o, const Bucket *b, uint64_t id) {
    put_field(o, 1, id);
    put_field(o, 3, (uintptr_t)b->site);
    put_part(o, 4, line, b, id);
}

static void function(Out *o, const Bucket *b, uint64_t id) {
    (void)b;
    put_field(o, 1, id);
    put_field(o, 2, NSTRINGS + 2 * (id - 1));
    put_field(o, 3, NSTRINGS + 2 * (id - 1));
    put_field(o, 4, NSTRINGS + 2 * (id - 1) + 1);
}

static void for_all(Out *o, uint32_t field, part *p) {
    uint64_t id = 0;
    for (int i = 0; i < BUCKETS; i++)
        for (const Bucket *b = buckets[i]; b; b = b->next)
            put_part(o, field, p, b, ++id);
}

static void put_strings(Out *o) {
    for (int i = 0; i < NSTRINGS; i++)
        put_text(o, 6, strings[i]);
    for (int i = 0; i < BUCKETS; i++)
        for (const Bucket *b = buckets[i]; b; b = b->next) {
            put_text(o, 6, b->site->func);
            put_text(o, 6, b->site->file);
        }
}

static void put_profile(Out *o) {
    put_part(o, 1, type_of, NULL, 1 << 8 | 2);
    put_part(o, 1, type_of, NULL, 3 << 8 | 4);
    put_part(o, 1, type_of, NULL, 5 << 8 | 2);
    put_part(o, 1, type_of, NULL, 6 << 8 | 4);
    for_all(o, 2, sample);
    for_all(o, 4, location);
    for_all(o, 5, function);
    put_strings(o);
    put_part(o, 11, type_of, NULL, 7 << 8 | 4);
    put_field(o, 12, RATE);
}

/* The whole of it first: who gets it may park, and allocate. */
static void keep(void *arg, const void *bytes, size_t n) {
    char **at = arg;
    memcpy(*at, bytes, n);
    *at += n;
}

int gr_heap_profile(int (*write)(void *arg, const void *bytes, size_t n), void *arg) {
    rt_charge(1000);
    if (!write)
        rt_fatal("gr_heap_profile: the function that writes is NULL");
    Out count = {0};
    rt_lock(&lock, RANK_MARK);
    put_profile(&count);
    char *bytes = malloc(count.n), *at = bytes;
    if (bytes)
        put_profile(&(Out){.write = keep, .arg = &at});
    rt_unlock(&lock);
    int result = bytes ? write(arg, bytes, count.n) : -1;
    free(bytes);
    return result;
}
