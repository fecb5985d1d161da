// joined.mjs: what the tests of joined traces share: a session with readers beside it, without a page, and the answers
// of a reader of the whole to compare with.
import assert from 'node:assert/strict';
import { Breather } from '../../viewer/trace/breather.mjs';
import { TraceClient } from '../../viewer/trace/client.mjs';
import { Decoder } from '../../viewer/trace/decoder.mjs';
import { Query } from '../../viewer/trace/query/match.mjs';
import { Scan } from '../../viewer/trace/query/scan.mjs';
import { TraceSession } from '../../viewer/trace/session.mjs';
import { tellFault } from '../../viewer/trace/store.mjs';
import { NOT_TOLD } from '../../viewer/trace/types.mjs';
import { assemble } from './assemble.mjs';
import { read } from './reader.mjs';
import { tables } from './samples.mjs';

/** Spans asked for at once, and how often at most for one lane. */
const BLOCK = 64;
const MOST_BLOCKS = 60;

/** @typedef {import('../../viewer/trace/client.mjs').WorkerLike} WorkerLike */
/** @typedef {import('../../viewer/trace/types.mjs').TraceInfo} TraceInfo */

/**
 * A worker's messages without a worker: copied and late, as a real one's.
 * @param {(post: (answer: any, transfer?: Transferable[]) => void) => {receive: (message: any) => void,
 *   stop: () => void}} make
 * @returns {WorkerLike}
 */
export function near(make) {
  let gone = false;
  const inside = make((answer, transfer = []) => {
    const data = structuredClone(answer, { transfer });
    setImmediate(() => gone || worker.onmessage?.(/** @type {MessageEvent} */ ({ data })));
  });
  /** @type {WorkerLike} */
  const worker = {
    onmessage: null,
    onerror: null,
    terminate: () => {
      gone = true;
      inside.stop();
    },
    postMessage(message, transfer) {
      // Node's clone does not share a WebAssembly.Memory, nor does it copy a module; a browser's does.
      const data = message.type === 'region' || message.type === 'init' ? message
        : structuredClone(message, { transfer });
      setImmediate(() => gone || inside.receive(data));
    },
  };
  return worker;
}

/** @returns {WorkerLike} */
export const nearReader = () => near((post) => {
  const breather = new Breather();
  const decoder = new Decoder(post, breather);
  return {
    receive: (message) => decoder.receive(message),
    stop: () => {
      decoder.stop();
      breather.close();
    },
  };
});

/**
 * @param {number} readers @param {() => WorkerLike} [makeReader] @param {number} [keep] bytes of decoded generations
 * @returns {() => WorkerLike}
 */
export const nearSession = (readers, makeReader = nearReader, keep) => () => near((post) => {
  const session = new TraceSession(post, { makeReader, readers, eager: readers > 1 });
  return {
    receive(message) {
      if (keep !== undefined && session.reading) session.reading.details.keep = keep;
      session.receive(message);
    },
    stop: () => session.close(),
  };
});

/**
 * @param {{readers?: number, maxBytes?: number, lanes?: boolean, makeReader?: () => WorkerLike,
 *   keep?: number}} [options]
 */
export function newClient({ readers = 1, makeReader, keep, ...options } = {}) {
  /** @type {TraceInfo[]} */
  const infos = [];
  /** @type {Error[]} */
  const errors = [];
  const state = { refined: 0 };
  const client = new TraceClient({
    onInfo: (i) => infos.push(i), onError: (e) => errors.push(e), onRefined: () => { state.refined++; },
    makeWorker: nearSession(readers, makeReader, keep), ...options,
  });
  return { client, infos, errors, state, last: () => infos[infos.length - 1] };
}

/** A stream of the bytes in pieces of the given sizes, repeated. @param {Uint8Array} bytes @param {number[]} sizes */
export function streamOf(bytes, sizes) {
  let at = 0, i = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const n = Math.max(1, sizes[i++ % sizes.length]);
      controller.enqueue(bytes.slice(at, at + n));
      at += n;
    },
  });
}

/**
 * What a reader of the whole says: lanes by kind and id, the counts, the sentence.
 * @param {Uint8Array} bytes
 */
export async function whole(bytes) {
  const { store, fault } = await read(bytes);
  const info = store.info();
  const lanes = new Map(info.lanes.map((lane) => [`${lane.kind}:${lane.id}`, lane]));
  const all = await counted('dur>=0', readerOf(store), info);
  assert.deepEqual(all, { ...oneByOne(store, info), about: false });
  return { all, lanes, info: figures(info), error: fault && tellFault(fault), complete: store.completeOffset, store };
}

/** @param {import('../../viewer/trace/store.mjs').TraceStore} store @param {{lanes: any[], t1: number}} info */
function oneByOne(store, { lanes, t1 }) {
  let spans = 0, ns = 0;
  for (const lane of lanes) {
    for (let i = 0; i < lane.spans; i++) {
      const { start, end } = /** @type {any} */ (store.detail(lane.index, i));
      if (start >= t1) continue;
      spans++;
      ns += end - start;
    }
  }
  return { spans, ns };
}

/**
 * A store as a scan asks it. @param {import('../../viewer/trace/store.mjs').TraceStore} store
 * @returns {import('../../viewer/trace/query/scan.mjs').ScanReader & {questions: number}}
 */
export const readerOf = (store) => ({
  questions: 0,
  async query(query) {
    this.questions++;
    return store.query(query);
  },
  detail: async (lane, index) => store.detail(lane, index),
});

