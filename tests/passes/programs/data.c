/* Much data, with values and without, beyond what memory has at the start: where it lies nobody else writes. */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N (1 << 19)
static int values[N] = {[0] = 1, [1000] = 2, [N - 1] = 3};
static char empty[80 << 20];
static _Alignas(4096) char aligned[4096];
static int *const pointers[] = {&values[0], &values[1000], &values[N - 1], (int *)(void *)(empty + 44)};
static int (*const functions[])(const char *) = {puts, atoi, NULL};
extern char **environ;

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    for (size_t i = 0; i < sizeof empty; i += 4096)
        if (empty[i])
            return 1;
    memset(empty, 0xa5, sizeof empty);
    void *blocks[64];
    for (int i = 0; i < 64; i++) {
        blocks[i] = malloc(100000);
        memset(blocks[i], i, 100000);
    }
    for (size_t i = 0; i < sizeof empty; i++)
        if (empty[i] != (char)0xa5)
            return 2;
    for (int i = 0; i < 64; i++)
        free(blocks[i]);
    printf("%d %d %d %d\n", *pointers[0], *pointers[1], *pointers[2], ((uintptr_t)aligned & 4095) == 0);
    printf("%d %d\n", functions[1]("42"), functions[0] == puts && environ != NULL);
    fprintf(stderr, "done\n");
    return 0;
}
