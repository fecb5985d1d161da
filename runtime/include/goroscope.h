/* goroscope.h: goroutines for C. This file is the manual.
 *
 * A program includes this header, defines gr_main() and is linked with the runtime (`goroscope build prog.c -o
 * prog.wasm`). The scheduler runs goroutines on P processors, each served by a worker (threads mode), or simulates
 * that on one thread (sim mode). The program is the same in both.
 *
 *     static void hello(void *arg) { gr_chan_send(arg, &(int){42}); }
 *     int gr_main(int argc, char **argv) {
 *         gr_chan *c = gr_chan_make(sizeof(int), 0);
 *         gr_go(hello, c);
 *         int v;
 *         gr_chan_recv(c, &v);
 *         printf("%d\n", v);
 *         return 0;
 *     }
 *
 * Rules that hold for everything below
 *  - Names that begin with gr_, GR_, rt_ or port_ belong to the runtime.
 *  - Functions may only be called by a goroutine (that is, below gr_main or a function started by gr_go) that is in
 *    no system call (gr_blocking); elsewhere they end the program. Those marked [any] may be called anywhere.
 *  - Functions marked [parks] may suspend the calling goroutine; other goroutines run meanwhile, and the caller may
 *    go on on another worker.
 *  - What C promises each thread, each goroutine gets, in threads and in sim, locked to its thread (gr_lockosthread)
 *    or not: workers come and go under a goroutine, and sim has only one, so what is a worker's would be of no use.
 *      errno: 0 at first, then what the goroutine or a function of libc that it called has put there, wherever it goes
 *        on. Nothing here changes it (gr_readfile, when it fails, may). Natively &errno must not be kept over a call
 *        that [parks].
 *      _Thread_local (__thread) variables of the program have their first value at the goroutine's first use of any of
 *        them, and are gone when it has ended and its deferred calls have run. Meanwhile an address may be kept, and
 *        given to others. Function and caller share them in gr_blocking and gr_debug_call; a sequence (gr_pull) and a
 *        call from outside are goroutines of their own. Goroutine 1 finds what constructors have left; what runs at
 *        the end of the program finds those of the goroutine that ends it. Natively this takes clang: gcc's are the
 *        thread's, and the build says so.
 *    Of the whole program are, as C allows: strtok, rand and srand, setlocale, and the buffers in which strerror,
 *    gmtime, localtime, asctime and localeconv return their results. What uselocale, pthread.h and threads.h are
 *    about is the worker: of no use to a goroutine that is not locked to it.
 *  - Durations and times are nanoseconds in int64_t.
 *  - A goroutine whose slice lasts over 10 ms is preempted at its next call of any function here, or, in programs
 *    built with `goroscope build --preempt`, wherever it is in its own code; without either it keeps its P. With
 *    --preempt it may go on on another worker anywhere.
 *  - A goroutine's stack begins small (2 KiB) and grows as needed, up to 1 MiB (under WASI 256 KiB) unless the host
 *    says otherwise; nothing on it moves. The engine has frames of its own for the same calls, on its worker's
 *    stack: browsers limit that to about 1 MiB, 5,000 to 20,000 calls, under node it is as large as the limit asks
 *    for. Running over either ends the program with "fatal error: stack overflow"; it never damages a neighbour.
 *  - Memory given to the runtime (channel elements, mutexes, select cases) stays the caller's. Elements are copied.
 *  - Mistakes end the program as in Go: the message and every goroutine on stderr (of more than 100 the first), exit
 *    code 2.
 *  - Every blocking call is a macro that passes its call site (function, file, line) to the function `*_at`; the
 *    site is what traces and goroutine dumps show. Call `*_at` directly only to pass on a site of your own.
 *
 * The semantics, names and texts of failures follow the Go specification and the Go runtime (go.dev/ref/spec,
 * src/runtime).
 */
#ifndef GOROSCOPE_H
#define GOROSCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- call sites ---------------------------------------------------------------------------------------------- */

/* Where a call stands in the source. Static storage; its address is the program counter of the trace. */
typedef struct gr_site {
    const char *func; /* enclosing function */
    const char *file; /* as the compiler was given it */
    uint32_t line;
    uint32_t id; /* the runtime's: stack id in traces, 0 until first used */
} gr_site;

/* The call site of the expression it stands in, as a pointer to static storage. */
#define GR_SITE                                                                                                        \
    (__extension__({                                                                                                   \
        static gr_site gr_site_here_ = {__func__, __FILE__, __LINE__, 0};                                              \
        &gr_site_here_;                                                                                                \
    }))

/* ---- the program --------------------------------------------------------------------------------------------- */

/* Written by the user. Runs as goroutine 1; when it returns the program ends with its result as exit code, whatever
 * other goroutines are doing. argv[0] is the program's name. */
int gr_main(int argc, char **argv);

/* ---- goroutines ---------------------------------------------------------------------------------------------- */

