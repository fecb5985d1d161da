/* What C has beyond the usual: 128-bit integers, computed goto, inline assembly, wide atomics, structures by value,
 * variable arguments, long double. */
#include <goroscope.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Big {
    int a[20];
    double d;
} Big;
typedef struct Pair {
    _Alignas(16) int64_t x;
    int64_t y;
} Pair;

#pragma clang diagnostic ignored "-Watomic-alignment" /* 16 bytes: a call of compiler-rt's, which takes a lock */

__attribute__((noinline)) static Big twice(Big b) {
    gr_yield();
    for (int i = 0; i < 20; i++)
        b.a[i] *= 2;
    b.d *= 2;
    return b;
}

__attribute__((noinline)) static long sum(int n, ...) {
    va_list list;
    va_start(list, n);
    long s = 0;
    for (int i = 0; i < n; i++) {
        s += va_arg(list, int);
        s += (long)va_arg(list, double);
        gr_yield();
    }
    va_end(list);
    return s;
}

__attribute__((noinline)) static int machine(const char *code) {
    static void *const labels[] = {&&add, &&sub, &&end};
    int value = 0;
next:
    goto *labels[*code++ - '0'];
add:
    value += 3;
    goto next;
sub:
    value -= 1;
    goto next;
end:
    return value;
}

static int rotated(int x) {
    __asm__("local.get %1\n i32.const 8\n i32.rotl\n local.set %0" : "=r"(x) : "r"(x));
    return x;
}

int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    unsigned __int128 wide = (unsigned __int128)UINT64_MAX * 12345678901234567ull + 99;
    wide = wide / 1000000007u * 3;
    printf("%016llx%016llx\n", (unsigned long long)(wide >> 64), (unsigned long long)wide);
    Big b = {.a = {1, 2, 3}, .d = 1.25};
    for (int i = 3; i < 20; i++)
        b.a[i] = i * i;
    b = twice(twice(b));
    printf("%d %d %d %g\n", b.a[0], b.a[10], b.a[19], b.d);
    printf("%ld\n", sum(3, 1, 2.0, 3, 4.0, 5, 6.0));
    printf("%d %x\n", machine("00012"), (unsigned)rotated(0x12345678));
    static _Atomic Pair pair;
    static _Atomic uint64_t counter;
    static _Atomic uint16_t small;
    atomic_store(&pair, ((Pair){1, 2}));
    Pair p = atomic_load(&pair), wanted = {1, 2};
    atomic_compare_exchange_strong(&pair, &wanted, ((Pair){p.y, p.x}));
    p = atomic_load(&pair);
    atomic_fetch_add(&counter, 1ull << 40);
    atomic_fetch_sub(&small, 1);
    printf("%lld %lld %llx %x\n", (long long)p.x, (long long)p.y, (unsigned long long)counter, small);
    long double l = 1.0L / 3;
    printf("%.20Lf\n", l);
    return 0;
}
