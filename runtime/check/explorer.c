/* explorer.c: many simulated runs of one native program, each in a process made by fork. (Stateless model checking, as
 * in Godefroid, VeriSoft, 1997)
 *
 *   GOROSCOPE_SEEDS=A..B[/N]  one run for each seed, or for each that N divides, with chaos and check on. Prints
 *                             those that failed, each with what repeats it. The number of Ps varies with the seed
 *                             unless GOROSCOPE_PROCS fixes it. A..A is traced if GOROSCOPE_TRACE says where to.
 *   GOROSCOPE_EXPLORE=HOW     all schedules: wherever the scheduler is free to choose, the process forks and each
 *                             child goes one way, depth first. So no run is ever repeated to come to a choice. HOW
 *                             is "all", or the number of preemptions in one run (Musuvathi and Qadeer, CHESS, 2007:
 *                             few suffice for nearly all bugs), with "+ms" behind it: also the Ms' looking for work
 *                             and the places in the queue (base/hooks.h). Prints each outcome (output and exit
 *                             code) with how many schedules led to it and the first of them.
 *   GOROSCOPE_CHOICES=A.B.…   with GOROSCOPE_EXPLORE: the one schedule with these choices, to be looked at.
 *
 * Choices are made between operations of the runtime: an operation is one step, and so is the way of a goroutine
 * that was woken up to its next operation. What lock-free code does inside an operation is for the sanitizers' runs
 * with real threads.
 *
 * One process runs at a time; the others wait for it. What they share is in one mapping.
 */
#include "check/check.h"
#include "check/explorer.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX 4096
#define DEPTH_MAX 4000      /* choices in one run; deeper means that it never ends */
#define OUTCOMES_MAX 256    /* different ones */
#define RUN_SECONDS 20      /* of processor time: a run that takes more (exploration: between two choices) hangs */
#define LEAVES_MAX 20000000 /* schedules before the explorer gives up, unless GOROSCOPE_LIMIT says less */

typedef struct Outcome {
    uint64_t runs;
    int code;
    char text[TEXT_MAX];
    uint16_t depth;
    uint8_t path[DEPTH_MAX]; /* of the first */
} Outcome;

typedef struct Shared {
    /* the run under way */
    size_t out_n, err_n;
    char out[TEXT_MAX], err[TEXT_MAX];
    /* exploration */
    uint64_t leaves, limit;
    uint32_t noutcomes, deepest;
    bool given_up;
    Outcome outcome[OUTCOMES_MAX];
} Shared;

static Shared *shared; /* NULL: an ordinary run */

/* Of this process, and so of its children from where they began. */
static char out[TEXT_MAX], err[TEXT_MAX];
static size_t out_n, err_n;
static uint8_t path[DEPTH_MAX], wanted[DEPTH_MAX];
static uint32_t depth, nwanted;
static uint32_t preemptions, most_preemptions;
static bool show; /* one schedule, its output as usual */

/* ---- output -------------------------------------------------------------------------------------------------- */

bool rt_many_output(int fd, const void *buf, size_t n) {
    if (!shared || show)
        return false;
    char *to = fd == 1 ? out : err;
    size_t *have = fd == 1 ? &out_n : &err_n;
    size_t room = TEXT_MAX - 1 - *have;
    if (n > room)
        n = room;
    memcpy(to + *have, buf, n);
    *have += n;
    to[*have] = 0;
    return true;
}

static void keep_output(void) {
    memcpy(shared->out, out, out_n + 1);
    memcpy(shared->err, err, err_n + 1);
}

/* SIGPROF ends this process when it has used so much processor time; 0: never. */
static void limit_time(int seconds) {
    struct itimerval t = {.it_value.tv_sec = seconds};
    setitimer(ITIMER_PROF, &t, NULL);
}

/* ---- seeds --------------------------------------------------------------------------------------------------- */

static const int procs_of[] = {1, 2, 3, 4, 8, 2, 3, 16}; /* by the seed */