/* Starts fn(arg) as a new goroutine. The caller keeps running. Ends the program if there is no memory for a stack. */
#define gr_go(fn, arg) gr_go_at((fn), (arg), 0, #fn, GR_SITE)
/* The same with a stack that begins with at least `bytes`, instead of 2 KiB: for one that is known to go deep. */
#define gr_go_stack(fn, arg, bytes) gr_go_at((fn), (arg), (bytes), #fn, GR_SITE)
void gr_go_at(void (*fn)(void *), void *arg, size_t stack_bytes, const char *name, gr_site *site);

/* Lets other goroutines run; the caller goes to the end of its P's queue. [parks] (runtime.Gosched) */
#define gr_yield() gr_yield_at(GR_SITE)
void gr_yield_at(gr_site *site);

/* What every function here does first, for long loops of one's own: stops if the slice is over or the world is
 * being stopped, else costs next to nothing. [parks] */
void gr_safepoint(void);

/* Ends the calling goroutine, from any depth of calls; its deferred calls run first. Called by goroutine 1 it
 * leaves the others running, as in Go: when the last has ended, the program fails with "no goroutines (main called
 * runtime.Goexit) - deadlock!". */
_Noreturn void gr_goexit(void);

/* Id of the calling goroutine, from 1; never reused. 0: it is called by none. [any] */
uint64_t gr_goid(void);

/* Sets the number of Ps (at most 256) if n > 0 and differs, with the world stopped meanwhile; returns what it was.
 * The host chooses the first (`procs`). [parks] (runtime.GOMAXPROCS) */
#define gr_gomaxprocs(n) gr_gomaxprocs_at((n), GR_SITE)
int gr_gomaxprocs_at(int n, gr_site *site);

/* Goroutines that exist now, the caller included. [any] */
int gr_numgoroutine(void);

/* ---- tracing ------------------------------------------------------------------------------------------------- */

/* CPU samples: every 10 ms each P that runs gives one, of its goroutine's stack, where the goroutine first comes to: an
 * operation of the runtime, a preemption point (--preempt), or where it leaves its P. So it says that the goroutine
 * ran when the time came and got up to here: what computes between two operations counts for the second. A P that is
 * idle or in a system call gives none. In sim the P's clock says when; under the virtual clock the same seed gives the
 * same samples. (`samples: false`, --samples=off, GRDEBUG=tracesamples=0: none)
 *
 * Stacks are whole where a goroutine stops, and in samples. Where it goes on, as who makes or wakes another does, they
 * are the call's place alone, or whole as well (`stacks: 'full'`, --stacks=full, GRDEBUG=tracestacks=1): then each
 * operation switches out and in. Whole stacks are of programs of `goroscope build`.
 *
 * GRDEBUG=traceallocfree=1 (`allocFree: true`) tells of the blocks of goroutines' stacks, as Go's GODEBUG does.
 *
 * The execution trace usually begins and ends with the program; whoever runs it says so (`trace`, --trace,
 * GOROSCOPE_TRACE). A program may do that itself, any number of times, one trace at a time: of the moment that matters.
 * Each is a trace of its own, in Go's format: the host hands it on as it does the first (rt.trace in JavaScript);
 * natively and under WASI the second goes to the file FILE.2 if the first went to FILE, and so on, and
 * GOROSCOPE_TRACE_BEGIN=asked keeps the first from beginning with the program.
 *
 * Both stop the world for some microseconds, whatever the number of goroutines. They return NULL, or why nothing was
 * done, in a sentence that need not be freed. [parks] (Start, Stop of Go's package runtime/trace) */
typedef struct gr_trace_options {
    size_t
        ring_bytes; /* size of the ring that the trace passes through: 64 KiB to 1 GiB; 0: as the host said, 16 MiB */
} gr_trace_options;
#define gr_trace_start(options) gr_trace_start_at((options), GR_SITE) /* options: NULL is all defaults */
const char *gr_trace_start_at(const gr_trace_options *options, gr_site *site);
#define gr_trace_stop() gr_trace_stop_at(GR_SITE)
const char *gr_trace_stop_at(gr_site *site);
/* Whether a trace is being written. Costs one load: for who would do much work for an annotation. [any] */
bool gr_trace_enabled(void);

/* ---- deferred calls, panics ---------------------------------------------------------------------------------- */

/* fn(arg) is called when the calling goroutine ends: its function (gr_main for goroutine 1) returns, it calls
 * gr_goexit or it panics. Last deferred, first called, on the goroutine's own stack, where it may do anything a
 * goroutine may. Go's defer belongs to a function; C has no hook there, so this one belongs to the goroutine, and
 * what is deferred in a deferred call belongs to that call. exit() ends the program without deferred calls. */
void gr_defer(void (*fn)(void *), void *arg);

/* Ends the goroutine by a panic, as do mistakes such as a send on a closed channel: deferred calls run; unless one
 * of them calls gr_recover the program ends with "panic: MSG", the goroutine, and exit code 2. Nothing after it
 * runs. msg is not copied: it must stay valid until the goroutine has ended or the panic is recovered. Of a very
 * long one the beginning is printed. Deadlocks, stack overflows, unlocking what is not locked and other fatal
 * errors are not panics. */
