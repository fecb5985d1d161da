/* wordcount: counts the words of a text by map and reduce, on all Ps at once.
 *
 *     cut --chunks--> map, map, map, ... --tables--> reduce, reduce, ... --results--> gr_main
 *
 * usage: wordcount [FILE [REPEAT]]
 *   FILE    the text, UTF-8; input.txt unless given
 *   REPEAT  how many times to read it; unless given, as often as makes the run long enough to watch
 *
 * What to look for in the timeline
 *   - There are twice as many mappers as Ps: they take turns, a slice for each chunk of 16 KiB.
 *   - `cut` does next to nothing and waits at its full channel; it runs for a moment whenever a chunk is taken.
 *   - Now and then a mapper hands its tables over, and a burst of `reduce` slices follows, one for each range of
 *     hashes.
 *   - No table has a lock: each has one owner at a time, and a channel passes it on.
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_BYTES = 16 << 10,  /* text a mapper takes at a time */
    FLUSH_CHUNKS = 32,       /* chunks after which a mapper hands its tables over */
    WATCH_BYTES = 160 << 20, /* text to read in all when REPEAT is not given: a second or two of work */
    TOP = 20                 /* words to print */
};

typedef struct Word {
    const char *text; /* in the text itself, not NUL-terminated */
    uint32_t len;
    uint32_t hash;
    uint64_t count; /* 0: the slot is free */
} Word;

/* A hash table of words, open addressing; all zero is an empty one. */
typedef struct Table {
    Word *slot;
    uint32_t nslots; /* a power of two, or 0 */
    uint32_t used;
} Table;

/* A piece of the text that begins and ends between words. */
typedef struct Chunk {
    const char *text;
    size_t len;
} Chunk;

/* What one reducer found. */
typedef struct Result {
    uint64_t total;    /* words */
    uint32_t distinct; /* different words */
    uint32_t ntop;
    Word top[TOP]; /* the most frequent first */
    bool exact;    /* every count is a multiple of the number of passes, as it must be */
} Result;

typedef struct Job {
    char *text;
    size_t len;
    uint64_t passes;
    int nmappers, nreducers;
    gr_chan *chunks;      /* of Chunk: cut -> mappers */
    gr_chan **tables;     /* of Table, one channel a reducer: mappers -> that reducer */
    gr_chan *results;     /* of Result: reducers -> gr_main */
    gr_waitgroup mappers; /* still at work */
} Job;

/* ---- letters ------------------------------------------------------------------------------------------------- */

static bool is_ascii_letter(unsigned c) { return (c | 32) - 'a' < 26 || c - '0' < 10; }

/* The code point at p and its bytes in *n. What is not UTF-8 is a letter of one byte, so that Latin-1 words stay
 * whole too. */
static uint32_t code_point(const char *p, const char *end, int *n) {
    const unsigned char *s = (const unsigned char *)p;
    int len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    *n = 1;
    if (s[0] < 0xc0 || end - p < len)
        return 'a';
    uint32_t c = s[0] & (0x7f >> len);
    for (int i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 'a';
        c = c << 6 | (s[i] & 0x3f);
    }
    *n = len;
    return c;
}

/* Punctuation, spaces and symbols; every other code point above ASCII passes for a letter. */
static bool is_punctuation(uint32_t c) {
    static const uint32_t ranges[][2] = {{0x80, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},     {0xbb, 0xbf},
                                         {0xd7, 0xd7},     {0xf7, 0xf7},     {0x2000, 0x206f}, {0x20a0, 0x20bf},
                                         {0x2190, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x3020}, {0xfeff, 0xff0f},
                                         {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (c <= ranges[i][1])
            return c >= ranges[i][0];
    }
    return false;
}

/* Bytes of the character at p: positive if it is a letter (or a digit), negative if it stands between words. */
static int letter(const char *p, const char *end) {
    unsigned c = (unsigned char)*p;
    if (c < 0x80)
        return is_ascii_letter(c) ? 1 : -1;
    int n;
    return is_punctuation(code_point(p, end, &n)) ? -n : n;
}

/* Bytes of the apostrophe at p, straight or curly; 0: there is none. */
static int apostrophe(const char *p, const char *end) {
    if (p < end && *p == '\'')
        return 1;
    return end - p >= 3 && memcmp(p, "\xe2\x80\x99", 3) == 0 ? 3 : 0;
}

/* The end of the word that begins at p. An apostrophe belongs to it when a letter follows: "don't". */
static const char *word_end(const char *p, const char *end) {
    for (;;) {
        int n;
        while (p < end && (n = letter(p, end)) > 0)
            p += n;
        int quote = apostrophe(p, end);
        if (quote == 0 || p + quote >= end || letter(p + quote, end) < 0)
            return p;
        p += quote;
    }
}

/* ---- tables -------------------------------------------------------------------------------------------------- */

static uint32_t hash_bytes(const char *p, uint32_t len) {
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)p[i]) * 16777619u;
    h ^= h >> 15; /* the ranges go by the high bits, the slots by the low ones: both must be good */
    h *= 0x2c1b3c6du;
    return h ^ h >> 13;
}

