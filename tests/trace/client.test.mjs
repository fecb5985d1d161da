// Goal: the page's end of the reader: files, streams and rings arrive, questions are answered in between,
// what came can be saved.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REGION } from '../../wasm/host/abi.mjs';
import { assemble } from './assemble.mjs';
import { newClient, streamOf as streamIn } from './joined.mjs';
import { busy, oneM, twoGenerations } from './samples.mjs';

/** @param {Blob} blob */
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

/** @param {() => boolean} condition */
async function until(condition) {
  const from = performance.now();
  while (!condition()) {
    assert.ok(performance.now() - from < 5000, 'it did not happen within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** @param {Uint8Array[]} chunks */
const streamOf = (chunks) => new ReadableStream({
  start(controller) {
    for (const chunk of chunks) controller.enqueue(chunk);
    controller.close();
  },
});

test('a blob, bytes and a stream give the same lanes, and save gives the bytes back', async () => {
  const bytes = assemble(busy);
  const { client, infos, last } = newClient();
  for (const source of [
    new Blob([/** @type {BlobPart} */ (bytes)]), bytes,
    streamOf([bytes.slice(0, 9), bytes.slice(9, 150), bytes.slice(150)]),
  ]) {
    await client.open(source, { name: 'busy.trace' });
    const info = last();
    assert.deepEqual([info.state, info.name, info.version, info.error, info.bytes],
      ['done', 'busy.trace', 'go 1.23', null, bytes.length]);
    assert.deepEqual(info.lanes.map((l) => l.name), ['P 0', 'P 1']);
    const tiles = await client.query({ t0: 0, t1: info.t1, px: 1000, lanes: [0, 1] });
    assert.deepEqual(tiles?.lanes.map((l) => [...l.goid]), [[1, 3, 3], [2, 1, 2]]);
    assert.equal(tiles?.strings[tiles.lanes[1].fn[0]], 'main.worker');
    assert.equal((await client.detail(0, 0))?.endReason, 'chan receive');
    assert.deepEqual(await bytesOf(await client.save()), bytes);
  }
  assert.ok(infos.every((i) => i.t0 === 0 && i.t1 >= 0));
  client.close();
});

test('the latest question wins; one after close is answered with nothing', async () => {
  const { client } = newClient();
  await client.open(assemble(busy));
  const ask = () => client.query({ t0: 0, t1: 500, px: 10, lanes: [0] });
  const answers = await Promise.all([ask(), ask(), ask()]);
  assert.ok(answers[2]);
  assert.equal(answers.filter(Boolean).length, 1);
  const patient = () => client.query({ t0: 0, t1: 500, px: 10, lanes: [0], patient: true });
  const mixed = await Promise.all([patient(), ask(), patient(), ask(), patient()]);
  assert.deepEqual(mixed.map((answer) => answer !== null), [true, false, true, true, true], 'who is patient has it');
  client.close();
  assert.equal(await ask(), null);
});

test('a broken trace is one sentence in info; what stands before it is shown and saved', async () => {
  const bytes = assemble(twoGenerations).slice(0, -25);
  const { client, last, errors } = newClient();
  await client.open(bytes);
  assert.match(String(last().error), /the trace ends inside a batch \(byte \d+, generation 2/);
  assert.equal(last().lanes.length, 1);
  const saved = await bytesOf(await client.save());
  await client.open(saved);
  assert.equal(last().error, null);
  await client.open(new Uint8Array(0));
  assert.match(String(last().error), /empty/);
  assert.deepEqual(errors, []);
  client.close();
});

test('a stream that breaks off rejects with its own error', async () => {
  const { client } = newClient();
  let pulled = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (pulled++) controller.error(new Error('the line went dead'));
      else controller.enqueue(assemble(busy).slice(0, 60));
    },
  });
  await assert.rejects(client.open(stream), /the line went dead/);
  client.close();
});

test('opening another trace leaves the one before', async () => {
  const { client, last } = newClient();
  const first = client.open(streamOf([]), { name: 'first' });
  await client.open(assemble(oneM('')), { name: 'second' });
  await first;
  assert.equal(last().name, 'second');
  client.close();
});

/** A program's side of a ring. @param {number} capacity */
function newRing(capacity) {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
  const ptr = 1024;
  const words = new Int32Array(memory.buffer, ptr, REGION.data / 4);
  const longs = new BigInt64Array(memory.buffer, ptr, REGION.data / 8);
  words[REGION.magic / 4] = REGION.MAGIC;
  words[REGION.abi / 4] = REGION.ABI;
  words[REGION.capacity / 4] = capacity;
  words[REGION.state / 4] = 1;
  let written = 0;
  return {
    region: { memory, ptr },
    /** @param {Uint8Array} bytes whole generations */
    publish(bytes) {
      const data = new Uint8Array(memory.buffer, ptr + REGION.data, capacity);
      for (const byte of bytes) data[written++ % capacity] = byte;
      Atomics.store(longs, REGION.writePos / 8, BigInt(written));
      Atomics.add(words, REGION.wake / 4, 1);
      Atomics.notify(words, REGION.wake / 4);
    },
    /** @param {number} lost */
    lose(lost) { Atomics.store(longs, REGION.lost / 8, BigInt(lost)); },
    drained() { Atomics.store(words, REGION.state / 4, 2); },
  };
}

/** twoGenerations, cut where generation 2 begins */
function halves() {
  const bytes = assemble(twoGenerations);
  const cut = Buffer.from(bytes).indexOf(Buffer.from([1, 2, 0]), 16);
  return [bytes.slice(0, cut), bytes.slice(cut)];
}

test('a ring: each generation shows when it is published, not one later; the end is told', async () => {
  const [first, second] = halves();
  const ring = newRing(512); // smaller than the two together: the bytes go around
  const { client, last, errors, infos } = newClient();
  client.attachRegion(ring.region, { name: 'demo' });
  await until(() => infos.length > 0 || errors.length > 0);
  ring.publish(first);
  const from = performance.now();
  await until(() => last()?.generations === 1);
  const ms = performance.now() - from;
  assert.ok(ms < 250, `${ms} ms from the ring to the info`);
  assert.deepEqual([last().state, last().name, last().error], ['live', 'demo', null]);
  assert.deepEqual(await bytesOf(await client.save()), first);
  ring.lose(3);
  ring.publish(second);
  await until(() => last().generations === 2);
  ring.drained();
  await until(() => last().state === 'done');
  assert.deepEqual([last().lost, last().error, last().full], [3, null, false]);
  assert.deepEqual(await bytesOf(await client.save()), new Uint8Array([...first, ...second]));
  assert.deepEqual(errors, []);
  client.close();
});

test('a live trace that outgrows its memory goes on: its oldest details give way to summaries', async () => {
  const [first, second] = halves();
  const ring = newRing(1024);
  const { client, last } = newClient({ maxBytes: second.length + 10 });
  client.attachRegion(ring.region);
  ring.publish(first);
  await until(() => last()?.generations === 1);
  assert.equal(last().full, false);
  const border = last().t1;
  const [{ index }] = last().lanes;
  assert.ok(await client.detail(index, 0));
  ring.publish(second);
  await until(() => last().full);
  ring.drained();
  await until(() => last().state === 'done');
  assert.deepEqual([last().generations, last().error, last().detailFrom], [2, null, border]);
  const saved = await bytesOf(await client.save());
  assert.deepEqual(saved, new Uint8Array([...first.slice(0, 16), ...second]), 'what is kept is a trace');
  const tiles = await client.query({ t0: 0, t1: last().t1, px: 50, lanes: [index] });
  const shown = tiles?.lanes[0];
  assert.ok(shown && shown.start[0] < border && shown.goid[0] === 1, 'what was given up still shows');
  assert.ok(shown.end[shown.n - 1] > border, 'and what was kept');
  assert.deepEqual(tiles.coarse, [{ t0: 0, t1: border }], 'and that it is a summary is said');
  assert.equal((await client.detail(index, 0))?.start, 101, 'a span that goes on into what is kept is known');
  client.close();
});

test('what is kept of a live trace can be bounded while it goes on', async () => {
  const [first, second] = halves();
  const ring = newRing(1024);
  const { client, last } = newClient({});
  client.attachRegion(ring.region);
  ring.publish(first);
  await until(() => last()?.generations === 1);
  client.limit(second.length + 10);
  ring.publish(second);
  await until(() => last().generations === 2);
  ring.drained();
  await until(() => last().state === 'done');
  assert.deepEqual([last().full, (await client.save()).size], [true, 16 + second.length]);
  client.close();
});

test('it can be bounded before the reader is there', async () => {
  const [first, second] = halves();
  const ring = newRing(1024);
  const { client, last } = newClient({});
  client.attachRegion(ring.region);
  client.limit(second.length + 10);
  ring.publish(first);
  await until(() => last()?.generations === 1);
  ring.publish(second);
  ring.drained();
  await until(() => last().state === 'done');
  assert.deepEqual([last().full, (await client.save()).size], [true, 16 + second.length]);
  client.close();
});

test('lost generations are a gap between those that came', async () => {
  const [first, second] = halves();
  const ring = newRing(1024);
  const { client, last } = newClient();
  client.attachRegion(ring.region);
  ring.publish(first);
  await until(() => last()?.generations === 1);
  assert.deepEqual(last().gaps, []);
  const border = last().t1;
  ring.lose(2);
  ring.publish(second);
  ring.drained();
  await until(() => last().state === 'done');
  const [gap, ...more] = last().gaps ?? [];
  assert.deepEqual([gap.t0, gap.count, more], [border, 2, []]);
  assert.ok(gap.t1 > border, 'up to the first event of the next one');
  client.close();
});

test('an address without a ring is an error in words', async () => {
  const { client, errors } = newClient();
  client.attachRegion({ memory: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }), ptr: 64 });
  await until(() => errors.length > 0);
  assert.match(errors[0].message, /no trace region at address 64/);
  client.close();
});
