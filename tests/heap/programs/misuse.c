/* misuse: one mistake, by the argument's name; what is said is Go's or one sentence. */
#include "heap.h"

static void nothing(void *arg) { (void)arg; }
static char memory[64];
static Watched *kept[100000];

static bool is(const char *what, const char *name) { return strcmp(what, name) == 0; }

static void ranges(const char *what) {
    if (is(what, "root twice")) {
        gr_root(memory, sizeof memory);
        gr_root(memory, sizeof memory);
    } else if (is(what, "root twice, by their address")) {
        void (*root)(void *, size_t) = gr_root;
        root(memory, sizeof memory);
        root(memory, sizeof memory);
    } else if (is(what, "unroot of none")) {
        gr_unroot(memory, sizeof memory);
    } else if (is(what, "unroot of another size")) {
        gr_root(memory, sizeof memory);
        gr_unroot(memory, sizeof memory / 2);
    } else if (is(what, "root of all there is")) {
        gr_root(memory, SIZE_MAX);
    } else if (is(what, "root behind the end")) {
        gr_root((void *)(UINTPTR_MAX - 15), 1000);
    } else if (is(what, "root_free of malloc's")) {
        static void *block[8]; /* what stands in front of it is not by chance */
        gr_root_free(&block[6]);
    } else if (is(what, "root_free twice")) {
        void *p = gr_root_alloc(100);
        gr_root_free(p);
        gr_root_free(p);
    }
}

static void layouts(const char *what) {
    static const size_t odd[] = {3}, outside[] = {16}, right[] = {8};
    static const gr_layout none = {16, 1, NULL}, size = {7, 1, right}, zero = {0, 1, right}, at_odd = {16, 1, odd},
                           at_outside = {16, 1, outside}, empty = {16, 0, NULL}, fine = {16, 1, right};
    gr_alloc_layout(100, &fine);
    gr_alloc_layout(100, &empty);
    if (is(what, "layout NULL"))
        gr_alloc_layout(100, NULL);
    else if (is(what, "layout of 7 bytes"))
        gr_alloc_layout(100, &size);
    else if (is(what, "layout of 0 bytes"))
        gr_alloc_layout(100, &zero);
    else if (is(what, "layout without offsets"))
        gr_alloc_layout(100, &none);
    else if (is(what, "layout with an odd offset"))
        gr_alloc_layout(100, &at_odd);
    else if (is(what, "layout with an offset outside"))
        gr_alloc_layout(100, &at_outside);
}

static void blocks(const char *what) {
    if (is(what, "realloc of malloc's")) {
        char *p = malloc(10);
        p = gr_realloc(p, 20);
        free(p);
    } else if (is(what, "realloc of the inside")) {
        char *p = gr_alloc(100);
        gr_realloc(p + 16, 200);
    } else if (is(what, "realloc of a free block")) {
        char *p = gr_alloc_noscan(40);
        gr_realloc(p + 3 * 48, 200);
    } else if (is(what, "too many")) {
        gr_make(Watched, SIZE_MAX / 4);
    } else if (is(what, "profile to nobody")) {
        gr_heap_profile(NULL, NULL);
    } else if (is(what, "figures to nowhere")) {
        gr_read_gc_stats(NULL);
    }
}

static void cleanups(const char *what) {
    if (is(what, "cleanup of malloc's")) {
        gr_cleanup_add(memory, nothing, NULL);
    } else if (is(what, "cleanup of a free block")) {
        char *p = gr_alloc_noscan(40);
        gr_cleanup_add(p + 3 * 48, nothing, NULL);
    } else if (is(what, "cleanup of what is just behind")) {
        Watched *w = gr_new(Watched);
        gr_cleanup_add(w + 1, nothing, NULL);
    } else if (is(what, "cleanup of a span's end")) {
        char *p = gr_alloc_noscan(40); /* 170 of 48 bytes in a span of 8 KiB */
        gr_cleanup_add(p - (uintptr_t)p % 8192 + 170 * 48 + 8, nothing, NULL);
    } else if (is(what, "cleanup without function")) {
        gr_cleanup_add(gr_alloc(8), NULL, NULL);
    } else if (is(what, "cleanup with itself")) {
        void *p = gr_alloc(8);
        gr_cleanup_add(p, nothing, p);
    }
}

static void memories(const char *what) {
    if (is(what, "out of memory")) {
        for (int i = 0; i < 100000; i++)
            kept[i] = gr_alloc(1 << 20);
    } else if (is(what, "out of memory, beyond all numbers")) {
        gr_new_at(SIZE_MAX - 8, GR_SITE);
    } else if (is(what, "out of memory at once")) {
        kept[0] = gr_alloc((size_t)2000 << 20);
    } else if (is(what, "no memory, but garbage")) {
        for (int i = 0; i < 1000; i++)
            kept[i % 4] = gr_alloc(1 << 20);
        puts("enough");
    }
}

int gr_main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    ranges(what);
    layouts(what);
    blocks(what);
    cleanups(what);
    memories(what);
    return 0;
}
