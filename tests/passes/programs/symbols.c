/* Symbols: weak ones, constructors and destructors in order, functions with names that libc or the runtime uses. */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((weak)) int nobody(int x);
__attribute__((weak)) int somebody(int x) { return x + 1; }
__attribute__((weak)) extern int no_variable;
__attribute__((alias("somebody"))) int other_name(int x);

/* Ours, in the place of libc's; the runtime and libc go on with theirs. */
char *strdup(const char *s) { return (void)s, (char *)"my strdup"; }
int rt_throw(int x) { return x * 3; }
char *getenv(const char *name) { return (void)name, (char *)"my getenv"; }
int port_save(int x) { return x + 5; }

__attribute__((constructor(201))) static void second(void) { puts("second"); }
__attribute__((constructor(200))) static void first(void) { puts("first"); }
__attribute__((constructor)) static void third(void) { puts("third"); }
__attribute__((destructor)) static void last(void) { puts("last"); }
static void at_exit(void) { puts("at exit"); }

static int compare(const void *a, const void *b) {
    gr_yield(); /* below libc's qsort */
    return *(const int *)a - *(const int *)b;
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    atexit(at_exit);
    printf("%d %d %d %d\n", nobody == NULL, &no_variable == NULL, somebody(1), other_name(2));
    printf("%s %s %d %d\n", strdup("x"), getenv("HOME"), rt_throw(2), port_save(1));
    int numbers[] = {5, 3, 9, 1};
    qsort(numbers, 4, sizeof(int), compare);
    printf("%d %d %d %d\n", numbers[0], numbers[1], numbers[2], numbers[3]);
    int key = 9, *found = bsearch(&key, numbers, 4, sizeof(int), compare);
    printf("%td\n", found - numbers);
    return 0;
}
