/* errno.h: <errno.h> as programs for wasi and native get it: errno is the goroutine's. (rt_errno_location in port.h) */
#ifndef RT_PORT_ERRNO_H
#define RT_PORT_ERRNO_H

#include_next <errno.h>

#ifdef __cplusplus
extern "C"
#endif
    int *
    rt_errno_location(void);

#undef errno
#define errno (*rt_errno_location())

#endif
