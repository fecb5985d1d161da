/* syscalls: writers whose system calls block the thread, beside hashers that want every P.
 *
 *     writer: composes a block (~100 us of work), then writes it to a device that answers after
 *             10 us (buffer), 200 us (disk) or 5 ms (tape); the call blocks the thread, not only the goroutine
 *     hasher: searches the smallest hash among many, a stretch (~100 us) at a time
 *
 * gr_blocking tells the runtime that a call may block the thread. The P stays with the thread for 20 us; then it is
 * taken away and given to a thread that has work. So the devices' waits, added up, are much longer than the program.
 *
 * usage: syscalls [BLOCKS [STRETCHES]]     100 10000 unless given: blocks for each tape, hashers' stretches in all
 *
 * What to look for in the timeline
 *   - The pale part of a slice is a system call. After a call of the buffer the writer goes on where it was: it
 *     kept its P.
 *   - A longer pale part ends with the P taken away (click on it: "syscall"), and a hasher goes on there. The
 *     writer turns up later, on whatever P is free, and came from a system call.
 *   - As many threads as calls that block at once, on few Ps. Starting a thread takes a page tens of milliseconds,
 *     in which the P meant for it is idle: see the beginning.
 *   - At the end only tapes are left. Nobody wants the Ps then, so nobody takes them.
 */
#define _POSIX_C_SOURCE 200809L /* nanosleep */
#include <goroscope.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    WRITERS = 4, /* for each device */
    BLOCK_WORDS = 2048,
    MIX_ROUNDS = 12, /* over a block: ~100 us with all of them */
    STRETCH = 50000, /* hashes in a stretch: ~100 us */
};

/* What stands for the host's files: it takes its time, and adds up what it gets. */
typedef struct Device {
    const char *name;
    unsigned answers_us;
    int blocks_of_tape; /* blocks each writer has for every one that a writer to tape has */
    atomic_ullong sum;
    atomic_llong away_ns; /* the writers': from the call until they run again */
    atomic_int written;
} Device;

static Device devices[] = {{.name = "buffer", .answers_us = 10, .blocks_of_tape = 8},
                           {.name = "disk", .answers_us = 200, .blocks_of_tape = 3},
                           {.name = "tape", .answers_us = 5000, .blocks_of_tape = 1}};
enum { DEVICES = sizeof devices / sizeof *devices };

static gr_waitgroup at_work;

static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* ---- writers ------------------------------------------------------------------------------------------------- */

typedef struct Write {
    Device *device;
    const uint64_t *block;
} Write;

/* In the host, as far as the scheduler knows: nothing of goroscope.h may be called here. */
static void write_block(void *arg) {
    Write *w = arg;
    nanosleep(&(struct timespec){.tv_nsec = w->device->answers_us * 1000L}, NULL);
    atomic_fetch_add(&w->device->sum, w->block[0]);
    atomic_fetch_add(&w->device->written, 1);
}

static void compose(uint64_t *block, uint64_t seed) {
    for (int i = 0; i < BLOCK_WORDS; i++)
        block[i] = seed + (uint64_t)i;
    for (int round = 0; round < MIX_ROUNDS; round++) {
        for (int i = 0; i < BLOCK_WORDS; i++)
            block[i] = mix(block[i] + block[(i + 1) % BLOCK_WORDS]);
    }
}

typedef struct Writer {
    Device *device;
    int id, blocks;
    uint64_t sum; /* of the blocks' first words: what the device must have got */
} Writer;

static void writer(void *arg) {
    Writer *me = arg;
    uint64_t *block = malloc(BLOCK_WORDS * sizeof *block);
    if (!block)
        gr_panic("syscalls: out of memory");
    for (int i = 0; i < me->blocks; i++) {
        compose(block, mix((uint64_t)me->id << 32 | (uint64_t)i));
        me->sum += block[0];
        int64_t left = gr_now();
        gr_blocking(write_block, &((Write){me->device, block}));
        atomic_fetch_add(&me->device->away_ns, gr_now() - left);
    }
    free(block);
    gr_waitgroup_done(&at_work);
}

/* ---- hashers ------------------------------------------------------------------------------------------------- */

typedef struct Search {
    atomic_long next, stretches; /* which stretch is the next, of how many */
    atomic_llong busy_ns;
    gr_mutex lock;
    uint64_t smallest, of; /* under lock: the smallest hash so far, and what it is the hash of */
} Search;

