// The runtime called where it may not be: every function of the manual that is not marked [any], in every driver,
// by away.c.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ALL, LONG, ROOT, build, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';

const source = 'tests/programs/away.c';
const calls = [...readFileSync(join(ROOT, source), 'utf8').matchAll(/^ {4}X\((gr_\w+), /gm)].map((m) => m[1]);

/** The functions of a header: name -> whether it may be called anywhere. @param {string} path */
function manual(path) {
  /** @type {Map<string, boolean>} */ const found = new Map();
  let comment = '', open = false, after = false; // after: the declarations that a comment stands above
  for (const line of readFileSync(join(ROOT, path), 'utf8').split('\n')) {
    if (open || /^\s*\/\*/.test(line)) {
      comment = open ? `${comment}\n${line}` : line;
      open = !line.includes('*/');
      after = true;
      continue;
    }
    if (line.trim() === '') after = false;
    const name = /^#define (gr_\w+)\(/.exec(line)?.[1]
      ?? /^(?!static|typedef|#|extern)[\w ]*?[ *](gr_\w+)\(/.exec(line)?.[1];
    if (!name || name.endsWith('_at')) continue;
    const any = line.includes('[any]') || (after && comment.includes('[any]'));
    found.set(name, any || (found.get(name) ?? false));
  }
  return found;
}

test('away.c has every function of the manual that may not be called anywhere', () => {
  const functions = new Map(['goroscope', 'gr_context', 'gr_gc'].flatMap((name) =>
    [...manual(`runtime/include/${name}.h`)]));
  assert.ok(functions.size > 100);
  const not = [...functions].filter(([name, any]) => !any && name !== 'gr_exitsyscall' && name !== 'gr_main')
    .map(([name]) => name);
  assert.deepEqual([...calls].sort(), not.sort());
});

const IN_CALL = 'fatal error: a function of the runtime was called between gr_entersyscall and gr_exitsyscall\n\n';
const NO_GOROUTINE = 'fatal error: a function of the runtime was called by a thread that runs no goroutine\n\n';

/** A merged program knows the functions above gr_main too. */
const IN_MAIN = /^goroutine 1 \[syscall\]:\n(?:\w+\(\.\.\.\)\n\t.*away\.c:\d+\n)*gr_main\(\.\.\.\)\n\t.*away\.c:\d+\n/;

/** @param {import('../lib/run.mjs').Result} r @param {string} name @param {string} begins @param {RegExp} then */
function check(r, name, begins, then) {
  assert.equal(r.exitCode, 2, `${name}: ${told(r)}`);
  assert.equal(r.stdout, '', `${name}: ${told(r)}`);
  assert.ok(r.stderr.startsWith(begins) && then.test(r.stderr.slice(begins.length)), `${name}: ${told(r)}`);
}

for (const port of [
  threads(2), ...ALL ? [sim(1), native(2)] : [], ...LONG ? [threads(1), threads(4), sim(2), sim(4),
    { ...sim(2), name: 'sim, measured', clock: /** @type {const} */ ('measured') }] : [],
]) {
  describe(port.name, () => {
    // All of them natively (test:all), with threads, where a run is three workers, every fifth or tenth; each kind of
    // call and number of Ps with every seventh.
    const all = port.procs === 2 && (LONG || (ALL && port.target === 'native'));
    const some = port.target === 'emscripten' && port.procs === 2;
    for (const [n, how] of ['blocking', 'entered', 'blocked'].entries()) {
      test(`in a system call: ${how}`, async () => {
        const program = await build(source, port.target);
        for (const [i, name] of calls.entries()) {
          if (n === 0 && (all || (some && i % (ALL ? 5 : 10) === 0)) ? false : i % 7 !== n) continue;
          const r = await slot(() => run(port, program, [name, how],
            { timeoutMs: 20_000 }));
          check(r, name, IN_CALL, IN_MAIN);
        }
      });
    }
  });
}

test('wasi: in a system call', async () => {
  const program = await build(source, 'wasi');
  for (const name of calls.filter((_, i) => i % 23 === 0)) {
    const r = await slot(() => run(wasi(2), program, [name]));
    check(r, name, IN_CALL, /^goroutine 1 \[syscall\]:\ngr_main\(\.\.\.\)\n/);
  }
});

test('native: by a thread that runs no goroutine', async () => {
  const program = await build(source, 'native');
  for (const name of calls) {
    const r = await slot(() => run(native(2), program, [name, 'thread']));
    check(r, name, NO_GOROUTINE, /^goroutine 1 \[running\]:\n/);
  }
});
