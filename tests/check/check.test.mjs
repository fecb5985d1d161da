// Programs built with --check: every mistake of mistakes.c ends the program with Go's form (what happened,
// goroutine, file and line), the same in threads, sim and natively (npm run test:long: wasi too); and programs
// without mistakes run as ever.
// CHECK=1 node tests/run.mjs PART… has the programs of other tests built so: all of them must pass.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { withSites } from '../../wasm/passes/sites.mjs';
import { demos } from '../lib/demos.mjs';
import {
  ALL, LONG, ROOT, alike, build, exec, native, rarely, run, sim, slot, threads, told, wasi,
} from '../lib/run.mjs';

/** @typedef {import('../lib/run.mjs').Port} Port */
/** @typedef {import('../lib/run.mjs').Target} Target */
/** @param {Port} port @returns {Port} */
const checked = (port) => ({ ...port, target: /** @type {Target} */ (`${port.target}-check`) });
const ports = [...ALL ? [native(2)] : [], threads(2), sim(2), ...LONG ? [wasi(2)] : []].map(checked);

const NIL = 'panic: runtime error: invalid memory address or nil pointer dereference';
const FREE = 'fatal error: free of memory that';
const HERE = 'by goroutine 1 at mistakes.c:LINE';
const BLOCK = (/** @type {string} */ made, freed = '') =>
  `${made}, allocated ${HERE}${freed && `, freed ${HERE}`}]`;
const LATER = `[noticed later: ${BLOCK('24 bytes')}`;
const WRITE = 'fatal error: write';
const BIG = '170141183460469231713240559642174554112';

/**
 * What each mistake must say. Those of the heap have a second line.
 * @type {Record<string, string | [string, string]>}
 */
const SAID = {
  'overflow-add': 'panic: runtime error: integer overflow: 2147483647 + 1 does not fit in int',
  'overflow-sub': 'panic: runtime error: integer overflow: -2147483648 - 1 does not fit in int',
  'overflow-mul': 'panic: runtime error: integer overflow: 2147483647 * 5 does not fit in int',
  'overflow-negate': 'panic: runtime error: integer overflow: -(-2147483648) does not fit in int',
  'overflow-divide': 'panic: runtime error: integer overflow: -2147483648 / -1 does not fit in int',
  'overflow-64': 'panic: runtime error: integer overflow: 9223372036854775807 + 1 does not fit in long',
  'overflow-increment': 'panic: runtime error: integer overflow: 2147483647 + 1 does not fit in int',
  'overflow-128': `panic: runtime error: integer overflow: ${BIG} + ${BIG} does not fit in __int128`,
  'divide-by-zero': 'panic: runtime error: integer divide by zero',
  'remainder-of-zero': 'panic: runtime error: integer divide by zero',
  'shift-too-far': 'panic: runtime error: shift amount too large: int has 32 bits, not more than 40',
  'shift-by-negative': 'panic: runtime error: negative shift amount: -1',
  'shift-of-negative': 'panic: runtime error: left shift of a negative value: -1 << 1',
  'shift-out': 'panic: runtime error: integer overflow: 5 << 30 does not fit in int',
  'index-above': 'panic: runtime error: index out of range [5] with length 3',
  'index-below': 'panic: runtime error: index out of range [-1]',
  'index-of-row': 'panic: runtime error: index out of range [5] with length 4',
  'index-in-row': 'panic: runtime error: index out of range [6] with length 6',
  'index-through-pointer': 'panic: runtime error: index out of range: '
    + 'no room for int at ADDRESS, a load there reaches beyond the object',
  'null-read': NIL,
  'null-write': NIL,
  'null-member': NIL,
  'null-index': `${NIL}: 20 bytes from a null pointer`,
  misaligned: 'panic: runtime error: misaligned address ADDRESS: int needs a multiple of 4',
  'pointer-over-the-end': 'panic: runtime error: pointer arithmetic: '
    + 'from ADDRESS over the end of memory to ADDRESS',
  unreachable: 'panic: runtime error: __builtin_unreachable was reached',
  'array-size': 'panic: runtime error: array of -1 elements',
  'float-cast': 'panic: runtime error: conversion out of range: 3e+10 does not fit in int',
  'no-bool': 'panic: runtime error: invalid value: 5 is none of _Bool',
  'null-argument': `${NIL}: null pointer as argument 1`,
  'null-length': `${NIL}: null pointer as argument 1`,
  'null-text': `${NIL}: null pointer as argument 2`,
  'null-filled': `${NIL}: null pointer as argument 1`,
  'null-copied': `${NIL}: null pointer as argument 2`,
  'null-file': `${NIL}: null pointer as argument 2`,
  'null-result': 'panic: runtime error: a function that never returns a null pointer has returned one',
  'zero-bits': 'panic: runtime error: count of trailing zeros of 0',
  'free-twice': [`${FREE} is free already`, `[${BLOCK('24 bytes', 'freed')}`],
  'free-of-array': `${FREE} malloc never gave`,
  'free-inside': [`${FREE} malloc never gave`, `[the pointer is 8 bytes into ${BLOCK('24 bytes')}`],
  'realloc-of-freed': ['fatal error: realloc of memory that is free already', `[${BLOCK('24 bytes', 'freed')}`],
  'write-after-free': [`${WRITE} to memory that is free already`, `[noticed later: ${BLOCK('24 bytes', 'freed')}`],
  'write-after-free-at-end':
    [`${WRITE} to memory that is free already`, `[noticed later: ${BLOCK('7 bytes', 'freed')}`],
  'write-beyond': [`${WRITE} beyond the end of allocated memory`, LATER],
  'write-before': [`${WRITE} before the beginning of allocated memory`, LATER],
  'write-beyond-at-end': [`${WRITE} beyond the end of allocated memory`, LATER],
  'read-after-free': `${NIL}: the pointer was read from freed memory`,
  'in-goroutine': 'panic: runtime error: integer divide by zero',
  recovered: [`${FREE} is free already`, `[${BLOCK('24 bytes', 'freed')}`],
  'in-system-call': 'fatal error: integer divide by zero',
};