#define gr_panic(msg) gr_panic_at((msg), GR_SITE)
_Noreturn void gr_panic_at(const char *msg, gr_site *site);

/* In a deferred call that runs because of a panic: stops the panic and returns its message. When the deferred call
 * returns, the remaining ones run and the goroutine ends as if its function had returned (goroutine 1: with result
 * 0 if gr_main had not returned). NULL anywhere else, and when the panic has been recovered already. */
const char *gr_recover(void);

/* ---- iterators ----------------------------------------------------------------------------------------------- */

/* A sequence is a function that calls yield(&element) for one element after the other, on the goroutine it was
 * called on, and returns when there are no more or yield has returned false. (iter.Seq)
 *
 *     static void count(gr_yield_fn *yield, void *arg) {
 *         for (int i = 0; i < *(int *)arg && yield(&i); i++) {}
 *     }
 */
typedef bool gr_yield_fn(const void *v); /* false: stop, the caller wants no more */

/* Pulled: the sequence runs as a coroutine, a goroutine that runs while its caller waits in gr_next, on the same P,
 * without passing through a queue. elem_size: of what it yields, may be 0. The iterator may be passed to other
 * goroutines, but gr_next or gr_stop during another one panics: "iter.Pull: next called again before yield".
 * (iter.Pull) */
typedef struct gr_iter gr_iter;
#define gr_pull(seq, arg, elem_size) gr_pull_at((seq), (arg), (elem_size), #seq, GR_SITE)
gr_iter *gr_pull_at(void (*seq)(gr_yield_fn *yield, void *arg), void *arg, size_t elem_size, const char *name,
                    gr_site *site);
/* Runs the sequence until it yields; puts the element in *v (v may be NULL: discard). False: it has ended, *v is
 * zeroed. A panic or gr_goexit that ends the sequence goes on in the caller. [parks] */
#define gr_next(it, v) gr_next_at((it), (v), GR_SITE)
bool gr_next_at(gr_iter *it, void *v, gr_site *site);
/* Ends the sequence, in which yield returns false, if it has not ended, and frees the iterator: to be called in any
 * case. After it gr_next returns false and gr_stop does nothing. [parks] */
#define gr_stop(it) gr_stop_at((it), GR_SITE)
void gr_stop_at(gr_iter *it, gr_site *site);

/* Pushed: calls seq on the calling goroutine; body(ctx, v) is called with each element until it returns false. In
 * body, yield is again that of the sequence around the call of gr_each, so one sequence may be made of another.
 * (for v := range seq) */
void gr_each(void (*seq)(gr_yield_fn *yield, void *arg), void *arg, bool (*body)(void *ctx, const void *v), void *ctx);

/* ---- channels ------------------------------------------------------------------------------------------------ */

/* A queue of elements of one size, FIFO for waiters on both sides, with direct handoff to a waiting peer (Go's
 * chan.go). NULL is a valid channel: sending and receiving block forever, closing it panics. */
typedef struct gr_chan gr_chan;

/* New channel; cap 0 is unbuffered. elem_size 0 is allowed (struct{}). Panics with "makechan: size out of range" if the
 * buffer cannot be had. Channels live until gr_chan_free. */
#define gr_chan_make(elem_size, cap) gr_chan_make_at((elem_size), (cap), GR_SITE)
gr_chan *gr_chan_make_at(size_t elem_size, size_t cap, gr_site *site);
/* Gives the memory back. The caller answers for nobody using it any more; a waiter on it is fatal. NULL is ignored. */
void gr_chan_free(gr_chan *c);

/* Sends *v (elem_size bytes). Blocks until a receiver or a buffer slot takes it. Panics on a closed channel. [parks] */
#define gr_chan_send(c, ...) gr_chan_send_at((c), __VA_ARGS__, GR_SITE) /* (c, v); v may be &(T){a, b} */
/* Receives into *v (v may be NULL: discard). False: the channel is closed and empty, *v is zeroed. [parks] */
#define gr_chan_recv(c, v) gr_chan_recv_at((c), (v), GR_SITE)
/* Closes: receivers drain the buffer, then get false. Panics when NULL or closed already. */
#define gr_chan_close(c) gr_chan_close_at((c), GR_SITE)
void gr_chan_send_at(gr_chan *c, const void *v, gr_site *site);
bool gr_chan_recv_at(gr_chan *c, void *v, gr_site *site);
void gr_chan_close_at(gr_chan *c, gr_site *site);

size_t gr_chan_len(gr_chan *c); /* elements queued now; 0 for NULL and for channels of timers [any] */
size_t gr_chan_cap(gr_chan *c); /* buffer slots; 0 for NULL and for channels of timers [any] */

/* ---- select -------------------------------------------------------------------------------------------------- */

typedef enum gr_op { GR_SEND = 1, GR_RECV = 2 } gr_op;

