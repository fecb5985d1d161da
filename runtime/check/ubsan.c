/* ubsan.c: what a program built with --check does when it runs into undefined behaviour. Its own sources are compiled
 * with -fsanitize=…: before each operation that may be undefined the compiler tests, and calls one of the functions
 * below with a description of the place, the types and the operands (LLVM's compiler-rt/lib/ubsan/ubsan_handlers.h is
 * their reference; gcc calls the same).
 *
 * They panic, as Go does where it knows the mistake (index out of range, division by zero, nil dereference, negative
 * shift): the operation has not been done yet, so nothing is damaged, deferred calls may run and gr_recover may stop
 * it, with a text that begins with "runtime error: ". Where no goroutine may panic (in a system call, before
 * gr_main, on the host's side of a callback) it is a fatal error.
 *
 * Some descriptions return instead (see below): then there was no mistake that anybody should hear of.
 */
#include "core/sched.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the compiler describes ------------------------------------------------------------------------------- */

typedef struct Place {
    const char *file;
    uint32_t line, column;
} Place;

/* Others: of which nothing is known but the name. _BitInt: clang 14 still called it an integer. */
enum { KIND_INTEGER = 0, KIND_FLOAT = 1, KIND_BIT_INT = 2 };

typedef struct Type {
    uint16_t kind;
    uint16_t info; /* integers: bit 0: signed; above: binary logarithm of the width. Floats: width */
    char name[];   /* 'int', or 'T' (aka 'int'); of a _BitInt its width stands behind, a uint32_t */
} Type;

/* An operand: itself if it fits, else its address. */
typedef uintptr_t Operand;

/* ---- texts ----------------------------------------------------------------------------------------------------- */

#define TEXT_MAX 256 /* of one message; longer ones are cut off */
#define NAME_MAX 80  /* of a type's name */

typedef struct Name {
    char s[NAME_MAX];
} Name;

/* As the program has it, without quotes. */
static Name name_of(const Type *t) {
    Name name;
    size_t n = strcspn(t->name + 1, "'");
    if (n >= NAME_MAX)
        n = NAME_MAX - 1;
    memcpy(name.s, t->name + 1, n);
    name.s[n] = 0;
    return name;
}

static bool is_integer(const Type *t) { return t->kind == KIND_INTEGER || t->kind == KIND_BIT_INT; }

static uint32_t bits_of(const Type *t) {
    uint32_t bits = t->kind == KIND_INTEGER ? 1u << (t->info >> 1) : t->info;
    if (t->kind == KIND_BIT_INT)
        memcpy(&bits, t->name + strlen(t->name) + 1, sizeof bits);
    return bits;
}
static bool is_signed(const Type *t) { return is_integer(t) && (t->info & 1); }

typedef __int128 Wide;
typedef unsigned __int128 UWide;

/* Of an integer; of one wider than Wide the lower part. */
static Wide value_of(const Type *t, Operand v) {
    uint32_t bits = bits_of(t) < 128 ? bits_of(t) : 128;
    UWide u = v;
    if (bits > sizeof v * 8) {
        u = 0;
        memcpy(&u, (const void *)v, (bits + 7) / 8);
    }
    uint32_t above = 128 - bits;
    return is_signed(t) ? (Wide)(u << above) >> above : (Wide)(u << above >> above);
}

static bool is_negative(const Type *t, Operand v) { return is_signed(t) && value_of(t, v) < 0; }

typedef struct Digits {
    char s[48];
} Digits;

static Digits integer_text(Wide v, bool negative) {
    Digits d;
    UWide u = negative ? -(UWide)v : (UWide)v;
    size_t at = sizeof d.s;
    d.s[--at] = 0;
    do
        d.s[--at] = (char)('0' + (int)(u % 10));
    while ((u /= 10) != 0);
    if (negative)
        d.s[--at] = '-';
    memmove(d.s, d.s + at, sizeof d.s - at);
    return d;
}

static double float_of(const Type *t, Operand v) {
    const void *at = bits_of(t) <= sizeof v * 8 ? (const void *)&v : (const void *)v;
    if (bits_of(t) == 32) {
        float f;
        memcpy(&f, at, sizeof f);
        return f;
    }
    if (bits_of(t) == 64) {
        double d;
        memcpy(&d, at, sizeof d);
        return d;
    }
    long double l;
    memcpy(&l, (const void *)v, sizeof l);
    return (double)l;
}

static Digits text_of(const Type *t, Operand v) {
    if (is_integer(t) && bits_of(t) <= 128)
        return integer_text(value_of(t, v), is_negative(t, v));
    Digits d = {"?"};
    if (t->kind == KIND_FLOAT)
        snprintf(d.s, sizeof d.s, "%.9g", float_of(t, v));
    return d;
}

/* ---- failing --------------------------------------------------------------------------------------------------- */

/* Where mistakes have been found so far: a program may recover from the same one very often, and reports point to
 * their sites for ever. */
