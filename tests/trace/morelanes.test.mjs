// Goal: beside the joined trace a second reading tells the lanes of goroutines and the like: what a reader of the
// whole tells, at the same times, whoever reads, whenever it is asked for, and from where it had to begin anew.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Breather } from '../../viewer/trace/breather.mjs';
import { Marker } from '../../viewer/trace/marker.mjs';
import { TraceSession } from '../../viewer/trace/session.mjs';
import { TraceClient } from '../../viewer/trace/client.mjs';
import { OPTION, compileReader } from '../../viewer/trace/store.mjs';
import { STATE } from '../../viewer/trace/types.mjs';
import { generations, near, newClient, streamOf } from './joined.mjs';
import { read } from './reader.mjs';

/** @typedef {import('../../viewer/trace/types.mjs').TraceInfo} TraceInfo */

const recorded = fileURLToPath(new URL('recorded/', import.meta.url));
const files = readdirSync(recorded).filter((f) => f.endsWith('.trace'));
/** Two goroutines take turns, in five generations. */
const long = generations(Array.from({ length: 5 }, () => `ProcStatus dt=1 p=0 pstatus=1
GoStatus dt=1 g=1 m=0 gstatus=2\nGoStatus dt=1 g=3 m=- gstatus=1
${[1, 2, 3].map((n) => `GoStop dt=20 reason=5 stack=1\nGoStart dt=5 g=3 g_seq=${n}
GoStop dt=30 reason=5 stack=1\nGoStart dt=5 g=1 g_seq=${n}`).join('\n')}`));

/** @returns {import('../../viewer/trace/client.mjs').WorkerLike} */
const nearMarker = () => near((post) => {
  const breather = new Breather();
  const marker = new Marker(post, breather);
  return {
    receive: (message) => marker.receive(message),
    stop: () => {
      marker.stop();
      breather.close();
    },
  };
});

/** A client whose lanes are read by a worker. @param {{maxBytes?: number}} options */
function farClient(options) {
  /** @type {TraceInfo[]} */
  const infos = [];
  const client = new TraceClient({
    onInfo: (i) => infos.push(i), lanes: true, ...options,
    makeWorker: () => near((post) => {
      const session = new TraceSession(post, { makeMarker: nearMarker, readers: 1 });
      return { receive: (message) => session.receive(message), stop: () => session.close() };
    }),
  });
  return { client, last: () => infos[infos.length - 1] };
}

/** @param {any} tiles names in place of their numbers */
const named = (tiles) => tiles.lanes.map((/** @type {any} */ { fn, ...lane }) =>
  ({ ...lane, fn: [...fn].map((id) => tiles.strings[id]) }));

/** @param {TraceClient} client @param {TraceInfo} info @param {Uint8Array} bytes @param {string} told */
async function same(client, info, bytes, told) {
  const { store } = await read(bytes, { options: OPTION.LANES });
  const expected = store.lanes(0);
  assert.deepEqual(await client.lanes(0), expected, told);
  const { moreLanes, curves, t1 } = store.info();
  assert.deepEqual([info.moreLanes, info.curves, info.t1, info.lanesDone, info.lanesFrom, info.lanesLife],
    [moreLanes, curves, t1, true, 0, 0], told);
  for (const [t0, end, px] of [[0, t1, 300], [t1 / 3, t1 / 2, 1000]]) {
    const lanes = [...expected.lanes.map((l) => l.index), 1 << 24];
    const query = { t0, t1: end, px, lanes };
    const tiles = await client.query(query);
    assert.deepEqual(named(tiles), named(store.query(query)), `${told}, ${px}`);
  }
  for (const { index, spans } of expected.lanes.slice(0, 8)) {
    for (const i of [0, spans >> 1, spans - 1])
      assert.deepEqual(await client.detail(index, i), store.detail(index, i), told);
    assert.deepEqual(await client.find(index, t1 / 2), store.find(index, t1 / 2), told);
    assert.deepEqual(await client.point(index, 0), store.point(index, 0), told);
  }
  store.close();
}

test('lanes are those of a reader of the whole, on every recorded trace, here and in a worker', async () => {
  for (const [i, file] of files.entries()) {
    const bytes = readFileSync(recorded + file);
    const near = newClient({ lanes: true, readers: 1 + (i % 2) * 2 });
    await near.client.open(bytes);
    assert.deepEqual(near.errors, []);
    await same(near.client, near.last(), bytes, file);
    near.client.close();
  }
  const far = farClient({});
  for (const source of [streamOf(long, [7, 300]), new Blob([/** @type {BlobPart} */ (long)])]) {
    await far.client.open(source);
    assert.equal(far.last().generations, 5);
    await same(far.client, far.last(), long, 'a worker');
  }
  far.client.close();
});

