/* away.c: FUNCTION [blocking | entered | blocked | constructor | thread]: calls a function of goroscope.h, gr_gc.h or
 * gr_context.h where that is not allowed, in a system call of the given kind, before gr_main, or on a thread that
 * runs no goroutine. The program must end there, with the same sentence for each. Those marked [any] in the manual
 * are not here (misuse.test.mjs compares). */
#include <goroscope.h>
#include <gr_context.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if !defined(__wasm__)
#include <pthread.h>
#endif

static gr_chan *c;
static gr_mutex m, locked;
static gr_rwmutex rw, rw_written, rw_read;
static gr_waitgroup wg;
static gr_once once;
static gr_cond cond;
static gr_pool pool;
static gr_timer *timer;
static gr_ticker *ticker;
static gr_iter *it;
static gr_context *ctx;
static gr_context_call *call;
static gr_group group;
static gr_semaphore sem = {.size = 3};
static gr_stream *stream;
static gr_result result;
static const gr_layout layout = {sizeof(void *), 0, NULL};
static gr_gc_stats stats;
static char buf[8];
static int v, key;

static void nothing(void *arg) { (void)arg; }
static void nothing_once(void) {}
static const char *no_error(void *arg) {
    (void)arg;
    return NULL;
}
static void one(gr_yield_fn *yield, void *arg) {
    (void)arg;
    yield(&(int){1});
}
static bool take(void *to, const void *from) {
    (void)to, (void)from;
    return true;
}

