/* said.c: [goroutines [steps [seed [middle]]]]: goroutines that say what they do in the trace: regions begin and end
 * at random, tasks too, by any goroutine. Each log tells what is open where it stands, by which said.test.mjs knows
 * that readers see it so, also after lost generations:
 *   "regions": the names of the goroutine's open regions, outermost first
 *   "tasks": the names of the open tasks that the goroutine has begun
 * middle: the program begins to trace when some goroutine is half through.
 * At the end "begun TASKS REGIONS LOGS" is printed, of what has been written. */
#include <goroscope.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 6, TASKS = 4 };

static int steps = 200;
static uint32_t seed = 1;
static bool middle;
static _Atomic int ntasks, nregions, nlogs;
static gr_waitgroup wg;
static gr_mutex m;
static gr_chan *odd_ones; /* tasks that another goroutine ends */

typedef struct Me {
    uint32_t random;
    int depth, number; /* open regions; names given */
    char names[DEPTH][24];
    gr_task tasks[TASKS]; /* 0: none */
    char task_names[TASKS][24];
} Me;

static uint32_t below(Me *me, uint32_t n) {
    me->random ^= me->random << 13;
    me->random ^= me->random >> 17;
    me->random ^= me->random << 5;
    return me->random % n;
}

static void say(Me *me) {
    char text[DEPTH * 24 + TASKS * 24] = "";
    for (int i = 0; i < me->depth; i++)
        strcat(strcat(text, i ? "/" : ""), me->names[i]);
    gr_log(0, "regions", text);
    text[0] = 0;
    for (int i = 0; i < TASKS; i++)
        if (me->tasks[i])
            strcat(strcat(text, text[0] ? "/" : ""), me->task_names[i]);
    gr_log(me->tasks[0], "tasks", text);
    atomic_fetch_add(&nlogs, 2);
}

static void wait_a_little(Me *me) {
    switch (below(me, 8)) {
    case 0:
        gr_sleep(GR_MICROSECOND * (1 + below(me, 50)));
        break;
    case 1:
        gr_mutex_lock(&m);
        gr_yield();
        gr_mutex_unlock(&m);
        break;
    case 2:
        gr_entersyscall();
        gr_exitsyscall();
        break;
    case 3:
        gr_yield();
        break;
    default:
        break;
    }
}

static void step(Me *me) {
    int task = (int)below(me, TASKS);
    switch (below(me, 6)) {
    case 0:
    case 1:
        if (me->depth == DEPTH)
            break;
        snprintf(me->names[me->depth], sizeof *me->names, "r%d", me->number++ % 50);
        gr_region_begin_in(me->tasks[task], me->names[me->depth++]);
        atomic_fetch_add(&nregions, 1);
        break;
    case 2:
        if (me->depth == 0)
            break;
        gr_region_end(me->names[--me->depth]);
        break;
    case 3:
        if (me->tasks[task])
            break;
        snprintf(me->task_names[task], sizeof *me->task_names, "t%d.%d", (int)gr_goid(), me->number++);
        me->tasks[task] = gr_task_begin(me->tasks[(task + 1) % TASKS], me->task_names[task]);
        atomic_fetch_add(&ntasks, 1);
        break;
    case 4:
        if (me->tasks[task])
            gr_task_end(me->tasks[task]);
        me->tasks[task] = 0;
        break;
    default:
        say(me);
    }
    wait_a_little(me);
}

static void work(void *arg) {
    Me me = {.random = (seed * 2654435761u + (uint32_t)(uintptr_t)arg * 40503u) | 1};
    gr_label("worker");
    for (int i = 0; i < steps; i++) {
        step(&me);
        if (middle && i == steps / 2 && !gr_trace_enabled())
            gr_trace_start(NULL); /* several may: one of them does */
    }
    say(&me);
    for (int i = 0; i < TASKS; i++)
        if (me.tasks[i])
            gr_chan_send(odd_ones, &me.tasks[i]);
    gr_waitgroup_done(&wg); /* what is open of regions ends with the goroutine */
}

static void end_tasks(void *arg) {
    (void)arg;
    gr_region("end of tasks");
    gr_task t;
    while (gr_chan_recv(odd_ones, &t))
        gr_task_end(t);
    gr_waitgroup_done(&wg);
}

int gr_main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 8;
    steps = argc > 2 ? atoi(argv[2]) : steps;
    seed = argc > 3 ? (uint32_t)atoi(argv[3]) : seed;
    middle = argc > 4;
    odd_ones = gr_chan_make(sizeof(gr_task), 2);
    gr_region("main");
    gr_waitgroup_add(&wg, n);
    for (int i = 0; i < n; i++)
        gr_go(work, (void *)(uintptr_t)(i + 1));
    gr_go(end_tasks, NULL);
    gr_waitgroup_wait(&wg);
    gr_waitgroup_add(&wg, 1);
    gr_chan_close(odd_ones);
    gr_waitgroup_wait(&wg);
    printf("begun %d %d %d\n", ntasks, nregions + 2, nlogs);
    return 0;
}
