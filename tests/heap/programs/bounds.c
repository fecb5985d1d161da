/* bounds: how large the heap becomes, and what collecting it takes, where its rules say it.
 *
 * usage: bounds garbage LIVE_MB ALLOCATED_MB BYTES    garbage of blocks of that size beside what lives
 *        bounds busy LIVE_MB GOROUTINES                one cycle beside goroutines that compute all the time
 * prints one line of JSON
 */
#include <goroscope.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Node {
    struct Node *next;
    long pad[7];
} Node;

static Node *kept;
static _Atomic bool stop;

static void keep(long mb) {
    for (size_t bytes = 0; bytes < (size_t)mb << 20; bytes += sizeof(Node)) {
        Node *n = gr_new(Node);
        n->next = kept;
        kept = n;
    }
}

/* The most that was live, and what it all came to. */
static void say(uint64_t most_live) {
    gr_gc_stats s;
    gr_read_gc_stats(&s);
    printf("{\"cycles\":%llu,\"most_live\":%llu,\"goal\":%llu,\"system\":%llu,\"mark_ns\":%lld,\"worker_ns\":%lld}\n",
           (unsigned long long)s.cycles, (unsigned long long)most_live, (unsigned long long)s.goal_bytes,
           (unsigned long long)s.system_bytes, (long long)s.mark_ns, (long long)s.worker_ns);
}

/* In KiB, and from a frame of its own: counts of the heap's bytes look like addresses in it (docs/heap.md). */
__attribute__((noinline)) static uint64_t live_kib(void) {
    gr_gc_stats s;
    gr_read_gc_stats(&s);
    return s.live_bytes >> 10;
}

static void garbage(long mb, size_t bytes) {
    uint64_t most = 0;
    for (size_t done = 0; done < (size_t)mb << 20; done += bytes) {
        char *p = gr_alloc(bytes);
        p[0] = 1;
        uint64_t live = live_kib();
        if (live > most)
            most = live;
    }
    say(most << 10);
}

static void compute(void *unused) {
    (void)unused;
    while (!atomic_load(&stop))
        gr_now(), gr_numgoroutine();
}

int gr_main(int argc, char **argv) {
    keep(argc > 2 ? atol(argv[2]) : 0);
    if (argc > 4 && strcmp(argv[1], "garbage") == 0) {
        garbage(atol(argv[3]), (size_t)atol(argv[4]));
    } else if (argc > 3 && strcmp(argv[1], "busy") == 0) {
        gr_gc();
        for (long i = 0; i < atol(argv[3]); i++)
            gr_go(compute, NULL);
        gr_gc();
        atomic_store(&stop, true);
        say(0);
    }
    return 0;
}