typedef struct Found {
    struct Found *next;
    gr_site site;
} Found;

static _Atomic(Found *) found;

static gr_site *site_of(const Place *place) {
    Found *first = atomic_load(&found);
    for (Found *f = first; f; f = f->next)
        if (f->site.file == place->file && f->site.line == place->line)
            return &f->site;
    Found *f = malloc(sizeof *f);
    if (!f)
        rt_fatal("out of memory (reporting undefined behaviour)");
    *f = (Found){first, {.file = place->file, .line = place->line}};
    while (!atomic_compare_exchange_weak(&found, &f->next, f))
        ;
    return &f->site;
}

static _Noreturn __attribute__((format(printf, 2, 3))) void fail(const Place *place, const char *format, ...) {
    static const char prefix[] = "runtime error: ";
    char text[sizeof prefix + TEXT_MAX], *msg = text + sizeof prefix - 1;
    memcpy(text, prefix, sizeof prefix);
    va_list args;
    va_start(args, format);
    vsnprintf(msg, TEXT_MAX, format, args);
    va_end(args);
    if (port_get_g() && !port_is_away()) {
        char *kept = malloc(strlen(text) + 1);
        if (!kept)
            rt_fatal("out of memory (reporting undefined behaviour)");
        rt_panic_owned(strcpy(kept, text), site_of(place));
    }
    if (port_get_g())
        rt_fatal_at(msg, site_of(place));
    size_t n = strlen(msg); /* no goroutine whose place could be told */
    snprintf(msg + n, TEXT_MAX - n, " (%s:%u)", place->file, (unsigned)place->line);
    rt_fatal(msg);
}

/* ---- the handlers ---------------------------------------------------------------------------------------------- */

/* Each is there by two names: the compiler calls the one if the program is to go on, the other if not. */
#define HANDLER(name, params, args)                                                                                    \
    void __ubsan_handle_##name params;                                                                                 \
    _Noreturn void __ubsan_handle_##name##_abort params;                                                               \
    _Noreturn void __ubsan_handle_##name##_abort params {                                                              \
        __ubsan_handle_##name args;                                                                                    \
        __builtin_unreachable();                                                                                       \
    }                                                                                                                  \
    void __ubsan_handle_##name params

typedef struct Typed {
    Place place;
    const Type *type;
} Typed;

static _Noreturn void overflow(const Typed *at, Operand a, const char *op, Operand b) {
    fail(&at->place, "integer overflow: %s %s %s does not fit in %s", text_of(at->type, a).s, op,
         text_of(at->type, b).s, name_of(at->type).s);
}

HANDLER(add_overflow, (const Typed *at, Operand a, Operand b), (at, a, b)) { overflow(at, a, "+", b); }
HANDLER(sub_overflow, (const Typed *at, Operand a, Operand b), (at, a, b)) { overflow(at, a, "-", b); }
HANDLER(mul_overflow, (const Typed *at, Operand a, Operand b), (at, a, b)) { overflow(at, a, "*", b); }

HANDLER(negate_overflow, (const Typed *at, Operand v), (at, v)) {
    fail(&at->place, "integer overflow: -(%s) does not fit in %s", text_of(at->type, v).s, name_of(at->type).s);
}

/* Which of / and % it was is not told. */
HANDLER(divrem_overflow, (const Typed *at, Operand a, Operand b), (at, a, b)) {
    if (is_integer(at->type) && value_of(at->type, b) != 0)
        overflow(at, a, "/", b);
    fail(&at->place, "integer divide by zero");
}

typedef struct Shift {
    Place place;
    const Type *left, *right;
} Shift;

HANDLER(shift_out_of_bounds, (const Shift *at, Operand a, Operand by), (at, a, by)) {
    Digits left = text_of(at->left, a), right = text_of(at->right, by);
    if (is_negative(at->right, by))
        fail(&at->place, "negative shift amount: %s", right.s);
    if ((UWide)value_of(at->right, by) >= bits_of(at->left))
        fail(&at->place, "shift amount too large: %s has %u bits, not more than %s", name_of(at->left).s,
             (unsigned)bits_of(at->left), right.s);
    if (is_negative(at->left, a))
        fail(&at->place, "left shift of a negative value: %s << %s", left.s, right.s);
    fail(&at->place, "integer overflow: %s << %s does not fit in %s", left.s, right.s, name_of(at->left).s);
}

typedef struct Index {
    Place place;
    const Type *array, *index;
} Index;

HANDLER(out_of_bounds, (const Index *at, Operand i), (at, i)) {
    Digits index = text_of(at->index, i);
    Name array = name_of(at->array);
    const char *length = strchr(array.s, '['); /* of int[3][4] the first */
    if (is_negative(at->index, i) || !length)
        fail(&at->place, "index out of range [%s]", index.s);
    fail(&at->place, "index out of range [%s] with length %.*s", index.s, (int)strcspn(length + 1, "]"), length + 1);
}

