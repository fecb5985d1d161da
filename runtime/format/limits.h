/* limits.h: how many and how large: each limit of the runtime that its hosts must know too. JS has them from
 * wasm/host/format.mjs, which is made from this file. */
#ifndef RT_LIMITS_H
#define RT_LIMITS_H

#define MAX_PROCS 256

/* Bytes to which a goroutine's stack may grow. A WASI host has a stack of its own for the frames, 0.5 to 1 MiB, and ends the
 * program without a word when it runs out: ours must run out first. */
#ifdef __wasi__
#define DEFAULT_STACK_MAX (256 << 10)
#else
#define DEFAULT_STACK_MAX (1 << 20)
#endif
#define STACK_MAX_LEAST 1024
#define STACK_MAX_MOST (1 << 30)

/* Bytes of the trace ring. */
#define DEFAULT_RING (16 << 20)
#define RING_LEAST (64 << 10)
#define RING_MOST (1 << 30)

#endif