typedef struct gr_case {
    gr_op op;
    gr_chan *chan; /* NULL: this case is never ready */
    void *val;     /* GR_SEND: the element to send; GR_RECV: where to put it, NULL discards */
    bool ok;       /* result of GR_RECV: false when the channel was closed */
} gr_case;

/* Runs exactly one ready case, chosen with equal chance among the ready ones, and returns its index. With
 * has_default: -1 at once when none is ready. n may be 0 (blocks forever without default). At most 65536 cases.
 * [parks] */
#define gr_select(...) gr_select_at(__VA_ARGS__, GR_SITE) /* (cases, n, has_default); cases may be an array literal */
int gr_select_at(gr_case *cases, int n, bool has_default, gr_site *site);

/* ---- locks and the like; the zero value is ready to use, never copy one in use ------------------------------- */

/* Mutual exclusion. Not bound to the goroutine that locked it. (sync.Mutex, with its starvation mode) */
typedef struct gr_mutex {
    int32_t state; /* bits: locked, woken, starving; above them the number of waiters */
    uint32_t sema; /* where they wait (sync/sema.c) */
} gr_mutex;
#define gr_mutex_lock(m) gr_mutex_lock_at((m), GR_SITE)     /* [parks] */
#define gr_mutex_unlock(m) gr_mutex_unlock_at((m), GR_SITE) /* [parks] to hand it to a starving waiter */
void gr_mutex_lock_at(gr_mutex *m, gr_site *site);
void gr_mutex_unlock_at(gr_mutex *m, gr_site *site); /* fatal "sync: unlock of unlocked mutex" */
bool gr_mutex_trylock(gr_mutex *m);

/* Many readers or one writer; a waiting writer holds back new readers. (sync.RWMutex) */
typedef struct gr_rwmutex {
    gr_mutex w;           /* held by the writer */
    uint32_t writer_sema; /* the writer waits here for readers to leave */
    uint32_t reader_sema; /* readers wait here for the writer to leave */
    int32_t reader_count; /* readers in or waiting; minus 2^30 while a writer wants in */
    int32_t reader_wait;  /* readers the writer still waits for */
} gr_rwmutex;
#define gr_rwmutex_lock(m) gr_rwmutex_lock_at((m), GR_SITE)   /* [parks] */
#define gr_rwmutex_rlock(m) gr_rwmutex_rlock_at((m), GR_SITE) /* [parks] */
#define gr_rwmutex_unlock(m) gr_rwmutex_unlock_at((m), GR_SITE)
#define gr_rwmutex_runlock(m) gr_rwmutex_runlock_at((m), GR_SITE)
void gr_rwmutex_lock_at(gr_rwmutex *m, gr_site *site);
void gr_rwmutex_unlock_at(gr_rwmutex *m, gr_site *site); /* fatal "sync: Unlock of unlocked RWMutex" */
void gr_rwmutex_rlock_at(gr_rwmutex *m, gr_site *site);
void gr_rwmutex_runlock_at(gr_rwmutex *m, gr_site *site); /* fatal "sync: RUnlock of unlocked RWMutex" */
bool gr_rwmutex_trylock(gr_rwmutex *m);
bool gr_rwmutex_tryrlock(gr_rwmutex *m); /* false also while a writer waits */

/* Waits for a number of goroutines to finish. (sync.WaitGroup) */
typedef struct gr_waitgroup {
    uint64_t state; /* counter << 32 | waiters */
    uint32_t sema;  /* where they wait */
} gr_waitgroup;
#define gr_waitgroup_add(wg, n) gr_waitgroup_add_at((wg), (n), GR_SITE) /* panics "sync: negative WaitGroup counter" */
#define gr_waitgroup_done(wg) gr_waitgroup_add_at((wg), -1, GR_SITE)
#define gr_waitgroup_wait(wg) gr_waitgroup_wait_at((wg), GR_SITE) /* [parks] */
void gr_waitgroup_add_at(gr_waitgroup *wg, int n, gr_site *site);
void gr_waitgroup_wait_at(gr_waitgroup *wg, gr_site *site);
/* Starts fn(arg) as a goroutine that is counted in wg until it ends; not if by a panic, which ends the program.
 * (WaitGroup.Go) */
#define gr_waitgroup_go(wg, fn, arg) gr_waitgroup_go_at((wg), (fn), (arg), #fn, GR_SITE)
void gr_waitgroup_go_at(gr_waitgroup *wg, void (*fn)(void *), void *arg, const char *name, gr_site *site);

/* Runs fn once; everybody who calls gr_once_do returns after it has finished. (sync.Once) [parks] */
typedef struct gr_once {
    uint32_t done;
    gr_mutex m;
} gr_once;
#define gr_once_do(o, fn) gr_once_do_at((o), (fn), GR_SITE)
void gr_once_do_at(gr_once *o, void (*fn)(void), gr_site *site);

