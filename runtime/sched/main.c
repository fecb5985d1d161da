/* main.c: how a program begins and ends, and the small calls that belong to no file of their own. */
#include "../trace/trace.h"
#include "choose.h"
#include "clock.h"
#include "debug.h"
#include "main.h"
#include "nullpage.h"
#include "proc.h"

#define PATIENCE 1000         /* yields of main for the sake of panics */
#define MAIN_STACK (16 << 10) /* goroutine 1: what its stack begins with; it prints in most programs */

Config rt_config;
static int main_result; /* 0: it ended by a recovered panic */
static int main_argc;
static char **main_argv;
gr_site goroutine_main_site = {"gr_main", "gr_main", 0, 0};

static void main_goroutine(void *arg) {
    (void)arg;
    trace_procs_change(port_get_m(), NULL); /* the format wants it said by a goroutine */
    main_result = gr_main(main_argc, main_argv);
}

/* A panic that main's return ran into is still reported, if its deferred calls do not take long. (main of Go's proc.go) */
static void let_panics_end(void) {
    for (int i = 0; i < PATIENCE && any_panicking(); i++)
        yield_now(&goroutine_main_site);
    if (is_dying())
        rt_stop_here();
}

_Noreturn void main_returned(void) {
    if (debug_vars.leaks)
        leak_await(main_result);
    let_panics_end();
    rt_exit(main_result);
}

void rt_init(const Config *cfg, int argc, char **argv) {
    rt_config = *cfg;
    debug_parse(cfg->debug);
    main_argc = argc;
    main_argv = argv;
    if (rt_config.procs < 1)
        rt_config.procs = 1;
    if (rt_config.procs > MAX_PROCS)
        rt_config.procs = MAX_PROCS;
    if (!rt_config.sim && !port_has_threads())
        rt_config.sim = true;
    if (!rt_config.sim)
        rt_config.virtual_clock = rt_config.check = false;
    if (rt_config.chaos && rt_config.virtual_clock)
        chaos_init(rt_config.seed);
    if (rt_config.stack_max == 0)
        rt_config.stack_max = DEFAULT_STACK_MAX;
    atomic_store(&sched.sleep_until, INT64_MAX);
    if (rt_config.sim)
        attend(ATTEND_SIM);
    null_page_begin();
    if (rt_config.sim)
        sim_begin();
    M *m = m_new(true);
    port_set_m(m);
    port_set_away(0);
    clock_begin();
    atomic_store(&sched.coarse_ns, rt_now());
    sched.sysmon = m_new(false);
    atomic_store(&sched.sysmon_note, 1);
    procs_init(rt_config.procs);
    trace_init(m);
    if (rt_config.sim)
        sim_wake_p(sched.allp[0]); /* its time begins with the program's */
    acquirep(m, sched.allp[0]);
    spawn(main_goroutine, NULL, MAIN_STACK, "gr_main", &goroutine_main_site);
}

/* The program is being ended by another M. */
_Noreturn void rt_stop_here(void) {
    for (;;)
        port_futex_wait((uint32_t *)(void *)&sched.exiting, 1, -1);
}

/* Ends the program: output and trace first, then the host. Whoever comes second waits for the end. */
_Noreturn void rt_exit(int code) {
    if (sched.mnext && !is_dying())
        null_page_check(", noticed at the end of the program", NULL);
    bool second = atomic_exchange(&sched.exiting, 1);
    attend(ATTEND_EXIT);
    if (second) {
        if (!port_has_threads() || rt_config.sim)
            port_exit(code); /* a failure while ending */
        rt_stop_here();
    }
    port_futex_wake((uint32_t *)(void *)&sched.exiting, 1 << 30);
    output_flush_all();
    trace_finish(port_get_m());
    port_exit(code);
}

/* xorshift64*, high bits scaled to n (Vigna 2016; Lemire 2019 for the scaling). */
uint32_t rt_rand(uint32_t n) {
    M *m = port_get_m();
    uint64_t x = m->rng;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    m->rng = x;
    return (uint32_t)(((x * 0x2545F4914F6CDD1Du) >> 32) * n >> 32);
}

void *rt_trace_region(void) { return trace_region; }

/* A system call, as a read is in Go: a long file takes the host a while. */
char *gr_readfile(const char *path, size_t *n) {
    static gr_site site = {"gr_readfile", "", 0, 0};
    G *g = port_get_g();
    if (!g || gstate(g) != G_RUNNING)
        return port_readfile(path, n); /* before gr_main, or in a system call already */
    gr_entersyscall_at(&site);
    char *text = port_readfile(path, n);
    gr_exitsyscall();
    return text;
}
