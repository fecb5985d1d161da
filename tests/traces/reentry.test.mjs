// An event in the middle of an event: GRDEBUG=tracereentrancy=1 writes one, allocates, needs more stack and wants
// the goroutine preempted at each place in the writing of an event where that could happen
// (runtime/core/trace_reenter.c). What comes out is a valid trace, and the program does what it does.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { judge } from '../lib/oracle.mjs';
import { ALL, LONG, OUT, ROOT, alike, build, exec, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';
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
  ['tests/unit/iter.c', []], ['tests/traces/said.c', ['12']], ['tests/unit/procs.c', []],
  ['tests/unit/outside.c', []],
];

/** @type {import('../lib/run.mjs').Target[]} */
const SANITIZED = LONG ? ['native-tsan', 'native-asan', 'native-check'] : ALL ? ['native-tsan'] : [];
/** @type {import('../lib/run.mjs').Port} */
const CHECKED = { ...threads(2), name: 'threads, 2 P, checked', target: 'emscripten-check' };
const PORTS = [
  sim(2), CHECKED, ...SANITIZED.map((target) => ({ ...native(4), name: target, target })),
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

for (const port of LONG ? [...PORTS, threads(2), native(4), wasi(2), sim(8)] : PORTS) {
  describe(port.name, { concurrency: 2 }, () => {
    for (const [source, args] of PROGRAMS) {
      for (const more of LONG ? ['', ',traceloss=5'] : [',traceloss=5']) {
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

/**
 * The runtime with one mistake each.
 * @type {{ name: string, file: string, from: string, to: string, says: RegExp }[]}
 */
const MUTANTS = [
  {
    name: 'a state changes before the locker is there', file: 'runtime/core/proc.c',
    from: 'static void after_yield(M *m, G *g) {',
    to: 'static void after_yield(M *m, G *g) {\nrt_set_gstate(g, G_RUNNABLE);',
    says: /a state changes outside of rt_trace_acquire/,
  },
  {
    name: 'the time of an event is found out before there is room for it', file: 'runtime/trace/encode.c',
    from: '    rt_buf_prepare(b);\n    s->ns = later(b, s->ns, clock);\n',
    to: '    s->ns = later(b, s->ns, clock);\n    rt_buf_prepare(b);\n',
    says: /b->n == 0 \|\| now > b->last_ns/,
  },
  {
    name: 'a safe point in the middle of an event gives way', file: 'runtime/core/proc.c',
    from: 'if (g && rt_trace_writing(port_get_m()))', to: 'if (false)',
    says: /fatal error: (?:lock: taken out of order|trace: |assertion failed)/,
  },
  {
    name: 'a change of state has no event', file: 'runtime/core/proc.c',
    from: '        rt_trace_proc_start(t, p);\n', to: '        (void)p;\n',
    says: /an M has a P and no event said so/,
  },
];

describe('builds with checks see', { concurrency: 2, skip: alike }, () => {
  for (const [i, { name, file, from, to, says }] of MUTANTS.entries()) {
    test(name, async () => {
      const text = readFileSync(join(ROOT, file), 'utf8');
      assert.equal(text.split(from).length, 2, `${file} must hold once: ${from}`);
      const source = join(dir, `${i}.c`), out = join(dir, `mutant${i}`);
      writeFileSync(source, text.replace(from, () => to));
      const r = await slot(async () => {
        const args = ['build.sh', 'program', 'native-check', out, 'tests/programs/chatter.c', source];
        const built = await exec('bash', [...args, `--without=${file}`], { timeoutMs: 300_000 });
        assert.equal(built.exitCode, 0, told(built));
        return run(native(4), out, ['12'], { trace: `${out}.trace`, debug: 'tracereentrancy=1' });
      });
      assert.notEqual(r.exitCode, 0, told(r));
      assert.match(r.stderr, says);
    });
  }
});
