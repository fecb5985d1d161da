// Goal: the lanes of goroutines, threads, GC, tasks and regions say what `goroscope stat` and a plain walk over their
// spans say, at any zoom.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OPTION } from '../../viewer/trace/store.mjs';
import { STATE } from '../../viewer/trace/types.mjs';
import { assemble } from './assemble.mjs';
import { read } from './reader.mjs';
import { busy, oneM } from './samples.mjs';

/** @typedef {import('../../viewer/trace/types.mjs').SpanDetail} SpanDetail */
/** @typedef {import('../../viewer/trace/types.mjs').Lane} Lane */

const recorded = fileURLToPath(new URL('recorded/', import.meta.url));
const files = readdirSync(recorded).filter((f) => f.endsWith('.trace'));
const LANES = { options: OPTION.LANES | OPTION.STAT };

/**
 * Every span of a lane; what is no span (the goroutine is gone) is left out.
 * @param {import('../../viewer/trace/store.mjs').TraceStore} store @param {Lane} lane
 */
function spansOf(store, lane) {
  const all = Array.from({ length: lane.spans }, (_, i) => store.detail(lane.index, i));
  return /** @type {SpanDetail[]} */ (all.filter((d) => d !== null));
}

/** @param {SpanDetail[]} spans @param {number} state */
const timeIn = (spans, state) => spans.reduce((sum, s) => sum + (s.state === state ? s.end - s.start : 0), 0);

/** States by their place in a mix and among the curves. @type {number[][]} */
const kinds = [[STATE.RUNNING], [STATE.SYSCALL, STATE.SYSCALL_NO_P], [STATE.RUNNABLE], [STATE.WAITING]];

/** @param {SpanDetail[]} spans @param {number[]} states @param {number} a @param {number} b */
const timeBetween = (spans, states, a, b) => spans.reduce((sum, s) =>
  sum + (states.includes(s.state) ? Math.max(0, Math.min(b, s.end) - Math.max(a, s.start)) : 0), 0);

test('each goroutine spends in each state what stat says, on every recorded trace', async () => {
  for (const file of files) {
    const { store, ok } = await read(readFileSync(recorded + file), LANES);
    assert.ok(ok, file);
    const gos = store.lanes(0).lanes.filter((l) => l.kind === 'go');
    const stat = store.stat().by_goroutine;
    assert.equal(gos.length, stat.length, file);
    const byLife = new Map();
    gos.forEach((lane) => byLife.set(lane.id, [...byLife.get(lane.id) ?? [], lane]));
    for (const g of stat) {
      const lane = byLife.get(g.id).shift();
      const spans = spansOf(store, lane);
      const where = `${file} G${g.id}`;
      assert.equal(timeIn(spans, STATE.RUNNING), g.running_ns, `${where} running`);
      // Who at the end is in a system call without its P counts as runnable there, too, and as having it.
      const last = spans[spans.length - 1];
      const twice = last.open && last.state === STATE.SYSCALL_NO_P && spans.length > 1 ? last.end - last.start : 0;
      assert.equal(timeIn(spans, STATE.RUNNABLE) + twice, g.runnable_ns, `${where} runnable`);
      // Where one P is lost twice, Go's summary sees it once: see viewer/reader/index/watch_go.c.
      const [withP, without] = [timeIn(spans, STATE.SYSCALL), timeIn(spans, STATE.SYSCALL_NO_P)];
      assert.equal(withP + without, g.syscall_ns + g.syscall_blocked_ns, `${where} in system calls`);
      if (!/callbacks|restart/.test(file))
        assert.equal(without - twice, g.syscall_blocked_ns, `${where} without its P`);
      assert.ok(without >= g.syscall_blocked_ns, where);
      // To Go's summary, who waits for ever is gone; its lane goes on.
      const waits = spans.filter((s) => !(s.state === STATE.WAITING && s.startReason === 'forever'));
      assert.equal(timeIn(waits, STATE.WAITING), g.waiting_ns, `${where} waiting`);
      const reasons = waits.filter((s) => s.state === STATE.WAITING).reduce((sums, s) =>
        ({ ...sums, [s.startReason]: (sums[s.startReason] ?? 0) + s.end - s.start }), /** @type {any} */ ({}));
      for (const [reason, ns] of Object.entries(g.waiting)) {
        const ours = (reasons[reason] ?? 0) + (reason === '' ? reasons['coroutine switch'] ?? 0 : 0);
        assert.equal(ours, ns, `${where} waiting for ${reason}`);
      }
    }
  }
});