/* Condition variable. Waiters are woken in the order they came. (sync.Cond) */
typedef struct gr_cond {
    uint32_t lock;      /* guards the rest */
    void *first, *last; /* waiting goroutines */
} gr_cond;
#define gr_cond_wait(c, m) gr_cond_wait_at((c), (m), GR_SITE) /* unlocks m, waits, locks m [parks] */
#define gr_cond_signal(c) gr_cond_signal_at((c), GR_SITE)
#define gr_cond_broadcast(c) gr_cond_broadcast_at((c), GR_SITE)
void gr_cond_wait_at(gr_cond *c, gr_mutex *m, gr_site *site);
void gr_cond_signal_at(gr_cond *c, gr_site *site);
void gr_cond_broadcast_at(gr_cond *c, gr_site *site);

/* Spare objects, such as buffers: gr_pool_put what is no longer needed, gr_pool_get what was put, mostly on the
 * same P, in no order to rely on. No collector empties it, as it would in Go: gr_pool_trim drops what has been
 * spare since it was last called; the program knows when, such as after each frame or burst. Begins as `gr_pool p =
 * {.make = new_buffer};`. (sync.Pool) */
typedef struct gr_pool {
    void *(*make)(void);  /* what gr_pool_get gives when there is none, may park; NULL: NULL */
    void (*drop)(void *); /* for objects that are dropped; NULL: free */
    void *places;         /* the runtime's */
} gr_pool;
void *gr_pool_get(gr_pool *p);         /* [parks] */
void gr_pool_put(gr_pool *p, void *x); /* NULL is ignored. [parks] */
void gr_pool_trim(gr_pool *p);         /* keeps at least one for each P that has some [parks] */
/* Drops all and leaves the pool empty. No goroutine may use it meanwhile. */
void gr_pool_free(gr_pool *p);

/* ---- time ---------------------------------------------------------------------------------------------------- */

#define GR_MICROSECOND INT64_C(1000)
#define GR_MILLISECOND INT64_C(1000000)
#define GR_SECOND INT64_C(1000000000)

/* One clock: what the C library tells (clock_gettime of any id, time, gettimeofday, clock, …) advances with gr_now,
 * CLOCK_REALTIME from the date of the start on. With the virtual clock (sim) all of it is simulated, beginning in
 * November 2009: programs that print the time print the same in each run. Computing takes no time then, but reading
 * a clock takes 50 ns, so a loop that waits for a time ends; and getentropy, getrandom and arc4random give what the
 * seed makes of them. The C library's sleep, usleep and nanosleep are gr_sleep, but in a system call they block the
 * thread. Time ends 290 years after the start: what would be later never happens, what is in the past happens at
 * once. */

/* Nanoseconds since the program started; monotonic. In sim mode the simulated time of the caller's P. Resolution is the
 * host's: about 5 us in an isolated page. [any] */
int64_t gr_now(void);

/* Sleeps at least ns; ns <= 0 returns at once. [parks] */
#define gr_sleep(ns) gr_sleep_at((ns), GR_SITE)
void gr_sleep_at(int64_t ns, gr_site *site);

/* A timer: sends the time it was due (int64_t, gr_now's) on its channel, whose buffer holds one though gr_chan_len
 * and gr_chan_cap say 0, as in Go 1.23. While nobody waits on the channel it wakes nobody and hides no deadlock.
 * (time.Timer) */
typedef struct gr_timer gr_timer;
gr_timer *gr_timer_make(int64_t ns);
gr_chan *gr_timer_chan(gr_timer *t); /* [any] */
/* Stops it; true if that kept it from firing. As in Go 1.23, no stale value is received after stop or reset. */
bool gr_timer_stop(gr_timer *t);
bool gr_timer_reset(gr_timer *t, int64_t ns); /* true if it was still to fire */
void gr_timer_free(gr_timer *t);              /* stops it and frees it with its channel */

/* Calls fn(arg) in a goroutine of its own after ns. (time.AfterFunc) */
#define gr_after_func(ns, fn, arg) gr_after_func_at((ns), (fn), (arg), #fn, GR_SITE)
gr_timer *gr_after_func_at(int64_t ns, void (*fn)(void *), void *arg, const char *name, gr_site *site);

/* A ticker: the same every ns; ticks nobody takes are dropped. Panics when ns <= 0. (time.Ticker) */
typedef struct gr_ticker gr_ticker;
#define gr_ticker_make(ns) gr_ticker_make_at((ns), GR_SITE)
gr_ticker *gr_ticker_make_at(int64_t ns, gr_site *site);
gr_chan *gr_ticker_chan(gr_ticker *t); /* [any] */
void gr_ticker_stop(gr_ticker *t);
#define gr_ticker_reset(t, ns) gr_ticker_reset_at((t), (ns), GR_SITE)
void gr_ticker_reset_at(gr_ticker *t, int64_t ns, gr_site *site);
void gr_ticker_free(gr_ticker *t);

/* Channel that gets the time after ns, for use in gr_select. The runtime owns it and never frees it: in a loop prefer a
 * timer of your own with gr_timer_reset. (time.After) */
gr_chan *gr_after(int64_t ns);

/* ---- the host ------------------------------------------------------------------------------------------------ */

