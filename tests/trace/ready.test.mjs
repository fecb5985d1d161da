// Goal: what a trace will want is ready before it comes, and nothing is read, or done, before it is wanted: so the
// first lanes are there soon.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Breather } from '../../viewer/trace/breather.mjs';
import { TraceClient } from '../../viewer/trace/client.mjs';
import { Marker } from '../../viewer/trace/marker.mjs';
import { Pool } from '../../viewer/trace/pool.mjs';
import { PreviewTime } from '../../viewer/trace/preview.mjs';
import { ROLE } from '../../viewer/trace/roles.mjs';
import { TraceSession } from '../../viewer/trace/session.mjs';
import { compileReader } from '../../viewer/trace/store.mjs';
import { place, prepareSession, startWorker } from '../../viewer/trace/workers.mjs';
import { oneRound, roundOf } from '../bench/long-trace.mjs';
import { repeated } from '../bench/repeat.mjs';
import { near, nearReader } from './joined.mjs';

/** A trace of so many generations of so many events each. @param {number} generations @param {number} events */
async function traceOf(generations, events) {
  const { all, length } = await roundOf(oneRound(8, events)), pieces = repeated(all, length);
  const parts = Array.from({ length: generations + 1 }, () => pieces.next().value).flat();
  return new Blob(/** @type {BlobPart[]} */ (parts));
}

/** Workers that only note what they are told. @type {any[]} */
const made = [];
/** @type {any} */ const all = globalThis;
all.Worker = class extends EventTarget {
  /** @param {URL} address @param {{name: string}} options */
  constructor(address, { name }) {
    super();
    Object.assign(this, { address: String(address), name, told: [], ended: false, onerror: null });
    made.push(this);
  }

  /** @param {any} message */
  postMessage(message) { /** @type {any} */ (this).told.push(message); }
  terminate() { /** @type {any} */ (this).ended = true; }
};
after(() => {
  delete all.Worker;
  place({ worker: undefined, reader: undefined });
});

test('a session\'s worker is made once beforehand, and whoever comes first has it', () => {
  prepareSession();
  prepareSession();
  assert.equal(made.length, 1);
  assert.equal(made[0].name, ROLE.SESSION);
  assert.deepEqual(made[0].told, [{ type: 'prepare', reader: null, lanes: false }]);
  prepareSession({ lanes: true });
  assert.equal(made.length, 1);
  assert.deepEqual(made[0].told[1], { type: 'prepare', reader: null, lanes: true });
  assert.notEqual(startWorker(ROLE.ANALYSIS), made[0]);
  assert.equal(startWorker(ROLE.SESSION), made[0]);
  assert.notEqual(startWorker(ROLE.SESSION), made[0]);
});

test('a prepared worker that failed, or is of another place, is not used', () => {
  made.length = 0;
  prepareSession();
  let prevented = false;
  made[0].onerror({ preventDefault: () => { prevented = true; } });
  assert.ok(prevented && made[0].ended);
  assert.notEqual(startWorker(ROLE.SESSION), made[0]);
  made.length = 0;
  prepareSession();
  place({ worker: 'https://elsewhere.example/worker.js' });
  assert.notEqual(startWorker(ROLE.SESSION), made[0]);
  prepareSession();
  assert.ok(made[0].ended, 'nobody will ask for it');
  assert.equal(made.at(-1).address, 'https://elsewhere.example/worker.js');
});

test('a session that was prepared gives its trace the reader that has started', async () => {
  let readers = 0;
  const makeReader = () => {
    readers++;
    return nearReader();
  };
  const client = new TraceClient({ makeWorker: () => near((post) => {
    const own = new TraceSession(post, { makeReader, readers: 2, eager: true });
    own.prepare({ reader: null, lanes: false });
    return { receive: (message) => own.receive(message), stop: () => own.close() };
  }) });
  await client.open(await traceOf(12, 100_000));
  assert.equal(readers, 1);
  client.close();
});

test('a session that is ended has no reader left over', async () => {
  let ended = 0;
  const makeReader = () => {
    const worker = nearReader(), { terminate } = worker;
    worker.terminate = () => {
      ended++;
      terminate();
    };
    return worker;
  };
  const session = new TraceSession(() => {}, { makeReader, readers: 2 });
  session.prepare({ reader: null, lanes: false });
  session.close();
  assert.equal(ended, 1);
});

test('no more is read ahead than keeps the readers busy', async () => {
  const blob = await traceOf(40, 150_000), ahead = 9 << 20;
  assert.ok(blob.size > 20e6);
  /** @type {import('../../viewer/trace/types.mjs').TraceInfo[]} */
  const infos = [];
  const client = new TraceClient({ onInfo: (i) => infos.push(i), makeWorker: () => near((post) => {
    const session = new TraceSession(post, { makeReader: nearReader, readers: 2 });
    return { receive: (message) => session.receive(message), stop: () => session.close() };
  }) });
  await client.open(blob);
  for (const { bytes, generations } of infos)
    assert.ok(bytes - generations * blob.size / 40 < ahead, `${bytes} bytes, ${generations} generations`);
  assert.ok(infos.length > 3);
  client.close();
});