static void tell_failure(uint64_t seed, int procs, const char *what, int code, char **argv) {
    dprintf(1,
            "seed %llu failed, %s %d: GOROSCOPE_MODE=sim GOROSCOPE_CLOCK=virtual GOROSCOPE_CHAOS=1 GOROSCOPE_CHECK=1 "
            "GOROSCOPE_PROCS=%d "
            "GOROSCOPE_SEED=%llu",
            (unsigned long long)seed, what, code, procs, (unsigned long long)seed);
    for (char **a = argv; *a; a++)
        dprintf(1, " %s", *a);
    dprintf(1, "\n%s%s\n", shared->out, shared->err);
}

/* Children return from it. */
static void run_seeds(Config *c, uint64_t from, uint64_t to, uint64_t step, char **argv) {
    bool fixed = getenv("GOROSCOPE_PROCS") && *getenv("GOROSCOPE_PROCS");
    uint64_t runs = 0, failures = 0;
    for (uint64_t seed = from; seed <= to; seed++) {
        if (seed % step)
            continue;
        runs++;
        int procs = fixed ? c->procs : procs_of[seed % (sizeof procs_of / sizeof *procs_of)];
        pid_t child = fork();
        if (child == 0) {
            limit_time(RUN_SECONDS);
            c->procs = procs;
            c->seed = seed;
            c->sim = c->virtual_clock = c->chaos = c->check = true;
            if (from != to)
                c->ring_bytes = 0;
            return;
        }
        int status = 0;
        if (child < 0 || waitpid(child, &status, 0) != child) {
            dprintf(1, "goroscope: cannot run seed %llu: %s\n", (unsigned long long)seed, strerror(errno));
            _exit(1);
        }
        bool killed = WIFSIGNALED(status);
        if (killed || WEXITSTATUS(status) != 0) {
            failures++;
            tell_failure(seed, procs, killed ? "signal" : "exit code", killed ? WTERMSIG(status) : WEXITSTATUS(status),
                         argv);
        }
    }
    dprintf(1, "seeds %llu..%llu: %llu runs, %llu failures\n", (unsigned long long)from, (unsigned long long)to,
            (unsigned long long)runs, (unsigned long long)failures);
    _exit(failures ? 1 : 0);
}

/* ---- exploration: what a run came to ------------------------------------------------------------------------- */

/* The output, and the first line of what went to stderr, on one line. */
static void outcome_text(char *to) {
    size_t n = 0;
    for (size_t i = 0; i < out_n && n < TEXT_MAX - 2; i++)
        if (out[i] != '\n')
            to[n++] = out[i];
        else if (i + 1 < out_n)
            to[n++] = '|';
    if (err_n > 0 && n > 0 && n < TEXT_MAX - 2)
        to[n++] = '|';
    for (size_t i = 0; i < err_n && err[i] != '\n' && n < TEXT_MAX - 2; i++)
        to[n++] = err[i];
    to[n] = 0;
}

static void count_outcome(int code, const char *text) {
    Shared *s = shared;
    s->leaves++;
    if (depth > s->deepest)
        s->deepest = depth;
    uint32_t i = 0;
    while (i < s->noutcomes && (s->outcome[i].code != code || strcmp(s->outcome[i].text, text) != 0))
        i++;
    if (i == OUTCOMES_MAX)
        return; /* a program with so many says nothing */
    Outcome *o = &s->outcome[i];
    if (i == s->noutcomes) {
        s->noutcomes++;
        o->code = code;
        strcpy(o->text, text);
        o->depth = (uint16_t)depth;
        memcpy(o->path, path, depth);
    }
    o->runs++;
}

void rt_many_end(int code) {
    if (!shared || show)
        return;
    if (rt_explore) {
        char text[TEXT_MAX];
        outcome_text(text);
        count_outcome(code, text);
    } else {
        keep_output();
    }
}

static void report(void) {
    Shared *s = shared;
    dprintf(1, "%llu schedules, at most %u choices, %s\n", (unsigned long long)s->leaves, s->deepest,
            s->given_up ? "given up" : "complete");
    for (uint32_t i = 0; i < s->noutcomes; i++) {
        Outcome *o = &s->outcome[i];
        dprintf(1, "%llu\t%d\t%s\t", (unsigned long long)o->runs, o->code, o->text);
        for (uint32_t k = 0; k < o->depth; k++)
            dprintf(1, k ? ".%u" : "%u", o->path[k]);
        dprintf(1, "\n");
    }
    _exit(s->given_up ? 1 : 0);
}