typedef struct Access {
    Place place;
    const Type *type;
    uint8_t log_align;
    uint8_t how;
} Access;

/* How it was to be accessed; from these on nothing is read or written yet. */
enum { ACCESS_LOAD = 0, ACCESS_STORE = 1, ACCESS_MEMBER = 3 };

/* What heap.c fills freed memory with, as a pointer that was read there, or one a little further. */
static bool was_freed(uintptr_t p) {
    uintptr_t filled = (uintptr_t)0xfdfdfdfdfdfdfdfd;
    return p - filled + 65536 < 2 * 65536;
}

HANDLER(type_mismatch_v1, (const Access *at, uintptr_t p), (at, p)) {
    Name type = name_of(at->type);
    if (!p)
        fail(&at->place, "invalid memory address or nil pointer dereference");
    if (was_freed(p))
        fail(&at->place, "invalid memory address or nil pointer dereference: the pointer was read from freed memory");
    uintptr_t align = (uintptr_t)1 << at->log_align;
    if (p & (align - 1))
        fail(&at->place, "misaligned address 0x%llx: %s needs a multiple of %llu", (unsigned long long)p, type.s,
             (unsigned long long)align);
    /* Memory too small for the object. Of a struct the members that are used may well be there (room made with
     * offsetof); each of them is looked at by itself. */
    if (at->how >= ACCESS_MEMBER)
        return;
    fail(&at->place, "index out of range: no room for %s at 0x%llx, %s there reaches beyond the object", type.s,
         (unsigned long long)p,
         at->how == ACCESS_LOAD    ? "a load"
         : at->how == ACCESS_STORE ? "a store"
                                   : "an access");
}

typedef struct Assumption {
    Place place, declared;
    const Type *type;
} Assumption;

HANDLER(alignment_assumption, (const Assumption *at, uintptr_t p, uintptr_t align, uintptr_t offset),
        (at, p, align, offset)) {
    fail(&at->place, "misaligned address 0x%llx: a multiple of %llu was promised", (unsigned long long)(p - offset),
         (unsigned long long)align);
}

typedef struct Bare {
    Place place;
} Bare;

_Noreturn void __ubsan_handle_builtin_unreachable(const Bare *at);
_Noreturn void __ubsan_handle_builtin_unreachable(const Bare *at) {
    fail(&at->place, "__builtin_unreachable was reached");
}

_Noreturn void __ubsan_handle_missing_return(const Bare *at);
_Noreturn void __ubsan_handle_missing_return(const Bare *at) {
    fail(&at->place, "the function ended without returning a value");
}

HANDLER(vla_bound_not_positive, (const Typed *at, Operand n), (at, n)) {
    fail(&at->place, "array of %s elements", text_of(at->type, n).s);
}

typedef struct Cast {
    Place place;
    const Type *from, *to;
} Cast;

HANDLER(float_cast_overflow, (const Cast *at, Operand v), (at, v)) {
    fail(&at->place, "conversion out of range: %s does not fit in %s", text_of(at->from, v).s, name_of(at->to).s);
}

HANDLER(load_invalid_value, (const Typed *at, Operand v), (at, v)) {
    fail(&at->place, "invalid value: %s is none of %s", text_of(at->type, v).s, name_of(at->type).s);
}

typedef struct Builtin {
    Place place;
    uint8_t which;
} Builtin;

HANDLER(invalid_builtin, (const Builtin *at), (at)) {
    static const char *const what[] = {"count of trailing zeros of 0", "count of leading zeros of 0",
                                       "assumption that does not hold"};
    fail(&at->place, "%s", at->which < 3 ? what[at->which] : "builtin called with what it does not take");
}

/* The attribute's place comes apart from the call's. */
HANDLER(nonnull_return_v1, (const Bare *attribute, const Place *place), (attribute, place)) {
    (void)attribute;
    fail(place, "a function that never returns a null pointer has returned one");
}

typedef struct Argument {
    Place place, attribute;
    int number;
} Argument;

HANDLER(nonnull_arg, (const Argument *at), (at)) {
    fail(&at->place, "invalid memory address or nil pointer dereference: null pointer as argument %d", at->number);
}

HANDLER(pointer_overflow, (const Bare *at, uintptr_t base, uintptr_t result), (at, base, result)) {
    if (base == result) /* a null pointer and 0: C2y has it as everybody does */
        return;
    if (!base)
        fail(&at->place, "invalid memory address or nil pointer dereference: %lld bytes from a null pointer",
             (long long)(intptr_t)result);
    if (!result)
        fail(&at->place, "pointer arithmetic: from 0x%llx to a null pointer", (unsigned long long)base);
    fail(&at->place, "pointer arithmetic: from 0x%llx over the end of memory to 0x%llx", (unsigned long long)base,
         (unsigned long long)result);
}
