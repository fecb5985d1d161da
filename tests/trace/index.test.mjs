// Goal: lanes, spans, sums and details are what a plain walk over the events gives, at any zoom, for finished and
// growing traces.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileReader, STATUS, TraceStore } from '../../viewer/trace/store.mjs';
import { LONG } from '../lib/run.mjs';
import { assemble } from './assemble.mjs';
import { random, read } from './reader.mjs';
import { busy, oneM, tables, twoGenerations } from './samples.mjs';

/** @typedef {{start: number, end: number, goid: number, state: number}} Span */

/**
 * All spans of a lane, as a window of one nanosecond a bucket would show them.
 * @param {TraceStore} store @param {number} lane @returns {Span[]}
 */
function spansOf(store, lane) {
  const spans = [];
  for (let i = 0; ; i++) {
    const d = store.detail(lane, i);
    if (!d) return spans;
    spans.push({ start: d.start, end: d.end, goid: d.goid, state: d.state });
  }
}

test('spans: who ran where, in which state, why it ended, who woke it', async () => {
  const { store, ok } = await read(assemble(busy));
  assert.ok(ok);
  const info = store.info();
  assert.deepEqual(info.lanes.map((l) => [l.name, l.spans]), [['P 0', 3], ['P 1', 3]]);
  const [p0, p1] = info.lanes.map((l) => l.index);
  const at = (/** @type {number} */ lane, /** @type {number} */ i) => {
    const d = store.detail(lane, i);
    assert.ok(d);
    return d;
  };
  assert.deepEqual([at(p0, 0).goid, at(p0, 0).endReason, at(p0, 0).site],
    [1, 'chan receive', { func: 'main.worker', file: 'demo.c', line: 42 }]);
  assert.deepEqual([at(p0, 1).goid, at(p0, 1).fn, at(p0, 1).startReason, at(p0, 1).endReason],
    [3, 'main.worker', 'created', 'syscall']);
  assert.deepEqual(at(p0, 1).createdBy, { goid: 1, func: 'main.worker', file: 'demo.c', line: 42 });
  assert.deepEqual([at(p0, 2).goid, at(p0, 2).state, at(p0, 2).endReason], [3, 1, 'P taken during syscall']);
  assert.deepEqual([at(p0, 2).site, at(p0, 2).unblockedBy], [at(p0, 1).site, null],
    'a system call has the place it was made at, and nobody to wake it');
  assert.ok(at(p0, 1).site);
  assert.deepEqual([at(p1, 0).goid, at(p1, 0).endReason, at(p1, 0).unblockedBy], [2, 'preempted', null]);
  assert.deepEqual([at(p1, 1).goid, at(p1, 1).startReason], [1, 'chan receive']);
  assert.deepEqual(at(p1, 1).unblockedBy, { goid: 2, func: 'main.worker', file: 'demo.c', line: 42 });
  assert.deepEqual([at(p1, 2).goid, at(p1, 2).endReason, at(p1, 2).open], [2, 'exited', false]);
  assert.equal(store.detail(p1, 3), null);
  assert.equal(store.detail(7, 0), null);
});

test('stops of the world have a lane of their own: when, why, by whom; one that goes on is open', async () => {
  const { store, ok } = await read(assemble(oneM(`STWBegin dt=10 kind=6 stack=1
STWEnd dt=30
STWBegin dt=50 kind=6 stack=1
HeapAlloc dt=7 heapalloc=1`)));
  assert.ok(ok);
  const { lanes } = store.info();
  assert.deepEqual(lanes.map((l) => [l.name, l.kind, l.spans]), [['P 0', 'proc', 1], ['STW', 'stw', 2]]);
  const first = store.detail(lanes[1].index, 0);
  const second = store.detail(lanes[1].index, 1);
  assert.ok(first && second);
  assert.deepEqual([first.end - first.start, first.open, first.state, first.startReason, first.goid],
    [30, false, 2, 'GC mark termination', 1]);
  assert.deepEqual(first.unblockedBy, { goid: 1, func: 'main.worker', file: 'demo.c', line: 42 });
  assert.deepEqual([second.start - first.end, second.open, second.end], [50, true, store.t1]);
  const tiles = store.query({ t0: 0, t1: store.t1, px: 1000, lanes: [lanes[1].index] });
  assert.deepEqual([...tiles?.lanes[0].state ?? []].slice(0, tiles?.lanes[0].n), [2, 2]);
});

