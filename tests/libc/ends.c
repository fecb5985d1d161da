/* ends.c: how programs read stdin and how they end; the first argument says which case. What each must print is in
 * libc.test.mjs. */
#include <assert.h>
#include <goroscope.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffer[4096];
static gr_mutex lock;
static gr_waitgroup all;

/* ---- stdin ---- */

static int ticks;

static void ticker(void *arg) {
    (void)arg;
    for (;;) {
        gr_sleep(GR_MILLISECOND);
        ticks++;
    }
}

/* The input comes late: others run meanwhile. */
static int scan(void) {
    char name[32];
    int age;
    gr_go(ticker, NULL);
    int n = scanf("%31s %d", name, &age);
    printf("%d %s %d %s\n", n, name, age, ticks > 0 ? "ticked" : "stood still");
    return 0;
}

static int nlines, nbad;
static long long sum;

/* Each line is "NUMBER NUMBER*3 end": nobody gets half of one. */
static void reader(void *arg) {
    char *line = NULL;
    size_t room = 0;
    char text[100];
    for (int k = (int)(intptr_t)arg;; k++) {
        bool got = k % 2 ? getline(&line, &room, stdin) > 0 : fgets(text, sizeof text, stdin) != NULL;
        if (!got)
            break;
        long long a, b;
        int end = 0;
        sscanf(k % 2 ? line : text, "%lld %lld end%n", &a, &b, &end);
        gr_mutex_lock(&lock);
        nlines++;
        sum += a;
        nbad += end == 0 || b != 3 * a;
        gr_mutex_unlock(&lock);
        gr_yield();
    }
    free(line);
    gr_waitgroup_done(&all);
}

static int lines(void) {
    gr_waitgroup_add(&all, 8);
    for (int i = 0; i < 8; i++)
        gr_go(reader, (void *)(intptr_t)i);
    gr_waitgroup_wait(&all);
    printf("%d lines, sum %lld, %d bad\n", nlines, sum, nbad);
    return 0;
}

static void read_one(void *to) { *(int *)to = getchar(); }

static int in_syscall(void) {
    int a = 0, b = 0;
    gr_go(ticker, NULL);
    gr_blocking(read_one, &a);
    char c[2] = {0};
    if (read(0, c, 1) == 1)
        b = c[0];
    printf("%c%s\n", a, b ? " and more" : " and the end"); /* stdio may have taken all there was */
    return 0;
}

static int getting(void) {
    int c = getchar();
    printf("%d, end %d, error %d\n", c, !!feof(stdin), !!ferror(stdin));
    return 0;
}

/* ---- locks ---- */

static void print_one(void *arg) {
    printf("other %d\n", (int)(intptr_t)arg);
    gr_waitgroup_done(&all);
}

/* While one has stdout for itself, over a park, others wait for it and nobody hangs. */
static int locked(void) {
    gr_waitgroup_add(&all, 4);
#ifndef __wasi__ /* whose stdio has no locks */
    flockfile(stdout);
#endif
    for (int i = 0; i < 4; i++)
        gr_go(print_one, (void *)(intptr_t)i);
    for (int i = 0; i < 3; i++) {
        printf("mine %d\n", i);
        gr_sleep(5 * GR_MILLISECOND);
    }
#ifndef __wasi__
    funlockfile(stdout);
#endif
    gr_waitgroup_wait(&all);
    return 0;
}

/* ---- ends ---- */

static void say_a(void) { printf("handler a\n"); }
static void say_b(void) { printf("handler b\n"); }
static void exit_again(void) {
    printf("again\n");
    exit(5);
}
static void send_on(void *c) { gr_chan_send((gr_chan *)c, &(int){7}); }
static void use_goroutines(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 0);
    int n = 0;
    gr_go(send_on, c);
    gr_chan_recv(c, &n);
    printf("received %d\n", n);
}
__attribute__((destructor)) static void destroy(void) {
    if (ticks == -1)
        printf("destructor\n");
}

static void keep_back(void) {
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    printf("kept back\n");
}

static int returns(void) {
    ticks = -1;
    atexit(say_a);
    atexit(say_b);
    keep_back();
    return 3;
}
static int exits(void) {
    atexit(say_a);
    atexit(exit_again);
    atexit(use_goroutines);
    keep_back();
    exit(4);
}
static void exit_6(void *arg) {
    (void)arg;
    exit(6);
}
/* Two at a time: the second one waits for the end. */
static int exits_elsewhere(void) {
    atexit(use_goroutines);
    keep_back();
    gr_go(exit_6, NULL);
    gr_go(exit_6, NULL);
    gr_chan_recv(NULL, NULL);
    return 0;
}
static int exits_at_once(void) {
    atexit(say_a);
    keep_back();
    _Exit(7);
}
/* stdout and stderr have no buffer unless the program gives them one, other files do. */
static int ends_unflushed(void (*end)(int)) {
    FILE *f = fopen("kept.txt", "w");
    fprintf(f, "kept back");
    printf("out");
    fprintf(stderr, "err");
    end(4);
    return 0;
}
static int unflushed__exit(void) { return ends_unflushed(_exit); }
static int unflushed__Exit(void) { return ends_unflushed(_Exit); }
static int unflushed_quick(void) { return ends_unflushed(quick_exit); }
static int exits_quickly(void) {
    atexit(say_a);
    at_quick_exit(say_b);
    keep_back();
    fflush(stdout);
    setvbuf(stdout, NULL, _IONBF, 0);
    quick_exit(8);
}
static int deadlocks(void) {
    atexit(say_a); /* not called */
    keep_back();
    gr_chan_recv(NULL, NULL);
    return 0;
}
static int panics(void) {
    keep_back();
    gr_panic("no way");
    return 0;
}
static int misuses(void) {
    keep_back();
    gr_mutex_unlock(&lock);
    return 0;
}
static int traps(void) {
    keep_back();
    __builtin_trap();
}
static int aborts(void) {
    keep_back();
    abort();
}
static int asserts(void) {
    keep_back();
    assert(ticks == 99);
    return 0;
}
static void on_signal(int sig) { printf("signal %s\n", sig == SIGUSR1 ? "USR1" : "?"); }
static int raises(void) {
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    keep_back();
    raise(SIGTERM);
    return 0;
}
static int raises_segv(void) {
    keep_back();
    raise(SIGSEGV);
    printf("went on\n");
    return 0;
}
static int to_file(void) {
    FILE *f = fopen("left.txt", "w");
    fprintf(f, "not closed\n");
    keep_back();
    gr_panic("left");
    return 0;
}

static const struct {
    const char *name;
    int (*fn)(void);
} cases[] = {
    {"scan", scan},
    {"lines", lines},
    {"in-syscall", in_syscall},
    {"getting", getting},
    {"locked", locked},
    {"returns", returns},
    {"exits", exits},
    {"elsewhere", exits_elsewhere},
    {"at-once", exits_at_once},
    {"quickly", exits_quickly},
    {"unflushed _exit", unflushed__exit},
    {"unflushed _Exit", unflushed__Exit},
    {"unflushed quick_exit", unflushed_quick},
    {"deadlocks", deadlocks},
    {"panics", panics},
    {"misuses", misuses},
    {"traps", traps},
    {"aborts", aborts},
    {"asserts", asserts},
    {"raises", raises},
    {"raises-segv", raises_segv},
    {"to-file", to_file},
};

int gr_main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].name, argv[1]) == 0)
            return cases[i].fn();
    return 99;
}
