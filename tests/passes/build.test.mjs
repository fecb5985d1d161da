// wasm/passes/build.mjs: what is built from objects and the kit runs, with threads and in sim; what cannot be built
// is said in one sentence.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import binaryen from 'binaryen';
import { readModule } from '../../wasm/passes/binary.mjs';
import { buildProgram } from '../../wasm/passes/build.mjs';
import { readObject } from '../../wasm/passes/object.mjs';
import { LONG, OUT, ROOT, alike, rarely, run, sim, slot, threads, told } from '../lib/run.mjs';
import { compare } from './both.mjs';
import { programs, randomPrograms } from './compared.mjs';
import { buildMerged, compile, preparedKit } from './merged.mjs';

const PROGRAMS = 'tests/passes/programs';
const FOLDER = join(OUT, 'passes');
mkdirSync(FOLDER, { recursive: true });

/** A source of these lines. @param {string} name @param {string} text @returns {string} relative to the root */
function source(name, text) {
  const path = join(FOLDER, `${name}.c`);
  writeFileSync(path, `#include <goroscope.h>\n${text}`);
  return relative(ROOT, path);
}

/** What programs print that a whole-program build cannot link. @type {{ [file: string]: string }} */
const PRINTS = {
  'data.c': '1 2 3 1\n42 1\n',
  'symbols.c': 'first\nsecond\nthird\n1 1 2 3\nmy strdup my getenv 6 6\n1 3 5 9\n3\nat exit\nlast\n',
};

describe('programs that can only be built so', () => {
  for (const [file, wanted] of Object.entries(PRINTS)) for (const level of LONG ? ['-O0', '-O2'] : ['-O2']) {
    test(`${file} ${level}`, async () => {
      const name = file.replace('.c', level);
      const { path } = await buildMerged([`${PROGRAMS}/${file}`], { flags: [level], name });
      for (const port of [threads(2), sim(3)]) {
        const r = await slot(() => run(port, path));
        assert.equal(r.exitCode, 0, told(r));
        assert.equal(r.stdout, wanted, told(r));
      }
    });
  }
});

describe('the same as the whole-program build, in sim trace for trace', { skip: alike }, () => {
  // Emscripten takes its time: a random one, with TESTS=long four more, and all of them by both.mjs.
  const sources = LONG
    ? ['tests/unit/chan.c', `${PROGRAMS}/locals.c`, `${PROGRAMS}/language.c`, 'tests/unit/segments.c'] : [];
  const all = [...programs().filter((p) => sources.includes(p.source)), ...randomPrograms(3, 1)];
  for (const program of all) {
    test(program.source, async () => assert.deepEqual((await compare(program, { quick: true })).different, []));
  }
  test('and these are there', () => assert.equal(all.length, sources.length + 1));
});

test('what allocates, locks or fails does not park, so that it costs what it costs in a whole program', async () => {
  const { manifest } = await preparedKit();
  const may = (/** @type {string} */ name) => manifest.suspend.includes(name);
  assert.deepEqual(['malloc', 'calloc', 'free', 'strdup', 'pthread_mutex_lock', 'gr_chan_free', 'gr_print'].filter(may),
    []);
  assert.ok(['gr_yield_at', 'gr_chan_recv_at', 'clock_gettime', 'printf'].every(may));
});

test('tables of iconv are in programs that convert text, and in no others', async () => {
  const [plain, converts] = [source('no-iconv', 'int gr_main(int c, char **v) { (void)c, (void)v; return 0; }'),
    source('iconv', `#include <iconv.h>
#include <stdio.h>
int gr_main(int c, char **v) {
    (void)c, (void)v;
    const char *const text[][2] = {{"GB18030", "\\xb5\\xc0"}, {"BIG5", "\\xb9\\x44"}};
    for (int i = 0; i < 2; i++) {
        char out[8], *from = (char *)text[i][1], *to = out;
        size_t left = 2, room = sizeof out;
        if (iconv(iconv_open("UTF-8", text[i][0]), &from, &left, &to, &room)) return 1;
        for (char *p = out; p < to; p++) printf("%02x", *p & 0xff);
    }
    return 0;
}`)];
  const [small, large] = [await buildMerged([plain]), await buildMerged([converts])];
  const bytes = (/** @type {{ path: string }} */ { path }) => readFileSync(path).length;
  assert.ok(bytes(large) - bytes(small) > 130_000, `${bytes(small)} and ${bytes(large)}`);
  for (const [{ path }, wanted] of /** @type {const} */ ([[small, ''], [large, 'e98193e98193']])) {
    for (const port of [threads(2), sim(2)]) {
      const r = await slot(() => run(port, path));
      assert.deepEqual([r.exitCode, r.stdout], [0, wanted], told(r));
    }
  }
});

