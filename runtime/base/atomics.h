/* atomics.h: relaxed accesses to atomic variables.
 *
 * wasm has sequentially consistent atomics only. Their stores cost a locked exchange (about 6 ns under V8), their
 * loads 8 instructions of checks that plain ones leave to the hardware. A plain aligned access of 32 bits cannot
 * tear there (wasm threads, section on memory model), which is all that relaxed asks for. Not for a loop that
 * waits: an engine may take a plain load out of it.
 */
#ifndef RT_ATOMICS_H
#define RT_ATOMICS_H

#include <stdatomic.h>

#ifdef __wasm__
#define store_relaxed(type, at, v) (*(type volatile *)(void *)(at) = (v))
#define load_relaxed(type, at) (*(type volatile *)(void *)(at))
#else
#define store_relaxed(type, at, v) atomic_store_explicit((at), (v), memory_order_relaxed)
#define load_relaxed(type, at) atomic_load_explicit((at), memory_order_relaxed)
#endif

#endif
