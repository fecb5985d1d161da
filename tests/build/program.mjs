// program.mjs: random C programs for the property test (property.mjs): functions with arrays of all kinds and
// sizes, whose contents are looked at again after whatever stands between. Nothing in them is undefined,
// unspecified or different between 32 and 64 bits, so every right compiler and every schedule gives the same result.
//
// A program is a list of functions; each calls those before it. A function's body is a tree of nodes: text before,
// nodes, text behind. So a program that fails can be made smaller by taking nodes away (`smaller`), and several
// programs stand in one C file (`source`).
import { helpers, namesIn } from './helpers.mjs';
import { Random } from './random.mjs';

/**
 * @typedef {object} Node
 * @property {string} before
 * @property {Node[]} kids
 * @property {string} behind
 */
/**
 * @typedef {object} Func
 * @property {string} name
 * @property {boolean} leaf calls nothing
 * @property {Node[]} body
 */
/**
 * @typedef {object} Program
 * @property {number} id of its names
 * @property {number} seed it was made of; what its numbers begin with
 * @property {Func[]} functions the last one is called from outside
 * @property {string[]} helpers pieces of which it has those that it uses
 */

const SIGNATURE = '(Ctx *c, unsigned n, unsigned s)';
/** Bytes of fixed arrays; so many of locals were a frame that a pass took for something else. */
const SIZES = [1, 4, 8, 15, 16, 17, 30, 32, 48, 56, 60, 64, 64, 68, 100, 128, 256, 1000, 2048, 4096, 8176, 8188,
  8192, 8192, 8196, 9000, 40000];
const ELEMENTS = [['unsigned char', 1], ['unsigned short', 2], ['unsigned', 4], ['uint64_t', 8]];

/** Makes one program. */
class Maker {
  /** @param {number} id @param {number} seed */
  constructor(id, seed) {
    this.id = id;
    this.seed = seed;
    this.random = new Random(seed);
    this.names = 0;
    /** @type {Func[]} */ this.functions = [];
    this.gotos = 0; // computed ones in this function: two would jump into each other's arrays
    this.leaf = false;
    this.loops = 0; // around this place
  }

  /** @returns {Program} */
  program() {
    const { random } = this;
    const n = 2 + random.below(4);
    for (let i = 0; i < n; i++) this.functions.push(this.function(i, i < n - 1 && random.oneIn(3)));
    return { id: this.id, seed: this.seed, functions: this.functions, helpers: helpers(random, `p${this.id}_`) };
  }

  /** @param {number} i @param {boolean} leaf @returns {Func} */
  function(i, leaf) {
    this.leaf = leaf;
    this.gotos = 0;
    return { name: `p${this.id}_f${i}`, leaf, body: this.nodes(3) };
  }

  name() {
    return `v${this.names++}`;
  }

  /** @param {number} depth how deep they may still be nested @returns {Node[]} */
  nodes(depth) {
    const list = [];
    for (let i = 1 + this.random.below(depth > 1 ? 3 : 2); i > 0; i--) list.push(this.node(depth - 1));
    return list;
  }

  /** @param {number} depth @returns {Node} */
  node(depth) {
    /** @type {(() => Node)[]} */
    const kinds = [() => this.arithmetic()];
    const inner = () => (depth > 0 ? this.nodes(depth) : []);
    const array = () => this.array(inner);
    kinds.push(array, array, array, array, () => this.wide(inner), () => this.scalars(inner),
      () => this.threadLocals(inner), () => this.bulk(inner), () => this.atomics(inner));
    if (depth > 0) kinds.push(() => this.loop(depth), () => this.condition(inner), () => this.backwards(depth));
    if (this.gotos === 0) kinds.push(() => this.computedGoto(inner));
    kinds.push(() => this.leave());
    if (!this.leaf) {
      const call = () => this.call();
      kinds.push(call, call, () => this.yield(), () => this.yield(), () => this.struct(inner), () => this.varargs(),
        () => this.recursion(), () => this.pointer(), () => this.sort(), () => this.data());
    }
    return this.random.of(kinds)();
  }

  // ---- what holds memory while its kids run ----

  /** How many elements an array of variable size has. */
  count() {
    return this.random.of(['n + 1', 'n % 97 + 1', 'h % 200 + 1', '(h & 3) * 1000 + 1', '(n ^ h) % 2100 + 1', '16',
      '1', 'n * 3 % 700 + 2']);
  }

