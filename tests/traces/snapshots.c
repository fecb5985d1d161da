/* snapshots.c: chatter, and beside it goroutines that write snapshots of the trace to the files NAME.0, NAME.1, …
 *
 * usage: snapshots NAME COUNT AT_ONCE MS [PAIRS]
 */
#define gr_main chatter_main
#include "../programs/chatter.c"
#undef gr_main
#include <string.h>

static const char *name;
static int count, taken;
static bool may_fail; /* generations are lost on command */
static gr_mutex lock;
static gr_waitgroup shooting;

static int to_file(void *arg, const void *bytes, size_t n) {
    gr_yield(); /* as one that writes to a channel */
    return fwrite(bytes, 1, n, arg) == n ? 0 : 1;
}

static void shot(int i) {
    char path[256];
    snprintf(path, sizeof path, "%s.%d", name, i);
    FILE *f = fopen(path, "wb");
    int failed = f ? gr_trace_snapshot(to_file, f) : 1;
    if (!f || fclose(f) || failed > 0 || (failed && !may_fail)) {
        fprintf(stderr, "snapshots: no snapshot in %s (%d)\n", path, failed);
        exit(1);
    }
    if (failed)
        remove(path);
}

static void shoot(void *arg) {
    for (unsigned x = (unsigned)(size_t)arg; !atomic_load(&stop);) {
        gr_mutex_lock(&lock);
        int i = taken < count ? taken++ : -1;
        gr_mutex_unlock(&lock);
        if (i < 0)
            break;
        shot(i);
        x = x * 1664525u + 1013904223u;
        gr_sleep((x >> 16) % 3000 * GR_MICROSECOND);
    }
    gr_waitgroup_done(&shooting);
}

int gr_main(int argc, char **argv) {
    if (argc < 5)
        return 2;
    name = argv[1];
    count = atoi(argv[2]);
    may_fail = getenv("GRDEBUG") != NULL;
    int at_once = atoi(argv[3]);
    gr_waitgroup_add(&shooting, at_once);
    for (int i = 0; i < at_once; i++)
        gr_go(shoot, (void *)(size_t)i);
    int code = chatter_main(argc - 3, argv + 3);
    gr_waitgroup_wait(&shooting);
    if (count > 0)
        shot(count); /* of the end */
    printf("%d snapshots\n", taken + (count > 0));
    return code;
}
