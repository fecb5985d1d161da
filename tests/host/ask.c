/* What a program asks its host for: argv[1] says which case. Prints what it got; host.test.mjs knows what that must
 * be. */
#include <goroscope.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gr_waitgroup wg;
static _Atomic long sum;
static _Atomic int failed;

static void print_result(const char *what, gr_result *r) {
    if (r->error)
        printf("%s: error: %s\n", what, r->error);
    else
        printf("%s: %d %zu %s\n", what, r->status, r->size, r->size < 100 ? r->data : "...");
    gr_result_free(r);
}

static void echo(void *arg) {
    char text[20];
    gr_result r;
    snprintf(text, sizeof text, "%zu", (size_t)arg);
    if (gr_await("echo", text, &r) && strcmp(r.data, text) == 0)
        atomic_fetch_add(&sum, atol(r.data));
    else
        atomic_fetch_add(&failed, 1);
    gr_result_free(&r);
    gr_waitgroup_done(&wg);
}

/* Many at once, each with its own answer. */
static void many(size_t n) {
    for (size_t i = 1; i <= n; i++) {
        gr_waitgroup_add(&wg, 1);
        gr_go(echo, (void *)i);
    }
    gr_waitgroup_wait(&wg);
    printf("%zu answers, sum %ld, %d failed\n", n, (long)sum, (int)failed);
}

static void errors(void) {
    static const char *names[] = {"reject", "throw", "nothing", "object", "missing", "toString"};
    gr_result r;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        gr_await(names[i], "x", &r);
        print_result(names[i], &r);
    }
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    gr_await_bytes("reversed", bytes, sizeof bytes, &r);
    bool right = r.size == sizeof bytes;
    for (size_t i = 0; right && i < r.size; i++)
        right = r.data[i] == bytes[255 - i];
    printf("bytes: %s\n", right ? "right" : "wrong");
    gr_result_free(&r);
}

/* Every byte of an answer that is much larger than the ring. */
static void big(const char *size) {
    gr_result r;
    if (!gr_await("big", size, &r))
        printf("error: %s\n", r.error);
    size_t wrong = 0;
    for (size_t i = 0; i < r.size; i++)
        wrong += (unsigned char)r.data[i] != i % 251;
    printf("%zu bytes, %zu wrong\n", r.size, wrong);
    gr_result_free(&r);
}

/* The host answers the last first. */
static char order[8];
static gr_mutex order_lock;
static void ordered(void *arg) {
    gr_result r;
    gr_await("last_first", (const char *)arg, &r);
    gr_mutex_lock(&order_lock);
    if (r.data)
        strncat(order, r.data, sizeof order - strlen(order) - 1);
    gr_mutex_unlock(&order_lock);
    gr_result_free(&r);
    gr_waitgroup_done(&wg);
}

static void out_of_order(void) {
    static const char *names[] = {"a", "b", "c", "d"};
    for (int i = 0; i < 4; i++) {
        gr_waitgroup_add(&wg, 1);
        gr_go(ordered, (void *)names[i]);
        gr_sleep(GR_MILLISECOND);
    }
    gr_waitgroup_wait(&wg);
    printf("%s\n", order);
}

static void lines(void) {
    size_t n, total = 0, count = 0;
    for (char *l; (l = gr_stream_line(gr_stdin(), &n)) != NULL; count++, total += n) {
        if (count < 3)
            printf("<%s>\n", n < 40 ? l : "long");
        free(l);
    }
    printf("%zu lines, %zu bytes, %s\n", count, total,
           gr_stream_error(gr_stdin()) ? gr_stream_error(gr_stdin()) : "no error");
}

static _Atomic int ticks;
static void tick(void *unused) {
    (void)unused;
    for (;;) {
        gr_sleep(GR_MILLISECOND);
        atomic_fetch_add(&ticks, 1);
    }
}

/* Timers go on while a goroutine reads. */
static void ticking(void) {
    gr_go(tick, NULL);
    size_t n, total = 0, count = 0;
    for (char *l; (l = gr_stream_line(gr_stdin(), &n)) != NULL; count++, total += n)
        free(l);
    printf("ticks: %d\n%zu lines, %zu bytes, %s\n", (int)ticks, count, total,
           gr_stream_error(gr_stdin()) ? gr_stream_error(gr_stdin()) : "no error");
}

static void one_line(void) {
    char *l = gr_stream_line(gr_stdin(), NULL);
    printf("%s\n", l ? l : "none");
    free(l);
}

static void stream(void) {
    gr_result r;
    gr_stream *none = gr_stream_open("missing", NULL, &r);
    printf("%d ", none != NULL);
    print_result("missing", &r);
    gr_stream *s = gr_stream_open("upper", "!", &r);
    if (!s) {
        print_result("upper", &r);
        return;
    }
    char got[64];
    for (int i = 0; i < 3; i++) {
        gr_stream_write(s, "hello ", 6);
        ptrdiff_t n = gr_stream_read(s, got, sizeof got - 1);
        printf("%.*s|", (int)n, got);
    }
    bool shut = gr_stream_shut(s);
    ptrdiff_t end = gr_stream_read(s, got, sizeof got), again = gr_stream_read(s, got, sizeof got);
    printf(" shut %d, end %td %td\n", shut, end, again);
    gr_stream_close(s);
    s = gr_stream_open("broken", NULL, &r);
    end = gr_stream_read(s, got, sizeof got);
    printf("broken: %td %s\n", end, gr_stream_error(s));
    gr_stream_close(s);
}

