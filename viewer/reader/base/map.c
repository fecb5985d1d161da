/* map.c: the hash map of ids. Linear probing; deletion shifts the run back, so searches never pass dead places. */
#include "base/map.h"
#include "base/mem.h"

#include <string.h>

static uint32_t home(const struct map *m, uint64_t key) { return (uint32_t)hash_u64(key) & (m->cap - 1); }

static uint32_t find(const struct map *m, uint64_t key) {
    uint32_t i = home(m, key);
    while (m->vals[i] && m->keys[i] != key)
        i = (i + 1) & (m->cap - 1);
    return i;
}

uint32_t gt_map_get(struct map *m, uint64_t key) {
    if (m->hot_val && m->hot_key == key)
        return m->hot_val;
    if (m->cap == 0)
        return 0;
    uint32_t val = m->vals[find(m, key)];
    if (val) {
        m->hot_key = key;
        m->hot_val = val;
    }
    return val;
}

static bool resize(struct map *m, uint32_t cap) {
    struct map to = {.cap = cap};
    to.keys = gt_alloc((size_t)cap * sizeof *to.keys);
    to.vals = gt_alloc((size_t)cap * sizeof *to.vals);
    if (!to.keys || !to.vals) {
        gt_map_free(&to);
        return false;
    }
    for (uint32_t i = 0; i < m->cap; i++) {
        if (!m->vals[i])
            continue;
        uint32_t at = find(&to, m->keys[i]);
        to.keys[at] = m->keys[i];
        to.vals[at] = m->vals[i];
    }
    to.n = m->n;
    gt_map_free(m);
    *m = to;
    return true;
}

bool gt_map_set(struct map *m, uint64_t key, uint32_t val) {
    if (m->n >= m->cap / 4 * 3) {
        if (m->cap >= UINT32_MAX / 2 || !resize(m, m->cap ? m->cap * 2 : 16))
            return false;
    }
    uint32_t at = find(m, key);
    if (!m->vals[at])
        m->n++;
    m->keys[at] = key;
    m->vals[at] = val;
    m->hot_val = 0;
    return true;
}

void gt_map_delete(struct map *m, uint64_t key) {
    if (m->cap == 0)
        return;
    uint32_t hole = find(m, key);
    if (!m->vals[hole])
        return;
    m->hot_val = 0;
    m->n--;
    for (uint32_t i = (hole + 1) & (m->cap - 1); m->vals[i]; i = (i + 1) & (m->cap - 1)) {
        uint32_t want = home(m, m->keys[i]);
        if (((i - want) & (m->cap - 1)) < ((i - hole) & (m->cap - 1)))
            continue; /* already at or behind its home */
        m->keys[hole] = m->keys[i];
        m->vals[hole] = m->vals[i];
        hole = i;
    }
    m->vals[hole] = 0;
}

void gt_map_clear(struct map *m) {
    if (m->n)
        memset(m->vals, 0, (size_t)m->cap * sizeof *m->vals);
    m->n = 0;
    m->hot_val = 0;
}

void gt_map_free(struct map *m) {
    gt_free(m->keys, (size_t)m->cap * sizeof *m->keys);
    gt_free(m->vals, (size_t)m->cap * sizeof *m->vals);
    *m = (struct map){0};
}
