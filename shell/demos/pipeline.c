/* pipeline: a web server's log goes through bounded stages and comes out as a report.
 *
 *     generate --lines--> parse x P --requests--> classify x 2P --visits--> aggregate --report--> gr_main
 *
 * usage: pipeline [LINES]     40000 unless given; the log is made up, the same each time
 *
 * What to look for in the timeline
 *   - classify is the expensive stage (it makes a pseudonym of each address, slowly on purpose) and fills the Ps.
 *   - The buffers between stages hold 8 elements, so the fast stages cannot run ahead: generate and parse work in short
 *     slices, each time classify has made room. Without bounds the whole log would lie in memory before the first
 *     line is done.
 *   - All parsers share one set of statistics under a mutex. It is held so briefly that hardly anybody ever waits
 *     for it.
 *   - The end: a stage's last worker closes the next channel, and the stages stop one after the other.
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER = 8,        /* elements a channel holds */
    MINUTES = 60,      /* the log is about one hour */
    ADDRESSES = 762,   /* visitors' addresses: the three networks reserved for examples */
    SET_SLOTS = 2048,  /* for the set of pseudonyms: a power of two, well over ADDRESSES */
    NSTATUS = 6,       /* kinds of answers */
    PSEUDONYM = 30000, /* rounds to make one */
    LINE_BYTES = 120
};

static const int statuses[NSTATUS] = {200, 301, 304, 404, 500, 503};
static const char *const meanings[NSTATUS] = {"OK",        "Moved Permanently",     "Not Modified",
                                              "Not Found", "Internal Server Error", "Service Unavailable"};

typedef struct Line {
    char text[LINE_BYTES];
} Line;

typedef struct Request {
    uint32_t address;
    int minute; /* of the hour */
    int status; /* index in statuses */
    int bytes;
} Request;

typedef struct Visit {
    Request request;
    uint64_t visitor; /* pseudonym of the address */
} Visit;

/* What comes out at the end. */
typedef struct Report {
    uint32_t by_status[NSTATUS];
    uint32_t by_minute[MINUTES];
    uint64_t bytes;
    uint32_t visitors; /* different ones */
} Report;

/* Shared by all parsers. */
typedef struct Stats {
    gr_mutex mutex; /* guards the rest */
    uint32_t lines;
    uint32_t broken; /* lines that were none of a log */
    size_t longest;
} Stats;

typedef struct Pipeline {
    uint32_t nlines;
    gr_chan *lines, *requests, *visits, *report; /* of Line, Request, Visit, Report */
    gr_waitgroup parsers, classifiers;           /* still at work */
    Stats stats;
    Report truth; /* generate knows what the report must say */
    uint32_t truly_broken;
} Pipeline;

/* ---- generate ------------------------------------------------------------------------------------------------ */

/* A small random generator (xorshift): the same numbers on every machine. */
static uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static uint32_t address_of(uint32_t i) {
    static const uint32_t networks[3] = {0xc0000200, 0xc6336400, 0xcb007100}; /* 192.0.2.0, 198.51.100.0, 203.0.113.0 */
    return networks[i / 254] + 1 + i % 254;
}

/* Four of five requests go well. The server is busy, and so fails more often, from minute 20 to 24. */
static int random_status(uint32_t *rng, int minute) {
    uint32_t dice = next_random(rng) % 100;
    if (minute >= 20 && minute < 25 && dice < 30)
        return 5;
    return dice < 80 ? 0 : dice < 84 ? 1 : dice < 92 ? 2 : dice < 98 ? 3 : dice < 99 ? 4 : 5;
}

/* Line i of the log; one in about 500 is cut off in the middle, as by a full disk. Adds it to the truth. */
static void make_line(Pipeline *p, uint32_t i, uint32_t *rng, bool *seen, Line *line) {
    uint32_t visitor = next_random(rng) % ADDRESSES, a = address_of(visitor);
    uint32_t second = (uint32_t)((uint64_t)i * MINUTES * 60 / p->nlines);
    int minute = (int)(second / 60), status = random_status(rng, minute);
    int bytes = statuses[status] == 304 ? 0 : 200 + (int)(next_random(rng) % 20000);
    int n = snprintf(line->text, sizeof line->text,
                     "%u.%u.%u.%u - - [20/Nov/2026:13:%02d:%02u +0000] \"GET /articles/%u HTTP/1.1\" %d %d", a >> 24,
                     a >> 16 & 255, a >> 8 & 255, a & 255, minute, second % 60, next_random(rng) % 900,
                     statuses[status], bytes);
    if (next_random(rng) % 500 == 0) {
        line->text[n / 2] = 0;
        p->truly_broken++;
        return;
    }
    p->truth.by_status[status]++;
    p->truth.by_minute[minute]++;
    p->truth.bytes += (uint64_t)bytes;
    p->truth.visitors += !seen[visitor];
    seen[visitor] = true;
}