/* 50 MB out of a stream; after the first MB the host tells how much it has given. */
static void source(const char *size) {
    enum { FIRST = 1 << 20 };
    static char buf[48 << 10];
    gr_result r;
    gr_stream *s = gr_stream_open("source", size, &r);
    size_t have = 0, wrong = 0;
    bool looked = false;
    for (ptrdiff_t n; (n = gr_stream_read(s, buf, sizeof buf)) > 0;) {
        for (ptrdiff_t i = 0; i < n; i++)
            wrong += (unsigned char)buf[i] != (have + (size_t)i) % 251;
        have += (size_t)n;
        if (!looked && have >= FIRST && gr_await("given", NULL, &r)) {
            printf("ahead by less than 200000: %d\n", (size_t)atol(r.data) - have < 200000);
            gr_result_free(&r);
            looked = true;
        }
    }
    printf("%zu bytes, %zu wrong, %s\n", have, wrong, gr_stream_error(s) ? gr_stream_error(s) : "no error");
    gr_stream_close(s);
}

static _Atomic size_t written;
static gr_stream *to_sink;

static void write_much(void *arg) {
    static char buf[100000];
    size_t size = (size_t)atol((const char *)arg);
    for (size_t n; atomic_load(&written) < size; atomic_fetch_add(&written, n)) {
        n = size - written < sizeof buf ? size - written : sizeof buf;
        for (size_t i = 0; i < n; i++)
            buf[i] = (char)((written + i) % 251);
        if (!gr_stream_write(to_sink, buf, n))
            break;
    }
    gr_stream_shut(to_sink);
    gr_waitgroup_done(&wg);
}

/* Into a stream whose other end stands still for a while. */
static void sink(char *size) {
    gr_result r;
    to_sink = gr_stream_open("sink", NULL, &r);
    gr_waitgroup_add(&wg, 1);
    gr_go(write_much, size);
    gr_await("full", NULL, &r);
    gr_result_free(&r);
    printf("ahead by less than 200000: %d\n", atomic_load(&written) < 200000);
    gr_await("go_on", NULL, &r);
    gr_result_free(&r);
    gr_waitgroup_wait(&wg);
    gr_await("taken", NULL, &r);
    printf("%zu bytes, the host has %s\n", (size_t)written, r.data);
    gr_result_free(&r);
    gr_stream_close(to_sink);
}

static void fetched(char **urls, int n) {
    gr_result r;
    for (int i = 0; i < n; i++) {
        gr_fetch(urls[i], NULL, &r);
        print_result("get", &r);
    }
    gr_fetch_options post = {"POST", "X-Test: yes\nContent-Type: text/plain", "body", 4};
    gr_fetch(urls[0], &post, &r);
    print_result("post", &r);
}

static void never(void *arg) {
    gr_result r;
    gr_await("never", (const char *)arg, &r);
    gr_result_free(&r);
}

static void forever(void *arg) { gr_chan_recv(arg, NULL); }

int gr_main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    gr_result r;
    if (strcmp(what, "many") == 0) {
        many((size_t)atoi(argv[2]));
    } else if (strcmp(what, "errors") == 0) {
        errors();
    } else if (strcmp(what, "big") == 0) {
        big(argv[2]);
    } else if (strcmp(what, "order") == 0) {
        out_of_order();
    } else if (strcmp(what, "lines") == 0) {
        lines();
    } else if (strcmp(what, "line") == 0) {
        one_line();
    } else if (strcmp(what, "ticking") == 0) {
        ticking();
    } else if (strcmp(what, "stream") == 0) {
        stream();
    } else if (strcmp(what, "source") == 0) {
        source(argv[2]);
    } else if (strcmp(what, "sink") == 0) {
        sink(argv[2]);
    } else if (strcmp(what, "fetch") == 0) {
        fetched(argv + 2, argc - 2);
    } else if (strcmp(what, "exit") == 0) { /* with requests outstanding */
        for (int i = 0; i < 10; i++)
            gr_go(never, NULL);
        gr_sleep(20 * GR_MILLISECOND);
        return 7;
    } else if (strcmp(what, "stop") == 0) {
        printf("waiting\n");
        never(NULL);
    } else if (strcmp(what, "deadlock") == 0) { /* only once the host has answered */
        gr_go(forever, gr_chan_make(0, 0));
        gr_await("slow", NULL, &r);
        printf("answered: %s\n", r.data);
        forever(gr_chan_make(0, 0));
    } else if (strcmp(what, "busy") == 0) { /* other Ps compute meanwhile: sysmon polls */
        gr_go(echo, (void *)1);
        gr_waitgroup_add(&wg, 1);
        gr_yield();
        while (atomic_load(&sum) == 0 && atomic_load(&failed) == 0)
            gr_yield();
        many(20);
    }
    return 0;
}