/* What the page or command line that runs the program does for it while other goroutines run. A program reaches
 * only what the host hands over: load options `host`, `fetch`, `streams`, `stdin`. The goroutine waits in the
 * network poller ("IO wait", the trace's "network"); at most 65536 can. Natively and under WASI there is stdin
 * only, the rest gives an error. */

/* What came of it. Zero or whatever it was before the call; free it after each. */
typedef struct gr_result {
    char *data;  /* the answer, malloc'd, with a NUL behind; NULL after an error */
    size_t size; /* bytes of it, without the NUL */
    char *error; /* NULL, or what went wrong in a sentence, malloc'd */
    int status;  /* of gr_fetch: the HTTP status, 404 as well as 200: that is no error. Else 0 */
} gr_result;
void gr_result_free(gr_result *r); /* frees what is in it and zeroes it; not *r itself [any] */

/* Calls the host's asynchronous function `name` (load option `host`) with a text (NULL: none) or n bytes, and waits
 * until its promise is settled. True: r->data is what it gave; false: r->error says why it rejected, or that there
 * is none. [parks] (what the syscall/js package makes of a Promise) */
#define gr_await(name, text, r) gr_await_text_at((name), (text), (r), GR_SITE)
#define gr_await_bytes(name, bytes, n, r) gr_await_at((name), (bytes), (n), (r), GR_SITE)
bool gr_await_text_at(const char *name, const char *text, gr_result *r, gr_site *site);
bool gr_await_at(const char *name, const void *bytes, size_t n, gr_result *r, gr_site *site);

typedef struct gr_fetch_options { /* zero: a GET */
    const char *method;           /* NULL: GET */
    const char *headers;          /* lines "Name: value", NULL: none */
    const void *body;
    size_t body_size;
} gr_fetch_options;

/* Fetches url as the host may (load option `fetch`; without it nothing). options may be NULL. True: r->status, and
 * the whole body in r->data. [parks] (http.Get with io.ReadAll) */
#define gr_fetch(url, options, r) gr_fetch_at((url), (options), (r), GR_SITE)
bool gr_fetch_at(const char *url, const gr_fetch_options *options, gr_result *r, gr_site *site);

/* Bytes from or to the host, piece by piece: neither side gets further ahead of the other than a piece (64 KiB). One
 * goroutine reads and one writes at a time; others wait for it. */
typedef struct gr_stream gr_stream;

/* Fetches, but gives the body as a stream as soon as the status is known. NULL: r->error says why. [parks]
 * (http.Get) */
#define gr_fetch_open(url, options, r) gr_fetch_open_at((url), (options), (r), GR_SITE)
gr_stream *gr_fetch_open_at(const char *url, const gr_fetch_options *options, gr_result *r, gr_site *site);
/* Opens the host's stream `name` (load option `streams`): a WebSocket, a worker, a file. NULL: r->error says why.
 * [parks] */
#define gr_stream_open(name, text, r) gr_stream_open_at((name), (text), (r), GR_SITE)
gr_stream *gr_stream_open_at(const char *name, const char *text, gr_result *r, gr_site *site);
/* The program's standard input, always the same. The C library's stdin, which parks too (docs/libc.md), takes from
 * it what it reads ahead: use one of them. [any] */
gr_stream *gr_stdin(void);

/* Reads at least one byte and at most n. 0: the end; -1: an error. [parks] (io.Reader) */
#define gr_stream_read(s, buf, n) gr_stream_read_at((s), (buf), (n), GR_SITE)
ptrdiff_t gr_stream_read_at(gr_stream *s, void *buf, size_t n, gr_site *site);
/* The next line without its newline, malloc'd, its bytes in *n (may be NULL); NULL: the end, or an error. [parks]
 * (bufio.Scanner) */
#define gr_stream_line(s, n) gr_stream_line_at((s), (n), GR_SITE)
char *gr_stream_line_at(gr_stream *s, size_t *n, gr_site *site);
/* Writes all n bytes and waits until the host has taken them. False: an error. [parks] (io.Writer) */
#define gr_stream_write(s, buf, n) gr_stream_write_at((s), (buf), (n), GR_SITE)
bool gr_stream_write_at(gr_stream *s, const void *buf, size_t n, gr_site *site);
/* Nothing more will be written; waits until the host has taken all. Reading goes on. [parks] (CloseWrite) */
#define gr_stream_shut(s) gr_stream_shut_at((s), GR_SITE)
bool gr_stream_shut_at(gr_stream *s, gr_site *site);
/* What went wrong, NULL: nothing. Valid until it is closed. [any] */
const char *gr_stream_error(gr_stream *s);
/* Ends it on both sides and frees it. No goroutine may use it any more. NULL and gr_stdin() are ignored. */
void gr_stream_close(gr_stream *s);

/* The other way round: the host calls functions of the program, as rt.call("name", text) of the page. Each call
 * runs in a goroutine of its own, on a thread of the host's as it were: it may do whatever goroutines may. It may
 * come before gr_main has begun: what functions need is made by gr_once. A program with callable functions whose
 * goroutines all wait is no deadlock: somebody may call. Natively and under WASI nobody calls. (functions exported
 * by cgo) */
