/* native_tls.h: thread-local variables as roots of a heap; see native_tls.c. */
#ifndef RT_NATIVE_TLS_H
#define RT_NATIVE_TLS_H

#include "base/port.h"

/* r->step - 1 variables have been told; as port_stack_roots. */
bool port_tls_roots(port_ctx *ctx, port_roots *r);

#endif