  /** @param {() => Node[]} inner @returns {Node} */
  array(inner) {
    const { random } = this, a = this.name(), size = `${a}n`, [type, bytes] = random.of(ELEMENTS);
    const kind = random.below(3); // an array of variable size has no alignment of its own
    const align = kind !== 1 && random.oneIn(6) ? random.of([32, 64, 256]) : 0;
    let declared;
    switch (kind) {
      case 0: {
        const n = Math.max(1, Math.floor(random.of(SIZES) / Number(bytes)));
        declared = `enum { ${size} = ${n} };\n${align ? `_Alignas(${align}) ` : ''}volatile ${type} ${a}[${size}];`;
        break;
      }
      case 1:
        declared = `const unsigned ${size} = ${this.count()};\nvolatile ${type} ${a}[${size}];`;
        break;
      default: {
        const all = `${size} * sizeof(${type})`;
        const got = align ? `__builtin_alloca_with_align(${all}, ${align * 8})` : `__builtin_alloca(${all})`;
        declared = `const unsigned ${size} = ${this.count()};\nvolatile ${type} *const ${a} = ${got};`;
      }
    }
    const walk = `for (unsigned i = 0; i < ${size}; i += ${size} / 9 + 1)`;
    return {
      before: `{\n${declared}\n${walk} ${a}[i] = (${type})(h ^ i * 7u);\n${a}[${size} - 1] = (${type})(h >> 3);`,
      kids: inner(),
      behind: `${walk} h = h * 31u + (unsigned)${a}[i];\nh ^= (unsigned)${a}[${size} - 1];\n`
        // Compilers know that it is aligned, but not what the copy is.
        + `${align ? `const volatile void *volatile ${a}w = ${a};\n`
          + `h += ((uintptr_t)${a}w & ${align - 1}) != 0;\n` : ''}}`,
    };
  }

  /**
   * Registers that live over what stands between; they make frames of any size.
   * @param {() => Node[]} inner @returns {Node}
   */
  scalars(inner) {
    const { random } = this, x = this.name();
    // Now and then as many as make about 8 KiB.
    const huge = random.oneIn(150);
    const type = huge ? 'uint64_t' : random.of(['unsigned', 'unsigned', 'uint64_t', 'double', 'float']);
    const n = huge ? 1014 + random.below(12) : 1 + random.below(random.oneIn(2) ? 8 : 20);
    const each = (/** @type {(i: number) => string} */ f) => Array.from({ length: n }, (_, i) => f(i)).join(' ');
    const value = (/** @type {number} */ i) => `(source[(h + ${i}u) & 63] ^ ${i * 5}u) & 0xffffffu`;
    return {
      before: `{\n${each((i) => `${type} ${x}_${i} = (${type})(${value(i)});`)}`,
      kids: inner(),
      behind: `${each((i) => `h = h * 31u + (unsigned)${x}_${i};`)}\n}`,
    };
  }

  /** @param {() => Node[]} inner @returns {Node} */
  wide(inner) {
    const q = this.name();
    return {
      before: `{\nunsigned __int128 ${q} = ((unsigned __int128)h << 70) | (uint64_t)n << 33 | s;\n`
        + `${q} *= ${q} | 1;`,
      kids: inner(),
      behind: `${q} /= (n | 1);\nh ^= (unsigned)(${q} >> 64) ^ (unsigned)(${q} >> 101) ^ (unsigned)${q};\n}`,
    };
  }

  /** @param {() => Node[]} inner @returns {Node} */
  struct(inner) {
    const x = this.name(), S = `p${this.id}_S`;
    return {
      before: `{\n${S} ${x} = p${this.id}_make(h);\n${S} ${x}b = p${this.id}_turn(${x}, n);`,
      kids: inner(),
      behind: `h = h * 31u + p${this.id}_sum(${x}) * 7u + p${this.id}_sum(p${this.id}_turn(${x}b, h & 7));\n}`,
    };
  }

  /** @param {() => Node[]} inner @returns {Node} */
  threadLocals(inner) {
    const own = `p${this.id}_own`, none = `p${this.id}_none`;
    return {
      before: `{\n${own} = ${own} * 5u + h;\n${none}[h % 3] += n;`,
      kids: inner(),
      behind: `h = h * 31u + ${own} + ${none}[h % 3];\n}`,
    };
  }

