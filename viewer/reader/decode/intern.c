/* intern.c: strings and call sites that outlive the generation they came in, each kept once. */
#include "base/reader.h"

enum { BLOCK_BYTES = 16 << 10 };

static uint64_t hash_bytes(const char *p, uint32_t n) {
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < n; i++)
        h = (h ^ (uint8_t)p[i]) * 0x100000001b3u;
    return hash_u64(h);
}

static uint64_t hash_site(struct site s) { return hash_u64(hash_u64((uint64_t)s.func << 32 | s.file) + s.line); }

/* Doubles a table of ids; hash_of(in, id) is the hash of an entry. */
static bool rehash(struct intern *in, uint32_t **slots, uint32_t *cap, uint32_t used,
                   uint64_t (*hash_of)(const struct intern *, uint32_t)) {
    uint32_t more = *cap ? *cap * 2 : 64;
    uint32_t *to = gt_alloc((size_t)more * sizeof *to);
    if (!to)
        return false;
    for (uint32_t id = 1; id < used; id++) {
        uint32_t i = (uint32_t)hash_of(in, id) & (more - 1);
        while (to[i])
            i = (i + 1) & (more - 1);
        to[i] = id;
    }
    gt_free(*slots, (size_t)*cap * sizeof **slots);
    *slots = to;
    *cap = more;
    return true;
}

static uint64_t string_hash_of(const struct intern *in, uint32_t id) {
    return hash_bytes(in->strings.p[id].p, in->strings.p[id].n);
}

static uint64_t site_hash_of(const struct intern *in, uint32_t id) { return hash_site(in->sites.p[id]); }

/* n bytes that stay where they are; n <= TRACE_MAX_STRING. */
static char *pool(struct intern *in, uint32_t n) {
    if (n > in->block_left) {
        if (!VEC_ROOM(&in->blocks, in->blocks.n + 1))
            return NULL;
        char *block = gt_alloc(BLOCK_BYTES);
        if (!block)
            return NULL;
        in->blocks.p[in->blocks.n++] = block;
        in->block_left = BLOCK_BYTES;
    }
    char *p = in->blocks.p[in->blocks.n - 1] + (BLOCK_BYTES - in->block_left);
    in->block_left -= n;
    return p;
}

uint32_t gt_intern_string(struct intern *in, const char *p, uint32_t n) {
    if (n == 0)
        return 0;
    if (in->strings.n >= in->string_cap / 4 * 3 &&
        !rehash(in, &in->string_slots, &in->string_cap, in->strings.n, string_hash_of))
        return UINT32_MAX;
    uint32_t i = (uint32_t)hash_bytes(p, n) & (in->string_cap - 1);
    for (; in->string_slots[i]; i = (i + 1) & (in->string_cap - 1)) {
        const struct lasting_string *s = &in->strings.p[in->string_slots[i]];
        if (s->n == n && memcmp(s->p, p, n) == 0)
            return in->string_slots[i];
    }
    if (!VEC_ROOM(&in->strings, in->strings.n + 1))
        return UINT32_MAX;
    char *copy = pool(in, n);
    if (!copy)
        return UINT32_MAX;
    memcpy(copy, p, n);
    in->strings.p[in->strings.n] = (struct lasting_string){copy, n};
    return in->string_slots[i] = in->strings.n++;
}

/* Who asks where something happened means the program's own code. */
static bool is_inside(const struct lasting_string *func) {
    static const char *const of[] = {"runtime.", "runtime/", "sync.", "sync/", "internal/"};
    for (uint32_t i = 0; i < sizeof of / sizeof *of; i++)
        if (func->n >= strlen(of[i]) && memcmp(func->p, of[i], strlen(of[i])) == 0)
            return true;
    return false;
}

uint32_t gt_intern_site(struct intern *in, struct site s) {
    if (in->sites.n >= in->site_cap / 4 * 3 && !rehash(in, &in->site_slots, &in->site_cap, in->sites.n, site_hash_of))
        return UINT32_MAX;
    uint32_t i = (uint32_t)hash_site(s) & (in->site_cap - 1);
    for (; in->site_slots[i]; i = (i + 1) & (in->site_cap - 1)) {
        const struct site *have = &in->sites.p[in->site_slots[i]];
        if (have->func == s.func && have->file == s.file && have->line == s.line)
            return in->site_slots[i];
    }
    if (!VEC_ROOM(&in->sites, in->sites.n + 1))
        return UINT32_MAX;
    s.inside = is_inside(&in->strings.p[s.func]);
    in->sites.p[in->sites.n] = s;
    return in->site_slots[i] = in->sites.n++;
}

bool gt_intern_open(struct intern *in) {
    static const char *const words[] = {
#define FIXED_X(NAME, text) text,
        FIXED_STRINGS(FIXED_X)
#undef FIXED_X
    };
    if (!VEC_ROOM(&in->strings, 1) || !VEC_ROOM(&in->sites, 1))
        return false;
    in->strings.p[0] = (struct lasting_string){"", 0};
    in->sites.p[0] = (struct site){0};
    in->strings.n = in->sites.n = 1;
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++)
        if (gt_intern_string(in, words[i], (uint32_t)strlen(words[i])) != i + 1)
            return false;
    return true;
}

void gt_intern_close(struct intern *in) {
    for (uint32_t i = 0; i < in->blocks.n; i++)
        gt_free(in->blocks.p[i], BLOCK_BYTES);
    VEC_FREE(&in->blocks);
    VEC_FREE(&in->strings);
    VEC_FREE(&in->sites);
    gt_free(in->string_slots, (size_t)in->string_cap * sizeof *in->string_slots);
    gt_free(in->site_slots, (size_t)in->site_cap * sizeof *in->site_slots);
}