static void keep_smaller(Search *s, uint64_t hash, uint64_t of) {
    gr_mutex_lock(&s->lock);
    if (hash < s->smallest)
        s->smallest = hash, s->of = of;
    gr_mutex_unlock(&s->lock);
}

static void hasher(void *arg) {
    Search *s = arg;
    for (long n; (n = atomic_fetch_add(&s->next, 1)) < s->stretches;) {
        int64_t began = gr_now();
        uint64_t smallest = UINT64_MAX, of = 0;
        for (uint64_t x = (uint64_t)n * STRETCH; x < (uint64_t)(n + 1) * STRETCH; x++) {
            uint64_t hash = mix(x + 1);
            if (hash < smallest)
                smallest = hash, of = x;
        }
        keep_smaller(s, smallest, of);
        atomic_fetch_add(&s->busy_ns, gr_now() - began);
        gr_yield();
    }
    gr_waitgroup_done(&at_work);
}

/* ---- all together -------------------------------------------------------------------------------------------- */

static void start_all(Writer *writers, Search *s, int blocks, int hashers) {
    gr_waitgroup_add(&at_work, DEVICES * WRITERS + hashers);
    for (int i = 0; i < DEVICES * WRITERS; i++) {
        Device *d = &devices[i % DEVICES];
        writers[i] = (Writer){.device = d, .id = i, .blocks = blocks * d->blocks_of_tape};
        gr_go(writer, &writers[i]);
    }
    for (int i = 0; i < hashers; i++)
        gr_go(hasher, s);
}

/* Prints the table, with the mean time from a call until the writer runs again; returns how long the devices took
 * in all, in ns, or -1 if one did not get what was written. */
static int64_t print_devices(const Writer *writers) {
    int64_t all = 0;
    printf("device  blocks  answers in  runs again in\n");
    for (int k = 0; k < DEVICES; k++) {
        Device *d = &devices[k];
        uint64_t sum = 0;
        for (int i = k; i < DEVICES * WRITERS; i += DEVICES)
            sum += writers[i].sum;
        printf("%-6s  %6d  %7u us  %10lld us\n", d->name, d->written, d->answers_us, d->away_ns / d->written / 1000);
        all = sum == d->sum && all >= 0 ? all + (int64_t)d->written * d->answers_us * 1000 : -1;
    }
    return all;
}

static void print_totals(const Search *s, int64_t waits, int64_t elapsed, int procs) {
    printf("devices' waits, added up  %7.3f s\n", (double)waits / GR_SECOND);
    printf("hashing, added up         %7.3f s\n", (double)s->busy_ns / GR_SECOND);
    printf("elapsed on %2d P%s         %7.3f s\n", procs, procs == 1 ? " " : "s", (double)elapsed / GR_SECOND);
    printf("Ps taken from system calls  %llu times\n", (unsigned long long)gr_read_sched_stats().retaken);
    printf("of %ld million hashes the smallest is\n%016llx, of %llu\n", s->stretches * STRETCH / 1000000,
           (unsigned long long)s->smallest, (unsigned long long)s->of);
}

int gr_main(int argc, char **argv) {
    long blocks = argc > 1 ? strtol(argv[1], NULL, 10) : 100;
    long stretches = argc > 2 ? strtol(argv[2], NULL, 10) : 10000;
    if (blocks < 1 || blocks > 100000 || stretches < 1 || stretches > 10000000) {
        fprintf(stderr, "usage: syscalls [BLOCKS [STRETCHES]], BLOCKS from 1 to 100000, STRETCHES to 10000000\n");
        return 1;
    }
    Writer writers[DEVICES * WRITERS];
    Search search = {.stretches = stretches, .smallest = UINT64_MAX};
    int procs = gr_gomaxprocs(0);
    int64_t began = gr_now();
    start_all(writers, &search, (int)blocks, 2 * procs);
    gr_waitgroup_wait(&at_work);
    int64_t elapsed = gr_now() - began, waits = print_devices(writers);
    print_totals(&search, waits, elapsed, procs);
    printf("%s\n", waits >= 0 ? "every device got every block" : "WRONG: a device did not get what was written");
    return waits >= 0 ? 0 : 1;
}
