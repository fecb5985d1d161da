/* native_stdin.c: what a native program may ask its host for: pieces of stdin, read by a thread of their own.
 * Nothing else. */
#include "drive/netpoll.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define PIECE (64 << 10)

/* The one request under way: stdin has one reader at a time (host/stream.c). */
static uint32_t asked_id, asked_bytes;
static _Atomic uint32_t asked;    /* futex of the thread: 1: it is to read */
static _Atomic uint32_t wake;     /* port_wake_word */
static _Atomic uint32_t answered; /* 1: piece is there */
static char piece[PIECE];
static ssize_t piece_bytes; /* 0: the end, below 0: -errno */

static void reader(void *arg) {
    (void)arg;
    for (;;) {
        while (!atomic_exchange(&asked, 0))
            port_futex_wait((uint32_t *)(void *)&asked, 0, -1);
        do
            piece_bytes = read(0, piece, asked_bytes < PIECE ? asked_bytes : PIECE);
        while (piece_bytes < 0 && errno == EINTR);
        if (piece_bytes < 0)
            piece_bytes = -errno;
        atomic_store(&answered, 1);
        atomic_fetch_add(&wake, 1);
        port_futex_wake((uint32_t *)(void *)&wake, 1 << 30);
    }
}

bool port_request(uint32_t kind, uint32_t id, uint32_t stream, const void *bytes, size_t n) {
    static bool started;
    if (kind != PORT_READ || stream != 0 || n != sizeof asked_bytes)
        return false;
    if (!started && !port_thread_start(reader, NULL))
        return false;
    started = true;
    asked_id = id;
    memcpy(&asked_bytes, bytes, n);
    atomic_store(&asked, 1);
    port_futex_wake((uint32_t *)(void *)&asked, 1);
    return true;
}

const bool port_has_calls = false;

bool port_answered(void) { return atomic_load(&answered) != 0; }

void port_answers(void) {
    if (!atomic_load(&answered))
        return;
    atomic_store(&answered, 0);
    const char *error = piece_bytes < 0 ? strerror((int)-piece_bytes) : NULL;
    if (error)
        rt_answer(asked_id, PORT_ERROR, (uint32_t)strlen(error), error, strlen(error));
    else
        rt_answer(asked_id, piece_bytes ? PORT_OK : PORT_END, (uint32_t)piece_bytes, piece, (size_t)piece_bytes);
}

uint32_t *port_wake_word(void) { return (uint32_t *)(void *)&wake; }

void port_idle(int64_t ns) {
    uint32_t seen = atomic_load(&wake);
    if (!port_answered())
        port_futex_wait((uint32_t *)(void *)&wake, seen, ns == INT64_MAX ? -1 : ns);
}
