// An event in the middle of an event: GRDEBUG=tracereentrancy=1 writes one, allocates, needs more stack and wants
// the goroutine preempted at each place in the writing of an event where that could happen
// (runtime/core/trace_reenter.c). What comes out is a valid trace, and the program does what it does.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { judge } from '../lib/oracle.mjs';
import { LONG, OUT, ROOT, build, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';
import { ENV } from '../stress/sanitized.mjs';

const dir = join(OUT, 'reentered');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));
Object.assign(process.env, ENV); // what the sanitizers do with what they find

/** The places, as the runtime calls them. */
const PLACES = [...readFileSync(join(ROOT, 'runtime/trace/trace.h'), 'utf8')
  .matchAll(/^ +X\(\w+, "((?:before|after) [^"]+)"\)/gm)].map((m) => m[1]);

/** @type {[string, string[]][]} */
const PROGRAMS = [
  ['tests/programs/chatter.c', ['12', '2']], ['tests/traces/depths.c', []], ['tests/unit/syscall.c', []],
  ['tests/unit/iter.c', []], ['tests/unit/procs.c', []], ['tests/unit/outside.c', []],
];

/** @type {import('../lib/run.mjs').Target[]} */
const SANITIZED = ['native-tsan', 'native-asan', 'native-check'];
/** @type {import('../lib/run.mjs').Port} */
const CHECKED = { ...threads(2), name: 'threads, 2 P, checked', target: 'emscripten-check' };
const PORTS = [
  threads(2), sim(2), CHECKED, native(4), ...SANITIZED.map((target) => ({ ...native(4), name: target, target })),
];

/** How often each place was come by, in all runs. @type {{ [place: string]: number }} */
const seen = {};

/** @param {string} stderr */
function count(stderr) {
  const report = /^tracereentrancy: (.*)$/m.exec(stderr);
  assert.ok(report, stderr);
  const counts = Object.fromEntries(report[1].split(', ').map((part) => {
    const [, n, place] = /^(\d+) (.*)$/.exec(part) ?? [];
    return [place, Number(n)];
  }));
  assert.deepEqual(Object.keys(counts), PLACES);
  for (const place of PLACES) seen[place] = (seen[place] ?? 0) + counts[place];
  return counts;
}

for (const port of LONG ? [...PORTS, wasi(2), sim(8)] : PORTS) {
  describe(port.name, { concurrency: 2 }, () => {
    for (const [source, args] of PROGRAMS) {
      for (const more of ['', ',traceloss=5']) {
        test(`${basename(source)}${more && ', generations lost'}`, async () => {
          const trace = join(dir, `${basename(source)} ${port.name}${more}.trace`);
          const program = await build(source, port.target);
          const r = await slot(() =>
            run(port, program, args, { trace, debug: `tracereentrancy=1${more}`, timeoutMs: 240_000 }));
          assert.equal(r.exitCode, 0, told(r));
          assert.ok(count(r.stderr)['before an event'] > 10, r.stderr);
          assert.equal(await judge(trace), null);
          rmSync(trace);
        });
      }
    }
  });
}

test('every place has been come by', () => {
  assert.ok(PLACES.length >= 8, 'runtime/trace/trace.h has the places');
  for (const place of PLACES) assert.ok(seen[place] > 0, `never ${place}: ${JSON.stringify(seen)}`);
});
