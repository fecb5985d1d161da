/* env.c: what a program is given to know: its environment, and random bytes. */
#include "core/park.h"
#include "wasm/port/host.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The seed's where the run must be reproducible, else the host's, which nobody can foretell. */
void rt_random_bytes(void *to, size_t n) {
    uint8_t *at = to;
    if (rt_config.virtual_clock && port_get_m()) {
        for (size_t i = 0; i < n; i++)
            at[i] = (uint8_t)rt_rand(256);
        return;
    }
    for (size_t i = 0; i < n; i += 4) { /* the lower 32 bits of port_random are good on every port */
        uint64_t r = port_random();
        memcpy(at + i, &r, n - i < 4 ? n - i : 4);
    }
}

int getentropy(void *to, size_t n) {
    if (n > 256) {
        errno = EIO;
        return -1;
    }
    rt_random_bytes(to, n);
    return 0;
}

#ifdef __EMSCRIPTEN__

#include "wasm/port/host.h"
#include <wasi/api.h>

ssize_t getrandom(void *to, size_t n, unsigned flags) {
    (void)flags;
    rt_random_bytes(to, n);
    return (ssize_t)n;
}

/* Called by a constructor that goes before all others: NAME=VALUE, each with a NUL. */
__wasi_errno_t __wasi_environ_sizes_get(__wasi_size_t *n, __wasi_size_t *bytes) {
    *n = 0;
    *bytes = host_strings(HOST_ENV, NULL);
    char *text = malloc(*bytes + 1);
    if (!text)
        return __WASI_ERRNO_NOMEM;
    host_strings(HOST_ENV, text);
    for (size_t i = 0; i < *bytes; i++)
        *n += text[i] == 0;
    free(text);
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t __wasi_environ_get(uint8_t **variables, uint8_t *text) {
    uint32_t bytes = host_strings(HOST_ENV, (char *)text);
    for (uint32_t at = 0; at < bytes; at += (uint32_t)strlen((char *)text + at) + 1)
        *variables++ = text + at;
    return __WASI_ERRNO_SUCCESS;
}

#endif
