/* profiled: 40 MB from two calls, of which what the second one gives is kept; small blocks of one size from two calls
 * in turn, and large ones between; then the heap's profile, in hexadecimal digits. */
#include "heap.h"

enum { EACH = 40000, BYTES = 500, TURNS = 200000, SMALL = 60, LARGE = 100000 };

static void *kept[EACH];

NOINLINE static void drop_some(void) {
    for (int i = 0; i < EACH; i++)
        gr_alloc(BYTES);
}
NOINLINE static void keep_some(void) {
    for (int i = 0; i < EACH; i++)
        kept[i] = gr_alloc(BYTES);
}

NOINLINE static void one_of_two(void) { gr_alloc(SMALL); }
NOINLINE static void other_of_two(void) { gr_alloc(SMALL); }
NOINLINE static void large(void) { gr_alloc_noscan(LARGE); }

static int write_digits(void *arg, const void *bytes, size_t n) {
    ++*(int *)arg;
    for (size_t i = 0; i < n; i++)
        printf("%02x", ((const unsigned char *)bytes)[i]);
    gr_yield();
    return 7;
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    int calls = 0;
    drop_some();
    keep_some();
    for (int i = 0; i < TURNS; i++) {
        one_of_two();
        other_of_two();
        if (i % 400 == 0)
            large();
    }
    gr_gc();
    REQUIRE(gr_heap_profile(write_digits, &calls) == 7);
    REQUIRE(calls == 1);
    return 0;
}
