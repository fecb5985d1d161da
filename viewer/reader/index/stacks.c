/* stacks.c: stacks that outlive the generation they came in, each kept once, as rows of lasting sites. */
#include "index/marks.h"

static uint64_t hash_sites(const uint32_t *p, uint32_t n) {
    uint64_t h = n;
    for (uint32_t i = 0; i < n; i++)
        h = hash_u64(h + p[i]);
    return h;
}

static bool rehash(struct stacks *s) {
    uint32_t more = s->cap ? s->cap * 2 : 64;
    uint32_t *to = gt_alloc((size_t)more * sizeof *to);
    if (!to)
        return false;
    for (uint32_t id = 1; id < s->list.n; id++) {
        struct stack_ref ref = s->list.p[id];
        uint32_t i = (uint32_t)hash_sites(s->sites.p + ref.first, ref.n) & (more - 1);
        while (to[i])
            i = (i + 1) & (more - 1);
        to[i] = id;
    }
    gt_free(s->slots, (size_t)s->cap * sizeof *s->slots);
    s->slots = to;
    s->cap = more;
    return true;
}

/* The id of the n sites at the end of s->sites, which are dropped again if they were known. */
static uint32_t intern(struct stacks *s, uint32_t n) {
    if (s->list.n >= s->cap / 4 * 3 && !rehash(s))
        return UINT32_MAX;
    uint32_t first = s->sites.n - n;
    const uint32_t *p = s->sites.p + first;
    uint32_t i = (uint32_t)hash_sites(p, n) & (s->cap - 1);
    for (; s->slots[i]; i = (i + 1) & (s->cap - 1)) {
        struct stack_ref have = s->list.p[s->slots[i]];
        if (have.n == n && memcmp(s->sites.p + have.first, p, n * sizeof *p) == 0) {
            s->sites.n = first;
            return s->slots[i];
        }
    }
    if (!VEC_ROOM(&s->list, s->list.n + 1))
        return UINT32_MAX;
    s->list.p[s->list.n] = (struct stack_ref){first, n};
    return s->slots[i] = s->list.n++;
}

static uint32_t keep(struct gt_reader *r, uint32_t index) {
    struct stacks *s = &r->marks->stacks;
    uint32_t n = r->gen.stacks.p[index].n;
    if (!s->list.n) {
        if (!VEC_ROOM(&s->list, 1))
            return UINT32_MAX;
        s->list.p[s->list.n++] = (struct stack_ref){0, 0};
    }
    if (n == 0)
        return 0;
    if (!VEC_ROOM(&s->sites, s->sites.n + n))
        return UINT32_MAX;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t site = gt_site_at(r, index, i);
        if (site == UINT32_MAX) {
            s->sites.n -= i;
            return site;
        }
        s->sites.p[s->sites.n++] = site;
    }
    return intern(s, n);
}

uint32_t gt_stack_keep(struct gt_reader *r, uint64_t stack_id) {
    struct stacks *s = &r->marks->stacks;
    uint32_t index = id_find(&r->gen.stack_ids, stack_id);
    if (index == UINT32_MAX || index == 0)
        return 0;
    if (s->gen != r->gen.gen || s->of_local.n < r->gen.stacks.n) {
        if (!VEC_ROOM(&s->of_local, r->gen.stacks.n))
            return UINT32_MAX;
        memset(s->of_local.p, 0, r->gen.stacks.n * sizeof *s->of_local.p);
        s->of_local.n = r->gen.stacks.n;
        s->gen = r->gen.gen;
    }
    if (!s->of_local.p[index]) {
        uint32_t id = keep(r, index);
        if (id == UINT32_MAX)
            return id;
        s->of_local.p[index] = id + 1;
    }
    return s->of_local.p[index] - 1;
}

void gt_stack_json(struct gt_reader *r, uint32_t stack) {
    const struct stacks *s = &r->marks->stacks;
    struct stack_ref ref = stack < s->list.n ? s->list.p[stack] : (struct stack_ref){0, 0};
    gt_text_char(&r->text, '[');
    for (uint32_t i = 0; i < ref.n; i++) {
        gt_text_str(&r->text, i ? ",{" : "{");
        gt_site_json(r, s->sites.p[ref.first + i]);
        gt_text_char(&r->text, '}');
    }
    gt_text_char(&r->text, ']');
}

uint32_t gt_stack_top(const struct gt_reader *r, uint32_t stack) {
    const struct stacks *s = &r->marks->stacks;
    struct stack_ref ref = stack < s->list.n ? s->list.p[stack] : (struct stack_ref){0, 0};
    for (uint32_t i = 0; i < ref.n; i++)
        if (!r->intern.sites.p[s->sites.p[ref.first + i]].inside)
            return s->sites.p[ref.first + i];
    return ref.n ? s->sites.p[ref.first] : 0;
}

void gt_stacks_close(struct stacks *s) {
    VEC_FREE(&s->list);
    VEC_FREE(&s->sites);
    VEC_FREE(&s->of_local);
    gt_free(s->slots, (size_t)s->cap * sizeof *s->slots);
}