/* ---- exploration: the choices -------------------------------------------------------------------------------- */

/* Runs what follows from choosing i in a child. True: this is the child. */
static bool in_child(uint32_t i) {
    pid_t child = fork();
    if (child == 0) {
        limit_time(RUN_SECONDS);
        return true;
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        shared->given_up = true;
        return false;
    }
    if (WIFSIGNALED(status)) {
        char text[64];
        snprintf(text, sizeof text, "signal %d", WTERMSIG(status));
        path[depth++] = (uint8_t)i;
        count_outcome(-1, text);
        depth--;
    }
    return false;
}

static uint32_t every_way(uint32_t n) {
    limit_time(0); /* the children have theirs */
    for (uint32_t i = 0; i + 1 < n; i++) {
        if (in_child(i))
            return i;
        if (shared->given_up || shared->leaves >= shared->limit) {
            shared->given_up = true;
            _exit(0);
        }
    }
    limit_time(RUN_SECONDS);
    return n - 1;
}

static uint32_t explorer(Choice what, uint32_t n) {
    if (n == 1 || what == CHOOSE_PREEMPT || what == CHOOSE_WAKE || what == CHOOSE_DELAY ||
        (what == CHOOSE_TAIL && rt_explore != EXPLORE_MS))
        return 0;
    if (what == CHOOSE_SWITCH && preemptions >= most_preemptions)
        return 0;
    if (depth == DEPTH_MAX) {
        err_n = 0;
        rt_many_output(2, "too deep", 8);
        rt_many_end(1);
        _exit(1);
    }
    uint32_t chosen = depth < nwanted && wanted[depth] < n ? wanted[depth] : show ? 0 : every_way(n);
    if (what == CHOOSE_SWITCH && chosen > 0)
        preemptions++;
    path[depth++] = (uint8_t)chosen;
    return chosen;
}

static void read_choices(const char *s) {
    while (*s && nwanted < DEPTH_MAX) {
        char *end;
        wanted[nwanted++] = (uint8_t)strtoul(s, &end, 10);
        s = *end ? end + 1 : end;
    }
}

static void explore(Config *c, const char *how) {
    const char *choices = getenv("GOROSCOPE_CHOICES"), *limit = getenv("GOROSCOPE_LIMIT");
    most_preemptions = strncmp(how, "all", 3) == 0 ? UINT32_MAX : (uint32_t)strtoul(how, NULL, 10);
    rt_explore = strstr(how, "+ms") ? EXPLORE_MS : EXPLORE_GOROUTINES;
    rt_explorer = explorer;
    rt_choosing = true;
    c->sim = c->virtual_clock = c->check = true;
    c->chaos = false;
    shared->limit = limit && *limit ? strtoull(limit, NULL, 10) : LEAVES_MAX;
    if (choices) {
        show = true;
        read_choices(choices);
        return;
    }
    c->ring_bytes = 0;
    if (!in_child(0))
        report();
}

/* ---- entry --------------------------------------------------------------------------------------------------- */

void rt_many_runs(Config *c, char **argv) {
    const char *seeds = getenv("GOROSCOPE_SEEDS"), *how = getenv("GOROSCOPE_EXPLORE");
    bool by_seed = seeds && *seeds, by_choice = how && *how;
    if (!by_seed && !by_choice)
        return;
    void *all = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (all == MAP_FAILED)
        exit(1);
    unsigned long long from, to, step = 1;
    if (by_seed && (sscanf(seeds, "%llu..%llu/%llu", &from, &to, &step) < 2 || from > to || step == 0)) {
        dprintf(2, "goroscope: GOROSCOPE_SEEDS=%s: must be a range such as 1..1000 or 1..1000/10\n", seeds);
        exit(1);
    }
    shared = all;
    show = true; /* what this process prints is not the program's */
    if (by_choice) {
        show = false;
        explore(c, how);
        return;
    }
    run_seeds(c, from, to, step, argv);
    show = false;
}
