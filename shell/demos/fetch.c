/* fetch: fetches pages from the server that the program came from, a few at a time, and counts their words while
 * others come.
 *
 *     urls --channel--> fetch, fetch, ... (LIMIT of them) --pages--> count, count, ... (one a P) --counts--> gr_main
 *
 * usage: fetch [ROUNDS [LIMIT [URL...]]]
 *   ROUNDS  how many times to fetch each of them; 20 unless given
 *   LIMIT   how many may be on their way at a time; 4 unless given
 *   URL     what the host allows, relative to where it says (in the demo page: the page's own server); unless
 *           given, the sources of the demos and a few files beside them
 *
 * What to look for in the timeline
 *   - Hardly anything runs: the goroutines of `fetch` wait for "network" most of the time, and a waiting goroutine
 *     costs no P.
 *   - Each answer wakes one for a moment; a slice of `count` follows, a long one for the one long text among them.
 *   - LIMIT is the number of goroutines, nothing else: with 1 each page waits for the one before, with 40 they all
 *     wait at once.
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_URLS = 64,
    WORD_BYTES = 24, /* of a word that are printed */
    SLOTS = 1 << 15, /* of the table of words: twice as many as the longest text has */
    LONG_WORD = 4    /* letters from which on a word counts as telling */
};

static const char *const own_urls[] = {
    "demos/fetch.c",      "demos/sieve.c",    "demos/wordcount.c", "demos/text/devils-dictionary.txt",
    "demos/mandelbrot.c", "demos/pipeline.c", "demos/demos.json",  "demos/philosophers.c",
    "page/style.css",     "page/app.mjs",     "page/controls.mjs", "playground/runner.mjs",
    "index.html"};

/* An answer on its way from a fetcher to a counter. */
typedef struct Page {
    int url;
    int64_t waited; /* ns from asking to the last byte */
    gr_result answer;
} Page;

typedef struct Count {
    int url;
    int64_t waited;
    int status;
    size_t bytes;
    uint32_t lines, words;
    char telling[WORD_BYTES + 1]; /* the most frequent one of LONG_WORD letters and more */
    char *error;                  /* malloc'd */
} Count;

static struct {
    const char *url[MAX_URLS];
    int nurls, rounds, limit;
    gr_chan *urls;   /* of int */
    gr_chan *pages;  /* of Page */
    gr_chan *counts; /* of Count */
} job;

/* ---- words --------------------------------------------------------------------------------------------------- */

typedef struct Word {
    const char *text; /* in the page; NULL: the slot is free */
    uint32_t len, count;
} Word;

/* Letters, digits, underscores, and whatever is not ASCII. */
static bool in_word(unsigned char c) { return (c | 32) - 'a' < 26u || c - '0' < 10u || c == '_' || c >= 0x80; }

/* Adds one to the count of the word; NULL: the table is full. */
static Word *table_add(Word *table, const char *text, uint32_t len) {
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    for (uint32_t i = 0; i < SLOTS; i++) {
        Word *w = &table[(h + i) % SLOTS];
        if (!w->text)
            *w = (Word){text, len, 0};
        if (w->len == len && memcmp(w->text, text, len) == 0) {
            w->count++;
            return w;
        }
    }
    return NULL;
}

static void count_words(Count *c, const char *p, const char *end) {
    Word *table = calloc(SLOTS, sizeof *table);
    if (!table)
        gr_panic("fetch: out of memory");
    uint32_t most = 0;
    while (p < end) {
        if (!in_word((unsigned char)*p)) {
            c->lines += *p++ == '\n';
            continue;
        }
        const char *from = p;
        while (p < end && in_word((unsigned char)*p))
            p++;
        uint32_t len = (uint32_t)(p - from);
        Word *w = table_add(table, from, len);
        c->words++;
        if (!w)
            continue;
        if (len >= LONG_WORD && w->count > most) {
            most = w->count;
            snprintf(c->telling, sizeof c->telling, "%.*s", (int)(len < WORD_BYTES ? len : WORD_BYTES), from);
        }
    }
    free(table);
}

