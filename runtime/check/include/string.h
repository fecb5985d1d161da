/* string.h: what stands before the C library's in builds with --check. A null pointer as one of these arguments is a
 * mistake, which the compiler then tests for at each call, as it does where one is used (-fsanitize=nonnull-attribute,
 * runtime/check/ubsan.c). Where there are 0 bytes to be seen it is none (C2y): functions with a size are macros. In C
 * only: C++ has overloads of these. */
#include_next <string.h>

#if !defined(GR_CHECK_STRING_H) && !defined(__cplusplus)
#define GR_CHECK_STRING_H

#define GR_NONNULL __attribute__((nonnull))
size_t strlen(const char *) GR_NONNULL;
char *strcpy(char *, const char *) GR_NONNULL;
char *strcat(char *, const char *) GR_NONNULL;
int strcmp(const char *, const char *) GR_NONNULL;
int strcoll(const char *, const char *) GR_NONNULL;
char *strchr(const char *, int) GR_NONNULL;
char *strrchr(const char *, int) GR_NONNULL;
char *strstr(const char *, const char *) GR_NONNULL;
char *strpbrk(const char *, const char *) GR_NONNULL;
size_t strspn(const char *, const char *) GR_NONNULL;
size_t strcspn(const char *, const char *) GR_NONNULL;
char *strtok(char *, const char *) __attribute__((nonnull(2)));
#undef GR_NONNULL

static inline __attribute__((nonnull, always_inline)) const void *gr_check_argument_1(const void *p) { return p; }
static inline __attribute__((nonnull, always_inline)) const void *gr_check_argument_2(int first, const void *p) {
    (void)first;
    return p;
}

#define GR_CHECK_TO(to, n) ((n) > 0 ? (void)gr_check_argument_1(to) : (void)0)
#define GR_CHECK_FROM(from, n) ((n) > 0 ? (void)gr_check_argument_2(0, from) : (void)0)
#define GR_CHECK_BOTH(call, to, from, n)                                                                               \
    __extension__({                                                                                                    \
        void *gr_to_ = (void *)(to);                                                                                   \
        const void *gr_from_ = (from);                                                                                 \
        size_t gr_n_ = (n);                                                                                            \
        GR_CHECK_TO(gr_to_, gr_n_);                                                                                    \
        GR_CHECK_FROM(gr_from_, gr_n_);                                                                                \
        call(gr_to_, gr_from_, gr_n_);                                                                                 \
    })
#define GR_CHECK_ONE(call, p, byte, n)                                                                                 \
    __extension__({                                                                                                    \
        void *gr_p_ = (void *)(p);                                                                                     \
        size_t gr_n_ = (n);                                                                                            \
        GR_CHECK_TO(gr_p_, gr_n_);                                                                                     \
        call(gr_p_, byte, gr_n_);                                                                                      \
    })

#undef memcpy
#undef memmove
#undef memcmp
#undef memset
#undef memchr
#undef strncpy
#undef strncmp
#undef strncat
#define memcpy(to, from, n) GR_CHECK_BOTH(memcpy, to, from, n)
#define memmove(to, from, n) GR_CHECK_BOTH(memmove, to, from, n)
#define memcmp(a, b, n) GR_CHECK_BOTH(memcmp, a, b, n)
#define strncpy(to, from, n) GR_CHECK_BOTH(strncpy, to, from, n)
#define strncmp(a, b, n) GR_CHECK_BOTH(strncmp, a, b, n)
#define strncat(to, from, n) GR_CHECK_BOTH(strncat, to, from, n)
#define memset(p, byte, n) GR_CHECK_ONE(memset, p, byte, n)
#define memchr(p, byte, n) GR_CHECK_ONE(memchr, p, byte, n)

#endif
