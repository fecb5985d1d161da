// A program as long as one wishes, of the kinds of code that programs have: structures, loops, text, channels,
// functions that park and functions that do not. It builds, runs, and prints one number.

/** @param {number} lines about so many @returns {string} */
export function longProgram(lines) {
  const count = Math.max(1, Math.floor((lines - 20) / PART_LINES));
  const parts = Array.from({ length: count }, (_, i) => part(i)).join('\n');
  const calls = Array.from({ length: count }, (_, i) => `    sum = sum * 31 + part${i}(argc);`).join('\n');
  return `// Made by tests/bench/long-program.mjs.
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

${parts}
int gr_main(int argc, char **argv) {
    (void)argv;
    unsigned sum = 0;
${calls}
    printf("%u\\n", sum);
    return 0;
}
`;
}

const part = (/** @type {number} */ i) => `struct record${i} {
    char name[${16 + (i % 5) * 8}];
    int values[${4 + (i % 7)}];
    struct record${i} *next;
};

static int compare${i}(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

static void producer${i}(void *arg) {
    gr_chan *c = arg;
    for (int k = 0; k < ${3 + (i % 4)}; k++)
        gr_chan_send(c, &k);
    gr_chan_close(c);
}

static unsigned hash${i}(const char *text) {
    unsigned h = ${2166136261 - i}u;
    for (const char *p = text; *p; p++)
        h = (h ^ (unsigned char)*p) * 16777619u;
    return h;
}

static unsigned part${i}(int seed) {
    struct record${i} *list = NULL;
    unsigned h = 0;
    for (int k = 0; k < 5; k++) {
        struct record${i} *r = calloc(1, sizeof *r);
        snprintf(r->name, sizeof r->name, "r%d.%d", seed, k);
        int n = (int)(sizeof r->values / sizeof *r->values);
        for (int j = 0; j < n; j++)
            r->values[j] = (seed * 7 + j * ${i + 3} + k) % 13;
        qsort(r->values, (size_t)n, sizeof *r->values, compare${i});
        r->next = list;
        list = r;
    }
    gr_chan *c = gr_chan_make(sizeof(int), ${i % 3});
    gr_go(producer${i}, c);
    int got;
    while (gr_chan_recv(c, &got))
        h = h * 31 + (unsigned)got;
    gr_chan_free(c);
    while (list) {
        struct record${i} *next = list->next;
        h ^= hash${i}(list->name) + (unsigned)list->values[0];
        free(list);
        list = next;
    }
    return h;
}
`;

/** A part, the blank line behind it, and its call. */
const PART_LINES = part(0).split('\n').length + 1;
