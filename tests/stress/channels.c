/* channels: many senders and receivers on channels of all shapes. Every element arrives once, whole, and in its
 * sender's order. */
#include "stress.h"

enum { CHANS = 6, SENDERS = 8, RECEIVERS = 7, PER_SENDER = 60, MAX_WORDS = 25 };

/* An element: words[0] says who sent it and as which, the others follow from it. Channels use a prefix of it. */
typedef struct Elem {
    uint64_t words[MAX_WORDS];
} Elem;

typedef struct Round {
    gr_chan *chans[CHANS];
    int words[CHANS]; /* size of the channel's elements */
    uint64_t seed;
    gr_waitgroup senders, receivers;
    _Atomic uint64_t sent, received, sum_sent, sum_received;
} Round;

typedef struct Worker {
    Round *r;
    int id;
} Worker;

static const size_t caps[CHANS] = {0, 0, 1, 2, 7, 64};

static void fill(Elem *e, int words, uint64_t key) {
    for (int i = 0; i < words; i++)
        e->words[i] = key * (uint64_t)(i + 1);
}

static void send_all(void *arg) {
    Worker *w = arg;
    Round *r = w->r;
    Rand rnd = rand_of(r->seed, (uint64_t)w->id);
    for (uint64_t i = 1; i <= PER_SENDER; i++) {
        int c = (int)rand_below(&rnd, CHANS);
        uint64_t key = (uint64_t)w->id << 32 | i;
        Elem e;
        fill(&e, r->words[c], key);
        gr_chan_send(r->chans[c], &e);
        memset(&e, 0xEE, sizeof e); /* it was copied */
        atomic_fetch_add(&r->sent, 1);
        atomic_fetch_add(&r->sum_sent, key);
        rand_yield(&rnd);
    }
    gr_waitgroup_done(&r->senders);
}

static void receive_all(void *arg) {
    Worker *w = arg;
    Round *r = w->r;
    int c = w->id % CHANS;
    Rand rnd = rand_of(r->seed, 1000 + (uint64_t)w->id);
    uint64_t last[SENDERS] = {0};
    Elem e;
    while (gr_chan_recv(r->chans[c], &e)) {
        uint64_t key = e.words[0], from = key >> 32;
        STRESS_CHECK(from < SENDERS && (key & UINT32_MAX) > last[from]);
        last[from % SENDERS] = key & UINT32_MAX;
        for (int i = 0; i < r->words[c]; i++)
            STRESS_CHECK(e.words[i] == key * (uint64_t)(i + 1));
        atomic_fetch_add(&r->received, 1);
        atomic_fetch_add(&r->sum_received, key);
        rand_yield(&rnd);
    }
    for (int i = 0; i < r->words[c]; i++)
        STRESS_CHECK(e.words[i] == 0); /* closed: zeroed */
    gr_waitgroup_done(&r->receivers);
}

static void run_round(uint64_t seed) {
    static Worker senders[SENDERS], receivers[RECEIVERS * CHANS];
    Round *r = must_alloc(sizeof *r);
    Rand rnd = rand_of(seed, 99);
    r->seed = seed;
    int nreceivers = CHANS + (int)rand_below(&rnd, (RECEIVERS - 1) * CHANS);
    gr_waitgroup_add(&r->senders, SENDERS);
    gr_waitgroup_add(&r->receivers, nreceivers);
    for (int i = 0; i < CHANS; i++) {
        r->words[i] = 1 + (int)rand_below(&rnd, MAX_WORDS);
        r->chans[i] = gr_chan_make((size_t)r->words[i] * sizeof(uint64_t), caps[i]);
    }
    for (int i = 0; i < nreceivers; i++) {
        receivers[i] = (Worker){r, i};
        gr_go(receive_all, &receivers[i]);
    }
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (Worker){r, i};
        gr_go(send_all, &senders[i]);
    }
    gr_waitgroup_wait(&r->senders);
    for (int i = 0; i < CHANS; i++)
        gr_chan_close(r->chans[i]);
    gr_waitgroup_wait(&r->receivers);
    STRESS_CHECK(r->sent == SENDERS * PER_SENDER && r->received == r->sent && r->sum_received == r->sum_sent);
    for (int i = 0; i < CHANS; i++)
        gr_chan_free(r->chans[i]);
    free(r);
}

int gr_main(int argc, char **argv) { return stress_main("channels", argc, argv, 100, run_round); }