static void generate(void *arg) {
    Pipeline *p = arg;
    bool seen[ADDRESSES] = {false};
    uint32_t rng = 2463534242u;
    for (uint32_t i = 0; i < p->nlines; i++) {
        Line line;
        make_line(p, i, &rng, seen, &line);
        gr_chan_send(p->lines, &line);
    }
    gr_chan_close(p->lines);
}

/* ---- parse --------------------------------------------------------------------------------------------------- */

/* Reads the number at *p, which must end with the byte `stop`, and goes past that; -1 and *p stays if it does not. */
static long take_number(const char **p, char stop) {
    char *end;
    long n = strtol(*p, &end, 10);
    if (end == *p || *end != stop)
        return -1;
    *p = end + (stop != 0);
    return n;
}

static bool parse_address(const char **p, uint32_t *address) {
    *address = 0;
    for (int i = 0; i < 4; i++) {
        long byte = take_number(p, i < 3 ? '.' : ' ');
        if (byte < 0 || byte > 255)
            return false;
        *address = *address << 8 | (uint32_t)byte;
    }
    return true;
}

static int status_index(long status) {
    int i = 0;
    while (i < NSTATUS && statuses[i] != status)
        i++;
    return i < NSTATUS ? i : -1;
}

/* 192.0.2.1 - - [20/Nov/2026:13:05:42 +0000] "GET /articles/17 HTTP/1.1" 200 5120 */
static bool parse_line(const char *p, Request *r) {
    if (!parse_address(&p, &r->address) || !(p = strchr(p, ':')))
        return false;
    p++;
    if (take_number(&p, ':') < 0)
        return false;
    r->minute = (int)take_number(&p, ':');
    if (r->minute < 0 || r->minute >= MINUTES || !(p = strstr(p, "\" ")))
        return false;
    p += 2;
    r->status = status_index(take_number(&p, ' '));
    r->bytes = (int)take_number(&p, 0);
    return r->status >= 0 && r->bytes >= 0;
}

static void count_line(Stats *s, size_t len, bool good) {
    gr_mutex_lock(&s->mutex);
    s->lines++;
    s->broken += !good;
    if (len > s->longest)
        s->longest = len;
    gr_mutex_unlock(&s->mutex);
}

static void parse(void *arg) {
    Pipeline *p = arg;
    Line line;
    while (gr_chan_recv(p->lines, &line)) {
        Request r;
        bool good = parse_line(line.text, &r);
        count_line(&p->stats, strlen(line.text), good);
        if (good)
            gr_chan_send(p->requests, &r);
    }
    gr_waitgroup_done(&p->parsers);
}

/* ---- classify ------------------------------------------------------------------------------------------------ */