const source = 'tests/check/mistakes.c';
const lines = readFileSync(join(ROOT, source), 'utf8').split('\n');
const kinds = lines.flatMap((line) => /^ {4}\{"([a-z0-9-]+)", \w+\},$/.exec(line)?.[1] ?? []);
/** @param {string} kind the line of the mistake, 0: no line has its name */
const lineOf = (kind) => lines.findIndex((line) => line.endsWith(`/* ${kind} */`)) + 1;

test('every mistake of the program is looked at', () => {
  assert.deepEqual(Object.keys(SAID).sort(), [...kinds].sort());
});

for (const port of ports) {
  describe(port.name, { concurrency: true }, () => {
    for (const [i, kind] of kinds.entries()) {
      // In sim runs the same module. The count of zeros is defined in wasm.
      const again = port.target.startsWith('emscripten') && port.mode === 'threads' && i % 3 !== 0 && rarely;
      const skip = again || (kind === 'zero-bits' && !port.target.startsWith('native'));
      test(kind, { skip }, async () => {
        const program = await build(source, port.target);
        const r = await slot(() => run(port, program, [kind]));
        const [what, block] = [SAID[kind]].flat();
        const said = r.stderr.replace(/0x[0-9a-f]+/g, 'ADDRESS').replace(/fit in (long long|int64_t)/, 'fit in long');
        assert.equal(r.exitCode, 2, told(r));
        const [first, second] = said.replace(/tests\/check\/mistakes\.c:\d+/g, 'mistakes.c:LINE').split('\n');
        assert.equal(first, what, told(r));
        assert.equal(second, block ?? '', told(r));
        const panic = 'recovered: runtime error: index out of range [5] with length 3\n';
        assert.equal(r.stdout, `begins\n${kind === 'recovered' ? panic.repeat(3) : ''}`, told(r));
        if (kind.endsWith('-at-end')) {
          assert.ok(said.includes(`allocated by goroutine 1 at ${source}:${lineOf(kind)}`), told(r));
          return;
        }
        const [, goroutine, at] =
          /\n\ngoroutine (\d+) \[(?:running|syscall)\]:\n(?:\w+\(\.\.\.\)\n)?\t(.*)\n/.exec(said) ?? [];
        assert.ok(kind === 'in-goroutine' ? Number(goroutine) > 1 : goroutine === '1', told(r));
        assert.equal(at, `${source}:${lineOf(kind === 'recovered' ? 'free-twice' : kind)}`, told(r));
      });
    }
  });
}

// ---- no false alarms ----
// tests/sim/seeds.test.mjs runs all programs natively with these checks, under many schedules; here are some as they
// are.

const unit = readdirSync(join(ROOT, 'tests/unit')).filter((f, i) => f.endsWith('.c') && (LONG || i % 6 === 0));
describe('programs without mistakes, natively', { concurrency: true, skip: alike }, () => {
  const port = checked(native(4));
  for (const program of unit) {
    test(program, async () => {
      const built = await build(`tests/unit/${program}`, port.target);
      const r = await slot(() => run(port, built, ['--parallel'], { timeoutMs: 120_000 }));
      assert.equal(r.exitCode, 0, told(r));
      assert.match(r.stdout, /^[1-9]\d* passed$/m, told(r));
    });
  }
});

