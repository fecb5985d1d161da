/* chan: nanoseconds for one element of 8 bytes: sent and received by one goroutine, streamed through a buffer of
 * 128, streamed without a buffer, and taken from a closed channel.
 *
 * usage: chan [N]     N elements of each kind, 4,000,000 unless given; prints one line of JSON
 */
#include "measure.h"

#define BUFFER 128

static void by_one(long n) {
    gr_chan *c = gr_chan_make(sizeof(int64_t), BUFFER);
    for (int64_t i = 0, v; i < n; i++) {
        gr_chan_send(c, &i);
        gr_chan_recv(c, &v);
        check(v == i, "not the element that was sent");
    }
    gr_chan_free(c);
}

typedef struct Stream {
    gr_chan *c;
    gr_waitgroup sent;
    long n;
} Stream;

static void send_all(void *arg) {
    Stream *s = arg;
    for (int64_t i = 0; i < s->n; i++)
        gr_chan_send(s->c, &i);
    gr_chan_close(s->c);
    gr_waitgroup_done(&s->sent);
}

static void stream(long n, size_t cap) {
    Stream s = {.c = gr_chan_make(sizeof(int64_t), cap), .n = n};
    gr_waitgroup_add(&s.sent, 1);
    gr_go(send_all, &s);
    int64_t v, sum = 0;
    while (gr_chan_recv(s.c, &v))
        sum += v;
    check(sum == (int64_t)n * (n - 1) / 2, "elements are missing");
    gr_waitgroup_wait(&s.sent);
    gr_chan_free(s.c);
}

static void buffered(long n) { stream(n, BUFFER); }

static void unbuffered(long n) { stream(n, 0); }

static void from_closed(long n) {
    gr_chan *c = gr_chan_make(sizeof(int64_t), 0);
    gr_chan_close(c);
    int64_t v;
    for (long i = 0; i < n; i++)
        check(!gr_chan_recv(c, &v) && v == 0, "a closed channel gave an element");
    gr_chan_free(c);
}

int gr_main(int argc, char **argv) {
    long n = count_asked(argc, argv, 4000000);
    say_begin("chan", n);
    say("one_ns", measure(by_one, n));
    say("buffered_ns", measure(buffered, n));
    say("unbuffered_ns", measure(unbuffered, n));
    say("closed_ns", measure(from_closed, n));
    say_end();
    return 0;
}
