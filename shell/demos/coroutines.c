/* coroutines: sequences that are pulled. Two jobs that are easy when a function may yield from any depth of calls,
 * and a nuisance in C otherwise:
 *
 *     same files     do two trees hold the same files in the same order?   walk, walk -> comparer
 *     calculator     text -> tokens -> instructions -> result              lexer -> parser -> calculator
 *
 * The walk of a tree and the parser are plain recursion that yields at the bottom. Without coroutines the one needs
 * a stack made by hand, the other a list of all its output. gr_pull makes such a function an iterator: gr_next runs
 * it until it yields, on the caller's P, without passing through a queue. The two never run at the same time, so
 * what they share needs no lock; and what nobody pulls is never computed. At the end one sequence is read twice, by
 * gr_next and from a goroutine that sends on a channel: two switches for each number, or one and the scheduler (who
 * sends to a waiting receiver goes on to its next number), so they cost about the same.
 *
 * usage: coroutines [PAIRS [FILES [LINES]]]     10 500 1500 unless given: pairs of trees, files in each, lines
 *
 * What to look for in the timeline
 *   - Zoom in on a P to a millisecond or less: the two walks of a comparer take turns, a file each, without a gap. One
 *     switch (GoSwitch) ends the one and begins the other; no scheduler runs between. Click on a walk: its comparer
 *     resumed it.
 *   - A calculator resumes a parser, and that resumes a lexer: three goroutines, down and up again, in less time
 *     than the steps of a page's clock (5 us).
 *   - At the very end, the channel: there the slices end in "chan send" and "chan receive".
 */
#include <goroscope.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    LINE = 1000,        /* bytes of the longest line; it is ended when half of it is full */
    DEPTH = 3,          /* of its parentheses */
    FILE_WORDS = 16384, /* 64 KiB */
    COUNT = 2000,       /* numbers in the comparison at the end */
    ROUNDS = 10,        /* of the comparison at the end */
    STACK = 16          /* of the calculator: numbers that wait, at most two a level */
};

static gr_waitgroup at_work;
static atomic_int wrong; /* results that are not what they must be */

static uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void *must_alloc(size_t n, size_t size) {
    void *mem = calloc(n, size);
    if (!mem)
        gr_panic("coroutines: out of memory");
    return mem;
}

/* ---- same files ---------------------------------------------------------------------------------------------- */

typedef struct Node {
    struct Node *left, *right;
    int key; /* its place in the order of names; stands for the contents too */
} Node;

/* What is compared. */
typedef struct File {
    int key;
    uint32_t digest; /* of the contents */
} File;

/* Reads the file and sums it up: some tens of microseconds. */
static uint32_t digest(int key) {
    uint32_t word = (uint32_t)key + 1, sum = 0;
    for (int i = 0; i < FILE_WORDS; i++)
        sum = sum * 31 + next_random(&word);
    return sum;
}

static bool visit(const Node *t, gr_yield_fn *yield) {
    return !t || (visit(t->left, yield) && yield(&(File){t->key, digest(t->key)}) && visit(t->right, yield));
}

/* The sequence of a tree's files. */
static void walk(gr_yield_fn *yield, void *tree) { visit(tree, yield); }

static Node *insert(Node *tree, Node *node) {
    Node **at = &tree;
    while (*at)
        at = node->key < (*at)->key ? &(*at)->left : &(*at)->right;
    *at = node;
    return tree;
}

/* A tree of the files 0, 2, 4 ... in an order of its own; the one at place `odd` is raised by 1 (-1: none). The
 * caller frees *nodes. */
static Node *plant(int n, uint32_t seed, int odd, Node **nodes) {
    *nodes = must_alloc((size_t)n, sizeof **nodes);
    Node *tree = NULL;
    for (int i = 0; i < n; i++)
        (*nodes)[i].key = 2 * i + (i == odd);
    for (int i = 0; i < n; i++) { /* a shuffle: what is at i goes in now */
        int other = i + (int)(next_random(&seed) % (uint32_t)(n - i)), key = (*nodes)[other].key;
        (*nodes)[other].key = (*nodes)[i].key;
        (*nodes)[i].key = key;
        tree = insert(tree, &(*nodes)[i]);
    }
    return tree;
}

/* How many files are the same from the start on. Neither walk goes further than that. */
static int common_files(Node *a, Node *b) {
    gr_iter *left = gr_pull(walk, a, sizeof(File)), *right = gr_pull(walk, b, sizeof(File));
    File x, y;
    int n = 0;
    while (gr_next(left, &x) && gr_next(right, &y) && x.key == y.key && x.digest == y.digest)
        n++;
    gr_stop(left);
    gr_stop(right);
    return n;
}

typedef struct Pairs {
    atomic_int next;
    int count, files;
    atomic_long compared;
} Pairs;