typedef struct gr_call {
    const char *data; /* the argument, with a NUL behind; the runtime's, until the function returns */
    size_t size;      /* bytes of it */
} gr_call;
/* The answer; the bytes are copied. At most one for each call, by the function or, before it returns, by anybody it
 * passes call to. Without one the answer is empty. [any] */
void gr_call_reply(gr_call *call, const void *bytes, size_t n);
/* The same, but the host's promise is rejected, with this text as its message. [any] */
void gr_call_fail(gr_call *call, const char *error);

/* At file level: makes `void fn(gr_call *call)` callable by its name. */
#define GR_CALLABLE(fn)                                                                                                \
    static struct gr_callable gr_callable_##fn = {#fn, fn, NULL};                                                      \
    __attribute__((constructor)) static void gr_callable_add_##fn(void) { gr_callable_add(&gr_callable_##fn); }        \
    struct gr_callable
typedef struct gr_callable { /* the runtime's */
    const char *name;
    void (*fn)(gr_call *call);
    struct gr_callable *next;
} gr_callable;
void gr_callable_add(gr_callable *c); /* [any] */

/* ---- system calls, threads ----------------------------------------------------------------------------------- */

/* Calls fn(arg), which may block the thread in the host: a file, a synchronous wait, a long call of foreign code.
 * Meanwhile another M takes the P if there is other work. If fn calls a function of this header that may not be
 * called anywhere, the program ends. Nobody stops fn, not even the collector of gr_gc.h, which has rules for what
 * it may do with pointers to its blocks. (entersyscall, exitsyscall) [parks] */
#define gr_blocking(fn, arg) gr_blocking_at((fn), (arg), GR_SITE)
void gr_blocking_at(void (*fn)(void *), void *arg, gr_site *site);
/* The same around code in place. Between the two only code that does not call them either, nor newly obtains or moves
 * pointers to blocks of the collector's heap. */
#define gr_entersyscall() gr_entersyscall_at(GR_SITE)
void gr_entersyscall_at(gr_site *site);
void gr_exitsyscall(void); /* [parks] */
/* For calls that block for certain: the P is handed on at once instead of after 20 us. Ends with gr_exitsyscall too. */
#define gr_entersyscallblock() gr_entersyscallblock_at(GR_SITE)
void gr_entersyscallblock_at(gr_site *site);

/* From here on the calling goroutine runs on its present thread alone, and the thread runs nothing else, until as
 * many calls of gr_unlockosthread. If it ends before, its thread ends with it. (runtime.LockOSThread) */
void gr_lockosthread(void);
void gr_unlockosthread(void);

/* ---- what a program says in its trace ------------------------------------------------------------------------ */

/* Go's runtime/trace. Nothing here suspends the caller or is a place where it is preempted; while nobody traces it
 * costs two loads and a branch. Names and texts are copied: they may change or be freed when the call returns. They
 * are UTF-8; of one over 1024 bytes the beginning is kept; NULL is "". Tools sort by the names of tasks and regions
 * and the keys of logs, so a program should have a bounded number of those. */

/* A task is a piece of work that goroutines may pass on to each other, such as a request: any of them may say
 * something of it, and end it. It has a parent or none, 0. Begun while nobody traces it is none as well: 0, and what is
 * said of that belongs to no task. Ids are never reused. (trace.NewTask, Task.End) */
typedef uint64_t gr_task;
#define gr_task_begin(parent, name) gr_task_begin_at((parent), (name), GR_SITE)
#define gr_task_end(task) gr_task_end_at((task), GR_SITE)
gr_task gr_task_begin_at(gr_task parent, const char *name, gr_site *site);
void gr_task_end_at(gr_task task, gr_site *site);

/* A region is a stretch of time of the calling goroutine, for a task or for none. The goroutine that began it ends
 * it, by its name, and the last begun first. An end that comes too early ends those begun since, too; one of which no
 * beginning is open is left out. Either is a mistake, of which the first of a program is told on stderr; the program
 * goes on, for it is none while nobody traces. (Go goes on too, and writes a trace that its tools refuse.) A region
 * begun before tracing began has an end in the trace and no beginning, as in Go. (trace.StartRegion, Region.End) */
#define gr_region_begin(name) gr_region_begin_at(0, (name), GR_SITE)
#define gr_region_begin_in(task, name) gr_region_begin_at((task), (name), GR_SITE)
#define gr_region_end(name) gr_region_end_at((name), GR_SITE)
void gr_region_begin_at(gr_task task, const char *name, gr_site *site);
void gr_region_end_at(const char *name, gr_site *site);

/* A declaration: a region from here to the end of the block, however control leaves it. A panic, gr_goexit and longjmp
 * do not leave blocks: then the region ends with the one around it, or with the goroutine. (defer
 * trace.StartRegion(ctx, name).End(), trace.WithRegion)
 *
 *     for (int i = 0; i < n; i++) {
 *         gr_region_in(task, "row");
 *         compute(i);
 *     }
 */
