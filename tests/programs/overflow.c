/* overflow: a goroutine recurses for ever between neighbours that hold patterns on their stacks.
 *
 * usage: overflow [yield]     yield: switch away at each level, so that what a switch saves may be what runs over
 *
 * Exit code 2 ("fatal error: stack overflow") is right. A neighbour that finds its pattern changed ends the program
 * with 3; 4 says that the recursion went deeper than any stack of the size asked for can go.
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NEIGHBOURS = 32,
    PATTERN_BYTES = 2048,
    FRAME_BYTES = 96,
    TOO_DEEP = 100 * 1000 * 1000, /* levels: gigabytes */
    STACK_BYTES = 16 << 10
};

static bool yields;

/* Keeps a pattern of its own number and looks at it again and again. */
static void neighbour(void *arg) {
    int number = *(int *)arg;
    volatile unsigned char pattern[PATTERN_BYTES];
    for (int i = 0; i < PATTERN_BYTES; i++)
        pattern[i] = (unsigned char)(number * 7 + i);
    for (;;) {
        gr_yield();
        for (int i = 0; i < PATTERN_BYTES; i++) {
            if (pattern[i] != (unsigned char)(number * 7 + i)) {
                printf("neighbour %d: byte %d of its stack is damaged\n", number, i);
                exit(3);
            }
        }
    }
}

static int recurse(int level) {
    volatile unsigned char frame[FRAME_BYTES];
    if (level == TOO_DEEP)
        return 0;
    for (int i = 0; i < FRAME_BYTES; i++)
        frame[i] = 0xee;
    if (yields)
        gr_yield();
    return recurse(level + 1) + frame[level % FRAME_BYTES];
}

static void recursive(void *arg) {
    (void)arg;
    printf("recursing\n");
    printf("came back with %d\n", recurse(0));
    exit(4);
}

int gr_main(int argc, char **argv) {
    static int numbers[NEIGHBOURS];
    yields = argc > 1 && strcmp(argv[1], "yield") == 0;
    for (int i = 0; i < NEIGHBOURS; i++) {
        numbers[i] = i;
        gr_go_stack(neighbour, &numbers[i], STACK_BYTES);
        if (i == NEIGHBOURS / 2)
            gr_go_stack(recursive, NULL, STACK_BYTES);
    }
    gr_chan_recv(NULL, NULL);
    return 0;
}
