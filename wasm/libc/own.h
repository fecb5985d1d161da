/* own.h: what our parts of the C library (wasm/libc) call in each other. */
#ifndef RT_LIBC_OWN_H
#define RT_LIBC_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* stdio.c: what stdio has buffered goes out, whoever has the files locked. */
void rt_stdio_flush(void);
/* What there is of stdin, at least a byte; 0: its end; else a negative errno. Parks. */
ssize_t rt_stdin_read(void *to, size_t n);

#endif