test('a query at any zoom sums up to the spans; wide ones come as themselves', async () => {
  for (const file of ['go1.27-mixed.trace', 'go1.27-locks.trace', 'go1.23-syscalls.trace']) {
    const { store } = await read(readFileSync(recorded + file), LANES);
    const { t1 } = store;
    for (const lane of store.lanes(0).lanes.filter((l) => l.kind === 'go')) {
      const spans = spansOf(store, lane);
      for (const [a, b, px] of [[0, t1, 7], [0, t1, 900], [t1 / 3, t1 / 2, 50], [t1 * 0.4, t1 * 0.4001, 300]]) {
        const tiles = store.query({ t0: a, t1: b, px, lanes: [lane.index] }).lanes[0];
        const mix = tiles.mix ?? new Uint32Array();
        let last = -Infinity;
        const sums = [0, 0, 0, 0];
        for (let i = 0; i < tiles.n; i++) {
          const from = Math.max(a, tiles.start[i]), to = Math.min(b, tiles.end[i]);
          assert.ok(from >= last - 1e-3, `${file} ${lane.key}: items do not overlap`);
          last = to;
          if (tiles.index[i] >= 0) {
            const at = kinds.findIndex((states) => states.some((state) => state === tiles.state[i]));
            sums[at] += to - from;
            assert.deepEqual([spans[tiles.index[i]]?.start, spans[tiles.index[i]]?.state],
              [tiles.start[i], tiles.state[i]]);
          } else for (let s = 0; s < 4; s++) sums[s] += ((mix[i] >>> (8 * s)) & 255) / 255 * (to - from);
        }
        const truth = kinds.map((states) => timeBetween(spans, states, a, b));
        // A share is kept in a byte: half of a 255th of the window is the most it can be off.
        truth.forEach((ns, s) => assert.ok(Math.abs(ns - sums[s]) <= (b - a) / 500 + 1,
          `${file} ${lane.key} ${a}..${b}/${px}: state ${s} is ${sums[s]}, not ${ns}`));
      }
    }
  }
});

test('spans: reasons, stacks, who woke whom, which P and M', async () => {
  const { store, ok } = await read(assemble(busy), LANES);
  assert.ok(ok);
  const { lanes } = store.lanes(0);
  assert.deepEqual(lanes.map((l) => l.key).sort(), ['go:1', 'go:2', 'go:3', 'm:0', 'm:1']);
  const lane = (/** @type {string} */ key) => /** @type {Lane} */ (lanes.find((l) => l.key === key));
  const [g1, g2, g3] = ['go:1', 'go:2', 'go:3'].map((key) => spansOf(store, lane(key)));
  assert.deepEqual([lane('go:2').parent, lane('go:2').fn, lane('go:1').parent], ['go:1', 'main.worker', null]);
  assert.deepEqual(g1.map((s) => s.state),
    [STATE.RUNNING, STATE.WAITING, STATE.RUNNABLE, STATE.RUNNING, STATE.WAITING]);
  const place = { func: 'main.worker', file: 'demo.c', line: 42 };
  assert.deepEqual([g1[1].startReason, g1[1].stack],
    ['chan receive', [place, { func: 'main.main', file: 'demo.c', line: 7 }]], 'all frames, the innermost first');
  assert.deepEqual([g1[0].p, g1[0].endReason, g1[0].site], [0, 'chan receive', place]);
  assert.deepEqual(g1[0].woke?.map((w) => [w.goid, w.created]), [[2, true], [3, true]]);
  assert.deepEqual([g1[3].p, g1[3].m, g1[3].unblockedBy?.goid, g1[3].unblockedBy?.lane],
    [1, 1, 2, lane('go:2').index]);
  assert.equal(g1[3].startReason, 'chan receive');
  assert.equal(g1[2].start, g1[3].unblockedBy?.time);
  const waking = g2.find((s) => s.woke?.length);
  assert.deepEqual(waking?.woke, [{ goid: 1, lane: lane('go:1').index, time: g1[2].start, created: false }]);
  assert.deepEqual(g3.map((s) => s.state),
    [STATE.RUNNABLE, STATE.RUNNING, STATE.SYSCALL, STATE.SYSCALL_NO_P, STATE.RUNNABLE]);
  assert.deepEqual([g3[0].startReason, g3[4].startReason], ['created', 'syscall took long']);
  assert.equal(lane('go:2').t1, g2[g2.length - 1].end, 'an ended goroutine has an end');
  assert.equal(store.find(lane('go:1').index, g1[1].start + 1)?.index, g1[1].index);
  const m1 = spansOf(store, lane('m:1'));
  assert.deepEqual(m1.map((s) => [s.state, s.goid, s.p]),
    [[STATE.P_ONLY, 0, 1], [STATE.RUNNING, 2, 1], [STATE.P_ONLY, 0, 1], [STATE.RUNNING, 1, 1], [STATE.P_ONLY, 0, 1],
      [STATE.RUNNING, 2, 1], [STATE.P_ONLY, 0, 1]]);
});

