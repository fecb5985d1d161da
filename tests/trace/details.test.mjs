// Goal: details are decoded again no more than there is room for, are asked for again when they went away
// meanwhile, and what cannot be had any more is said to be so instead of being looked for without end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stats, statsOf } from '../../viewer/app/stats.mjs';
import { TileSource } from '../../viewer/app/tiles.mjs';
import { Details } from '../../viewer/trace/details.mjs';
import { Query } from '../../viewer/trace/query/match.mjs';
import { Scan } from '../../viewer/trace/query/scan.mjs';

/** Details of ten generations of 4 MB and 1 ms, each 10 bytes of memory. @param {{fresh?: boolean}} [how] */
function made({ fresh = false } = {}) {
  const generations = Array.from({ length: 10 }, (_, n) => ({
    n, start: n * 4e6, end: (n + 1) * 4e6, t0: n * 1e6, t1: (n + 1) * 1e6, carry: new Uint8Array(1),
    summary: { t0: n * 1e6, t1: (n + 1) * 1e6, buckets: 2 }, lanes: new Map(), carried: new Map(),
  }));
  const readers = [0, 1].map(() => ({ gone: false, sent: /** @type {any[]} */ ([]), send(/** @type {any} */ order) {
    this.sent.push(order);
  } }));
  const log = { read: 0, given: false, told: 0, ask: async (/** @type {any} */ _reader) =>
    /** @type {any} */ ({ lanes: [], strings: {} }) };
  const bytes = new Set(generations.map((g) => g.n));
  const details = new Details({
    joined: /** @type {any} */ ({
      generations, count: 10, lanes: [{ kind: 'proc', id: 0 }], strings: [], at: (/** @type {number} */ t) =>
        Math.min(9, Math.max(0, Math.floor(t / 1e6))),
    }),
    pool: /** @type {any} */ ({
      leastBusy: () => readers.find((r) => !r.gone),
      read: async (/** @type {any} */ _reader, /** @type {any} */ what) => {
        log.read++;
        log.given = what.give;
        return { carry: new Uint8Array(1), memory: 10 };
      },
      ask: (/** @type {any} */ reader) => log.ask(reader),
    }),
    header: () => new Uint8Array(16), fresh: () => fresh, done: () => true, onDecoded: () => { log.told++; }, keep: 40,
    gone: (n) => !bytes.has(n), bytesOf: async ({ n }) => (bytes.has(n) ? [new Uint8Array(8)] : null),
  });
  const look = (t0 = 0, t1 = 1e7) => details.query({ t0, t1, px: 10_000, lanes: [0], patient: true });
  return { details, log, readers, bytes, look };
}

test('only bytes of its own are given away', async () => {
  for (const fresh of [false, true]) {
    const { look, log } = made({ fresh });
    await look(0, 1e5);
    assert.equal(log.given, fresh);
  }
});

test('a window that wants more than is kept is decoded as far as there is room, once', async () => {
  const { details, look, log } = made();
  await look(0, 1e5); // what a generation takes is known from now on
  details.sizes = new Map(Array.from({ length: 10 }, (_, n) => [n, 10]));
  const first = await look();
  await look();
  assert.equal((await look()).coarse?.length, 6);
  assert.equal(first.coarse?.length, 6, 'what has no room is told');
  assert.equal(log.read, 4);
  assert.ok(details.memory <= details.keep);
  assert.equal(details.owed.size, 0);
  assert.equal(details.pins.size, 0);
});

test('a guess that was too small settles after some looks', async () => {
  const { details, look, log } = made();
  details.known = { bytes: 1e9, memory: 1 };
  for (let i = 0; i < 3; i++) await look();
  const { read } = log;
  for (let i = 0; i < 3; i++) await look();
  assert.equal(log.read, read);
  assert.ok(details.memory <= details.keep);
});

test('what was dropped between the question and the answer is decoded again', async () => {
  const { details, look, log } = made();
  const { ask } = log;
  log.ask = async (reader) => {
    log.ask = ask;
    details.decoded.clear();
    details.memory = 0;
    return null;
  };
  assert.deepEqual((await look(0, 1e5)).coarse, []);
  assert.equal(log.read, 2);
});

