// Traces of merged programs show the whole stack of a goroutine that parks, yields or is preempted: functions by name,
// pointer and recursion, inlined ones, callbacks of libc's, coroutines; at several levels of optimisation, with
// threads and in sim. The comments of programs/stacks.c say which lines those are.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { judge } from '../lib/oracle.mjs';
import { LONG, ROOT, run, sim, slot, threads, told } from '../lib/run.mjs';
import { dumped } from '../trace/reader.mjs';
import { buildMerged } from './merged.mjs';

const SOURCE = 'tests/passes/programs/stacks.c';
const text = readFileSync(join(ROOT, SOURCE), 'utf8').split('\n');

/** @param {string} kind @param {string} func */
function frame(kind, func) {
  const line = text.findIndex((l) => l.includes(`/* ${kind}: ${func} */`)) + 1;
  assert.ok(line > 0, `no line of ${SOURCE} has ${kind}: ${func}`);
  return `${func} ${SOURCE}:${line}`;
}

/**
 * Why each kind stands still, and its functions, innermost first.
 * @type {{ [kind: string]: [string, string[]] }}
 */
const KINDS = {
  five: ['chan receive', ['fifth', 'fourth', 'third', 'second', 'five']],
  pointers: ['chan receive', ['by_pointer', 'calls', 'pointers']],
  inlined: ['chan receive', ['inner', 'outer', 'whole', 'inlined']],
  callback: ['runtime.Gosched', ['order', 'callback']],
  sequence: ['chan receive', ['numbers']],
  many: ['chan receive', ['many_calls', 'many']],
};

/**
 * The stacks with which goroutines stop in a trace: reason, then frames.
 * @param {string} path
 */
async function stacksOf(path) {
  const { text: dump } = await dumped(readFileSync(path));
  const found = [];
  const event = /^M=.* GoID=\d+ Running->(?:Waiting|Runnable) Reason="(.*)"\nTransitionStack=\n((?:\t.*\n)*)/gm;
  for (const [, reason, frames] of dump.matchAll(event)) {
    found.push({ reason,
      frames: [...frames.matchAll(/^\t(\S+) @ .*\n\t\t(\S+)$/gm)].map(([, func, place]) => `${func} ${place}`) });
  }
  return found;
}

const PORTS = [threads(1), sim(1)];
const BUILDS = [['-O0'], ...LONG ? [['-O1'], ['-O3']] : [], ['-O2']];

for (const flags of BUILDS) {
  describe(flags.join(' '), () => {
    const built = buildMerged([SOURCE], { flags, name: `stacks${flags.join('')}` });
    for (const port of PORTS) {
      test(`of every kind, ${port.name}`, async () => {
        const { path, notes } = await built, trace = `${path}.${port.mode}.trace`;
        assert.deepEqual(notes, []);
        const r = await slot(() => run(port, path, [], { trace }));
        assert.equal(r.exitCode, 0, told(r));
        assert.equal(await judge(trace), null);
        const stacks = await stacksOf(trace);
        const has = (/** @type {string} */ reason, /** @type {string[]} */ frames) =>
          assert.ok(stacks.some((s) => s.reason === reason && s.frames.join() === frames.join()),
            `no ${reason} with\n${frames.join('\n')}\nbut\n${JSON.stringify(stacks, null, 1)}`);
        for (const [kind, [reason, functions]] of Object.entries(KINDS)) {
          has(reason, functions.map((func) => frame(kind, func)));
        }
        const inside = frame('recursion, inside', 'again');
        has('chan receive', [frame('recursion', 'again'), inside, inside, inside, frame('recursion', 'recursion')]);
        has('chan receive', [frame('recursion', 'again'), ...Array(127).fill(inside)]);
      });
    }
  });
}

test('a goroutine that is preempted while it computes', async () => {
  const { path } = await buildMerged([SOURCE], { preempt: true });
  const trace = `${path}.trace`, r = await slot(() => run(threads(1), path, ['spin'], { trace }));
  assert.equal(r.exitCode, 0, told(r));
  assert.equal(await judge(trace), null);
  const [first] = (await stacksOf(trace)).filter((s) => s.reason === 'preempted');
  assert.match(first?.frames[0] ?? '', /^steps /);
  assert.deepEqual(first.frames.slice(1), [frame('spin', 'turns'), frame('spin', 'spin')]);
});

test('sim: the same seed writes the same trace', async () => {
  const { path } = await buildMerged([SOURCE]), traces = [1, 2].map((i) => `${path}.same${i}.trace`);
  for (const trace of traces) await slot(() => run(sim(3, 5), path, [], { trace }));
  assert.ok(readFileSync(traces[0]).equals(readFileSync(traces[1])));
});
