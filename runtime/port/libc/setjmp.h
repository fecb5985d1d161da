/* setjmp.h for wasi, whose libc has none; wasm/port/jump.c has the functions. */
#ifndef __wasi__
#include_next <setjmp.h>
#else
#ifndef GR_SETJMP_H
#define GR_SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct __jmp_buf_tag {
    unsigned long long __number;
} jmp_buf[1];
typedef jmp_buf sigjmp_buf;

int setjmp(jmp_buf) __attribute__((returns_twice));
int _setjmp(jmp_buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf, int);
_Noreturn void _longjmp(jmp_buf, int);
#define setjmp setjmp
#define sigsetjmp(buf, savemask) setjmp(buf)
#define siglongjmp longjmp

#ifdef __cplusplus
}
#endif

#endif
#endif