/**
 * Counts what fits. @param {string} text @param {import('../../viewer/trace/query/scan.mjs').ScanReader} reader
 * @param {{lanes: import('../../viewer/trace/types.mjs').Lane[], t1: number}} info
 */
export function counted(text, reader, { lanes, t1 }) {
  const query = new Query(text);
  return new Scan({ reader, lanes: query.lanesOf(lanes), query, extent: t1 }).count();
}

/** @param {any} i */
const figures = (i) => ({
  version: i.version, events: i.events, generations: i.generations, t1: i.t1, baseNs: i.baseNs,
  goroutines: i.goroutines, lanesDenied: i.lanesDenied,
});

/**
 * Opens the trace with so many readers and compares all of it with the whole's. keep: no room for more details.
 * @param {Uint8Array} bytes @param {{readers: number, source?: Blob | ReadableStream<Uint8Array>, told: string,
 *   makeReader?: () => WorkerLike, keep?: number}} how
 * @param {Awaited<ReturnType<typeof whole>>} [expected]
 */
export async function compare(bytes, { readers, source, told, makeReader, keep }, expected) {
  expected ??= await whole(bytes);
  source ??= new Blob([/** @type {BlobPart} */ (bytes)]);
  const { client, last, errors } = newClient({ readers, makeReader, keep });
  await client.open(source, { name: told });
  const info = last();
  assert.deepEqual(errors, [], told);
  assert.equal(info.error, expected.error, told);
  assert.deepEqual(figures(info), expected.info, told);
  assert.deepEqual(new Set(info.lanes.map((l) => `${l.kind}:${l.id}`)), new Set(expected.lanes.keys()), told);
  for (const { kind, id, index, spans } of info.lanes) {
    const lane = expected.lanes.get(`${kind}:${id}`);
    assert.equal(spans, lane?.spans, `${told}: spans of ${kind} ${id}`);
    const blocks = Math.ceil(spans / BLOCK);
    // Of very many spans some, spread over all generations.
    for (let b = 0; b < blocks; b += Math.max(1, Math.floor(blocks / MOST_BLOCKS))) {
      const places = Array.from({ length: Math.min(BLOCK, spans - b * BLOCK) }, (_, k) => b * BLOCK + k);
      const some = await Promise.all(places.map((i) => client.detail(index, i)));
      assert.deepEqual(some.map((s) => s && { ...s, lane: 0 }),
        places.map((i) => ({ ...expected.store.detail(lane?.index ?? -1, i), lane: 0 })),
        `${told}: ${kind} ${id} from ${b * BLOCK}`);
    }
    assert.equal(await client.detail(index, spans), null);
  }
  assert.deepEqual(await counted('dur>=0', client, info), expected.all, `${told}: all spans`);
  for (const px of [1 << 15, 64]) await compareReasons(client, info, expected, `${told}, ${px} px`, px);
  assert.equal((await client.save()).size, expected.complete, told);
  return { client, info, expected };
}

/**
 * Asked for each span, tiles say of it what its details say.
 * @param {TraceClient} client @param {TraceInfo} info @param {Awaited<ReturnType<typeof whole>>} expected
 * @param {string} told @param {number} px few: much of it is summed up
 */
async function compareReasons(client, info, { lanes, store }, told, px) {
  const tiles = await client.query({
    t0: 0, t1: info.t1, px, lanes: info.lanes.map(({ index }) => index), patient: true, each: true,
  });
  const byIndex = new Map(info.lanes.map((lane) => [lane.index, lane]));
  for (const { lane, n, index, start, end, reason, rough } of tiles?.lanes ?? []) {
    const own = byIndex.get(lane), called = `${own?.kind} ${own?.id}`;
    const { index: there = -1 } = lanes.get(`${own?.kind}:${own?.id}`) ?? {};
    assert.equal(reason?.length, n, told);
    for (let i = 0; i < Math.min(n, 1000); i++) {
      if (index[i] < 0) continue;
      const span = /** @type {any} */ (store.detail(there, index[i]));
      if (reason?.[i] === NOT_TOLD) {
        assert.ok(rough?.length || span.end > end[i],
          `${told}: span ${index[i]} of ${called} is told to its end, and its reasons are not`);
        continue;
      }
      assert.equal(tiles?.strings[reason?.[i] ?? -1], [span.startReason, span.endReason].filter(Boolean).join(' | '),
        `${told}: span ${index[i]} of ${called} at ${start[i]}`);
    }
  }
}

/**
 * Generations of one P and one M, each from its own first event on. @param {string[]} bodies what happens in each
 * @param {{version?: string, step?: number}} [how] step: time from one generation's beginning to the next
 */
export function generations(bodies, { version = '1.23', step = 1000 } = {}) {
  const end = version === '1.26' ? '\nEndOfGeneration' : '';
  const clock = (/** @type {number} */ time) => version === '1.26'
    ? `Sync\nFrequency freq=1000000000\nClockSnapshot dt=1 mono=${time} sec=${time} nsec=0` : '';
  return assemble(`Trace Go${version}\n${bodies.map((body, i) => {
    const text = tables(i + 1);
    const own = version === '1.26' ? text.replace(/Frequency freq=\d+/, clock(100 + i * step)) : text;
    return `EventBatch gen=${i + 1} m=0 time=${100 + i * step}\n${body}\n${own}${end}`;
  }).join('\n')}`);
}
