/* map.h: ids (any 64-bit number) to small positive indices; open addressing, deletion without tombstones. */
#ifndef GT_MAP_H
#define GT_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct map {
    uint64_t *keys;   /* cap keys, meaningful where vals is not 0 */
    uint32_t *vals;   /* cap values, 0 = empty place */
    uint32_t n, cap;  /* entries; places, a power of two or 0 */
    uint64_t hot_key; /* the key found last … */
    uint32_t hot_val; /* … and its value; 0 = none */
};

/* The value of key, or 0. */
uint32_t gt_map_get(struct map *m, uint64_t key);
/* Sets key to val (not 0). False = out of memory. */
bool gt_map_set(struct map *m, uint64_t key, uint32_t val);
void gt_map_delete(struct map *m, uint64_t key);
/* Forgets all entries, keeps the memory. */
void gt_map_clear(struct map *m);
void gt_map_free(struct map *m);

/* A well mixed hash of a 64-bit number. */
static inline uint64_t hash_u64(uint64_t x) {
    x ^= x >> 32;
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 29;
    return x;
}

#endif