test('of the heap nothing is in a program that does not use it', async () => {
  const objects = join(ROOT, 'build/obj/emscripten');
  const heaps = readdirSync(objects).filter((name) => /^runtime_heap_.*\.o$/.test(name)).flatMap((name) => {
    const { module, symbols } = readObject(new Uint8Array(readFileSync(join(objects, name))), name);
    return symbols.filter((s) => s.kind === 0 && s.index >= module.importedFunctions).map((s) => s.name);
  }).filter((name) => /^(gr|rt)_/.test(name)); // static ones have names that others have
  assert.ok(heaps.length > 50, `${heaps.length} functions in runtime/heap`);
  const named = async (/** @type {string} */ name, /** @type {string} */ call) => {
    const { path } = await buildMerged([source(name,
      `int gr_main(int c, char **v) { (void)c, (void)v; gr_yield(); ${call} return 0; }`)], { names: true });
    return new Set(readModule(new Uint8Array(readFileSync(path))).functionNames.values());
  };
  const without = await named('no-heap', ''), has = await named('heap', 'gr_keep(gr_alloc(1));');
  const about = /^rt_ev_gc_|^rt_gc_worker|^rt_leave_stack$|^port_stack_roots$/;
  for (const all of [heaps, [...has].filter((name) => about.test(name))]) {
    assert.ok(all.some((name) => has.has(name)));
    assert.deepEqual(all.filter((name) => without.has(name)), []);
  }
});

test('several objects are put together by who builds', async () => {
  const sources = [source('one',
    'extern int two(void); int gr_main(int c, char **v) { (void)c, (void)v; return two(); }'),
    source('two', 'static _Thread_local int t = 40; int two(void) { gr_yield(); return t + 2; }')];
  const { path } = await buildMerged(sources);
  const r = await slot(() => run(threads(2), path));
  assert.equal(r.exitCode, 42, told(r));
});

test('preemption points: a loop without end lets others run', async () => {
  const { path } = await buildMerged(['tests/unit/preempt.c'], { preempt: true });
  for (const port of [threads(1), sim(2)]) {
    const r = await slot(() => run(port, path));
    assert.equal(r.exitCode, 0, told(r));
  }
});

describe('a function of many calls that may park', () => {
  /** @param {number} n calls */
  const file = (n) => {
    const lines = Array.from({ length: n }, (_, i) =>
      `  if (a & ${1 << (i % 20)}) { gr_yield(); a = a * 3 + ${i}; } else a += x;`);
    return source(`many-${n}`,
      `#include <stdio.h>\nvolatile int x = 3;\nint f(unsigned a) {\n${lines.join('\n')}\n  return (int)a;\n}
int gr_main(int c, char **v) { (void)v; printf("%d\\n", f((unsigned)c)); return 0; }`);
  };
  /** How long asyncify takes, the shorter of two times. @param {number} n */
  const took = async (n) => {
    const kit = await preparedKit(), bytes = await compile(file(n), join(FOLDER, `many-${n}.o`), ['-O1']);
    let least = Infinity;
    for (let i = 0; i < 2; i++) {
      const { steps } = await buildProgram({ objects: [{ name: 'many.c', bytes }], kit, binaryen });
      least = Math.min(least, steps.find(({ name }) => name === 'asyncify')?.ms ?? assert.fail('no such step'));
    }
    return least;
  };
  // All optimisation up to MANY_CALLS (asyncify.mjs), less from there on. (Where simplify-locals ran before asyncify
  // 1,000 took 35 s and 2,000 49 s: a hundred times what 250 take.)
  for (const [few, many, times] of [[150, 300, 5], [250, 1500, 15]]) {
    test(`${many} take less than ${times} times as long as ${few}`, { skip: many > 1000 && rarely }, async () => {
      const [a, b] = [await took(few), await took(many)];
      assert.ok(b < times * a, `${few}: ${a} ms, ${many}: ${b} ms`);
    });
  }
  test('1,500 do what they say', { skip: rarely }, async () => {
    const { path } = await buildMerged([file(1500)], { flags: ['-O1'] });
    let a = 1;
    for (let i = 0; i < 1500; i++) a = a & (1 << (i % 20)) ? (Math.imul(a, 3) + i) >>> 0 : (a + 3) >>> 0;
    for (const port of [threads(2), sim(2)]) {
      const r = await slot(() => run(port, path));
      assert.equal(r.stdout, `${a | 0}\n`, told(r));
    }
  });
});

