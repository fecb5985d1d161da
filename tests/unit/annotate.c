/* annotate.c: tasks, regions, logs and labels, traced or not; tests/traces/said.test.mjs looks at what the trace
 * says of them. The program sees nothing of a trace: its results are the same. */
#include "check.h"

static void regions_nest_and_end_with_blocks(void) {
    gr_region("outer");
    int rows = 0;
    for (int i = 0; i < 3; i++) {
        gr_region("row");
        if (i == 1)
            continue;
        rows++;
    }
    gr_region_begin("by hand");
    gr_region("inside");
    gr_yield();
    CHECK_EQ(rows, 2);
    /* "inside" ends with the block, and is begun last: "by hand" is ended by "outer" (told on stderr as no mistake) */
}

static int found(int i) {
    gr_region("find");
    if (i > 2)
        return i; /* evaluated before the region ends */
    return -i;
}
static void regions_end_by_return(void) {
    CHECK_EQ(found(1), -1);
    CHECK_EQ(found(3), 3);
}

/* ---- tasks ---- */

typedef struct Job {
    gr_task task;
    gr_chan *done;
    int n;
} Job;

static void part(void *arg) {
    Job *j = arg;
    gr_label("worker");
    {
        gr_region_in(j->task, "part");
        char text[32];
        snprintf(text, sizeof text, "part %d", j->n);
        gr_log(j->task, "progress", text);
        memset(text, 'x', sizeof text - 1); /* it has been copied */
        gr_yield();
    }
    if (j->n == 2)
        gr_task_end(j->task);
    gr_chan_send(j->done, &j->n);
}

static void tasks_pass_between_goroutines(void) {
    gr_chan *done = gr_chan_make(sizeof(int), 0);
    gr_task request = gr_task_begin(0, "request"), child = gr_task_begin(request, "child");
    CHECK((request == 0) == (child == 0));
    CHECK(request == 0 || request != child);
    Job jobs[3];
    for (int i = 0; i < 3; i++) {
        jobs[i] = (Job){i == 2 ? child : request, done, i};
        gr_go(part, &jobs[i]);
    }
    int sum = 0;
    for (int i = 0, v; i < 3; i++) {
        gr_chan_recv(done, &v);
        sum += v;
    }
    CHECK_EQ(sum, 3);
    gr_task_end(request);
    gr_task_end(0);
    gr_chan_free(done);
}

/* ---- strings ---- */

static void names_may_be_freed_and_changed(void) {
    char *name = malloc(16);
    strcpy(name, "freed");
    gr_region_begin(name);
    gr_task t = gr_task_begin(0, name);
    memset(name, 'y', 15);
    free(name);
    gr_region_end("freed");
    gr_task_end(t);
    gr_log(0, NULL, NULL);
    gr_label(NULL);
    gr_region_begin(NULL);
    gr_region_end("");
}

static void long_names_are_cut(void) {
    char *name = malloc(4001);
    memset(name, 'n', 4000);
    memcpy(name + 1023, "\xe2\x82\xac", 3); /* a euro sign over the limit */
    name[4000] = 0;
    gr_log(0, "long", name);
    gr_region_begin(name);
    gr_region_end(name);
    free(name);
}

static void many_names(void) {
    char name[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "name %d", i % 700);
        gr_region_begin(name);
        gr_log(0, name, name);
        gr_region_end(name);
    }
}

/* ---- what leaves no block ---- */

static gr_chan *left;
static void recovers(void *arg) {
    (void)arg;
    CHECK(gr_recover() != NULL);
    gr_chan_send(left, &(int){1});
}
static void panics(void *arg) {
    (void)arg;
    gr_defer(recovers, NULL);
    gr_region("never left");
    gr_panic("out");
}
static void panics_leave_regions(void) {
    left = gr_chan_make(sizeof(int), 0);
    gr_go(panics, NULL);
    gr_chan_recv(left, &(int){0});
    gr_chan_free(left);
}

/* ---- sequences: a goroutine of their own ---- */

static void counting(gr_yield_fn *yield, void *arg) {
    (void)arg;
    gr_region("sequence");
    for (int i = 0; i < 4; i++) {
        gr_region("element");
        if (!yield(&i))
            return;
    }
}
static void regions_of_sequences_are_their_own(void) {
    gr_region("consumer");
    gr_iter *it = gr_pull(counting, NULL, sizeof(int));
    int v, sum = 0;
    while (gr_next(it, &v)) {
        gr_region("taken");
        sum += v;
    }
    CHECK_EQ(sum, 6);
    gr_stop(it);
}

TESTS(T(regions_nest_and_end_with_blocks), T(regions_end_by_return), T(tasks_pass_between_goroutines),
      T(names_may_be_freed_and_changed), T(long_names_are_cut), T(many_names), T(panics_leave_regions),
      T(regions_of_sequences_are_their_own))