/* ---- goroutines ---------------------------------------------------------------------------------------------- */

static void list_urls(void *unused) {
    (void)unused;
    for (int round = 0; round < job.rounds; round++)
        for (int i = 0; i < job.nurls; i++)
            gr_chan_send(job.urls, &i);
    gr_chan_close(job.urls);
}

static void fetch(void *unused) {
    (void)unused;
    Page page;
    while (gr_chan_recv(job.urls, &page.url)) {
        int64_t asked = gr_now();
        gr_fetch(job.url[page.url], NULL, &page.answer);
        page.waited = gr_now() - asked;
        gr_chan_send(job.pages, &page);
    }
}

static void count(void *unused) {
    (void)unused;
    Page page;
    while (gr_chan_recv(job.pages, &page)) {
        gr_result *a = &page.answer;
        Count c = {.url = page.url, .waited = page.waited, .status = a->status, .bytes = a->size, .error = a->error};
        a->error = NULL; /* c's now */
        if (a->data)
            count_words(&c, a->data, a->data + a->size);
        gr_result_free(a);
        gr_chan_send(job.counts, &c);
    }
}

/* ---- the program --------------------------------------------------------------------------------------------- */

static bool start(int argc, char **argv) {
    job.rounds = argc > 1 ? atoi(argv[1]) : 20;
    job.limit = argc > 2 ? atoi(argv[2]) : 4;
    job.nurls = argc > 3 ? argc - 3 : (int)(sizeof own_urls / sizeof *own_urls);
    if (job.rounds < 1 || job.limit < 1 || job.nurls > MAX_URLS) {
        fprintf(stderr, "usage: fetch [ROUNDS [LIMIT [URL...]]], numbers at least 1, at most %d URLs\n", MAX_URLS);
        return false;
    }
    for (int i = 0; i < job.nurls; i++)
        job.url[i] = argc > 3 ? argv[3 + i] : own_urls[i];
    job.urls = gr_chan_make(sizeof(int), 0);
    job.pages = gr_chan_make(sizeof(Page), 0);
    job.counts = gr_chan_make(sizeof(Count), (size_t)job.nurls);
    gr_go(list_urls, NULL);
    for (int i = 0; i < job.limit; i++)
        gr_go(fetch, NULL);
    for (int i = 0; i < gr_gomaxprocs(0); i++)
        gr_go(count, NULL);
    return true;
}

static void print_counts(const Count *of) {
    printf("   bytes  lines  words  often said  page\n");
    for (int i = 0; i < job.nurls; i++) {
        const Count *c = &of[i];
        if (c->error)
            printf("   error  %s: %s\n", job.url[i], c->error);
        else if (c->status != 200)
            printf("   status %d: %s\n", c->status, job.url[i]);
        else
            printf("%8zu %6u %6u  %-10.10s  %s\n", c->bytes, c->lines, c->words, c->telling, job.url[i]);
    }
}

int gr_main(int argc, char **argv) {
    int64_t began = gr_now(), waited = 0;
    static Count last[MAX_URLS];
    int failed = 0, fetches;
    if (!start(argc, argv))
        return 1;
    fetches = job.rounds * job.nurls;
    for (int i = 0; i < fetches; i++) {
        Count c;
        gr_chan_recv(job.counts, &c);
        failed += c.error != NULL || c.status != 200;
        waited += c.waited;
        free(last[c.url].error);
        last[c.url] = c;
    }
    print_counts(last);
    printf("\n%d fetches, at most %d at a time: %.3f s;\none after the other, the waiting alone: %.3f s\n", fetches,
           job.limit, (double)(gr_now() - began) / GR_SECOND, (double)waited / GR_SECOND);
    return failed ? 1 : 0;
}
