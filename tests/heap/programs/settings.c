/* settings: what GOGC and GOMEMLIMIT have come to; "waits": who turns cycles off finds none marking afterwards. */
#include "heap.h"
#include "heap/heap.h"

static void *all;

static void collects(void *arg) {
    (void)arg;
    gr_gc();
}

static void waits(void) {
    for (int i = 0; i < 500000; i++) {
        void **node = gr_alloc(64);
        *node = all;
        all = node;
    }
    for (int round = 0; round < 5; round++) {
        gr_waitgroup wg = {0};
        gr_gc_percent(100);
        gr_gc();
        gr_waitgroup_go(&wg, collects, NULL);
        while (atomic_load(&rt_heap.phase) != GC_MARK)
            gr_yield();
        REQUIRE(gr_gc_percent(-3) == 100);
        REQUIRE(atomic_load(&rt_heap.phase) != GC_MARK);
        gr_waitgroup_wait(&wg);
    }
    REQUIRE(gr_gc_percent(50) == -1);
}

int gr_main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "waits")) {
        waits();
        puts("ok");
        return 0;
    }
    long long limit = (long long)gr_memory_limit(-1);
    int percent = gr_gc_percent(100);
    if (limit == INT64_MAX)
        printf("%d off\n", percent);
    else
        printf("%d %lld\n", percent, limit);
    return 0;
}
