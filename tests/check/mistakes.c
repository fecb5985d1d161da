/* mistakes.c: KIND: a program built with --check that makes this mistake, by name; check.test.mjs has what it must
 * say. The line of the mistake ends in a comment with its name. Nothing may be printed after it. */
#include <float.h>
#include <goroscope.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the compiler cannot know. */
static volatile int zero = 0, one = 1, five = 5, minus = -1, most = INT_MAX, least = INT_MIN;
static volatile int64_t most64 = INT64_MAX;
static volatile unsigned forty = 40;
static volatile double huge = 3e10;
static int *volatile nowhere;
static volatile int sink;
static void *volatile kept;

/* ---- what is undefined ---- */

static void overflow_add(void) { sink = most + one; }       /* overflow-add */
static void overflow_sub(void) { sink = least - one; }      /* overflow-sub */
static void overflow_mul(void) { sink = most * five; }      /* overflow-mul */
static void overflow_negate(void) { sink = -least; }        /* overflow-negate */
static void overflow_divide(void) { sink = least / minus; } /* overflow-divide */
static void overflow_64(void) { most64 = most64 + one; }    /* overflow-64 */
static void overflow_increment(void) { most++; }            /* overflow-increment */
static void overflow_128(void) {
    __int128 n = (__int128)most64 << 64;
    n += n; /* overflow-128 */
    sink = (int)(n >> 100);
}
static void divide_by_zero(void) { sink = five / zero; }     /* divide-by-zero */
static void remainder_of_zero(void) { sink = five % zero; }  /* remainder-of-zero */
static void shift_too_far(void) { sink = one << forty; }     /* shift-too-far */
static void shift_by_negative(void) { sink = one << minus; } /* shift-by-negative */
static void shift_of_negative(void) { sink = minus << one; } /* shift-of-negative */
static void shift_out(void) { sink = five << 30; }           /* shift-out */

static void index_above(void) {
    int a[3] = {1, 2, 3};
    sink = a[five]; /* index-above */
}
static void index_below(void) {
    int a[3] = {1, 2, 3};
    sink = a[minus]; /* index-below */
}
static int table[4][6];
static void index_of_row(void) { sink = table[five][one]; }       /* index-of-row */
static void index_in_row(void) { sink = table[one][five + one]; } /* index-in-row */
static void index_through_pointer(void) {
    int *p = table[0];
    sink = p[25]; /* index-through-pointer */
}

typedef struct Pair {
    int first, second;
} Pair;

static void null_read(void) { sink = *nowhere; }                            /* null-read */
static void null_write(void) { *nowhere = 1; }                              /* null-write */
static void null_member(void) { sink = ((Pair *)(void *)nowhere)->second; } /* null-member */
static void null_index(void) { sink = nowhere[five]; }                      /* null-index */
static void misaligned(void) {
    static _Alignas(16) char bytes[16];
    int *volatile p = (int *)(void *)(bytes + one);
    sink = *p; /* misaligned */
}
static void over_the_end(void) {
    char *volatile p = (char *)table;
    volatile size_t n = SIZE_MAX - 16;
    kept = p + n; /* pointer-over-the-end */
}
static void unreachable(void) {
    if (five == 5)
        __builtin_unreachable(); /* unreachable */
}
static void array_size(void) {
    int a[minus]; /* array-size */
    kept = a;
}
static void float_cast(void) { sink = (int)huge; } /* float-cast */
static void no_bool(void) {
    bool b;
    memset(&b, five, sizeof b);
    bool *volatile p = &b;
    sink = *p; /* no-bool */
}
static __attribute__((nonnull, noinline)) void wants_pointer(int *p) { kept = p; }
static void null_argument(void) { wants_pointer(nowhere); } /* null-argument */
static char *volatile no_text;
static char room[64];
static void null_length(void) { sink = (int)strlen(no_text); }     /* null-length */
static void null_text(void) { strcpy(room, no_text); }             /* null-text */
static void null_filled(void) { memset(no_text, 1, sizeof room); } /* null-filled */
static void null_copied(void) {
    memcpy(room, no_text, 0);           /* no mistake: nothing is read there */
    memcpy(room, no_text, sizeof room); /* null-copied */
}
static void null_file(void) { fputs("a line\n", (FILE *volatile){NULL}); }                     /* null-file */
static __attribute__((returns_nonnull, noinline)) int *gives_pointer(void) { return nowhere; } /* null-result */
static void null_result(void) { kept = gives_pointer(); }
static void zero_bits(void) { sink = __builtin_ctz((unsigned)zero); } /* zero-bits */

/* ---- the heap ---- */