describe('what cannot be built', () => {
  /** @type {{ [why: string]: [string, { message: RegExp, symbol: string, undefinedSymbols?: string[] }] }} */
  const CASES = {
    'functions nobody defines, all of them': [
      'void aa(void); extern int bb; int gr_main(int c, char **v) { (void)v; aa(); return bb + c; }',
      { message: /^nobody defines aa, bb$/, symbol: 'aa', undefinedSymbols: ['aa', 'bb'] }],
    'a variable with a name that all objects of JavaScript have': [
      'extern int constructor, toString, __proto__, hasOwnProperty;\nint gr_main(int c, char **v) { (void)v; '
        + 'return constructor + toString + __proto__ + hasOwnProperty + c; }',
      { message: /^nobody defines constructor, toString, __proto__, hasOwnProperty$/, symbol: 'constructor' }],
    'an own function of asyncify\'s name, even static': [
      'static __attribute__((noinline)) int asyncify_get_state(int x) { gr_yield(); return x; }\n'
        + 'int gr_main(int c, char **v) { (void)v; return asyncify_get_state(c); }',
      { message: /^asyncify_get_state cannot be the program's own, .* another name$/, symbol: 'asyncify_get_state' }],
    'a call of what suspends the runtime\'s goroutines': [
      'void asyncify_stop_unwind(void); int gr_main(int c, char **v) { (void)v; asyncify_stop_unwind(); return c; }',
      { message: /^nobody defines asyncify_stop_unwind$/, symbol: 'asyncify_stop_unwind' }],
    'no gr_main': ['int x;', { message: /^nobody defines gr_main$/, symbol: 'gr_main',
      undefinedSymbols: ['gr_main'] }],
    'an own malloc': ['void *malloc(unsigned long n) { return (void *)n; }\n' +
      'int gr_main(int c, char **v) { (void)v; return c; }',
      { message: /^malloc cannot be the program's own: .* another name$/, symbol: 'malloc' }],
    'a function called with other arguments': [
      'int atoi(int, int); int gr_main(int c, char **v) { (void)v; return atoi(c, 2); }',
      { message: /^atoi is called with other arguments than it has/, symbol: 'atoi' }],
    'threads of libc': ['int pthread_create(void *, void *, void *(*)(void *), void *);\n' +
      'int gr_main(int c, char **v) { (void)v; return pthread_create(0, 0, 0, 0) + c; }',
    { message: /^nobody defines pthread_create$/, symbol: 'pthread_create', undefinedSymbols: ['pthread_create'] }],
  };
  let n = 0;
  for (const [why, [text, wanted]] of Object.entries(CASES)) {
    test(why, async () => {
      const file = source(`refused${n++}`, text);
      await assert.rejects(buildMerged([file], { flags: ['-w'] }), (/** @type {any} */ e) => {
        assert.equal(e.name, 'BuildError');
        assert.match(e.message, wanted.message);
        assert.equal(e.symbol, wanted.symbol);
        if (wanted.undefinedSymbols) {
          const given = wanted.undefinedSymbols.map((symbol) => ({ symbol, object: file }));
          assert.deepEqual(e.undefinedSymbols, given);
        }
        return true;
      });
    });
  }
  test('an error without words gets some: which step it was', async () => {
    const file = source('plain', 'int gr_main(int c, char **v) { (void)v; gr_yield(); return c; }');
    const objects = [{ name: file, bytes: await compile(file, join(FOLDER, 'plain.o')) }];
    const kit = await preparedKit();
    const failing = (/** @type {unknown} */ e) => ({ ...binaryen, readBinary() { throw e; } });
    const built = (/** @type {unknown} */ e) => buildProgram({ objects, kit, binaryen: failing(e) });
    await assert.rejects(built(new Error('')), /^Error: the build has failed in the step "asyncify", and not by/);
    await assert.rejects(built(4711), /^Error: the build has failed in the step "asyncify" \(4711\), and not by/);
    await assert.rejects(built(new Error('out of memory')), /^Error: out of memory$/);
  });
  test('something that is no object file', async () => {
    const kit = await preparedKit();
    const bytes = new Uint8Array(readFileSync(join(ROOT, 'package.json')));
    await assert.rejects(buildProgram({ objects: [{ name: 'package.json', bytes }], kit, binaryen }),
      /this is no WebAssembly module/);
    const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    await assert.rejects(buildProgram({ objects: [{ name: 'a.wasm', bytes: module }], kit, binaryen }),
      /a\.wasm is no object file/);
  });
});
