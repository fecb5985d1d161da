/* instructions: how many machine instructions one operation of a running benchmark takes, which no other work on
 * the machine changes. Linux on x86-64; an ordinary C program: cc -O2 -D_GNU_SOURCE -o instructions
 * tests/bench/instructions.c
 *
 * usage: instructions PID [STEPS]     100,000 unless given
 *
 * Stops every thread of the process but the busiest, so that no sysmon cuts slices short, and lets that one take
 * STEPS single steps. A benchmark repeats one operation, so most instructions of it are met once each time, or a
 * whole number of times: how often most are met is the number of operations. Prints instructions per operation,
 * then a line "ADDRESS TIMES" for each instruction met at least in every other operation. Afterwards the process
 * goes on.
 *
 * For wasm start node with --no-liftoff --no-wasm-dynamic-tiering (else a loop entered early stays in the baseline
 * tier's code), and with --perf-basic-prof to find the function of an address in /tmp/perf-PID.map.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 256
#define BITS 18 /* of the table of addresses */
#define WATCH_US 500000
#define FEWEST 3 /* operations, for a result */

typedef struct Thread {
    int id;
    long ticks;
} Thread;

static Thread threads[THREADS];
static int count;

static struct {
    unsigned long address;
    long times;
} seen[1 << BITS];

static void die(const char *what) {
    perror(what);
    exit(1);
}

/* Clock ticks a thread has run; 0: it is gone. */
static long ticks(int pid, int id) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", pid, id);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    long user = 0, kernel = 0;
    char *name_end = strrchr(text, ')'); /* fields 14 and 15; the second is the name */
    if (name_end)
        sscanf(name_end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &kernel);
    return user + kernel;
}

static int busiest(int pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    if (!dir)
        die(path);
    for (struct dirent *e; count < THREADS && (e = readdir(dir));)
        if (e->d_name[0] != '.') {
            int id = atoi(e->d_name);
            threads[count++] = (Thread){id, ticks(pid, id)};
        }
    closedir(dir);
    usleep(WATCH_US);
    int best = 0;
    long most = -1;
    for (int i = 0; i < count; i++) {
        long ran = ticks(pid, threads[i].id) - threads[i].ticks;
        if (ran > most) {
            most = ran;
            best = threads[i].id;
        }
    }
    return best;
}

static bool stop(int id) {
    int status;
    return ptrace(PTRACE_SEIZE, id, NULL, NULL) == 0 && ptrace(PTRACE_INTERRUPT, id, NULL, NULL) == 0 &&
           waitpid(id, &status, __WALL) == id && WIFSTOPPED(status);
}

static void meet(unsigned long address) {
    unsigned long i = address * UINT64_C(0x9E3779B97F4A7C15) >> (64 - BITS);
    while (seen[i].times && seen[i].address != address)
        i = (i + 1) & ((1 << BITS) - 1);
    seen[i].address = address;
    seen[i].times++;
}

/* Steps taken: fewer if the thread ends. */
static long walk(int id, long steps) {
    for (long done = 0; done < steps; done++) {
        int status;
        struct user_regs_struct regs;
        if (ptrace(PTRACE_SINGLESTEP, id, NULL, NULL) || waitpid(id, &status, __WALL) != id || !WIFSTOPPED(status) ||
            ptrace(PTRACE_GETREGS, id, NULL, &regs))
            return done;
        meet(regs.rip);
    }
    return steps;
}

/* How often most instructions were met, where a walk may begin and end in the middle of an operation: one more or
 * less. */
static long operations(long steps) {
    long *hits = calloc((size_t)steps + 2, sizeof *hits), best = 0,
         most = 0; /* hits[t]: steps at addresses met t times */
    if (!hits)
        die("instructions");
    for (long i = 0; i < 1 << BITS; i++)
        hits[seen[i].times] += seen[i].times;
    for (long t = FEWEST; t <= steps; t++)
        if (hits[t - 1] + hits[t] + hits[t + 1] > most) {
            most = hits[t - 1] + hits[t] + hits[t + 1];
            best = hits[t - 1] > hits[t] ? t - 1 : t;
        }
    free(hits);
    return best;
}

int main(int argc, char **argv) {
    int pid = argc > 1 ? atoi(argv[1]) : 0;
    long steps = argc > 2 ? atol(argv[2]) : 100000;
    if (pid <= 0 || steps < 1000) {
        fprintf(stderr, "usage: instructions PID [STEPS]\n");
        return 2;
    }
    int id = busiest(pid);
    for (int i = 0; i < count; i++)
        if (threads[i].id != id)
            stop(threads[i].id); /* one that has ended meanwhile needs no stopping */
    if (!stop(id))
        die("instructions: cannot trace the busiest thread");
    long done = walk(id, steps), n = operations(done);
    for (int i = 0; i < count; i++)
        ptrace(PTRACE_DETACH, threads[i].id, NULL, NULL);
    if (n < FEWEST) {
        fprintf(stderr, "instructions: no operation was repeated in %ld steps\n", done);
        return 1;
    }
    printf("%.0f instructions for each of %ld operations\n", (double)done / (double)n, n);
    for (long i = 0; i < 1 << BITS; i++)
        if (seen[i].times * 2 >= n)
            printf("%lx %.3f\n", seen[i].address, (double)seen[i].times / (double)n);
    return 0;
}