#define CALLS(X)                                                                                                       \
    X(gr_go, gr_go(nothing, NULL))                                                                                     \
    X(gr_go_stack, gr_go_stack(nothing, NULL, 4096))                                                                   \
    X(gr_yield, gr_yield())                                                                                            \
    X(gr_safepoint, gr_safepoint())                                                                                    \
    X(gr_goexit, gr_goexit())                                                                                          \
    X(gr_trace_snapshot, gr_trace_snapshot(NULL, NULL))                                                                \
    X(gr_trace_start, gr_trace_start(NULL))                                                                            \
    X(gr_trace_stop, gr_trace_stop())                                                                                  \
    X(gr_gomaxprocs, gr_gomaxprocs(0))                                                                                 \
    X(gr_defer, gr_defer(nothing, NULL))                                                                               \
    X(gr_panic, gr_panic("not seen"))                                                                                  \
    X(gr_recover, gr_recover())                                                                                        \
    X(gr_pull, gr_pull(one, NULL, sizeof(int)))                                                                        \
    X(gr_next, gr_next(it, &v))                                                                                        \
    X(gr_stop, gr_stop(it))                                                                                            \
    X(gr_each, gr_each(one, NULL, take, NULL))                                                                         \
    X(gr_chan_make, gr_chan_make(4, 4))                                                                                \
    X(gr_chan_free, gr_chan_free(c))                                                                                   \
    X(gr_chan_send, gr_chan_send(c, &(int){2}))                                                                        \
    X(gr_chan_recv, gr_chan_recv(c, &v))                                                                               \
    X(gr_chan_close, gr_chan_close(c))                                                                                 \
    X(gr_select, gr_select((gr_case[]){{GR_RECV, c, &v, false}}, 1, true))                                             \
    X(gr_mutex_lock, gr_mutex_lock(&m))                                                                                \
    X(gr_mutex_unlock, gr_mutex_unlock(&locked))                                                                       \
    X(gr_mutex_trylock, gr_mutex_trylock(&m))                                                                          \
    X(gr_rwmutex_lock, gr_rwmutex_lock(&rw))                                                                           \
    X(gr_rwmutex_rlock, gr_rwmutex_rlock(&rw))                                                                         \
    X(gr_rwmutex_unlock, gr_rwmutex_unlock(&rw_written))                                                               \
    X(gr_rwmutex_runlock, gr_rwmutex_runlock(&rw_read))                                                                \
    X(gr_rwmutex_trylock, gr_rwmutex_trylock(&rw))                                                                     \
    X(gr_rwmutex_tryrlock, gr_rwmutex_tryrlock(&rw))                                                                   \
    X(gr_waitgroup_add, gr_waitgroup_add(&wg, 1))                                                                      \
    X(gr_waitgroup_done, gr_waitgroup_done(&wg))                                                                       \
    X(gr_waitgroup_wait, gr_waitgroup_wait(&(gr_waitgroup){0}))                                                        \
    X(gr_waitgroup_go, gr_waitgroup_go(&wg, nothing, NULL))                                                            \
    X(gr_once_do, gr_once_do(&once, nothing_once))                                                                     \
    X(gr_cond_wait, gr_cond_wait(&cond, &locked))                                                                      \
    X(gr_cond_signal, gr_cond_signal(&cond))                                                                           \
    X(gr_cond_broadcast, gr_cond_broadcast(&cond))                                                                     \
    X(gr_pool_get, gr_pool_get(&pool))                                                                                 \
    X(gr_pool_put, gr_pool_put(&pool, malloc(8)))                                                                      \
    X(gr_pool_trim, gr_pool_trim(&pool))                                                                               \
    X(gr_pool_free, gr_pool_free(&pool))                                                                               \
    X(gr_sleep, gr_sleep(GR_MILLISECOND))                                                                              \
    X(gr_timer_make, gr_timer_make(GR_SECOND))                                                                         \
    X(gr_timer_stop, gr_timer_stop(timer))                                                                             \
    X(gr_timer_reset, gr_timer_reset(timer, GR_SECOND))                                                                \
    X(gr_timer_free, gr_timer_free(timer))                                                                             \
    X(gr_after_func, gr_after_func(GR_SECOND, nothing, NULL))                                                          \
    X(gr_ticker_make, gr_ticker_make(GR_SECOND))                                                                       \
    X(gr_ticker_stop, gr_ticker_stop(ticker))                                                                          \
    X(gr_ticker_reset, gr_ticker_reset(ticker, GR_SECOND))                                                             \
    X(gr_ticker_free, gr_ticker_free(ticker))                                                                          \
    X(gr_after, gr_after(GR_SECOND))                                                                                   \
    X(gr_await, gr_await("nobody", NULL, &result))                                                                     \
    X(gr_await_bytes, gr_await_bytes("nobody", NULL, 0, &result))                                                      \
    X(gr_fetch, gr_fetch("nowhere", NULL, &result))                                                                    \
    X(gr_fetch_open, gr_fetch_open("nowhere", NULL, &result))                                                          \
    X(gr_stream_open, gr_stream_open("nobody", NULL, &result))                                                         \
    X(gr_stream_read, gr_stream_read(stream, buf, sizeof buf))                                                         \
    X(gr_stream_line, gr_stream_line(stream, NULL))                                                                    \
    X(gr_stream_write, gr_stream_write(stream, "x", 1))                                                                \
    X(gr_stream_shut, gr_stream_shut(stream))                                                                          \
    X(gr_stream_close, gr_stream_close(stream))                                                                        \
    X(gr_blocking, gr_blocking(nothing, NULL))                                                                         \
    X(gr_entersyscall, gr_entersyscall())                                                                              \
    X(gr_entersyscallblock, gr_entersyscallblock())                                                                    \
    X(gr_lockosthread, gr_lockosthread())                                                                              \
    X(gr_unlockosthread, gr_unlockosthread())                                                                          \
    X(gr_task_begin, gr_task_begin(0, "task"))                                                                         \
    X(gr_task_end, gr_task_end(1))                                                                                     \
    X(gr_region_begin, gr_region_begin("region"))                                                                      \
    X(gr_region_begin_in, gr_region_begin_in(1, "region"))                                                             \
    X(gr_region_end, gr_region_end("region"))                                                                          \
    X(gr_region, __extension__({ gr_region("region"); }))                                                              \
    X(gr_region_in, __extension__({ gr_region_in(1, "region"); }))                                                     \
    X(gr_log, gr_log(0, "key", "value"))                                                                               \
    X(gr_label, gr_label("text"))                                                                                      \
    X(gr_debug_call, gr_debug_call(1, nothing, NULL))                                                                  \
    X(gr_free_stacks, gr_free_stacks())                                                                                \
    X(gr_with_cancel, gr_with_cancel(gr_background()))                                                                 \
    X(gr_with_deadline, gr_with_deadline(gr_background(), 0))                                                          \
    X(gr_with_deadline_cause, gr_with_deadline_cause(gr_background(), 0, "late"))                                      \
    X(gr_with_timeout, gr_with_timeout(gr_background(), 0))                                                            \
    X(gr_with_timeout_cause, gr_with_timeout_cause(gr_background(), 0, "late"))                                        \
    X(gr_with_value, gr_with_value(gr_background(), &key, &v))                                                         \
    X(gr_without_cancel, gr_without_cancel(gr_background()))                                                           \
    X(gr_context_cancel, gr_context_cancel(ctx))                                                                       \
    X(gr_context_cancel_cause, gr_context_cancel_cause(ctx, "enough"))                                                 \
    X(gr_context_unref, gr_context_unref(ctx))                                                                         \
    X(gr_context_end, gr_context_end(ctx))                                                                             \
    X(gr_context_done, gr_context_done(ctx))                                                                           \
    X(gr_context_err, gr_context_err(ctx))                                                                             \
    X(gr_context_cause, gr_context_cause(ctx))                                                                         \
    X(gr_context_after_func, gr_context_after_func(ctx, nothing, NULL))                                                \
    X(gr_context_stop, gr_context_stop(call))                                                                          \
    X(gr_group_context, gr_group_context(&group, gr_background()))                                                     \
    X(gr_group_limit, gr_group_limit(&group, -1))                                                                      \
    X(gr_group_go, gr_group_go(&group, no_error, NULL))                                                                \
    X(gr_group_trygo, gr_group_trygo(&group, no_error, NULL))                                                          \
    X(gr_group_wait, gr_group_wait(&group))                                                                            \
    X(gr_semaphore_acquire, gr_semaphore_acquire(&sem, 1, NULL))                                                       \
    X(gr_semaphore_tryacquire, gr_semaphore_tryacquire(&sem, 1))                                                       \
    X(gr_semaphore_release, gr_semaphore_release(&sem, 1))                                                             \
    X(gr_alloc, gr_alloc(8))                                                                                           \
    X(gr_alloc_noscan, gr_alloc_noscan(8))                                                                             \
    X(gr_new, gr_new(int))                                                                                             \
    X(gr_make, gr_make(int, 4))                                                                                        \
    X(gr_alloc_layout, gr_alloc_layout(8, &layout))                                                                    \
    X(gr_realloc, gr_realloc(NULL, 8))                                                                                 \
    X(gr_root, gr_root(buf, sizeof buf))                                                                               \
    X(gr_unroot, gr_unroot(buf, sizeof buf))                                                                           \
    X(gr_root_alloc, gr_root_alloc(8))                                                                                 \
    X(gr_root_free, gr_root_free(NULL))                                                                                \
    X(gr_cleanup_add, gr_cleanup_add(buf, nothing, NULL))                                                              \
    X(gr_cleanup_stop, gr_cleanup_stop((gr_cleanup){1}))                                                               \
    X(gr_gc, gr_gc())                                                                                                  \
    X(gr_gc_percent, gr_gc_percent(100))                                                                               \
    X(gr_memory_limit, gr_memory_limit(-1))                                                                            \
    X(gr_read_gc_stats, gr_read_gc_stats(&stats))                                                                      \
    X(gr_heap_profile, gr_heap_profile(NULL, NULL))