test('they can be asked for later: nothing is opened again; before that there are none', async () => {
  const bytes = long;
  const { client, infos, last } = newClient();
  await client.open(bytes);
  assert.deepEqual([last().moreLanes, last().curves, last().lanesDone, await client.lanes(0)], [0, 0, true, null]);
  const tiles = await client.query({ t0: 0, t1: 100, px: 10, lanes: [1 << 16] });
  assert.deepEqual(tiles?.lanes.map(({ lane, n }) => [lane, n]), [[1 << 16, 0]], 'an empty one is an answer, too');
  const before = infos.length;
  await Promise.all([client.readLanes(), client.readLanes()]);
  await same(client, last(), bytes, 'later');
  assert.ok(infos.slice(before).every((i) => i.state === 'done'));
  const [{ lanesDone, lanesT1 }] = infos.slice(before);
  assert.deepEqual([lanesDone, lanesT1], [false, 0], 'that they come is told before the first is there');
  client.close();
});

test('a question about lanes of both kinds has one answer, in the order asked, with one set of names', async () => {
  const bytes = long;
  const { client, last } = newClient({ lanes: true });
  await client.open(bytes);
  const more = (await client.lanes(0))?.lanes ?? [];
  const [p] = last().lanes;
  const g = /** @type {import('../../viewer/trace/types.mjs').Lane} */ (more.find((l) => l.kind === 'go'));
  const lanes = [g.index, p.index, 1 << 24, 99];
  const tiles = await client.query({ t0: 0, t1: last().t1, px: 500, lanes });
  assert.deepEqual(tiles?.lanes.map((l) => l.lane), lanes.slice(0, 3), 'there is no P of that number');
  for (const lane of tiles?.lanes ?? [])
    for (const id of lane.fn) assert.equal(typeof tiles?.strings[id], 'string');
  client.close();
});

test('lanes that begin anew are kept in the memory that the old ones had', async () => {
  const breather = new Breather(), marker = new Marker(() => {}, breather);
  const fresh = { header: long.slice(0, 16), skip: 0, origin: '0' };
  const piece = () => marker.read({ type: 'piece', id: 0, fresh, chunks: [long.slice(16)], end: true });
  marker.receive({ type: 'init', module: await compileReader(), reader: null });
  await piece();
  const memory = marker.store?.wasm.memory, before = memory?.buffer.byteLength;
  for (let i = 0; i < 20; i++) await piece();
  assert.equal(marker.store?.wasm.memory, memory);
  assert.equal(memory?.buffer.byteLength, before);
  marker.stop();
  breather.close();
});

test('used up memory: lanes begin anew with a later generation, at the times of the whole', async () => {
  const { client, last } = farClient({ maxBytes: 10_000 });
  await client.open(streamOf(long, [100]));
  const { lanesLife, lanesFrom = 0, t1 } = last();
  assert.equal(lanesLife, 4, 'each is too much');
  assert.ok(lanesFrom > 0 && lanesFrom < t1, `${lanesFrom} of ${t1}`);
  const { lanes = [] } = await client.lanes(0) ?? {};
  const { store } = await read(long, { options: OPTION.LANES });
  let compared = 0;
  // A goroutine runs when it does for a reader of the whole.
  for (const lane of store.lanes(0).lanes.filter((l) => l.kind === 'go')) {
    const here = /** @type {import('../../viewer/trace/types.mjs').Lane} */ (lanes.find((l) => l.key === lane.key));
    for (let i = 0; i < lane.spans; i++) {
      const span = store.detail(lane.index, i);
      if (!span || span.start <= lanesFrom || span.state !== STATE.RUNNING) continue;
      const found = await client.find(here.index, (span.start + span.end) / 2);
      assert.deepEqual([found?.start, found?.end, found?.state, found?.p], [span.start, span.end, span.state, span.p]);
      const tiles = await client.query({ t0: span.start, t1: span.end, px: 9, lanes: [here.index] });
      assert.deepEqual([tiles?.lanes[0].start[0], tiles?.lanes[0].end[0]], [span.start, span.end]);
      compared++;
    }
  }
  assert.ok(compared > 4, `${compared}`);
  assert.equal(await client.find(lanes[0].index, lanesFrom - 1), null, 'nothing is told of before');
  store.close();
  client.close();
});