static Word *find_slot(Table *t, const Word *w) {
    uint32_t mask = t->nslots - 1;
    for (uint32_t i = w->hash & mask;; i = (i + 1) & mask) {
        Word *s = &t->slot[i];
        if (s->count == 0 || (s->hash == w->hash && s->len == w->len && memcmp(s->text, w->text, w->len) == 0))
            return s;
    }
}

static void table_grow(Table *t) {
    Table bigger = {.nslots = t->nslots ? 2 * t->nslots : 64, .used = t->used};
    bigger.slot = calloc(bigger.nslots, sizeof *bigger.slot);
    if (!bigger.slot)
        gr_panic("wordcount: out of memory");
    for (uint32_t i = 0; i < t->nslots; i++) {
        if (t->slot[i].count)
            *find_slot(&bigger, &t->slot[i]) = t->slot[i];
    }
    free(t->slot);
    *t = bigger;
}

/* Adds w->count to the count of the word w. */
static void table_add(Table *t, const Word *w) {
    if (2 * t->used >= t->nslots)
        table_grow(t);
    Word *s = find_slot(t, w);
    uint64_t before = s->count;
    if (before == 0) {
        *s = *w;
        t->used++;
    } else {
        s->count = before + w->count;
    }
}

/* The reducer that a word belongs to: n equal ranges of hashes. */
static uint32_t range_of(uint32_t hash, int n) { return (uint32_t)(((uint64_t)hash * (uint32_t)n) >> 32); }

/* Counts the words of the chunk into n tables, one for each range. */
static void count_words(Table *tables, int n, Chunk c) {
    const char *end = c.text + c.len;
    for (const char *p = c.text; p < end;) {
        int step = letter(p, end);
        if (step < 0) {
            p -= step;
            continue;
        }
        const char *stop = word_end(p, end);
        Word w = {.text = p, .len = (uint32_t)(stop - p), .count = 1};
        w.hash = hash_bytes(p, w.len);
        table_add(&tables[range_of(w.hash, n)], &w);
        p = stop;
    }
}

/* ---- goroutines ---------------------------------------------------------------------------------------------- */

static void fold_case(char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] += 'a' - 'A';
    }
}

/* Bytes from `from` to the first white space after a chunk's worth, or to the end. */
static size_t chunk_len(const Job *job, size_t from) {
    size_t to = from + CHUNK_BYTES;
    while (to < job->len && (unsigned char)job->text[to] > ' ')
        to++;
    return (to < job->len ? to : job->len) - from;
}

/* Cuts the text into chunks, as often as there are passes. The first pass also makes it lower case, each chunk
 * before anybody gets it. */
static void cut(void *arg) {
    Job *job = arg;
    for (uint64_t pass = 0; pass < job->passes; pass++) {
        for (size_t at = 0; at < job->len;) {
            Chunk c = {job->text + at, chunk_len(job, at)};
            if (pass == 0)
                fold_case(job->text + at, c.len);
            gr_chan_send(job->chunks, &c);
            at += c.len;
        }
    }
    gr_chan_close(job->chunks);
}

/* Gives each table to its reducer, and goes on with empty ones. */
static void hand_over(Job *job, Table *tables) {
    for (int i = 0; i < job->nreducers; i++) {
        if (tables[i].used)
            gr_chan_send(job->tables[i], &tables[i]);
        tables[i] = (Table){0};
    }
}

static void map(void *arg) {
    Job *job = arg;
    Table *tables = calloc((size_t)job->nreducers, sizeof *tables);
    if (!tables)
        gr_panic("wordcount: out of memory");
    Chunk c;
    for (int n = 1; gr_chan_recv(job->chunks, &c); n++) {
        count_words(tables, job->nreducers, c);
        if (n % FLUSH_CHUNKS == 0)
            hand_over(job, tables);
        gr_yield(); /* a chunk each: the other mapper of this P is waiting */
    }
    hand_over(job, tables);
    free(tables);
    gr_waitgroup_done(&job->mappers);
}

/* The reducers stop when their channels are closed, and those must be closed after the last mapper's last table. */
static void close_tables(void *arg) {
    Job *job = arg;
    gr_waitgroup_wait(&job->mappers);
    for (int i = 0; i < job->nreducers; i++)
        gr_chan_close(job->tables[i]);
}

/* Order of the report: by count, equal counts by the alphabet (of bytes). */
static bool before(const Word *a, const Word *b) {
    if (a->count != b->count)
        return a->count > b->count;
    int c = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return c < 0 || (c == 0 && a->len < b->len);
}

