/* bytes: what a program may write: rows of a picture, text that is cut anywhere, all kinds of bytes, both streams
 * in turn.
 *
 * usage: bytes row | text | all BYTES | turns N | ask
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A picture of type P4. */
static void row(void) {
    static const unsigned char bytes[] = {'P', '4', '\n', 1, 0x80, 0xff, 0xfe, '\n'};
    fwrite(bytes, 1, sizeof bytes, stdout);
}

/* A byte order mark, a NUL, characters of 2 to 4 bytes, half a character, a second mark; each byte written by
 * itself to stderr, so that it comes in pieces. The last line has no newline. */
static void text(void) {
    static const char bytes[] = "\xef\xbb\xbf"
                                "a;b\0c\n"
                                "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xb9\n"
                                "\xe2\x82 \xff\n"
                                "\xef\xbb\xbf"
                                "end\xf0\x9f";
    fwrite(bytes, 1, sizeof bytes - 1, stdout);
    for (size_t i = 0; i < sizeof bytes - 1; i++) {
        fwrite(bytes + i, 1, 1, stderr);
        gr_yield();
    }
}

/* Byte i is i * i / 251. */
static void all(size_t n) {
    enum { CHUNK = 10007 };
    static unsigned char chunk[CHUNK];
    for (size_t at = 0; at < n; at += CHUNK) {
        size_t m = n - at < CHUNK ? n - at : CHUNK;
        for (size_t i = 0; i < m; i++)
            chunk[i] = (unsigned char)((unsigned long long)(at + i) * (at + i) / 251);
        fwrite(chunk, 1, m, stdout);
    }
}

static void turns(int n) {
    for (int i = 0; i < n; i++)
        fprintf(i % 3 == 1 ? stderr : stdout, "%d\n", i);
}

/* Lines whose beginnings are to be seen before they have ends, and one of stderr that is not. */
static void ask(void) {
    char name[20];
    printf("Your name? ");
    if (!fgets(name, sizeof name, stdin))
        return;
    printf("Hello %s", name);
    fprintf(stderr, "working");
    printf("50 %%");
    fflush(stdout);
    if (fgets(name, sizeof name, stdin))
        printf("\r100 %%\n");
    fprintf(stderr, " worked\n");
    printf("Sure? ");
    char *line = gr_stream_line(gr_stdin(), NULL);
    printf("%s!\n", line ? line : "no");
    free(line);
}

int gr_main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "row";
    long n = argc > 2 ? atol(argv[2]) : 0;
    if (strcmp(what, "text") == 0)
        text();
    else if (strcmp(what, "all") == 0)
        all((size_t)n);
    else if (strcmp(what, "turns") == 0)
        turns((int)n);
    else if (strcmp(what, "ask") == 0)
        ask();
    else
        row();
    return 0;
}