#define X(name, expression)                                                                                            \
    static void call_##name(void *arg) {                                                                               \
        (void)arg;                                                                                                     \
        (void)(expression);                                                                                            \
    }
CALLS(X)
#undef X

static const struct Call {
    const char *name;
    void (*fn)(void *);
} calls[] = {
#define X(name, expression) {#name, call_##name},
    CALLS(X)
#undef X
};
enum { NCALLS = sizeof calls / sizeof *calls };

static void prepare(void) {
    c = gr_chan_make(sizeof(int), 4);
    gr_chan_send(c, &(int){1});
    gr_mutex_lock(&locked);
    gr_rwmutex_lock(&rw_written);
    gr_rwmutex_rlock(&rw_read);
    gr_waitgroup_add(&wg, 5);
    gr_pool_put(&pool, malloc(8));
    timer = gr_timer_make(GR_SECOND);
    ticker = gr_ticker_make(GR_SECOND);
    it = gr_pull(one, NULL, sizeof(int));
    ctx = gr_with_cancel(gr_background());
    call = gr_context_after_func(ctx, nothing, NULL);
    gr_semaphore_acquire(&sem, 1, NULL);
    stream = gr_stdin();
}

#if !defined(__wasm__)
static void *on_a_thread(void *arg) {
    ((const struct Call *)arg)->fn(NULL);
    return NULL;
}

static void start_thread(const struct Call *f) {
    pthread_t t;
    pthread_create(&t, NULL, on_a_thread, (void *)(uintptr_t)f);
    pthread_join(t, NULL);
}
#else
static void start_thread(const struct Call *f) { (void)f; }
#endif

int gr_main(int argc, char **argv) {
    const char *how = argc > 2 ? argv[2] : "blocking";
    for (int i = 0; argc > 1 && i < NCALLS; i++) {
        if (strcmp(calls[i].name, argv[1]) != 0)
            continue;
        prepare();
        if (!strcmp(how, "blocking")) {
            gr_blocking(calls[i].fn, NULL);
        } else if (!strcmp(how, "entered")) {
            gr_entersyscall();
            calls[i].fn(NULL);
            gr_exitsyscall();
        } else if (!strcmp(how, "blocked")) {
            gr_entersyscallblock();
            calls[i].fn(NULL);
            gr_exitsyscall();
        } else {
            start_thread(&calls[i]);
        }
        printf("%s: went on\n", argv[1]);
        return 0;
    }
    for (int i = 0; i < NCALLS; i++)
        printf("%s\n", calls[i].name);
    return 1;
}
