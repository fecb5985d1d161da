/* goker.h: what the corpus of real bugs shares. The bugs are those of GoKer, the part of GoBench (Yuan et al., CGO
 * 2021) that reduces bugs of large Go programs to their synchronisation; Go's runtime tests its goroutine leak
 * profile with them (src/runtime/testdata/testgoroutineleakprofile/goker). Each is written anew here, with the same
 * goroutines, channels and locks; the number behind the project is the issue or pull request there.
 *
 * A bug is a function that runs as a goroutine of its own, so that main can return whoever hangs; then the leak
 * report tells. One instance of a bug per run: its state may be static. Channels carry nothing (elements of size 0)
 * unless the bug needs more.
 */
#ifndef GOKER_H
#define GOKER_H

#include <goroscope.h>

/* All programs, by file. */
#define COCKROACH(X)                                                                                                   \
    X(cockroach584)                                                                                                    \
    X(cockroach1055)                                                                                                   \
    X(cockroach1462)                                                                                                   \
    X(cockroach2448)                                                                                                   \
    X(cockroach3710)                                                                                                   \
    X(cockroach6181)                                                                                                   \
    X(cockroach7504)                                                                                                   \
    X(cockroach9935)                                                                                                   \
    X(cockroach10214)                                                                                                  \
    X(cockroach10790)                                                                                                  \
    X(cockroach13197)                                                                                                  \
    X(cockroach13755)                                                                                                  \
    X(cockroach16167)                                                                                                  \
    X(cockroach18101)                                                                                                  \
    X(cockroach24808)                                                                                                  \
    X(cockroach25456)                                                                                                  \
    X(cockroach35073)                                                                                                  \
    X(cockroach35931)

#define ETCD(X)                                                                                                        \
    X(etcd5509)                                                                                                        \
    X(etcd6708)                                                                                                        \
    X(etcd6857)                                                                                                        \
    X(etcd6873)                                                                                                        \
    X(etcd7492)                                                                                                        \
    X(etcd7902)                                                                                                        \
    X(etcd10492)

#define GRPC(X)                                                                                                        \
    X(grpc660)                                                                                                         \
    X(grpc795)                                                                                                         \
    X(grpc862)                                                                                                         \
    X(grpc1275)                                                                                                        \
    X(grpc1424)                                                                                                        \
    X(grpc1460)                                                                                                        \
    X(grpc3017)

#define OTHERS(X)                                                                                                      \
    X(hugo3251)                                                                                                        \
    X(hugo5379)                                                                                                        \
    X(istio16224)                                                                                                      \
    X(istio17860)                                                                                                      \
    X(istio18454)                                                                                                      \
    X(serving2137)                                                                                                     \
    X(syncthing4829)                                                                                                   \
    X(syncthing5795)

#define KUBERNETES(X)                                                                                                  \
    X(kubernetes1321)                                                                                                  \
    X(kubernetes5316)                                                                                                  \
    X(kubernetes6632)                                                                                                  \
    X(kubernetes10182)                                                                                                 \
    X(kubernetes11298)                                                                                                 \
    X(kubernetes13135)                                                                                                 \
    X(kubernetes25331)                                                                                                 \
    X(kubernetes26980)                                                                                                 \
    X(kubernetes30872)                                                                                                 \
    X(kubernetes38669)                                                                                                 \
    X(kubernetes58107)                                                                                                 \
    X(kubernetes62464)                                                                                                 \
    X(kubernetes70277)

#define MOBY(X)                                                                                                        \
    X(moby4951)                                                                                                        \
    X(moby7559)                                                                                                        \
    X(moby17176)                                                                                                       \
    X(moby21233)                                                                                                       \
    X(moby25384)                                                                                                       \
    X(moby27782)                                                                                                       \
    X(moby28462)                                                                                                       \
    X(moby30408)                                                                                                       \
    X(moby33781)                                                                                                       \
    X(moby36114)

#define SIMPLE(X)                                                                                                      \
    X(nil_recv)                                                                                                        \
    X(nil_send)                                                                                                        \
    X(select_no_cases)                                                                                                 \
    X(chan_recv)                                                                                                       \
    X(chan_send)                                                                                                       \
    X(select_both)                                                                                                     \
    X(wait_group)                                                                                                      \
    X(mutex_stack)                                                                                                     \
    X(rwmutex_rlock)                                                                                                   \
    X(rwmutex_lock)                                                                                                    \
    X(rwmutex_reader)                                                                                                  \
    X(cond)                                                                                                            \
    X(mixed)                                                                                                           \
    X(global_chan)                                                                                                     \
    X(no_close_range)                                                                                                  \
    X(contract_violation)                                                                                              \
    X(double_send)                                                                                                     \
    X(early_return)                                                                                                    \
    X(n_cast)                                                                                                          \
    X(timeout)                                                                                                         \
    X(spawn_many)                                                                                                      \
    X(daisy_chain)

#define PROGRAMS(X) SIMPLE(X) COCKROACH(X) ETCD(X) GRPC(X) KUBERNETES(X) MOBY(X) OTHERS(X)

#define X(name) void name(void *);
PROGRAMS(X)
#undef X

/* ---- select: choose(recv_from(a), send_to(b)) is the index of the case that ran; try_choose has a default, -1 ---- */

#define recv_from(c)                                                                                                   \
    { .op = GR_RECV, .chan = (c) }
#define send_to(c)                                                                                                     \
    { .op = GR_SEND, .chan = (c) }
#define GOKER_CASES(...) (gr_case[]){__VA_ARGS__}, (int)(sizeof((gr_case[]){__VA_ARGS__}) / sizeof(gr_case))
#define choose(...) gr_select(GOKER_CASES(__VA_ARGS__), false)
#define try_choose(...) gr_select(GOKER_CASES(__VA_ARGS__), true)
#define recv(c) gr_chan_recv((c), NULL)
#define send(c) gr_chan_send((c), NULL)
static inline gr_chan *make_chan(size_t cap) { return gr_chan_make(0, cap); }

/* ---- a context of package context, as far as the bugs go: cancelled once, which closes done ---- */

typedef struct context {
    gr_chan *done;
    uint32_t cancelled;
} context;
static inline void context_init(context *ctx) { ctx->done = make_chan(0); }
static inline void cancel(void *arg) { /* also as a goroutine */
    context *ctx = arg;
    if (!__atomic_exchange_n(&ctx->cancelled, 1, __ATOMIC_SEQ_CST))
        gr_chan_close(ctx->done);
}

/* Here a thread of Go's may lose its processor between two instructions. Ours change hands at operations only: this
 * is one. */
#define window() gr_yield()

/* Below n (at most 10), each equally likely: by the scheduler's own dice, so that in sim the seed decides. */
static inline int dice(int n) {
    gr_case cases[10];
    gr_chan *always = make_chan(0);
    gr_chan_close(always);
    for (int i = 0; i < n; i++)
        cases[i] = (gr_case)recv_from(always);
    int thrown = gr_select(cases, n, false);
    gr_chan_free(always);
    return thrown;
}

#endif
