// The calls that a collecting heap will make (core/trace_gc.h) give valid traces with all that was told, also after
// lost generations: by collected.c, which includes the runtime's own headers.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { load } from '../../wasm/host/loader.mjs';
import { goDumps, judge } from '../lib/oracle.mjs';
import { ALL, OUT, build, exec, native, run, sim, slot, threads, told } from '../lib/run.mjs';
import { dumped } from '../trace/reader.mjs';

const dir = join(OUT, 'collecting');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @param {import('../lib/run.mjs').Port} port */
const program = (port) => build('tests/traces/collected.c', port.target, { inside: true });

for (const port of [threads(2), sim(3), ...ALL ? [native(1), native(4)] : []]) {
  test(`all that was told: ${port.name}`, async () => {
    const trace = join(dir, `all ${port.name}.trace`);
    const r = await slot(async () => run(port, await program(port), ['8', '50'], { trace, timeoutMs: 120_000 }));
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(await judge(trace), null);
    const [, collections, assists, sweeps, figures] =
      (/^told (\d+) (\d+) (\d+) (\d+)$/m.exec(r.stdout) ?? []).map(Number);
    assert.ok(collections > 50 && assists > 50 && sweeps > 50, told(r));
    const text = await goDumps(trace) ?? (await dumped(readFileSync(trace))).text;
    /** @param {RegExp} what */
    const count = (what) => text.match(what)?.length ?? 0;
    assert.equal(count(/ RangeBegin .*Name="GC concurrent mark phase"/g), collections);
    assert.ok(collections - count(/ RangeEnd .*Name="GC concurrent mark phase"/g) <= 1, 'one may be left open');
    for (const [name, n] of /** @type {[string, number][]} */ (
      [['GC mark assist', assists], ['GC incremental sweep', sweeps]])) {
      assert.equal(count(new RegExp(` RangeBegin .*Name="${name}"`, 'g')), n, name);
      assert.equal(count(new RegExp(` RangeEnd .*Name="${name}"`, 'g')), n, name);
    }
    assert.equal(count(/ Metric .*Name="\/(memory|gc)\//g), figures);
  });

  test(`after lost generations: ${port.name}`, async (t) => {
    let lost = 0, kept = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const trace = join(dir, `lost ${port.name}.${seed}.trace`), debug = `traceloss=${seed}`;
      const args = ['8', String(20 * seed), String(seed)];
      const r = await slot(async () => run(port, await program(port), args, { trace, debug, timeoutMs: 120_000 }));
      assert.equal(r.exitCode, 0, told(r));
      const [, l, k] = (/^traceloss: (\d+) generations lost, (\d+) kept$/m.exec(r.stderr) ?? []).map(Number);
      lost += l;
      kept += k;
      assert.equal(await judge(trace), null);
      rmSync(trace);
    }
    t.diagnostic(`${lost} generations lost, ${kept} kept`);
    assert.ok(lost > 12 && kept > 12);
  });
}

test('traces that begin and end in the middle of collections', async (t) => {
  let began = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const port = native(1 + seed % 4), trace = join(dir, `middle.${seed}.trace`);
    const env = { GOROSCOPE_TRACE: trace, GOROSCOPE_TRACE_BEGIN: 'asked', GOROSCOPE_PROCS: String(port.procs) };
    const r = await slot(async () => exec(await program(port), ['8', '300', String(seed), '3'], { env }));
    assert.equal(r.exitCode, 0, told(r));
    const files = readdirSync(dir).filter((name) => name.startsWith(`middle.${seed}.trace`));
    assert.equal(files.length, 12);
    for (const name of files) {
      assert.equal(await judge(join(dir, name)), null);
      const { text } = await dumped(readFileSync(join(dir, name)));
      began += text.match(/ RangeActive .*Name="GC concurrent mark phase"/g)?.length ?? 0;
    }
  }
  t.diagnostic(`${began} traces began in a collection`);
  assert.ok(began > 6);
});

test('a flight recorder\'s trace begins in the middle of collections', async () => {
  let active = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const port = native(1 + seed % 4), trace = join(dir, `flight.${seed}.trace`);
    const env = { GOROSCOPE_TRACE: trace, GOROSCOPE_FLIGHT: '8', GOROSCOPE_PROCS: String(port.procs) };
    const r = await slot(async () => exec(await program(port), ['8', '1000', String(seed)], { env }));
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(await judge(trace), null);
    const { text } = await dumped(readFileSync(trace));
    active += text.match(/ RangeActive /g)?.length ?? 0;
  }
  assert.ok(active > 12);
});

// Each asks for a turn, of a generation in which no goroutine has run who could tell of the collection; then the window
// begins with one of those.
test('snapshots while everybody sleeps in a collection', async () => {
  const rt = await load(readFileSync(await program(threads(2))), {
    mode: 'threads', procs: 2, args: ['idle'], trace: { mode: 'flight', ms: 40 },
    stdout: (text) => { if (text.includes('collecting')) taken.push(several()); },
  });
  /** @type {Promise<Uint8Array[]>[]} */
  const taken = [];
  const several = async () => {
    const list = [];
    for (let i = 0; i < 8; i++) {
      list.push(await rt.trace.snapshot());
      await wait(20);
    }
    return list;
  };
  assert.equal((await rt.run()).exitCode, 0);
  const all = [...(await Promise.all(taken)).flat(), await rt.trace.snapshot()];
  assert.equal(all.length, 25);
  for (const bytes of all) {
    const trace = join(dir, 'asleep.trace');
    writeFileSync(trace, bytes);
    assert.equal(await judge(trace), null);
  }
});