  /**
   * Memory that is set and copied as a whole, its address now and then what a function has returned.
   * @param {() => Node[]} inner @returns {Node}
   */
  bulk(inner) {
    const { random } = this, a = this.name(), n = `${a}n`;
    const size = random.oneIn(2) ? `enum { ${n} = ${random.of(SIZES)} };`
      : `const unsigned ${n} = ${this.count()};`;
    const set = `memset(${a}, (int)(h & 255), ${n})`;
    const given = this.leaf || random.oneIn(3) ? set : `p${this.id}_same(${set}, h)`;
    const copy = random.oneIn(2); // else it may be all of the frame
    const made = `{\n${size}\nunsigned char ${a}[${n}], *${a}p = ${given};\n${a}p[h % ${n}] = (unsigned char)n;\n`;
    const sum = `h = h * 31u + ${a}[${n} - 1] * 7u + ${a}p[0];\n`;
    return copy ? {
      before: `${made}unsigned char ${a}c[${n}];\nmemcpy(${a}c, ${a}p, ${n});`,
      kids: inner(),
      behind: `${sum}h ^= ${a}c[n % ${n}];\n`
        + `memmove(${a}, ${a}c + ${n} / 2, ${n} - ${n} / 2);\nh += ${a}[0];\n}`,
    } : { before: made, kids: inner(), behind: `${sum}}` };
  }

  /** @param {() => Node[]} inner @returns {Node} */
  atomics(inner) {
    const x = this.name(), how = '__ATOMIC_SEQ_CST';
    return {
      before: `{\nvolatile struct { unsigned char d[3]; unsigned a; uint64_t b; } ${x} = `
        + `{{(unsigned char)h, 2, 3}, n, s};\nunsigned ${x}o = n;`,
      kids: inner(),
      behind: `h ^= __atomic_fetch_add(&${x}.a, h, ${how}) + __atomic_or_fetch(&${x}.d[h % 3], 9, ${how});\n`
        + `h += (unsigned)__atomic_exchange_n(&${x}.b, h | 1, ${how});\n`
        + `__atomic_compare_exchange_n(&${x}.a, &${x}o, h, 0, ${how}, ${how});\n`
        + `h = h * 31u + ${x}o + ${x}.a + ${x}.d[0] + (unsigned)__atomic_load_n(&${x}.b, ${how});\n}`,
    };
  }

  // ---- ways ----

  /** @param {number} depth @returns {Node} */
  loop(depth) {
    const i = this.name();
    this.loops++;
    const kids = this.nodes(depth);
    this.loops--;
    const times = 1 + this.random.below(4);
    return { before: `for (unsigned ${i} = 0; ${i} < ${times}; ${i}++) {`, kids, behind: 'h += 3;\n}' };
  }

  /** @param {number} depth @returns {Node} */
  backwards(depth) {
    const i = this.name(), loops = this.loops;
    this.loops = 0; // what continues would jump over the count
    const kids = this.nodes(depth);
    this.loops = loops;
    return {
      before: `{\nunsigned ${i} = 0;\n${i}_back:;\n{`,
      kids,
      behind: `}\nif (++${i} < ${2 + this.random.below(2)}) goto ${i}_back;\n}`,
    };
  }

  /** @param {() => Node[]} inner @returns {Node} */
  condition(inner) {
    const test = this.random.of(['n & 1', 'h & 4', '(h ^ n) % 3 == 0', 'n > 20']);
    return { before: `if (${test}) {`, kids: inner(), behind: '}' };
  }

  /** @returns {Node} */
  leave() {
    const { random } = this;
    const how = this.loops > 0 ? random.of(['break', 'continue', 'return h']) : 'return h';
    return { before: `if ((h & ${random.of([3, 7, 15])}) == ${random.below(4)}) ${how};`, kids: [], behind: '' };
  }

  /** @param {() => Node[]} inner @returns {Node} */
  computedGoto(inner) {
    this.gotos++;
    const g = this.name();
    const next = `if (${g}k++ < 6) goto *${g}[(h >> 2) % 4];`;
    return {
      before: `{\nstatic const void *const ${g}[] = {&&${g}_a, &&${g}_b, &&${g}_c, &&${g}_d};\n`
        + `unsigned ${g}k = 0;\ngoto *${g}[h % 4];\n`
        + `${g}_a: h = h * 5u + 1;\n${next}\n${g}_b: h ^= h >> 7;\n${next}\n${g}_c: h += n;\n{`,
      kids: inner(),
      behind: `}\n${next}\n${g}_d: h = h * 9u + ${g}k;\n}`,
    };
  }

  // ---- what stands alone ----

  /** @returns {Node} */
  arithmetic() {
    return alone(this.random.of(['h = h * 1664525u + 1013904223u;', 'h ^= h >> 5 ^ n << 3;',
      'h = h << 7 | h >> 25;', 'h += (unsigned)((double)(h & 0xffff) * 1.5);', 'h += h / (n | 1) + h % (s | 1);']));
  }