test('a first generation is seen while it is read', async (t) => {
  const { firstMs } = PreviewTime;
  PreviewTime.firstMs = 5; // a fast machine has read all of it in less than three times as usual
  t.after(() => { PreviewTime.firstMs = firstMs; });
  /** @typedef {import('../../viewer/trace/types.mjs').TraceInfo} TraceInfo */
  /** @typedef {import('../../viewer/trace/types.mjs').Tiles} Tiles */
  for (const readers of [1, 2]) {
    /** @type {TraceInfo | null} */
    let last = null;
    /** What who draws is told at once. @type {Array<Promise<[TraceInfo, Tiles]>>} */
    const seen = [];
    /** What who counts is told. @type {Array<Promise<Tiles>>} */
    const counted = [];
    const query = (/** @type {TraceInfo} */ { lanes, t1 }) =>
      ({ t0: 0, t1, px: 500, lanes: lanes.map(({ index }) => index) });
    const client = new TraceClient({ onInfo: (info) => { last = info; }, makeWorker: () => near((post) => {
      const session = new TraceSession((answer, transfer) => {
        if (answer.type === 'info' && answer.info.lanes.length && !answer.info.generations && session.reading) {
          seen.push(session.reading.query(query(answer.info)).then((tiles) => [answer.info, tiles]));
          counted.push(session.reading.query({ ...query(answer.info), patient: true }));
        }
        post(answer, transfer);
      }, { makeReader: nearReader, readers });
      return { receive: (message) => session.receive(message), stop: () => session.close() };
    }) });
    t.after(() => client.close());
    await client.open(await traceOf(1, 3_000_000));
    const info = /** @type {TraceInfo} */ (/** @type {unknown} */ (last));
    const spans = new Map(info.lanes.map((lane) => [lane.key, lane.spans]));
    assert.equal(info.generations, 1);
    assert.ok(seen.length >= 2, `${seen.length} infos with lanes`);
    for (const [{ t1, lanes, expectedT1 }, tiles] of await Promise.all(seen)) {
      assert.ok(t1 > 0 && t1 < info.t1 && tiles.lanes.length === lanes.length);
      assert.ok(expectedT1 && Math.abs(expectedT1 - info.t1) < info.t1 / 100, `${expectedT1} for ${info.t1}`);
      assert.deepEqual(lanes.map(({ key, index }) => [key, index]), info.lanes.map(({ key, index }) => [key, index]));
      for (const lane of lanes) assert.ok(lane.spans < (spans.get(lane.key) ?? 0), `${lane.key}: ${lane.spans} spans`);
      for (const { n, busy, goid } of tiles.lanes) assert.ok(n > 100 && busy[0] > 0.5 && goid[0] > 0);
      assert.ok(tiles.coarse?.length, 'or nobody would ask again');
    }
    for (const { coarse, lanes } of await Promise.all(counted))
      assert.ok(!coarse?.length && lanes.every(({ n }) => n > 100), 'told when it is known');
    const whole = await client.query(query(info));
    assert.ok(whole && !whole.coarse?.length && whole.lanes.every(({ n }) => n > 100));
  }
});

test('a reader in a worker has its next generation at hand while this thread is busy, too', async () => {
  const breather = new Breather(), module = await compileReader();
  const worker = { ...nearReader(), postMessage() {} };
  const nothing = () => {};
  const pool = new Pool({ module, reader: null, breather, makeWorker: () => worker, most: 1,
    onReady: nothing, onLost: nothing, onError: nothing });
  pool.grow();
  const [local, far] = pool.readers;
  worker.onmessage?.(/** @type {MessageEvent} */ ({ data: { type: 'ready' } }));
  assert.equal(pool.free(), local);
  local.load = far.load = 1;
  assert.equal(pool.free(), far);
  far.load = 2;
  assert.equal(pool.free(), null);
  pool.stop();
  breather.close();
});

test('where the readers keep all processors busy, lanes of goroutines come after them', async (t) => {
  const blob = await traceOf(12, 40_000); // less is read in the session's thread
  const navigator = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { hardwareConcurrency: 2 }, configurable: true });
  t.after(() => (navigator ? Object.defineProperty(globalThis, 'navigator', navigator) : delete all.navigator));
  for (const [source, readers, last] of /** @type {const} */ ([[blob, 2, true], [blob, 1, false],
    [blob.stream(), 2, false]])) {
    /** @type {TraceSession | null} */
    let session = null;
    /** @type {boolean[]} */
    const ended = [];
    const makeMarker = () => {
      const marker = near((post) => {
        const breather = new Breather(), own = new Marker(post, breather);
        return { receive: (message) => own.receive(message), stop: () => (own.stop(), breather.close()) };
      });
      const { postMessage } = marker;
      marker.postMessage = (message, transfer) => {
        if (message.type === 'piece') ended.push(Boolean(session?.reading?.ended));
        postMessage(message, transfer);
      };
      return marker;
    };
    const client = new TraceClient({ lanes: true, makeWorker: () => near((post) => {
      const own = session = new TraceSession(post, { makeMarker, readers });
      return { receive: (message) => own.receive(message), stop: () => own.close() };
    }) });
    await client.open(source);
    client.close();
    assert.equal(ended.length > 3 && ended.every(Boolean), last, `${readers} readers: ${ended}`);
  }
});
