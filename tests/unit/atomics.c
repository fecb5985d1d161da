/* Atomic operations of every kind and width do what C says; a program for wasi has plain ones in their place
 * (wasm/passes/single.mjs). */
#include "check.h"

/* The compiler must not know the values, nor where they are. */
static uint64_t opaque(uint64_t v) {
    static volatile uint64_t at;
    at = v;
    return at;
}

typedef struct Cells {
    uint8_t a8, b8;
    uint16_t a16, b16;
    uint32_t a32, b32;
    uint64_t a64, b64;
} Cells;

static Cells *cells;

#define ORDER __ATOMIC_SEQ_CST

/* b is beside a: it must stay as it is. */
#define KIND(type, a, b)                                                                                               \
    static void of_##type(void) {                                                                                      \
        type *p = &cells->a, x = (type)opaque(0xfedcba9876543210u), y = (type)opaque(0x123456789abcdef3u);             \
        cells->b = (type)opaque(0x5555555555555555u);                                                                  \
        __atomic_store_n(p, x, ORDER);                                                                                 \
        CHECK_EQ(__atomic_load_n(&cells->a, ORDER), x);                                                                \
        CHECK_EQ(__atomic_fetch_add(&cells->a, y, ORDER), x);                                                          \
        CHECK_EQ(cells->a, (type)(x + y));                                                                             \
        CHECK_EQ(__atomic_fetch_sub(p, (type)(y + y), ORDER), (type)(x + y));                                          \
        CHECK_EQ(cells->a, (type)(x - y));                                                                             \
        CHECK_EQ(__atomic_exchange_n(&cells->a, x, ORDER), (type)(x - y));                                             \
        CHECK_EQ(__atomic_fetch_and(p, y, ORDER), x);                                                                  \
        CHECK_EQ(__atomic_fetch_or(&cells->a, x, ORDER), (type)(x & y));                                               \
        CHECK_EQ(__atomic_fetch_xor(p, y, ORDER), x);                                                                  \
        CHECK_EQ(cells->a, (type)(x ^ y));                                                                             \
        type want = (type)(x ^ y);                                                                                     \
        CHECK(__atomic_compare_exchange_n(p, &want, y, false, ORDER, ORDER));                                          \
        CHECK_EQ(cells->a, y);                                                                                         \
        want = x;                                                                                                      \
        CHECK(!__atomic_compare_exchange_n(&cells->a, &want, x, false, ORDER, ORDER));                                 \
        CHECK_EQ(want, y);                                                                                             \
        CHECK_EQ(__atomic_load_n(p, ORDER), y);                                                                        \
        __atomic_thread_fence(ORDER);                                                                                  \
        CHECK_EQ(cells->b, (type)0x5555555555555555u);                                                                 \
    }

KIND(uint8_t, a8, b8)
KIND(uint16_t, a16, b16)
KIND(uint32_t, a32, b32)
KIND(uint64_t, a64, b64)

/* Results of 8 to 32 bits as 64, which is an instruction of its own. */
static void narrow_ones_widened(void) {
    cells->a8 = (uint8_t)opaque(200);
    cells->a16 = (uint16_t)opaque(60000);
    cells->a32 = (uint32_t)opaque(4000000000u);
    uint64_t sum = (uint64_t)__atomic_fetch_add(&cells->a8, 100, ORDER) + __atomic_fetch_sub(&cells->a16, 1, ORDER);
    sum += (uint64_t)__atomic_fetch_or(&cells->a32, 1, ORDER) + (uint64_t)__atomic_load_n(&cells->a32, ORDER);
    CHECK_EQ(sum, 200 + 60000 + 4000000000ull + 4000000001ull);
    CHECK_EQ(cells->a8, 44);
    sum = (uint64_t)__sync_val_compare_and_swap(&cells->a8, 44, 45) +
          (uint64_t)__sync_val_compare_and_swap(&cells->a16, 59999, 9) +
          (uint64_t)__sync_val_compare_and_swap(&cells->a32, 4000000001u, 4200000000u);
    CHECK_EQ(sum, 44 + 59999 + 4000000001ull);
    CHECK_EQ(cells->a32, 4200000000u);
}

static void every_kind_and_width(void) {
    static Cells in_data;
    Cells on_stack;
    cells = &in_data;
    of_uint8_t(), of_uint16_t(), of_uint32_t(), of_uint64_t(), narrow_ones_widened();
    cells = &on_stack;
    of_uint8_t(), of_uint16_t(), of_uint32_t(), of_uint64_t(), narrow_ones_widened();
    cells = malloc(sizeof *cells);
    of_uint8_t(), of_uint16_t(), of_uint32_t(), of_uint64_t(), narrow_ones_widened();
    free(cells);
}

TESTS(T(every_kind_and_width))