  /** A function before this one, as an expression that is called; undefined: there is none. */
  callee() {
    return this.functions.length ? this.random.of(this.functions).name : undefined;
  }

  /** @returns {Node} */
  call() {
    const f = this.callee();
    return f ? alone(`h += ${f}(c, ${this.random.of(['n', 'n / 2 + 1', 'h % 300', '7'])}, h);`) : this.yield();
  }

  /** @returns {Node} */
  pointer() {
    if (!this.functions.length) return this.yield();
    const t = this.name(), all = this.functions.map((f) => f.name);
    return alone(`{\nunsigned (*const volatile ${t}[])${SIGNATURE} = {${all.join(', ')}};\n`
      + `h ^= ${t}[h % ${all.length}](c, n % 50, h);\n}`);
  }

  /** @returns {Node} */
  recursion() {
    return alone(`if (c->fuel > 2) h = h * 3u + p${this.id}_f${this.functions.length}(c, n / 2 + 1, h);`);
  }

  /** @returns {Node} */
  yield() {
    return alone('YIELD();');
  }

  /** @returns {Node} */
  varargs() {
    const n = 1 + this.random.below(7);
    const args = Array.from({ length: n }, (_, i) => ['h', '(uint64_t)h << 9 | n', '(double)(h & 255)'][i % 3]);
    return alone(`h ^= p${this.id}_sum_of(${[n, ...args].join(', ')});`);
  }

  /** @returns {Node} */
  data() {
    return alone(`h = p${this.id}_look(c->copy, h);`);
  }

  /** @returns {Node} */
  sort() {
    const a = this.name();
    return alone(`{\nunsigned ${a}[17];\nfor (unsigned i = 0; i < 17; i++) ${a}[i] = h * (i + 1) % 101;\n`
      + `qsort(${a}, 17, sizeof *${a}, p${this.id}_order);\n`
      + `for (unsigned i = 0; i < 17; i++) h = h * 31u + ${a}[i];\n}`);
  }
}

/** @param {string} text @returns {Node} */
const alone = (text) => ({ before: text, kids: [], behind: '' });

/** @param {number} id @param {number} seed @returns {Program} */
export const randomProgram = (id, seed) => new Maker(id, seed).program();

// ---- text ----

/** @param {Node[]} nodes @returns {string} */
const text = (nodes) => nodes.map((n) => [n.before, text(n.kids), n.behind].filter(Boolean).join('\n')).join('\n');

/** @param {Program} p @returns {string} */
function programText(p) {
  const bodies = p.functions.map((f) => ({ ...f, text: text(f.body) }));
  const all = bodies.map((b) => b.text).join('\n');
  const names = namesIn(all, `p${p.id}_`);
  const helpers = p.helpers.filter((piece) => [...namesIn(piece, `p${p.id}_`)].some((name) => names.has(name)));
  // In order, since each calls those before it; what nobody calls any more is left out.
  const last = bodies.length - 1;
  const calls = (/** @type {string} */ name) => new RegExp(`\\b${name}\\b`);
  const used = bodies.filter((b, i) => i === last || bodies.some((o) => o !== b && calls(b.name).test(o.text)));
  return helpers.join('') + used.map((b) => `NOINLINE static unsigned ${b.name}${SIGNATURE} {\nunsigned h = s;\n`
    + `${b.leaf ? '(void)c;' : 'if (!c->fuel) return h;\nc->fuel--;'}\n${b.text}\nreturn h + n;\n}\n`).join('');
}

/**
 * One C file of many programs. Natively (-DPLAIN) it runs them one after the other, each copy in a thread; else
 * each in some goroutines, all at once, and with preemption points (-DPOINTS) beside some that never end. Prints a
 * line for each: its place in the list, its result. Arguments: which to run, none: all.
 * @param {Program[]} programs @returns {string}
 */
export function source(programs) {
  return `${HEAD}${programs.map(programText).join('')}
static const struct {
  unsigned (*f)${SIGNATURE};
  unsigned seed;
} programs[] = {
${programs.map((p) => `  {p${p.id}_f${p.functions.length - 1}, ${p.seed >>> 0}u},`).join('\n')}
};
#define PROGRAMS ${programs.length}
${TAIL}`;
}

const HEAD = `#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline, unused))
#ifdef PLAIN
#include <pthread.h>
#define YIELD() ((void)0)
#else
#include <goroscope.h>
#define YIELD() gr_yield()
#endif
#define COPIES 3
typedef struct Ctx { unsigned fuel, copy; } Ctx; /* calls it may still make; which of the copies it is */
static volatile unsigned source[64];
`;