test('a span goes on over a generation boundary; one that has not ended is open', async () => {
  const two = (await read(assemble(twoGenerations))).store;
  assert.deepEqual(spansOf(two, 0).map((s) => s.goid), [1, 2, 1].slice(0, spansOf(two, 0).length));
  const { store } = await read(assemble(oneM('HeapAlloc dt=50 heapalloc=1')));
  const open = store.detail(0, 0);
  assert.ok(open);
  assert.deepEqual([open.open, open.end, open.endReason], [true, store.t1, '']);
});

test('a span of many seconds has its length, beside short ones', async () => {
  const far = 7_000_000_000;
  const { store, ok } = await read(assemble(oneM(`GoStop dt=${far} reason=5 stack=1
GoStart dt=10 g=1 g_seq=1
GoStop dt=20 reason=5 stack=1
GoStart dt=10 g=1 g_seq=2
GoBlock dt=${2 * far} reason=1 stack=1`)));
  assert.ok(ok);
  assert.deepEqual(spansOf(store, 0).map((s) => s.end - s.start), [far, 20, 2 * far]);
  const { t1 } = store;
  const tiles = store.query({ t0: 0, t1, px: 3, lanes: [0] }).lanes[0];
  assert.deepEqual([...tiles.index], [-1, -1, 2]);
  assert.deepEqual([tiles.end[2] - tiles.start[2], tiles.busy[0]], [2 * far, 1]);
});

test('the ring: a generation shows as soon as its source says that it is whole', async () => {
  const bytes = assemble(twoGenerations);
  const first = Buffer.from(bytes).indexOf(Buffer.from([1, 2, 0]), 16); // EventBatch gen=2 m=0
  const store = new TraceStore(await compileReader());
  store.push(bytes.subarray(0, first));
  assert.equal(store.drain(), STATUS.WANT);
  assert.equal(store.generations, 0, 'nothing says yet that generation 1 is complete');
  store.boundary();
  assert.equal(store.drain(), STATUS.WANT);
  assert.equal(store.generations, 1);
  assert.equal(store.completeOffset, first);
  store.push(bytes.subarray(first));
  store.boundary();
  assert.equal(store.drain(), STATUS.WANT);
  assert.equal(store.generations, 2);
  store.end();
  assert.equal(store.drain(), STATUS.DONE);
  assert.equal(store.completeOffset, bytes.length);
});

/** One P that runs goroutines for stretches of very different lengths. @param {number} seed @param {number} n */
function patchwork(seed, n) {
  const next = random(seed);
  const lines = ['GoCreate dt=1 new_g=2 new_stack=2 stack=0', 'GoCreate dt=1 new_g=3 new_stack=2 stack=0',
    'GoStop dt=5 reason=5 stack=0'];
  const seq = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const g = 1 + next(3);
    const [idle, run] = [next(3) ? next(20) : next(3000), next(8) ? 1 + next(30) : next(5000)];
    lines.push(`GoStart dt=${idle} g=${g} g_seq=${++seq[g]}`, `GoStop dt=${run} reason=5 stack=0`);
  }
  return oneM(lines.join('\n').replace(/(?:[^\n]*\n){4000}/g, '$&EventBatch gen=1 m=0 time=0\n'), '');
}

for (const seed of LONG ? [1, 2, 3] : [1]) {
  test(`any window at any zoom: the time shown is the time run (seed ${seed})`, async () => {
    const { store, ok, fault } = await read(assemble(fixTimes(patchwork(seed, 3000))));
    assert.ok(ok, JSON.stringify(fault));
    const spans = spansOf(store, 0);
    assert.equal(spans.length, 3001);
    const next = random(seed);
    for (let i = 0; i < 60; i++) {
      const t0 = next(store.t1), t1 = t0 + 1 + next(next(2) ? store.t1 - t0 + 1 : 5000), px = 1 + next(1200);
      check(spans, store.query({ t0, t1, px, lanes: [0] }).lanes[0], { t0, t1, px, end: store.t1 });
    }
  });
}

/** Later batches begin where the one before ended. @param {string} text */
function fixTimes(text) {
  let now = 0;
  return text.split('\n').map((line) => {
    const dt = /dt=(\d+)/.exec(line);
    if (/^EventBatch gen=1 m=0/.test(line)) {
      if (now === 0) now = 100;
      return `EventBatch gen=1 m=0 time=${now}`;
    }
    if (dt) now += Number(dt[1]);
    return line;
  }).join('\n');
}

