/* env.c: the environment a program is given. */
#include "wasm/port/host.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __EMSCRIPTEN__

#include <wasi/api.h>

/* Called by a constructor that goes before all others: NAME=VALUE, each with a NUL. */
__wasi_errno_t __wasi_environ_sizes_get(__wasi_size_t *n, __wasi_size_t *bytes) {
    *n = 0;
    *bytes = port_host_strings(HOST_ENV, NULL);
    char *text = malloc(*bytes + 1);
    if (!text)
        return __WASI_ERRNO_NOMEM;
    port_host_strings(HOST_ENV, text);
    for (size_t i = 0; i < *bytes; i++)
        *n += text[i] == 0;
    free(text);
    return __WASI_ERRNO_SUCCESS;
}

__wasi_errno_t __wasi_environ_get(uint8_t **variables, uint8_t *text) {
    uint32_t bytes = port_host_strings(HOST_ENV, (char *)text);
    for (uint32_t at = 0; at < bytes; at += (uint32_t)strlen((char *)text + at) + 1)
        *variables++ = text + at;
    return __WASI_ERRNO_SUCCESS;
}

#endif