#define gr_region(name) gr_region_in(0, (name))
#define gr_region_in(task, name) GR_REGION_NAMED_((task), (name), __COUNTER__)
#define GR_REGION_NAMED_(task, name, n) GR_REGION_DECLARED_(task, name, n)
#define GR_REGION_DECLARED_(task, name, n)                                                                             \
    __attribute__((cleanup(gr_region_close_at), unused)) gr_region_scope gr_region_##n##_ =                            \
        gr_region_open_at((task), (name), GR_SITE)
typedef struct gr_region_scope { /* the runtime's */
    uint64_t id;                 /* of the region; 0: nobody traced */
    gr_site *site;
} gr_region_scope;
gr_region_scope gr_region_open_at(gr_task task, const char *name, gr_site *site);
void gr_region_close_at(gr_region_scope *r);

/* Something to remember, with the time and the goroutine, of a task or of none (0). The key sorts, the value may be
 * anything. (trace.Log) */
#define gr_log(task, key, value) gr_log_at((task), (key), (value), GR_SITE)
void gr_log_at(gr_task task, const char *key, const char *value, gr_site *site);

/* What the calling goroutine is from here on, for who looks at the trace; "" says nothing. (GoLabel, which in Go only
 * the runtime writes) */
void gr_label(const char *text);

/* ---- for debuggers ------------------------------------------------------------------------------------------- */

/* Runs fn(arg) while goroutine goid stands at a safe point, "wait for debug call"; one that waits for something
 * gets there when it goes on. False: there is no such goroutine, it is the caller, or somebody else is at it.
 * [parks] */
#define gr_debug_call(goid, fn, arg) gr_debug_call_at((goid), (fn), (arg), GR_SITE)
bool gr_debug_call_at(uint64_t goid, void (*fn)(void *), void *arg, gr_site *site);

/* Hands the last part of the trace to write, as one file in pieces, at any moment: the whole generations that the
 * ring then holds (with a flight recorder those of the last `ms`), up to now. Nobody else is stopped; whoever reads
 * the trace goes on. Returns 0; what write returned, if that was not 0: then no more pieces came; -1, without a call:
 * the program is not traced, no generation fits into the ring, or there is no memory for the copy. write may park.
 * [parks] (FlightRecorder.WriteTo) */
int gr_trace_snapshot(int (*write)(void *arg, const void *bytes, size_t n), void *arg);

/* Gives the memory of ended goroutines' stacks back. [parks] (debug.FreeOSMemory) */
#define gr_free_stacks() gr_free_stacks_at(GR_SITE)
void gr_free_stacks_at(gr_site *site);

/* Before a function's definition: no preemption points in it although the program is built with --preempt. For
 * kernels whose loops end soon: what they call and what calls them keeps its points. */
#if defined(__has_attribute) && !defined(__clang__)
#if __has_attribute(no_sanitize_coverage)
#define GR_NO_PREEMPT __attribute__((no_sanitize_coverage))
#endif
#elif defined(__clang__)
#define GR_NO_PREEMPT __attribute__((no_sanitize("coverage")))
#endif
#ifndef GR_NO_PREEMPT
#define GR_NO_PREEMPT
#endif

/* What the scheduler has done so far. [any] */
typedef struct gr_sched_stats {
    uint64_t preempted; /* slices cut short */
    uint64_t retaken;   /* Ps taken from system calls */
    uint64_t stops;     /* of the world */
    int64_t stopped_ns; /* in all: from the wish to the restart */
} gr_sched_stats;
gr_sched_stats gr_read_sched_stats(void);

/* ---- output, input, picture ---------------------------------------------------------------------------------- */

/* printf from any goroutine is fine: the runtime collects each goroutine's output and passes it on by whole lines,
 * in order per goroutine. A line over 4096 bytes is passed on in pieces; what is left of one goes out when the
 * goroutine waits for stdin or calls fflush (a prompt, a bar of progress; natively only gr_stdin() does that), and
 * when it or the program ends. What another goroutine prints then stands behind such a beginning. */

/* Writes a NUL-terminated string to stdout the same way, without the cost of printf's formatting. [any] */
void gr_print(const char *s);

/* The whole file `path` as malloc'd memory with a NUL behind it (not counted in *n), or NULL. In a page or under
 * `goroscope run` only files exist that the host handed over (load option `files`, command-line option --file) or
 * the program has written. A system call. [parks] [any] */
char *gr_readfile(const char *path, size_t *n);

/* A picture of width x height pixels, 0xAABBGGRR each (RGBA bytes), which the host may show while it is being
 * drawn. One per program; a second call returns the first picture if the size is the same, else NULL. Zeroed.
 * [any] */
uint32_t *gr_framebuffer(int width, int height);

#ifdef __cplusplus
}
#endif

#include "gr_gc.h" /* the garbage-collected heap */

#endif
