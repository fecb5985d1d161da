/* output.h: what programs print; see output.c. */
#ifndef RT_OUTPUT_H
#define RT_OUTPUT_H

#include <stddef.h>

/* What the C library writes to fd 1 or 2. Returns n. */
size_t rt_output(int fd, const void *buf, size_t n);

#endif
