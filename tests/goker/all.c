/* all.c: NAME: runs the program of that name as a goroutine; main returns at once. Without a name: lists them. */
#include "goker.h"
#include <stdio.h>
#include <string.h>

int gr_main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*fn)(void *);
    } programs[] = {
#define X(name) {#name, name},
        PROGRAMS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (argc < 2) {
            printf("%s\n", programs[i].name);
        } else if (strcmp(argv[1], programs[i].name) == 0) {
            gr_go_at(programs[i].fn, NULL, 0, programs[i].name, GR_SITE);
            return 0;
        }
    }
    return argc < 2 ? 0 : 1;
}
