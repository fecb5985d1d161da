/* seeded.h: short programs for thousands of seeds (runtime/check/explorer.c): each asserts what must hold under
 * every schedule and ends with exit code 1 at the first thing that does not. */
#ifndef SEEDED_H
#define SEEDED_H

#include "goroscope.h"
#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(cond)                                                                                                  \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            printf("%s:%d: %s does not hold\n", __FILE__, __LINE__, #cond);                                            \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

static inline gr_chan *chan_of_int(size_t cap) { return gr_chan_make(sizeof(int), cap); }

#endif
