// Every trace of every demo is valid, for Go's reader and validator and for ours: both drivers, few and many Ps;
// and so is what is left when a slow reader makes the tracer drop generations.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { goIsAsked, judge } from '../lib/oracle.mjs';
import {
  ALL, LONG, OUT, ROOT, build, buildTogether, native, run, sim, slot, threads, told, wasi,
} from '../lib/run.mjs';
import { demos } from '../lib/demos.mjs';

const dir = join(OUT, 'traced'); // not traces: programs of this folder are built there
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));
goIsAsked();

/** @param {string} file */
function checkHeader(file) {
  assert.ok(statSync(file).size > 200, 'there is a trace');
  assert.match(readFileSync(file).subarray(0, 16).toString('latin1'), /^go 1\.2[2-6] trace\0\0\0$/);
}

const more = LONG ? [threads(1), threads(2), threads(8), sim(1), sim(4)] : [];
for (const port of [threads(4), sim(64), ...ALL ? [wasi(4), native(4)] : [], ...more]) {
  describe(port.name, { concurrency: true }, () => {
    for (const demo of demos) {
      test(demo.name, async () => {
        const trace = join(dir, `${demo.name} ${port.name}.trace`);
        const isWasi = port.target === 'wasi';
        const program = isWasi ? await buildTogether('demos', demos.map((d) => `shell/demos/${d.name}.c`))
          : await build(`shell/demos/${demo.name}.c`, port.target);
        const r = await slot(() => run(port, program, [...isWasi ? [demo.name] : [], ...demo.args(port)], {
          trace, files: demo.files(port), timeoutMs: 120_000,
        }));
        assert.equal(r.exitCode, demo.exitCode?.(port) ?? 0, told(r));
        checkHeader(trace);
        assert.equal(await judge(trace), null);
        rmSync(trace);
      });
    }
  });
}

/** How programs end otherwise. @type {[string, string[], number][]} */
const ends = [
  ['tests/programs/failures.c', ['deadlock-everybody'], 2],
  ['tests/programs/failures.c', ['deadlock-main-left'], 2],
  ['tests/programs/failures.c', ['panic-in-goroutine'], 2],
  ['tests/programs/failures.c', ['overflow-in-goroutine'], 2],
  ['tests/programs/exitcode.c', ['41', 'exit'], 41],
  ['tests/programs/failures.c', ['panic-in-sequence'], 2],
  ['tests/programs/failures.c', ['deadlock-in-sequence'], 2],
  ['tests/unit/goexit.c', [], 0],
  ['tests/unit/iter.c', [], 0],
  ['tests/unit/nested.c', [], 0],
  ['tests/unit/defer.c', [], 0],
  ['tests/stress/coro.c', ['1', '1'], 0],
  ['tests/unit/syscall.c', [], 0],
  ['tests/unit/procs.c', [], 0],
  ['tests/unit/lock_thread.c', [], 0],
  ['tests/unit/outside.c', [], 0],
  ['tests/unit/preempt.c', [], 0],
  ['tests/unit/go_timers.c', [], 0],
  ['tests/unit/time.c', [], 0],
  ['tests/unit/select_race.c', [], 0],
  ['tests/unit/spawn.c', ['chain_of_ten_thousand'], 0],
];

for (const [k, port] of [threads(2), sim(3), ...LONG ? [native(2)] : []].entries()) {
  describe(`other ends, ${port.name}`, { concurrency: true }, () => {
    for (const [source, args, exitCode] of ends.filter((_, i) => ALL || i % 2 === k)) { // by turns
      test([source, ...args].join(' '), async () => {
        const trace = join(dir, `${source.replaceAll('/', '_')} ${args} ${port.name}.trace`);
        const program = await build(source, port.target);
        const r = await slot(() => run(port, program, args, { trace, timeoutMs: 120_000 }));
        assert.equal(r.exitCode, exitCode, told(r));
        checkHeader(trace);
        assert.equal(await judge(trace), null);
        rmSync(trace);
      });
    }
  });
}

// A ring too small for what is going on and a reader that rarely looks: generations are lost, the rest is a valid
// trace.
for (const port of [threads(2), sim(4)]) {
  test(`a slow reader loses whole generations: ${port.name}`, async () => {
    const trace = join(dir, `slow ${port.name}.trace`);
    const program = await build('tests/programs/chatter.c', port.target);
    const r = await slot(() => run(port, program, [port.mode === 'sim' ? '200' : '600'], {
      trace, ringBytes: 1 << 17, readDelayMs: 150, timeoutMs: 120_000,
    }));
    assert.equal(r.exitCode, 0, told(r));
    const lost = Number(/lost (\d+)/.exec(r.stderr)?.[1]);
    assert.ok(lost > 0, `nothing was lost: ${told(r)}`);
    checkHeader(trace);
    assert.equal(await judge(trace), null);
    rmSync(trace);
  });
}

test('the demos are those the page offers', () => {
  const listed = JSON.parse(readFileSync(join(ROOT, 'shell/demos/demos.json'), 'utf8'))
    .map((/** @type {{name: string}} */ d) => d.name);
  assert.deepEqual(demos.map((d) => d.name).sort(), listed.sort());
});