static void comparer(void *arg) {
    Pairs *pairs = arg;
    for (int i; (i = atomic_fetch_add(&pairs->next, 1)) < pairs->count;) {
        Node *nodes[2];
        int odd = i % 2 ? pairs->files - 1 - pairs->files / (i + 2) : -1; /* every other pair differs, here */
        Node *a = plant(pairs->files, 2654435769u * (uint32_t)(i + 1), -1, &nodes[0]);
        Node *b = plant(pairs->files, 2246822519u * (uint32_t)(i + 1), odd, &nodes[1]);
        int same = common_files(a, b);
        if (odd < 0)
            printf("pair %3d: the same %d files\n", i + 1, same);
        else
            printf("pair %3d: differs after %d files\n", i + 1, same);
        atomic_fetch_add(&wrong, same != (odd < 0 ? pairs->files : odd));
        atomic_fetch_add(&pairs->compared, same);
        free(nodes[0]);
        free(nodes[1]);
    }
    gr_waitgroup_done(&at_work);
}

/* ---- calculator: lexer -> parser -> stack machine ------------------------------------------------------------ */

typedef struct Token { /* an instruction too: numbers are pushed, operators work on the two topmost */
    char kind;         /* '0': a number; else itself: + - * ( ) */
    int64_t number;
} Token;

/* The sequence of tokens in a text. */
static void lexer(gr_yield_fn *yield, void *text) {
    for (const char *s = text; *s;) {
        Token t = {.kind = *s, .number = 0};
        if (*s >= '0' && *s <= '9') {
            t.kind = '0';
            while (*s >= '0' && *s <= '9')
                t.number = t.number * 10 + (*s++ - '0');
        } else {
            s++;
        }
        if (t.kind != ' ' && !yield(&t))
            return;
    }
}

typedef struct Parser {
    gr_iter *tokens;
    gr_yield_fn *yield;
    Token ahead; /* kind 0: the end */
} Parser;

static void advance(Parser *p) { gr_next(p->tokens, &p->ahead); }

static bool parse_sum(Parser *p);

static bool parse_factor(Parser *p) {
    Token t = p->ahead;
    advance(p);
    if (t.kind == '0')
        return p->yield(&t);
    bool good = t.kind == '(' && parse_sum(p) && p->ahead.kind == ')';
    advance(p);
    return good;
}

static bool parse_product(Parser *p) {
    bool good = parse_factor(p);
    while (good && p->ahead.kind == '*') {
        Token op = p->ahead;
        advance(p);
        good = parse_factor(p) && p->yield(&op);
    }
    return good;
}

static bool parse_sum(Parser *p) {
    bool good = parse_product(p);
    while (good && (p->ahead.kind == '+' || p->ahead.kind == '-')) {
        Token op = p->ahead;
        advance(p);
        good = parse_product(p) && p->yield(&op);
    }
    return good;
}

/* The sequence of a stack machine's instructions for a text; ends early where it is no expression. */
static void parser(gr_yield_fn *yield, void *text) {
    Parser p = {.tokens = gr_pull(lexer, text, sizeof(Token)), .yield = yield};
    advance(&p);
    parse_sum(&p);
    gr_stop(p.tokens);
}

static int64_t apply(char op, int64_t a, int64_t b) {
    const int64_t modulus = 1000003; /* keeps numbers small */
    int64_t r = op == '+' ? a + b : op == '-' ? a - b : a * b;
    return (r % modulus + modulus) % modulus;
}

static int64_t calculate(char *text) {
    gr_iter *instructions = gr_pull(parser, text, sizeof(Token));
    int64_t stack[STACK];
    int top = 0;
    for (Token t; gr_next(instructions, &t);) {
        if (t.kind == '0' && top < STACK) {
            stack[top++] = t.number;
        } else if (t.kind != '0' && top >= 2) {
            top--;
            stack[top - 1] = apply(t.kind, stack[top - 1], stack[top]);
        }
    }
    gr_stop(instructions);
    return top == 1 ? stack[0] : -1;
}

typedef struct Writing {
    char text[LINE];
    size_t n;
    uint32_t rng;
} Writing;

static bool one_in(Writing *w, uint32_t n) { return next_random(&w->rng) % n == 0; }

static void put(Writing *w, const char *s) {
    for (; *s && w->n < LINE - 1; s++)
        w->text[w->n++] = *s;
    w->text[w->n] = 0;
}

/* Writes a random expression and returns what it must come to. */
static int64_t write_sum(Writing *w, int depth);

static int64_t write_factor(Writing *w, int depth) {
    if (depth == 0 || one_in(w, 2)) {
        int number = (int)(next_random(&w->rng) % 100);
        char digits[12];
        snprintf(digits, sizeof digits, "%d", number);
        put(w, digits);
        return number;
    }
    put(w, "(");
    int64_t value = write_sum(w, depth - 1);
    put(w, ")");
    return value;
}