/* A number that stands for the address and does not betray it: each guess costs as many rounds as this. One-to-one. */
static uint64_t pseudonym(uint32_t address) {
    uint64_t x = address + UINT64_C(0x9e3779b97f4a7c15);
    for (int i = 0; i < PSEUDONYM; i++) {
        x = (x ^ x >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
        x ^= x >> 27;
    }
    return x;
}

static void classify(void *arg) {
    Pipeline *p = arg;
    Request r;
    while (gr_chan_recv(p->requests, &r)) {
        Visit v = {r, pseudonym(r.address)};
        gr_chan_send(p->visits, &v);
    }
    gr_waitgroup_done(&p->classifiers);
}

/* ---- aggregate ----------------------------------------------------------------------------------------------- */

/* Adds x to the set of numbers other than 0; false if it is in it. */
static bool set_add(uint64_t *set, uint64_t x) {
    uint32_t i = (uint32_t)x % SET_SLOTS;
    while (set[i] != 0 && set[i] != x)
        i = (i + 1) % SET_SLOTS;
    bool added = set[i] == 0;
    set[i] = x;
    return added;
}

static void aggregate(void *arg) {
    Pipeline *p = arg;
    uint64_t *visitors = calloc(SET_SLOTS, sizeof *visitors); /* as much as a whole stack: not there */
    if (!visitors)
        gr_panic("pipeline: out of memory");
    Report report = {0};
    Visit v;
    while (gr_chan_recv(p->visits, &v)) {
        report.by_status[v.request.status]++;
        report.by_minute[v.request.minute]++;
        report.bytes += (uint64_t)v.request.bytes;
        report.visitors += set_add(visitors, v.visitor);
    }
    free(visitors);
    gr_chan_send(p->report, &report);
}

/* ---- the program --------------------------------------------------------------------------------------------- */

/* A stage of several workers: the next channel may be closed only when all of them are done. */
static void close_requests(void *arg) {
    Pipeline *p = arg;
    gr_waitgroup_wait(&p->parsers);
    gr_chan_close(p->requests);
}

static void close_visits(void *arg) {
    Pipeline *p = arg;
    gr_waitgroup_wait(&p->classifiers);
    gr_chan_close(p->visits);
}

static void start(Pipeline *p, int nparsers, int nclassifiers) {
    p->lines = gr_chan_make(sizeof(Line), BUFFER);
    p->requests = gr_chan_make(sizeof(Request), BUFFER);
    p->visits = gr_chan_make(sizeof(Visit), BUFFER);
    p->report = gr_chan_make(sizeof(Report), 0);
    gr_waitgroup_add(&p->parsers, nparsers);
    gr_waitgroup_add(&p->classifiers, nclassifiers);
    gr_go(aggregate, p);
    gr_go(close_visits, p);
    for (int i = 0; i < nclassifiers; i++)
        gr_go(classify, p);
    gr_go(close_requests, p);
    for (int i = 0; i < nparsers; i++)
        gr_go(parse, p);
    gr_go(generate, p);
}

static int busiest_minute(const uint32_t *by_minute) {
    int busiest = 0;
    for (int m = 1; m < MINUTES; m++) {
        if (by_minute[m] > by_minute[busiest])
            busiest = m;
    }
    return busiest;
}

static void print_report(const Report *r, const Stats *s) {
    printf("%u lines, %u of them broken\n", s->lines, s->broken);
    printf("longest: %zu bytes\n", s->longest);
    uint32_t good = s->lines - s->broken;
    for (int i = 0; i < NSTATUS; i++) {
        double share = good ? 100.0 * r->by_status[i] / good : 0;
        printf("  %d %-21s %7u %5.1f %%\n", statuses[i], meanings[i], r->by_status[i], share);
    }
    int m = busiest_minute(r->by_minute);
    printf("busiest minute: 13:%02d, %u requests\n", m, r->by_minute[m]);
    printf("%llu bytes sent to %u visitors\n", (unsigned long long)r->bytes, r->visitors);
}

static bool is_true(const Report *r, const Pipeline *p) {
    const Report *t = &p->truth;
    return memcmp(r->by_status, t->by_status, sizeof r->by_status) == 0 &&
           memcmp(r->by_minute, t->by_minute, sizeof r->by_minute) == 0 && r->bytes == t->bytes &&
           r->visitors == t->visitors && p->stats.lines == p->nlines && p->stats.broken == p->truly_broken;
}

int gr_main(int argc, char **argv) {
    long nlines = argc > 1 ? strtol(argv[1], NULL, 10) : 40000;
    if (nlines < 1 || nlines > 100000000) {
        fprintf(stderr, "usage: pipeline [LINES], LINES from 1 to 100000000\n");
        return 1;
    }
    static Pipeline p;
    p.nlines = (uint32_t)nlines;
    int nparsers = gr_gomaxprocs(0), nclassifiers = 2 * gr_gomaxprocs(0);
    int64_t began = gr_now();
    start(&p, nparsers, nclassifiers);
    Report report;
    gr_chan_recv(p.report, &report);
    double seconds = (double)(gr_now() - began) / GR_SECOND;
    print_report(&report, &p.stats);
    bool good = is_true(&report, &p);
    printf("%s\n", good ? "all as the generator meant it" : "NOT what the generator meant");
    printf("%d parsers, %d classifiers: %.3f s\n", nparsers, nclassifiers, seconds);
    return good ? 0 : 1;
}
