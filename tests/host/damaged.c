/* damaged.c: programs that overwrite memory by a pointer of their own, each in one way, named by its argument. */
#include <goroscope.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The compiler shall not know where these lead. */
static void *volatile at;
static volatile size_t many;

/* The runtime's own texts, of which its report is made. */
static void overwrite_texts(void) {
    at = (void *)1024;
    many = 6 << 10;
    memset(at, 7, many);
}

static void trap_without_texts(void) {
    overwrite_texts();
    __builtin_trap();
}

static void hang_without_texts(void) {
    overwrite_texts();
    for (volatile int i = 0;;)
        i++;
}

/* The C library's allocator traps with its lock held. */
static void free_of_junk(void) {
    static char junk[100];
    memset(junk, 'A', sizeof junk);
    at = junk + 16;
    free(at);
    at = (void *)12345678;
    free(at);
}

/* All from a block on, the line that this goroutine has begun too. */
static void beyond_a_line(void) {
    char *p = malloc(10);
    printf("hi\n");
    many = 3000000;
    at = p;
    printf("%zu\n", strlen(memset(at, 'x', many)));
}

static void beyond(size_t n) {
    char *p = malloc(10);
    many = n;
    at = p;
    memset(at, 'x', many);
    printf("%c\n", p[5]);
}
static void beyond_100_000(void) { beyond(100000); }
static void beyond_3_000_000(void) { beyond(3000000); }

/* A size that memory does not have. */
static void too_much_output(void) {
    many = 100u << 20;
    fwrite("here", 1, many, stdout);
}

static void send_on_junk(void) {
    gr_chan *c = gr_chan_make(sizeof(int), 1);
    int x = 1;
    at = c;
    memset(at, 0xff, 16);
    gr_chan_send(c, &x);
}

/* Until the host finds it. */
static void spoil_the_rest(void) {
    at = (void *)(64 << 10);
    many = 2 << 20;
    memset(at, 0x33, many);
    for (;;)
        ;
}

static void panic_with_bells(void) { gr_panic("\a\xff"); }

static const struct {
    const char *name;
    void (*fn)(void);
} ways[] = {
    {"texts", trap_without_texts}, {"texts-hang", hang_without_texts}, {"free", free_of_junk},
    {"line", beyond_a_line},       {"beyond-100000", beyond_100_000},  {"beyond-3000000", beyond_3_000_000},
    {"output", too_much_output},   {"channel", send_on_junk},          {"rest", spoil_the_rest},
    {"panic", panic_with_bells},
};

int gr_main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < sizeof ways / sizeof *ways; i++)
        if (!strcmp(argv[1], ways[i].name))
            ways[i].fn();
    return 0;
}