/* Inserts w into the sorted top list if it is good enough. */
static void top_insert(Result *r, const Word *w) {
    if (r->ntop == TOP && !before(w, &r->top[TOP - 1]))
        return;
    uint32_t i = r->ntop < TOP ? r->ntop++ : TOP - 1;
    for (; i > 0 && before(w, &r->top[i - 1]); i--)
        r->top[i] = r->top[i - 1];
    r->top[i] = *w;
}

/* Turns the counts of all passes into those of one. */
static Result summarize(const Table *t, uint64_t passes) {
    Result r = {.distinct = t->used, .exact = true};
    for (uint32_t i = 0; i < t->nslots; i++) {
        Word w = t->slot[i];
        if (w.count == 0)
            continue;
        r.exact = r.exact && w.count % passes == 0;
        w.count /= passes;
        r.total += w.count;
        top_insert(&r, &w);
    }
    return r;
}

typedef struct Reducer {
    Job *job;
    gr_chan *tables; /* its own channel */
} Reducer;

static void reduce(void *arg) {
    Reducer *self = arg;
    Table all = {0}, part;
    while (gr_chan_recv(self->tables, &part)) {
        for (uint32_t i = 0; i < part.nslots; i++) {
            if (part.slot[i].count)
                table_add(&all, &part.slot[i]);
        }
        free(part.slot);
    }
    Result r = summarize(&all, self->job->passes);
    free(all.slot);
    gr_chan_send(self->job->results, &r);
    free(self);
}

/* ---- the program --------------------------------------------------------------------------------------------- */

static void start_reducer(Job *job, int i) {
    Reducer *r = malloc(sizeof *r);
    if (!r)
        gr_panic("wordcount: out of memory");
    job->tables[i] = gr_chan_make(sizeof(Table), 2);
    *r = (Reducer){job, job->tables[i]};
    gr_go(reduce, r);
}

static void start(Job *job) {
    job->chunks = gr_chan_make(sizeof(Chunk), (size_t)job->nmappers);
    job->results = gr_chan_make(sizeof(Result), (size_t)job->nreducers);
    job->tables = calloc((size_t)job->nreducers, sizeof(gr_chan *));
    if (!job->tables)
        gr_panic("wordcount: out of memory");
    for (int i = 0; i < job->nreducers; i++)
        start_reducer(job, i);
    gr_waitgroup_add(&job->mappers, job->nmappers);
    for (int i = 0; i < job->nmappers; i++)
        gr_go(map, job);
    gr_go(close_tables, job);
    gr_go(cut, job);
}

/* Waits for all reducers and merges what they send. */
static Result collect(Job *job) {
    Result all = {.exact = true}, r;
    for (int i = 0; i < job->nreducers; i++) {
        gr_chan_recv(job->results, &r);
        all.total += r.total;
        all.distinct += r.distinct;
        all.exact = all.exact && r.exact;
        for (uint32_t k = 0; k < r.ntop; k++)
            top_insert(&all, &r.top[k]);
    }
    return all;
}

static void print_result(const Result *r) {
    printf("%llu words, %u of them different\n\n", (unsigned long long)r->total, r->distinct);
    for (uint32_t i = 0; i < r->ntop; i++)
        printf("%9llu  %.*s\n", (unsigned long long)r->top[i].count, (int)r->top[i].len, r->top[i].text);
}

static uint64_t choose_passes(size_t len, const char *arg) {
    if (arg)
        return strtoull(arg, NULL, 10);
    return len > 0 && len < WATCH_BYTES ? (WATCH_BYTES + len - 1) / len : 1;
}

int gr_main(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "input.txt";
    Job job = {.nmappers = 2 * gr_gomaxprocs(0), .nreducers = gr_gomaxprocs(0)};
    job.text = gr_readfile(name, &job.len);
    if (!job.text) {
        fprintf(stderr,
                "wordcount: cannot read %s: name a text file, and hand it over if this is not a native program\n",
                name);
        return 1;
    }
    job.passes = choose_passes(job.len, argc > 2 ? argv[2] : NULL);
    if (job.passes == 0) {
        fprintf(stderr, "usage: wordcount [FILE [REPEAT]], REPEAT at least 1\n");
        return 1;
    }
    int64_t began = gr_now();
    start(&job);
    Result r = collect(&job);
    double seconds = (double)(gr_now() - began) / GR_SECOND;
    print_result(&r);
    printf("\n%s: %zu bytes, read %llu times\n", name, job.len, (unsigned long long)job.passes);
    printf("%d mappers, %d reducers: %.3f s\n", job.nmappers, job.nreducers, seconds);
    if (!r.exact)
        fprintf(stderr, "wordcount: a count is no multiple of %llu passes\n", (unsigned long long)job.passes);
    return r.exact ? 0 : 1;
}
