/* limits.h: how many and how large: each limit of the runtime that its hosts must know too. JS has them from
 * wasm/host/format.mjs. */
#ifndef RT_LIMITS_H
#define RT_LIMITS_H

#define MAX_PROCS 256     /* Ps */
#define HOST_THREADS 1024 /* threads under the loader in all, also of Ms that have ended */

/* Bytes to which a goroutine's stack may grow. A WASI host has a stack of its own for the frames, 0.5 to 1 MiB, and
 * ends the program without a word when it runs out: ours must run out first. */
#ifdef __wasi__
#define DEFAULT_STACK_MAX (256 << 10)
#else
#define DEFAULT_STACK_MAX (1 << 20)
#endif
#define STACK_MAX_LEAST (1 << 10)
#define STACK_MAX_MOST (1 << 30)

/* Bytes of the trace ring. */
#define DEFAULT_RING (16 << 20)
#define RING_LEAST (64 << 10)
#define RING_MOST (1 << 30)
#define FLIGHT_MS_MOST 86400000 /* of a flight recorder: a day */

#define MEMORY_INITIAL (64 << 20) /* bytes of a program's memory under the loader; build.sh links with it */

/* Bytes at address 0 of wasm's memory that nobody uses, and what fills them (runtime/core/nullpage.h). */
#define NULL_PAGE 1024
#define NULL_BYTE 0xfe

#define MAX_NAME 200 /* characters of a function's or file's name in the list of goroutines; longer ones are cut */

#endif