static void free_twice(void) {
    char *p = malloc(24);
    free(p);
    free(p); /* free-twice */
}
static void free_of_array(void) {
    kept = table;
    free(kept); /* free-of-array */
}
static void free_inside(void) {
    char *p = malloc(24);
    kept = p;
    free((char *)kept + 8); /* free-inside */
}
static void realloc_of_freed(void) {
    kept = malloc(24);
    free(kept);
    kept = realloc(kept, 48); /* realloc-of-freed */
}
static void write_after_free(void) {
    char *volatile p = malloc(24);
    free(p);
    p[3] = 1;
    free(malloc(1)); /* write-after-free */
}
static void write_after_free_at_end(void) {
    char *volatile p = strdup("a text"); /* write-after-free-at-end */
    free(p);
    p[0] = 'A';
}
static void write_beyond(void) {
    char *volatile p = calloc(3, 8);
    p[24] = 1;
    free(p); /* write-beyond */
}
static void write_before(void) {
    char *volatile p = malloc(24);
    p[-1] = 1;
    free(p); /* write-before */
}
static void write_beyond_at_end(void) {
    char *volatile p = malloc(24); /* write-beyond-at-end */
    p[25] = 1;
}
typedef struct Item {
    struct Item *next;
} Item;
static void read_after_free(void) {
    Item *volatile p = malloc(sizeof *p);
    p->next = NULL;
    free(p);
    kept = p->next->next; /* read-after-free */
}

/* ---- elsewhere ---- */

static void is_done(void *wg) { gr_waitgroup_done(wg); }
static void worker(void *wg) {
    sink = five / zero; /* in-goroutine */
    is_done(wg);
}
static void in_goroutine(void) {
    gr_waitgroup wg = {0};
    gr_waitgroup_add(&wg, 1);
    gr_go(worker, &wg);
    gr_waitgroup_wait(&wg);
}

static void say_recovered(void *arg) {
    (void)arg;
    const char *msg = gr_recover();
    printf("recovered: %s\n", msg ? msg : "nothing");
}
static void recovering(void *wg) {
    gr_defer(is_done, wg);
    gr_defer(say_recovered, NULL);
    int a[3] = {0};
    sink = a[five];
}
/* As in Go: what a goroutine was about to do wrong it can recover from. */
static void recovered(void) {
    gr_waitgroup wg = {0};
    for (int i = 0; i < 3; i++) {
        gr_waitgroup_add(&wg, 1);
        gr_go(recovering, &wg);
        gr_waitgroup_wait(&wg);
    }
    free_twice();
}

static void in_system_call(void) {
    gr_entersyscall();
    sink = five / zero; /* in-system-call */
    gr_exitsyscall();
}

static const struct {
    const char *kind;
    void (*make)(void);
} mistakes[] = {
    {"overflow-add", overflow_add},
    {"overflow-sub", overflow_sub},
    {"overflow-mul", overflow_mul},
    {"overflow-negate", overflow_negate},
    {"overflow-divide", overflow_divide},
    {"overflow-64", overflow_64},
    {"overflow-increment", overflow_increment},
    {"overflow-128", overflow_128},
    {"divide-by-zero", divide_by_zero},
    {"remainder-of-zero", remainder_of_zero},
    {"shift-too-far", shift_too_far},
    {"shift-by-negative", shift_by_negative},
    {"shift-of-negative", shift_of_negative},
    {"shift-out", shift_out},
    {"index-above", index_above},
    {"index-below", index_below},
    {"index-of-row", index_of_row},
    {"index-in-row", index_in_row},
    {"index-through-pointer", index_through_pointer},
    {"null-read", null_read},
    {"null-write", null_write},
    {"null-member", null_member},
    {"null-index", null_index},
    {"misaligned", misaligned},
    {"pointer-over-the-end", over_the_end},
    {"unreachable", unreachable},
    {"array-size", array_size},
    {"float-cast", float_cast},
    {"no-bool", no_bool},
    {"null-argument", null_argument},
    {"null-length", null_length},
    {"null-text", null_text},
    {"null-filled", null_filled},
    {"null-copied", null_copied},
    {"null-file", null_file},
    {"null-result", null_result},
    {"zero-bits", zero_bits},
    {"free-twice", free_twice},
    {"free-of-array", free_of_array},
    {"free-inside", free_inside},
    {"realloc-of-freed", realloc_of_freed},
    {"write-after-free", write_after_free},
    {"write-after-free-at-end", write_after_free_at_end},
    {"write-beyond", write_beyond},
    {"write-before", write_before},
    {"write-beyond-at-end", write_beyond_at_end},
    {"read-after-free", read_after_free},
    {"in-goroutine", in_goroutine},
    {"recovered", recovered},
    {"in-system-call", in_system_call},
};

int gr_main(int argc, char **argv) {
    printf("begins\n");
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        if (argc > 1 && strcmp(argv[1], mistakes[i].kind) == 0)
            mistakes[i].make();
    return 0;
}