describe('demos', { concurrency: true, skip: alike }, () => {
  for (const demo of demos.filter(({ name }) => ['wordcount', 'coroutines'].includes(name))) {
    for (const port of ports.slice(0, 3)) {
      test(`${demo.name}, ${port.name}`, async () => {
        const as = { ...port, target: /** @type {Target} */ (port.target.replace('-check', '')) };
        // By the kit, which is made once.
        const by = port.target === 'emscripten-check' ? /** @type {const} */ ('clang') : undefined;
        const built = await build(`shell/demos/${demo.name}.c`, port.target, { by });
        const r = await slot(() => run(port, built, demo.args(as), { files: demo.files(as) }));
        assert.equal(r.exitCode, 0, told(r));
        assert.equal(r.stderr, '', told(r));
      });
    }
  }
});

// ---- where calls stand ----

const onNative = checked(native(2));

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-check-'));
after(() => rmSync(scratch, { recursive: true }));

test('calls of malloc and free are given their place, in lines of the program only', () => {
  const declared = 'void free(void *);', called = 'void f(void *p) { free(p); }';
  const header = '# 1 "/usr/include/stdlib.h" 1 3 4';
  const text = ['# 1 "a.c"', '# 1 "<built-in>" 1', header, declared, '# 2 "a.c" 2', called, header, declared];
  /** @type {string[]} */ const inForce = [];
  let there = false;
  for (const line of withSites(text.join('\n')).split('\n')) {
    if (line.startsWith('#define free(x, ...) free(rt_heap_pointer(x, ')) there = true;
    if (line === '#undef free') there = false;
    if (line === declared || line === called) inForce.push(`${there} ${line}`);
  }
  assert.deepEqual(inForce, [`false ${declared}`, `true ${called}`, `false ${declared}`]);
});

test('a program with functions and members of such names is built; its own free is not ours', async () => {
  const file = join(scratch, 'own.c'), out = join(scratch, 'own');
  writeFileSync(file, `#include <goroscope.h>
#include <stdio.h>
#include <stdlib.h>
typedef struct Ops { void (*free)(void *p); char *(*strdup)(int n, int m); } Ops;
static void mine(void *p) { (void)p; printf("mine\\n"); }
static char *of_two(int n, int m) { (void)n, (void)m; return "two"; }
int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    Ops ops = {.free = mine, .strdup = of_two};
    ops.free(&ops);
    (ops.free)(&ops);
    void (*f)(void *) = free;
    f(malloc(3));
    printf("%s\\n", ops.strdup(1, 2));
    free(0);
    free(malloc(0));
    return 0;
}
`);
  const built = await slot(() => exec('bash', ['build.sh', 'program', 'native', out, file, '--check']));
  assert.equal(built.exitCode, 0, told(built));
  assert.equal(built.stderr, '', told(built));
  const r = await run(onNative, out);
  assert.equal(r.stderr, '', told(r));
  assert.equal(r.stdout, 'mine\nmine\ntwo\n', told(r));
  assert.equal(r.exitCode, 0, told(r));
});

test('a mistake before gr_main tells its place in the first line', async () => {
  const file = join(scratch, 'early.c'), out = join(scratch, 'early');
  writeFileSync(file, `#include <goroscope.h>
static volatile int zero;
__attribute__((constructor)) static void early(void) { zero = 5 / zero; }
int gr_main(int argc, char **argv) { (void)argv; return argc; }
`);
  const built = await slot(() => exec('bash', ['build.sh', 'program', 'native', out, file, '--check']));
  assert.equal(built.exitCode, 0, told(built));
  const r = await run(onNative, out);
  assert.equal(r.stderr, `fatal error: integer divide by zero (${file}:3)\n`, told(r));
  assert.equal(r.exitCode, 2, told(r));
});

test('errors of the program are told once, with its own lines', async () => {
  const file = join(scratch, 'wrong.c'), out = join(scratch, 'wrong');
  writeFileSync(file, 'int gr_main(int argc, char **argv) {\n  return free(nobody);\n}\n');
  const built = await slot(() => exec('bash', ['build.sh', 'program', 'native', out, file, '--check']));
  assert.notEqual(built.exitCode, 0);
  assert.equal(built.stderr.match(/wrong\.c:2:\d+: error: .*nobody/g)?.length, 1, told(built));
  assert.ok(!existsSync(out));
});
