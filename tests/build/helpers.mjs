// helpers.mjs: what the random programs (program.mjs) use beside their own functions: structs by value, variable
// arguments, functions that libc calls, data of all kinds. Every piece of it stands in a program that uses one of
// its names. Natively each copy of a program runs once, in a thread of its own: so what it leaves in its part of
// static data, or in thread-local variables, is what a goroutine leaves there.

const STRUCTS = `
typedef struct P_S { MEMBERS } P_S;
NOINLINE static P_S P_make(unsigned h) {
  P_S x;
  memset(&x, (int)(h & 0x7f), sizeof x);
  x.a[0] = h;
  x.b = (uint64_t)h << 21;
  return x;
}
NOINLINE static unsigned P_sum(P_S x) {
  unsigned h = (unsigned)(x.b >> 13);
  for (unsigned i = 0; i < sizeof x.a / sizeof *x.a; i++) h = h * 31u + x.a[i];
  for (unsigned i = 0; i < sizeof x.c; i++) h = h * 7u + x.c[i];
  return h;
}
NOINLINE static P_S P_turn(P_S x, unsigned k) {
  x.a[k % (sizeof x.a / sizeof *x.a)] ^= k;
  YIELD_SOMETIMES
  x.c[k % sizeof x.c]++;
  x.b += k;
  return x;
}
`;

const VARARGS = `
NOINLINE static unsigned P_sum_of(int k, ...) {
  unsigned h = 0;
  va_list args;
  va_start(args, k);
  for (int i = 0; i < k; i++) {
    YIELD_SOMETIMES
    if (i % 3 == 0) h = h * 31u + va_arg(args, unsigned);
    else if (i % 3 == 1) h = h * 31u + (unsigned)(va_arg(args, uint64_t) >> 11);
    else h += (unsigned)va_arg(args, double);
  }
  va_end(args);
  return h;
}
`;

const ORDER = `
NOINLINE static int P_order(const void *a, const void *b) {
  const unsigned *x = a, *y = b;
  volatile unsigned t[*x % 5 + 1];
  t[0] = *x;
  t[*x % 5] = *x;
  return t[0] < *y ? -1 : t[0] > *y;
}
`;

// LLVM goes on with what it returns in the place of what it was given: an address on the stack.
const SAME = `
NOINLINE static unsigned char *P_same(unsigned char *p, unsigned k) {
  *p ^= (unsigned char)k;
  YIELD_SOMETIMES
  return p;
}
`;

const THREAD_LOCALS = `
static _Thread_local unsigned P_own = NUMBER;
static _Thread_local unsigned P_none[3];
`;

// Addresses with something added, of functions, of what nobody defines; alignment; zeros; what constructors make.
const DATA = `
_Alignas(ALIGN) static unsigned P_words[9] = {NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, 9};
static const char *const volatile P_text = "so many words, so few of them read" + LITTLE;
static unsigned *const volatile P_middle = &P_words[4], *const volatile P_begin = P_words;
NOINLINE static unsigned P_twice(unsigned h) { return h * 2u + 1; }
NOINLINE static unsigned P_thrice(unsigned h) { return h * 3u; }
static unsigned (*const volatile P_times[])(unsigned) = {P_twice, P_thrice};
extern unsigned P_nobody(unsigned) __attribute__((weak));
static unsigned P_left[COPIES][5], P_made = NUMBER;
__attribute__((constructor)) static void P_first(void) { P_made = P_made * 31u + 7; }
__attribute__((constructor)) static void P_second(void) { P_made = (P_made ^ P_words[LITTLE]) * 29u; }
NOINLINE static unsigned P_look(unsigned copy, unsigned h) {
  h = h * 31u + P_middle[h % 5] + P_words[h % 9] + (unsigned)P_text[h % 4] + P_times[h & 1](h);
  h += ((uintptr_t)P_begin & (ALIGN - 1)) != 0;
  h ^= P_nobody ? P_nobody(h) : P_made;
  return h + (P_left[copy][h % 5] += h | 1) + P_words[2];
}
`;

/**
 * @param {import('./random.mjs').Random} random
 * @param {string} prefix of its names
 * @returns {string[]}
 */
export function helpers(random, prefix) {
  const members = `unsigned a[${random.of([1, 2, 3, 15, 16, 17, 40])}]; uint64_t b; `
    + `unsigned char c[${random.of([1, 3, 8, 64, 129])}];`;
  const align = String(random.of([16, 32, 64, 256]));
  return [STRUCTS, VARARGS, ORDER, SAME, THREAD_LOCALS, DATA].map((piece) => piece.replaceAll('P_', prefix)
    .replace('MEMBERS', members).replaceAll('ALIGN', align)
    .replaceAll('NUMBER', () => `${1 + random.below(1e9)}u`).replaceAll('LITTLE', () => String(1 + random.below(8)))
    .replaceAll('YIELD_SOMETIMES', () => (random.oneIn(2) ? 'YIELD();' : '')));
}

/** What a piece defines, and more. @param {string} piece @param {string} prefix @returns {Set<string>} */
export const namesIn = (piece, prefix) => new Set(piece.match(new RegExp(`\\b${prefix}\\w+`, 'g')));