test('a reader that is lost is one reader less', async () => {
  const { details, look, log, readers } = made();
  const { ask } = log;
  log.ask = async (reader) => {
    log.ask = ask;
    reader.gone = true;
    details.lose(reader);
    throw new Error('gone');
  };
  assert.deepEqual((await look(0, 1e5)).coarse, []);
  assert.equal(log.read, 2);
  assert.deepEqual([...details.decoded.values()].map((d) => /** @type {any} */ (d.reader)), [readers[1]]);
});

/** One lane of sums, and of one long span, whose bytes were given up. @param {boolean} gone */
const rough = (gone) => {
  let asked = 0;
  return {
    asked: () => asked,
    /** @param {import('../../viewer/trace/types.mjs').Query} query @returns {Promise<any>} */
    query: async ({ t0, t1, px }) => {
      assert.ok(++asked < 500, 'it goes on and on');
      return {
        t0, t1, px, strings: { 0: 'main.main' }, lanes: [{
          lane: 0, n: 2, start: Float64Array.of(0, 5e5), end: Float64Array.of(5e5, 1e6), goid: Float64Array.of(1, 1),
          state: Uint8Array.of(0, 0), index: Int32Array.of(-1, 7), busy: Float32Array.of(1, 1),
          fn: Uint32Array.of(0, 0), rough: [{ t0: 0, t1: 1e6, gone }],
        }],
      };
    },
    detail: async () => null,
  };
};

test('a search ends where the bytes were given up, and says that it is about', async () => {
  const reader = rough(true);
  const lanes = [{ index: 0, kind: 'proc', id: 0, name: 'P 0', key: 'proc:0' }];
  const scan = new Scan({ reader, lanes, query: new Query('go:1'), extent: 1e6 });
  assert.deepEqual(await scan.count(), { spans: 1, ns: 5e5, about: true });
});

test('sums over an area are exact only where no summary stands in', async () => {
  const lanes = [{ index: 0, kind: 'proc', id: 0, name: 'P 0', key: 'proc:0' }];
  const what = { lanes, t0: 5e5, t1: 1e6, query: null, signal: new AbortController().signal };
  for (const gone of [true, false]) {
    const reader = rough(gone);
    const stats = await statsOf({ ...what, ask: reader.query });
    assert.equal(stats?.exact, false);
    if (gone) assert.equal(reader.asked(), 1, 'asking again tells no more');
  }
});

test('the sums of very many lanes take no longer than the lanes', () => {
  const lanes = Array.from({ length: 40_000 }, (_, index) =>
    ({ index, kind: 'go', id: index, name: '', key: `go:${index}` }));
  const one = { n: 1, start: Float64Array.of(0), end: Float64Array.of(9), goid: Float64Array.of(1),
    state: Uint8Array.of(0), index: Int32Array.of(0), busy: Float32Array.of(1), fn: Uint32Array.of(0) };
  const stats = new Stats(lanes, 0, 9);
  const from = performance.now();
  const items = lanes.map(({ index }) => ({ ...one, lane: index }));
  stats.add({ t0: 0, t1: 9, px: 1, strings: {}, lanes: items }, 0, 9, null);
  assert.equal(stats.total.spans, 40_000);
  assert.ok(performance.now() - from < 2000);
});

test('details that come before the answer that lacks them are asked for when it is there', async () => {
  /** @type {Array<(tiles: any) => void>} */
  const open = [];
  const source = new TileSource({ query: () => new Promise((resolve) => { open.push(resolve); }) },
    { onTiles: () => {}, onError: (error) => assert.ifError(error) });
  const need = { t0: 0, t1: 1024, px: 1024, extent: 1024, lanes: [0], all: [0], now: 0, growing: false };
  const answer = async (/** @type {any} */ more) => {
    open[open.length - 1]({ t0: 0, t1: 1024, px: 1024, strings: {}, lanes: [{ lane: 0, n: 0 }], ...more });
    await new Promise((resolve) => { setImmediate(resolve); });
    source.update(need);
  };
  source.update(need);
  await answer({});
  if (!source.tiles) await answer({});
  source.tiles = null;
  source.update(need);
  const asked = open.length;
  source.refine();
  await answer({ coarse: [{ t0: 0, t1: 9 }] });
  assert.equal(open.length, asked + 1, 'it is asked for again');
  await answer({ coarse: [] });
  assert.equal(open.length, asked + 1);
});
