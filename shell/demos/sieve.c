/* sieve: the first N primes, by a chain of goroutines, each of which lets pass what its prime does not divide.
 *
 *     count --2 3 4 5...--> filter 2 --3 5 7 9...--> filter 3 --5 7 11...--> filter 5 --> ... --> gr_main
 *
 * Whatever reaches the end is prime, and gets a filter of its own there. (Doug McIlroy's sieve, known from Go's
 * tutorials.)
 *
 * usage: sieve [N]     1500 unless given
 *
 * What to look for in the timeline
 *   - Slices of about a microsecond, thousands of times as many as in the other programs: all work is sending and
 *     receiving.
 *   - No channel has a buffer, so neighbours in the chain run one after the other; goroutines move between Ps all
 *     the time.
 *   - More Ps help little: there is not enough to do between two messages. That is what this chain is famous for.
 */
#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>

/* 2, 3, 4, ... for ever. */
static void count(void *arg) {
    gr_chan *out = arg;
    for (int n = 2;; n++)
        gr_chan_send(out, &n);
}

typedef struct Filter {
    gr_chan *in, *out;
    int prime;
} Filter;

static void filter(void *arg) {
    Filter f = *(Filter *)arg;
    free(arg);
    for (int n; gr_chan_recv(f.in, &n);) {
        if (n % f.prime != 0)
            gr_chan_send(f.out, &n);
    }
}

/* Lengthens the chain that ends in `in` by a filter; its new end. */
static gr_chan *add_filter(gr_chan *in, int prime) {
    Filter *f = malloc(sizeof *f);
    if (!f)
        gr_panic("sieve: out of memory");
    *f = (Filter){in, gr_chan_make(sizeof(int), 0), prime};
    gr_chan *out = f->out;
    gr_go(filter, f);
    return out;
}

static bool is_prime(int n) {
    for (int d = 2; d * d <= n; d++) {
        if (n % d == 0)
            return false;
    }
    return n >= 2;
}

/* The n-th prime, found the dull way, to check the result. */
static int nth_prime(long n) {
    int p = 1;
    while (n > 0)
        n -= is_prime(++p);
    return p;
}

int gr_main(int argc, char **argv) {
    long n = argc > 1 ? strtol(argv[1], NULL, 10) : 1500;
    if (n < 1 || n > 100000) {
        fprintf(stderr, "usage: sieve [N], N from 1 to 100000\n");
        return 1;
    }
    int64_t began = gr_now();
    gr_chan *end = gr_chan_make(sizeof(int), 0);
    gr_go(count, end);
    int prime = 0;
    for (long i = 1; i <= n; i++) {
        gr_chan_recv(end, &prime);
        printf("%7d%s", prime, i % 6 == 0 || i == n ? "\n" : "");
        end = add_filter(end, prime);
    }
    double seconds = (double)(gr_now() - began) / GR_SECOND;
    bool good = prime == nth_prime(n);
    printf("%s: prime number %ld is %d\n", good ? "right" : "WRONG", n, prime);
    printf("found by %d goroutines in %.3f s\n", gr_numgoroutine(), seconds);
    return good ? 0 : 1; /* the chain is still at work; the program ends with gr_main */
}
