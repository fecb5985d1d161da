/* misuse: one mistake, by the argument's name; what is said is Go's or one sentence. */
#include "heap.h"

static void nothing(void *arg) { (void)arg; }
static char memory[64];

int gr_main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    static Watched *kept[100000];
    if (!strcmp(what, "root twice")) {
        gr_root(memory, sizeof memory);
        gr_root(memory, sizeof memory);
    } else if (!strcmp(what, "unroot of none")) {
        gr_unroot(memory, sizeof memory);
    } else if (!strcmp(what, "unroot of another size")) {
        gr_root(memory, sizeof memory);
        gr_unroot(memory, sizeof memory / 2);
    } else if (!strcmp(what, "realloc of malloc's")) {
        char *p = malloc(10);
        p = gr_realloc(p, 20);
        free(p);
    } else if (!strcmp(what, "realloc of the inside")) {
        char *p = gr_alloc(100);
        gr_realloc(p + 16, 200);
    } else if (!strcmp(what, "cleanup of malloc's")) {
        gr_cleanup_add(memory, nothing, NULL);
    } else if (!strcmp(what, "cleanup without function")) {
        gr_cleanup_add(gr_alloc(8), NULL, NULL);
    } else if (!strcmp(what, "cleanup with itself")) {
        void *p = gr_alloc(8);
        gr_cleanup_add(p, nothing, p);
    } else if (!strcmp(what, "too many")) {
        gr_make(Watched, SIZE_MAX / 4);
    } else if (!strcmp(what, "out of memory")) {
        for (int i = 0; i < 100000; i++)
            kept[i] = gr_alloc(1 << 20);
    } else if (!strcmp(what, "out of memory at once")) {
        kept[0] = gr_alloc((size_t)2000 << 20);
    } else if (!strcmp(what, "no memory, but garbage")) {
        for (int i = 0; i < 1000; i++)
            kept[i % 4] = gr_alloc(1 << 20);
        puts("enough");
    }
    return 0;
}