test('tasks, regions in rows, logs, labels, GC, curves', async () => {
  const { store, ok, fault } = await read(assemble(oneM(`UserTaskBegin dt=10 task=5 parent_task=0 name=7 stack=1
UserRegionBegin dt=10 task=5 name=2 stack=1
UserRegionBegin dt=10 task=5 name=3 stack=1
UserLog dt=5 task=5 key=1 value=7 stack=1
GoLabel dt=5 label=6
GCBegin dt=5 gc_seq=1 stack=1
GCMarkAssistBegin dt=5 stack=1
GCMarkAssistEnd dt=50
UserRegionEnd dt=10 task=5 name=3 stack=1
UserRegionBegin dt=10 task=5 name=3 stack=1
GCEnd dt=10 gc_seq=2
HeapAlloc dt=1 heapalloc_value=5000
UserRegionEnd dt=10 task=5 name=3 stack=1
UserRegionEnd dt=10 task=5 name=2 stack=1
UserTaskEnd dt=10 task=5 stack=1
HeapAlloc dt=100 heapalloc_value=9000
HeapGoal dt=100 heapgoal_value=20000`)), LANES);
  assert.ok(ok, JSON.stringify(fault));
  const { lanes } = store.lanes(0);
  const of = (/** @type {string} */ key) => /** @type {Lane} */ (lanes.find((l) => l.key === key));
  const told = (/** @type {string} */ key) => spansOf(store, of(key)).map((s) => [s.name, s.end - s.start]);
  assert.deepEqual(told('task:5'), [['a task', 151]]);
  assert.deepEqual(told('region:1'), [['main.worker', 131]]);
  assert.deepEqual(told('region:1/1'), [['main.main', 80], ['main.main', 21]], 'nested ones stand a row below');
  assert.deepEqual([of('region:1/1').parent, of('region:1/1').depth], ['go:1', 1]);
  assert.deepEqual(told('range:1'), [['GC mark assist', 50]]);
  const gc = spansOf(store, of('gc:0'));
  assert.deepEqual(gc.map((s) => [s.end - s.start, s.goid, s.stack?.length]), [[85, 1, 2]]);
  const g = of('go:1').index;
  const all = { t0: 0, t1: store.t1, px: 2000 };
  assert.deepEqual([...store.query({ ...all, lanes: [g] }).lanes[0].points?.kind ?? []], [0, 1]);
  const log = store.point(g, 0), label = store.point(g, 1);
  assert.deepEqual([log?.kind, log?.category, log?.message, log?.stack.length], ['log', 'chan receive', 'a task', 2]);
  assert.deepEqual([label?.kind, label?.category], ['label', 'GC mark termination']);
  assert.equal(store.query({ ...all, lanes: [of('task:5').index] }).lanes[0].points?.n, 1, 'it is on its task, too');
  assert.equal(store.point(g, 2), null);
  assert.equal(store.query({ t0: 0, t1: store.t1, px: 1, lanes: [g] }).lanes[0].points?.count[0], 2);
});

test('curves: how many goroutines are in each state, the heap and its goal', async () => {
  for (const file of ['go1.27-mixed.trace', 'go1.27-gc.trace', 'go1.23-channels.trace']) {
    const { store } = await read(readFileSync(recorded + file), LANES);
    const { t1 } = store;
    const spans = store.lanes(0).lanes.filter((l) => l.kind === 'go').flatMap((lane) => spansOf(store, lane));
    const px = 40;
    const [goroutines, heap] = store.query({ t0: 0, t1, px, lanes: [1 << 24, (1 << 24) + 1] }).lanes;
    kinds.forEach((states, which) => {
      const series = goroutines.series?.[which] ?? [];
      for (let i = 0; i < px; i++) {
        const a = i * t1 / px, b = (i + 1) * t1 / px;
        const want = timeBetween(spans, states, a, b) / (b - a), mean = series[3 * i + 1];
        assert.ok(Math.abs(mean - want) < 0.06, `${file} bucket ${i} state ${states}: ${mean}, not ${want}`);
        assert.ok(series[3 * i] <= mean + 1e-3 && mean <= series[3 * i + 2] + 1e-3);
      }
    });
    assert.equal(heap.series?.length, 2);
  }
});