const TAIL = `
#define FUEL 24
static unsigned run(int i, int k) {
  static const unsigned sizes[] = {0, 5, 40, 333, 1000};
  unsigned h = programs[i].seed * COPIES + (unsigned)k;
  for (unsigned j = 0; j < sizeof sizes / sizeof *sizes; j++) {
    Ctx c = {FUEL, (unsigned)k};
    h = h * 31u + programs[i].f(&c, sizes[j], h + j);
  }
  return h;
}
static unsigned results[PROGRAMS][COPIES];
static void begin(void) {
  for (unsigned i = 0; i < 64; i++) source[i] = i * 2654435761u;
}
static void tell(int i) {
  unsigned h = 0;
  for (int k = 0; k < COPIES; k++) h = h * 31u + results[i][k];
  printf("%d %08x\\n", i, h);
}
#ifdef PLAIN
static void *go(void *arg) {
  int at = (int)(intptr_t)arg;
  results[at / COPIES][at % COPIES] = run(at / COPIES, at % COPIES);
  return NULL;
}
int main(int argc, char **argv) {
  begin();
  for (int j = 1; j < (argc > 1 ? argc : PROGRAMS + 1); j++) {
    int i = argc > 1 ? atoi(argv[j]) : j - 1;
    for (int k = 0; k < COPIES; k++) {
      pthread_t thread;
      if (pthread_create(&thread, NULL, go, (void *)(intptr_t)(i * COPIES + k)) != 0) return 1;
      pthread_join(thread, NULL);
    }
    tell(i);
  }
  return 0;
}
#else
static gr_waitgroup wg;
#ifdef POINTS
/* Loops without end: the others go on all the same. */
static volatile unsigned turns;
static void empty(void *arg) {
  (void)arg;
  for (;;) {}
}
static void endless(void *arg) {
  (void)arg;
  for (;;) turns++;
}
#endif
static void go(void *arg) {
  int at = (int)(intptr_t)arg;
  results[at / COPIES][at % COPIES] = run(at / COPIES, at % COPIES);
  gr_waitgroup_done(&wg);
}
int gr_main(int argc, char **argv) {
  begin();
#ifdef POINTS
  gr_go(empty, NULL);
  gr_go(endless, NULL);
#endif
  for (int j = 1; j < (argc > 1 ? argc : PROGRAMS + 1); j++) {
    int i = argc > 1 ? atoi(argv[j]) : j - 1;
    for (int k = 0; k < COPIES; k++) {
      gr_waitgroup_add(&wg, 1);
      gr_go(go, (void *)(intptr_t)(i * COPIES + k));
    }
  }
  gr_waitgroup_wait(&wg);
  for (int j = 1; j < (argc > 1 ? argc : PROGRAMS + 1); j++) tell(argc > 1 ? atoi(argv[j]) : j - 1);
  return 0;
}
#endif
`;

// ---- smaller ----

/** @param {Node[]} nodes @returns {Node[][]} each without one node, or with its kids in its place */
function smallerNodes(nodes) {
  return nodes.flatMap((node, i) => {
    const but = (/** @type {Node[]} */ there) => [...nodes.slice(0, i), ...there, ...nodes.slice(i + 1)];
    const within = smallerNodes(node.kids).map((kids) => but([{ ...node, kids }]));
    return [but([]), ...(node.kids.length ? [but(node.kids)] : []), ...within];
  });
}

/** @param {Program} p @returns {Program[]} each with one thing less, the larger things first */
export function smaller(p) {
  const within = p.functions.flatMap((f, i) =>
    smallerNodes(f.body).map((body) => ({ ...p, functions: p.functions.with(i, { ...f, body }) })));
  return within.concat(p.functions.length > 1 ? [{ ...p, functions: p.functions.slice(0, -1) }] : [])
    .map((q) => ({ q, size: JSON.stringify(q.functions).length }))
    .sort((a, b) => a.size - b.size).map(({ q }) => q);
}

/** The program by another number. @param {Program} p @param {number} id @returns {Program} */
export function renamed(p, id) {
  const own = new RegExp(`\\bp${p.id}_`, 'g'), name = (/** @type {string} */ text) => text.replace(own, `p${id}_`);
  /** @type {(nodes: Node[]) => Node[]} */
  const all = (nodes) => nodes.map((n) => ({ before: name(n.before), kids: all(n.kids), behind: name(n.behind) }));
  return {
    id, seed: p.seed, helpers: p.helpers.map(name),
    functions: p.functions.map((f) => ({ ...f, name: name(f.name), body: all(f.body) })),
  };
}
