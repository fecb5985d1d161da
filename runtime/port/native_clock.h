/* native_clock.h: the system's clocks, for the native port itself. */
#ifndef RT_NATIVE_CLOCK_H
#define RT_NATIVE_CLOCK_H

#include <time.h>

int port_native_clock_gettime(clockid_t id, struct timespec *t);

#endif