test('times are exact to the nanosecond beyond 32 bits of them, also where a lane has few marks', async () => {
  // Every 3 s: from the second one on, some lie beyond 2^32 ns, then beyond 2^33, with and without one in between.
  const step = 3_000_000_007, rounds = 6;
  const { store, ok } = await read(assemble(oneM(Array.from({ length: rounds }, (_, i) =>
    `GoStop dt=${step} reason=5 stack=1\nGoStart dt=1 g=1 g_seq=${i + 1}`).join('\n'))), LANES);
  assert.ok(ok);
  const g1 = /** @type {Lane} */ (store.lanes(0).lanes.find(({ key }) => key === 'go:1')), spans = spansOf(store, g1);
  const stops = spans.filter(({ state }) => state === STATE.RUNNABLE);
  const base = stops[0].start - step;
  assert.deepEqual(stops.map(({ start }) => start - base), Array.from({ length: rounds }, (_, i) =>
    (i + 1) * step + i));
  for (const { start, end, index } of spans) {
    assert.equal(store.find(g1.index, start)?.index, index);
    assert.equal(store.find(g1.index, end - 1)?.index, index);
  }
  const [{ n, start }] = store.query({ t0: 0, t1: store.t1, px: 4096, lanes: [g1.index], each: true }).lanes;
  assert.deepEqual([...start].slice(0, n), spans.map((s) => s.start));
});

test('goroutines that live for three marks take no more memory late in a trace than early', async () => {
  /** @param {number} first when the first one is made, ns @param {number} n of them */
  const memory = async (first, n) => {
    const lives = Array.from({ length: n }, (_, i) => [
      `GoCreate dt=${i ? 5 : first} new_g=${i + 2} new_stack=2 stack=1`, 'GoBlock dt=5 reason=1 stack=1',
      `GoStart dt=5 g=${i + 2} g_seq=1`, `GoUnblock dt=5 g=1 g_seq=${2 * i + 1} stack=1`, 'GoDestroy dt=5',
      `GoStart dt=5 g=1 g_seq=${2 * i + 2}`].join('\n'));
    const { store, ok } = await read(assemble(oneM(lives.join('\n'))), LANES);
    assert.ok(ok);
    assert.equal(store.lanes(0).lanes.filter(({ kind }) => kind === 'go').length, n + 1);
    return store.memoryUsed;
  };
  // Curves have more steps the longer a trace is, however many goroutines it has.
  const of1000 = async (/** @type {number} */ first) => await memory(first, 2000) - await memory(first, 1000);
  const early = await of1000(5), late = await of1000(20e9);
  assert.ok(late < early * 1.02, `1000 more take ${late} bytes after 20 s, ${early} at the beginning`);
});

test('who has the lanes of Ps elsewhere gets the others, the same ones', async () => {
  for (const file of files) {
    const all = (await read(readFileSync(recorded + file), { options: OPTION.LANES })).store;
    const { store } = await read(readFileSync(recorded + file), { options: OPTION.LANES | OPTION.NO_SPANS });
    assert.deepEqual(store.info().lanes, [], file);
    assert.deepEqual(store.lanes(0), all.lanes(0), file);
    for (const lane of store.lanes(0).lanes) assert.deepEqual(spansOf(store, lane), spansOf(all, lane), file);
  }
});

test('without the option nothing of it is kept', async () => {
  const { store } = await read(assemble(busy));
  assert.deepEqual([store.info().moreLanes, store.info().curves, store.lanes(0).lanes], [0, 0, []]);
  assert.equal(store.find(1 << 16, 5), null);
  assert.equal(store.detail(1 << 16, 0), null);
});

test('of very many lanes an answer tells a part, and all parts together are all of them', async () => {
  const created = Array.from({ length: 9000 }, (_, i) => `GoCreate dt=1 new_g=${i + 2} new_stack=2 stack=1`);
  const { store, ok } = await read(assemble(oneM(created.join('\n'))), LANES);
  assert.ok(ok);
  const parts = [];
  for (let from = 0; from < (store.info().moreLanes ?? 0);) {
    const part = store.lanes(from);
    parts.push(part);
    from += part.lanes.length;
  }
  const sizes = parts.map(({ lanes }) => lanes.length), all = parts.flatMap(({ lanes }) => lanes);
  assert.deepEqual(sizes.slice(0, 2), [4096, 4096]);
  assert.deepEqual(all.map(({ index }) => index - all[0].index), all.map((_, i) => i));
  assert.equal(new Set(all.filter(({ kind }) => kind === 'go').map(({ id }) => id)).size, 9001);
  for (const { total, denied } of parts) assert.deepEqual([total, denied], [all.length, 0]);
  for (const from of [all.length, all.length + 1, 2 ** 32 - 1])
    assert.deepEqual(store.lanes(from), { total: all.length, denied: 0, lanes: [] });
});
