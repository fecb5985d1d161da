/* main.c: goroutine 1, which runs gr_main. (main of Go's proc.go) */
#include "base/debug.h"
#include "core/exit.h"
#include "core/goroutine.h"
#include "core/leak.h"
#include "core/main.h"
#include "core/panic.h"
#include "core/park.h"

#define PATIENCE 1000         /* yields of main for the sake of panics */
#define MAIN_STACK (16 << 10) /* goroutine 1: what its stack begins with; it prints in most programs */

Config rt_config;
static int main_result; /* 0: it ended by a recovered panic */
static int main_argc;
static char **main_argv;
gr_site rt_goroutine_main_site = {"gr_main", "gr_main", 0, 0};

static void main_goroutine(void *arg) {
    (void)arg;
    main_result = gr_main(main_argc, main_argv);
}

/* A panic that main's return ran into is still reported, if its deferred calls do not take long. */
static void let_panics_end(void) {
    for (int i = 0; i < PATIENCE && rt_any_panicking(); i++)
        rt_yield_now(&rt_goroutine_main_site);
    if (rt_is_dying())
        rt_stop_here();
}

_Noreturn void rt_main_returned(void) {
    if (rt_debug_vars.leaks) {
        port_libc_handlers();
        rt_leak_await(main_result);
    }
    let_panics_end();
    port_libc_exit(main_result);
}

void rt_main_start(int argc, char **argv) {
    main_argc = argc;
    main_argv = argv;
    rt_spawn_first(main_goroutine, MAIN_STACK, "gr_main", &rt_goroutine_main_site);
}