static int64_t write_product(Writing *w, int depth) {
    int64_t value = write_factor(w, depth);
    while (one_in(w, 3) && w->n < LINE / 2) {
        put(w, "*");
        value = apply('*', value, write_factor(w, depth));
    }
    return value;
}

static int64_t write_sum(Writing *w, int depth) {
    int64_t value = write_product(w, depth);
    do {
        char op = one_in(w, 2) ? '+' : '-';
        put(w, op == '+' ? " + " : " - ");
        value = apply(op, value, write_product(w, depth));
    } while (one_in(w, 2) && w->n < LINE / 2);
    return value;
}

typedef struct Lines {
    atomic_int next;
    int count;
} Lines;

static void calculator(void *arg) {
    Lines *lines = arg;
    Writing *line = must_alloc(1, sizeof *line);
    for (int i; (i = atomic_fetch_add(&lines->next, 1)) < lines->count;) {
        line->n = 0;
        line->rng = 3266489917u * (uint32_t)(i + 1);
        int64_t expected = write_sum(line, DEPTH), result = calculate(line->text);
        if (line->n < 30 && i % 100 == 0)
            printf("%s = %" PRId64 "\n", line->text, result);
        atomic_fetch_add(&wrong, result != expected);
    }
    free(line);
    gr_waitgroup_done(&at_work);
}

/* ---- the same sequence by coroutine and by channel ----------------------------------------------------------- */

/* 0, 1, 2 ... below *n. */
static void count(gr_yield_fn *yield, void *n) {
    for (int i = 0; i < *(int *)n && yield(&i);)
        i++;
}

static int64_t sum_pulled(int n) {
    gr_iter *numbers = gr_pull(count, &n, sizeof(int));
    int64_t sum = 0;
    for (int i; gr_next(numbers, &i);)
        sum += i;
    gr_stop(numbers);
    return sum;
}

typedef struct Sending {
    int n;
    gr_chan *out;
} Sending;

static bool send_number(void *out, const void *i) {
    gr_chan_send(out, i);
    return true;
}

static void count_and_send(void *arg) {
    Sending *s = arg;
    gr_each(count, &s->n, send_number, s->out);
    gr_chan_close(s->out);
}

static int64_t sum_received(int n) {
    Sending s = {n, gr_chan_make(sizeof(int), 0)};
    gr_go(count_and_send, &s);
    int64_t sum = 0;
    for (int i; gr_chan_recv(s.out, &i);)
        sum += i;
    gr_chan_free(s.out);
    return sum;
}

static int64_t shorter(int64_t a, int64_t b) { return a < b ? a : b; }

/* Both in turn, several times; of each the best, since other programs want the machine too. */
static void compare_ways(int n) {
    int64_t by_next = INT64_MAX, by_channel = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t t0 = gr_now(), pulled = sum_pulled(n), t1 = gr_now(), received = sum_received(n), t2 = gr_now();
        by_next = shorter(by_next, t1 - t0);
        by_channel = shorter(by_channel, t2 - t1);
        atomic_fetch_add(&wrong, pulled != received || pulled != (int64_t)n * (n - 1) / 2);
    }
    printf("one number: %d ns by gr_next,\n            %d ns through a channel\n", (int)(by_next / n),
           (int)(by_channel / n));
}

int gr_main(int argc, char **argv) {
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 10;
    long files = argc > 2 ? strtol(argv[2], NULL, 10) : 500;
    long lines = argc > 3 ? strtol(argv[3], NULL, 10) : 1500;
    if (count < 0 || count > 100000 || files < 1 || files > 1000000 || lines < 0 || lines > 10000000) {
        fprintf(
            stderr,
            "usage: coroutines [PAIRS [FILES [LINES]]], PAIRS to 100000, FILES from 1 to 1000000, LINES to 10000000\n");
        return 1;
    }
    Pairs all_pairs = {.count = (int)count, .files = (int)files};
    Lines all_lines = {.count = (int)lines};
    int each = gr_gomaxprocs(0);
    int64_t began = gr_now();
    gr_waitgroup_add(&at_work, 2 * each);
    for (int i = 0; i < each; i++) {
        gr_go(comparer, &all_pairs);
        gr_go(calculator, &all_lines);
    }
    gr_waitgroup_wait(&at_work);
    printf("%ld files compared, %ld lines calculated\nin %.3f s\n", all_pairs.compared, lines,
           (double)(gr_now() - began) / GR_SECOND);
    compare_ways(COUNT);
    printf("%s\n", wrong ? "WRONG: not all results are what they must be" : "every result is right");
    return wrong ? 1 : 0;
}