/**
 * Compares an answer with the spans themselves.
 * @param {Span[]} spans
 * @param {import('../../viewer/trace/types.mjs').LaneTiles} lane
 * @param {{t0: number, t1: number, px: number, end: number}} window
 */
function check(spans, lane, { t0, t1, px, end }) {
  const told = JSON.stringify({ t0, t1, px });
  const width = (t1 - t0) / px;
  assert.ok(lane.n <= 3 * px + 8, told);
  let last = -Infinity;
  let shown = 0;
  for (let i = 0; i < lane.n; i++) {
    assert.ok(lane.start[i] >= last - 1e-6, `items overlap or are out of order: ${told}`);
    assert.ok(lane.end[i] > lane.start[i] && lane.busy[i] > 0 && lane.busy[i] <= 1, told);
    last = lane.end[i];
    if (lane.index[i] >= 0) {
      const s = spans[lane.index[i]];
      assert.deepEqual([lane.start[i], lane.end[i], lane.goid[i]], [s.start, s.end, s.goid], told);
      assert.ok(s.end - s.start >= width || s.end === end, `a narrow span stands alone: ${told}`);
    } else {
      assert.ok(lane.end[i] - lane.start[i] <= width + 1e-6, `a sum is wider than a bucket: ${told}`);
    }
    const part = Math.min(lane.end[i], t1) - Math.max(lane.start[i], t0);
    if (part > 0) shown += part * lane.busy[i];
  }
  const ran = spans.reduce((sum, s) => sum + Math.max(0, Math.min(s.end, t1) - Math.max(s.start, t0)), 0);
  assert.ok(Math.abs(shown - ran) <= 1e-3 * ran + 2 * width, `shown ${shown}, ran ${ran}: ${told}`);
}

test('very many events: read, indexed and asked', async () => {
  const events = LONG ? 1_000_000 : 300_000;
  const bytes = million(events);
  const from = performance.now();
  const { store, ok, fault } = await read(bytes, { chunks: [1 << 20] });
  const read_ms = performance.now() - from;
  assert.ok(ok, JSON.stringify(fault));
  assert.ok(store.events >= events);
  const lanes = store.info().lanes.map((l) => l.index);
  const asked = performance.now();
  for (let i = 0; i < 100; i++) store.query({ t0: (store.t1 / 200) * i, t1: store.t1, px: 1600, lanes });
  const query_ms = (performance.now() - asked) / 100;
  console.log(`${store.events} events, ${bytes.length} bytes: read in ${read_ms.toFixed(0)} ms ` +
    `(${(store.events / read_ms / 1e3).toFixed(1)} M/s), ${(store.memoryUsed / 1e6).toFixed(1)} MB; ` +
    `a query of ${lanes.length} lanes ${query_ms.toFixed(2)} ms`);
  assert.ok(query_ms < 50, `a query takes ${query_ms} ms`);
});

/**
 * Four Ms, each yielding between two goroutines; generations of 100,000 events.
 * @param {number} events @returns {Uint8Array}
 */
function million(events) {
  const parts = [];
  const perGen = 100_000;
  for (let gen = 1, done = 0; done < events; gen++, done += perGen) {
    const lines = [];
    for (let m = 0; m < 4; m++) {
      const [a, b] = [1 + 2 * m, 2 + 2 * m];
      lines.push(`EventBatch gen=${gen} m=${m} time=${done * 100 + 1}`, `ProcStatus dt=1 p=${m} pstatus=1`,
        `GoStatus dt=1 g=${a} m=${m} gstatus=1`, `GoStatus dt=1 g=${b} m=- gstatus=1`);
      for (let i = 0; i < perGen / 8; i++) {
        if (i % 5000 === 4999) lines.push(`EventBatch gen=${gen} m=${m} time=${done * 100 + i * 400}`);
        const g = i % 2 ? b : a;
        lines.push(`GoStart dt=100 g=${g} g_seq=${(i >> 1) + 1}`, 'GoStop dt=300 reason=5 stack=1');
      }
    }
    parts.push(assemble(`${gen === 1 ? 'Trace Go1.23\n' : ''}${lines.join('\n')}\n${tables(gen)}`));
  }
  return Buffer.concat(parts);
}
