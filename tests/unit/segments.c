/* segments.c: stacks that grow and shrink: at every depth, by every amount, with switches in between, and what
 * points into them. */
#include "check.h"
#include <stdint.h>

/* ---- a switch at every depth ---- */

typedef struct Pattern {
    gr_waitgroup *group;
    int seed, levels;
} Pattern;

/* Yields on the way down and on the way up; each frame knows its own again, and its address stays. */
static int yield_everywhere(Pattern *p, int level, int *above) {
    int mine[12], sum = 0;
    int *where = mine;
    for (int i = 0; i < 12; i++)
        mine[i] = p->seed * level + i;
    gr_yield();
    if (level < p->levels)
        sum = yield_everywhere(p, level + 1, mine);
    gr_yield();
    for (int i = 0; i < 12; i++)
        CHECK_EQ(where[i], p->seed * level + i);
    if (above)
        CHECK_EQ(above[11], p->seed * (level - 1) + 11);
    return sum + 1;
}

static void run_pattern(void *arg) {
    Pattern *p = arg;
    CHECK_EQ(yield_everywhere(p, 1, NULL), p->levels);
    gr_waitgroup_done(p->group);
}

static void switches_at_every_depth(void) {
    enum { N = 12 };
    gr_waitgroup group = {0};
    Pattern p[N];
    gr_waitgroup_add(&group, N);
    for (int i = 0; i < N; i++) {
        p[i] = (Pattern){&group, i + 1, 20 * (i + 1)};
        gr_go(run_pattern, &p[i]);
    }
    gr_waitgroup_wait(&group);
}

/* ---- arrays of variable size ---- */

static int sum_of(const volatile unsigned char *bytes, int n) {
    volatile unsigned char padding[50];
    int sum = 0;
    padding[n % 50] = 1;
    for (int i = 0; i < n; i += 7)
        sum += bytes[i];
    return sum + padding[n % 50] - 1;
}

static void arrays(void *arg) {
    volatile int before = 77;
    for (int n = 1; n < 60000; n += n / 3 + 5) { /* each turn gives its array back */
        volatile unsigned char bytes[n];
        int expected = 0;
        for (int i = 0; i < n; i++)
            bytes[i] = (unsigned char)(i ^ n);
        for (int i = 0; i < n; i += 7)
            expected += (unsigned char)(i ^ n);
        if (n % 2)
            gr_yield();
        volatile int further[n % 40 + 1]; /* a second one above it */
        further[n % 40] = n;
        CHECK_EQ(sum_of(bytes, n), expected);
        CHECK_EQ(further[n % 40], n);
    }
    CHECK_EQ(before, 77);
    gr_waitgroup_done(arg);
}

static void arrays_of_variable_size(void) {
    gr_waitgroup group = {0};
    gr_waitgroup_add(&group, 8);
    for (int i = 0; i < 8; i++)
        gr_go(arrays, &group);
    gr_waitgroup_wait(&group);
}

/* ---- the C library's frames ---- */

static void print_a_number(void *arg) {
    char text[64];
    snprintf(text, sizeof text, "%s %.3f %d", "x", 1234.5678, 42); /* 7 KiB in the middle of it */
    CHECK(strcmp(text, "x 1234.568 42") == 0);
    gr_waitgroup_done(arg);
}

static void printf_in_fresh_goroutines(void) {
    gr_waitgroup group = {0};
    gr_waitgroup_add(&group, 200);
    for (int i = 0; i < 200; i++)
        gr_go(print_a_number, &group);
    gr_waitgroup_wait(&group);
}

/* ---- calls in a loop at a segment's end, wherever that is ---- */

static int leaf(int i) {
    volatile int frame[24];
    frame[i % 24] = i;
    return frame[i % 24];
}

static int call_often(int bytes) {
    volatile char used[bytes];
    int sum = 0;
    used[bytes - 1] = 5;
    for (int i = 0; i < 100; i++) {
        sum += leaf(i);
        if (i % 40 == 39)
            gr_yield();
    }
    return sum + used[bytes - 1];
}

static void at_each_end(void *arg) {
    for (int bytes = 16; bytes < 9000; bytes += 16)
        CHECK_EQ(call_often(bytes), 4955);
    gr_waitgroup_done(arg);
}

static void loops_at_a_segments_end(void) {
    gr_waitgroup group = {0};
    gr_waitgroup_add(&group, 3);
    for (int i = 0; i < 3; i++)
        gr_go(at_each_end, &group);
    gr_waitgroup_wait(&group);
}

/* ---- others write through pointers into segments that are not in use ---- */

typedef struct Reach {
    gr_chan *c; /* of int64_t */
    gr_waitgroup *group;
} Reach;

static void receive_below(Reach *r, int64_t *into, int level) {
    volatile char frame[100];
    frame[level % 100] = (char)level;
    if (level < 200)
        receive_below(r, into, level + 1);
    else {
        gr_case cases[] = {{GR_RECV, r->c, &into[1], false}};
        gr_chan_recv(r->c, &into[0]);
        gr_select(cases, 1, false);
    }
    CHECK_EQ(frame[level % 100], (char)level);
}

static void receive_into_the_first(void *arg) {
    Reach *r = arg;
    int64_t got[2] = {0, 0};
    receive_below(r, got, 1);
    CHECK(got[0] >> 8 == 1000 && got[1] >> 8 == 1000);
    gr_waitgroup_done(r->group);
}

static void pointers_into_older_segments(void) {
    gr_waitgroup group = {0};
    Reach r = {gr_chan_make(sizeof(int64_t), 0), &group};
    gr_waitgroup_add(&group, 20);
    for (int i = 0; i < 20; i++)
        gr_go(receive_into_the_first, &r);
    for (int i = 0; i < 40; i++) {
        int64_t v = 1000 << 8 | i;
        gr_chan_send(r.c, &v);
    }
    gr_waitgroup_wait(&group);
    gr_chan_free(r.c);
}

/* ---- very many at once ---- */

enum { CROWD = 10000 };
typedef struct Crowd {
    gr_chan *gate;
    gr_waitgroup arrived, gone;
} Crowd;

static int there_and_back(Crowd *c, int level, bool wait) {
    volatile int frame[20];
    frame[level % 20] = level;
    int below = level < 40 ? there_and_back(c, level + 1, wait) : 0;
    if (level == 40 && wait) {
        gr_waitgroup_done(&c->arrived);
        gr_chan_recv(c->gate, NULL);
    }
    return below + frame[level % 20];
}

static void grow_and_shrink(void *arg) {
    Crowd *c = arg;
    int sum = there_and_back(c, 1, true);
    gr_yield(); /* small again */
    CHECK_EQ(sum + there_and_back(c, 1, false), 40 * 41);
    gr_waitgroup_done(&c->gone);
}

static void a_crowd_grows_and_shrinks(void) {
    for (int round = 0; round < 2; round++) { /* the second in memory that the first has used */
        Crowd c = {.gate = gr_chan_make(0, 0)};
        gr_waitgroup_add(&c.arrived, CROWD);
        gr_waitgroup_add(&c.gone, CROWD);
        for (int i = 0; i < CROWD; i++)
            gr_go(grow_and_shrink, &c);
        gr_waitgroup_wait(&c.arrived);
        gr_chan_close(c.gate);
        gr_waitgroup_wait(&c.gone);
        gr_chan_free(c.gate);
    }
}

TESTS(T(switches_at_every_depth), T(arrays_of_variable_size), T(printf_in_fresh_goroutines), T(loops_at_a_segments_end),
      T(pointers_into_older_segments), T(a_crowd_grows_and_shrinks))
