/* forgets.c: what a flight recorder's window still shows when it has forgotten what is old: runtime/trace/window.c by
 * itself. */
#include "trace/window.h"

#include "base/throw.h"
#include <stdio.h>
#include <stdlib.h>

void rt_fatal(const char *msg) {
    fputs(msg, stderr);
    exit(2);
}

static int failed;

static void shows(TraceTail *tail, uint64_t start, const char *when) {
    uint64_t is = atomic_load(&tail->start_pos);
    if (is == start)
        return;
    printf("%s: it shows what begins at %d, not at %d\n", when, (int)is, (int)start);
    failed = 1;
}

int main(void) {
    static TraceTail tail;
    rt_window_init(&tail, 16, 0);
    rt_window_add(100, 10, true);
    rt_window_add(200, 20, true);
    rt_window_forget(5);
    shows(&tail, 16, "nothing is old yet");
    rt_window_forget(10);
    shows(&tail, 100, "the first is old");
    for (int i = 3; i < 200; i++) { /* the world stands still */
        rt_window_add((uint64_t)i * 100, i * 10, false);
        rt_window_forget(i * 10 - 50);
    }
    shows(&tail, 200, "none that is younger may begin a trace");
    rt_window_add(20000, 2000, true);
    rt_window_add(20100, 2010, true);
    rt_window_forget(2000);
    shows(&tail, 20000, "the world goes on");
    rt_window_forget(9999);
    shows(&tail, 20100, "all is old");
    return failed;
}
