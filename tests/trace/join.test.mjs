// Goal: a trace read in generations side by side is the trace that one reader of the whole sees: every span, every
// count, every verdict.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { Cutter } from '../../viewer/trace/cutter.mjs';
import { Joined } from '../../viewer/trace/joined.mjs';
import { compileReader, newInstance, TraceStore } from '../../viewer/trace/store.mjs';
import { oneRound, roundOf } from '../bench/long-trace.mjs';
import { repeated } from '../bench/repeat.mjs';
import { assemble } from './assemble.mjs';
import { compare, counted, generations, nearReader, newClient, streamOf, whole } from './joined.mjs';
import { random } from './reader.mjs';
import { busy, go126, twoGenerations } from './samples.mjs';

const recorded = new URL('recorded/', import.meta.url);

const running = 'ProcStatus dt=1 p=0 pstatus=1\nGoStatus dt=1 g=1 m=0 gstatus=2';
const waiting = 'GoStatus dt=1 g=2 m=- gstatus=4';

/** What is cut in its middle. @type {Record<string, string[]>} */
const cuts = {
  'a stop of the world': [`${running}\nSTWBegin dt=5 kind=6 stack=1`,
    `${running}\nSTWEnd dt=7\nGoStop dt=3 reason=5 stack=1`,
    'ProcStatus dt=1 p=0 pstatus=1\nGoStatus dt=1 g=1 m=- gstatus=1\nGoStart dt=1 g=1 g_seq=1\n' +
      'STWBegin dt=5 kind=6 stack=1', running, `${running}\nSTWEnd dt=9`],
  'a system call': [`${running}\nGoSyscallBegin dt=5 p_seq=1 stack=1`,
    'ProcStatus dt=1 p=0 pstatus=3\nGoStatus dt=1 g=1 m=0 gstatus=3', 'ProcStatus dt=1 p=0 pstatus=3\n' +
      'GoStatus dt=1 g=1 m=0 gstatus=3\nGoSyscallEnd dt=9\nGoBlock dt=9 reason=1 stack=1\nProcStop dt=1',
    'ProcStatus dt=1 p=0 pstatus=2\nGoStatus dt=1 g=1 m=- gstatus=4'],
  'a system call whose P is stolen later': [`${running}\nGoSyscallBegin dt=5 p_seq=1 stack=1`,
    'ProcStatus dt=1 p=1 pstatus=1\nProcStatus dt=1 p=0 pstatus=4\nProcSteal dt=5 p=0 p_seq=1 m=7\n' +
      'GoStatus dt=5 g=1 m=7 gstatus=3'].map((s, i) => (i ? s : s.replace('m=0', 'm=7'))),
  'a task and two regions': [`${running}\nUserTaskBegin dt=5 task=9 parent_task=0 name=7 stack=1
UserRegionBegin dt=5 task=9 name=7 stack=0\nUserRegionBegin dt=5 task=9 name=6 stack=0`, running,
  `${running}\nUserRegionEnd dt=5 task=9 name=6 stack=0\nUserTaskBegin dt=5 task=10 parent_task=9 name=7 stack=1`,
  `${running}\nUserRegionEnd dt=5 task=9 name=7 stack=0\nUserTaskEnd dt=5 task=9 stack=1`, running],
  'a region that is not the innermost': [`${running}\nUserRegionBegin dt=5 task=9 name=7 stack=0`,
    `${running}\nUserRegionEnd dt=5 task=9 name=6 stack=0`, running],
  'a task that begins twice': [`${running}\nUserTaskBegin dt=5 task=9 parent_task=0 name=7 stack=1`, running,
    `${running}\nUserTaskBegin dt=5 task=9 parent_task=0 name=7 stack=1`, running],
  'a wait, and who woke': [`${running}\nGoCreateBlocked dt=5 new_g=2 new_stack=2 stack=1`,
    `${running}\n${waiting}\nGoUnblock dt=5 g=2 g_seq=1 stack=1`,
    `${running}\nGoStatus dt=1 g=2 m=- gstatus=1\nGoStop dt=5 reason=5 stack=1\nGoStart dt=5 g=2 g_seq=1`,
    'ProcStatus dt=1 p=0 pstatus=1\nGoStatus dt=1 g=2 m=0 gstatus=2\nGoStatus dt=1 g=1 m=- gstatus=1\nGoDestroy dt=5'],
  'a garbage collection': [`${running}\nGCBegin dt=5 gc_seq=4 stack=1`, `${running}\nGCActive dt=1 gc_seq=5`,
    `${running}\nGCActive dt=1 gc_seq=6\nGCEnd dt=5 gc_seq=7`, `${running}\nGCBegin dt=5 gc_seq=8 stack=1`,
    `${running}\nGCActive dt=1 gc_seq=10`],
  'a garbage collection that nothing tells of': [`${running}\nGCBegin dt=5 gc_seq=4 stack=1`,
    `${running}\nGCEnd dt=5 gc_seq=5`, running],
  'a mark assist': [`${running}\nGCMarkAssistBegin dt=5 stack=1`, `${running}\nGCMarkAssistActive dt=1 g=1`, running,
    `${running}\nGCMarkAssistEnd dt=1`, `${running}\nGCMarkAssistActive dt=1 g=1`],
  'a goroutine that comes from nowhere': [running, `${running}\n${waiting}`, running],
  'a status that is not so': [`${running}\nGoCreateBlocked dt=5 new_g=2 new_stack=2 stack=1`,
    `${running}\nGoStatus dt=1 g=2 m=- gstatus=1`, running],
  'a P that is not so': [running, 'ProcStatus dt=1 p=0 pstatus=2\nGoStatus dt=1 g=1 m=0 gstatus=2'],
  'a goroutine created twice': [`${running}\nGoCreate dt=5 new_g=2 new_stack=2 stack=1`,
    `${running}\nGoCreate dt=5 new_g=2 new_stack=2 stack=1`, running],
  'a thread that had nothing': [running, 'GoCreate dt=5 new_g=2 new_stack=2 stack=1', running],
  'nothing at all': [running, running, running, running],
};

for (const [name, bodies] of Object.entries(cuts)) {
  test(`cut in the middle of ${name}`, async () => {
    for (const version of ['1.23', '1.26']) {
      // With step 3 the generations begin before the ones before end: times are pushed.
      for (const step of [1000, 3]) {
        const bytes = generations(bodies, { version, step });
        const expected = await whole(bytes);
        for (const [readers, keep] of [[1, 1], [1, undefined], [2, 1], [4, undefined]]) {
          const told = `${name}, ${version}, ${step}, ${readers} readers, ${keep ?? 'as usual'} kept`;
          (await compare(bytes, { readers: Number(readers), keep, told }, expected)).client.close();
        }
      }
    }
  });
}

test('recorded traces of Go', async () => {
  for (const name of readdirSync(recorded).filter((f) => f.endsWith('.trace'))) {
    const bytes = readFileSync(new URL(name, recorded));
    const expected = await whole(bytes);
    for (const readers of [1, 3]) (await compare(bytes, { readers, told: name }, expected)).client.close();
  }
});

test('chunks of any size, from a stream, a gzipped one, a blob', async () => {
  const next = random(Number(process.env.SEED ?? 11));
  const bodies = [`${running}\nGoCreateBlocked dt=5 new_g=2 new_stack=2 stack=1`,
    ...Array.from({ length: 6 }, () => `${running}\n${waiting}`)];
  const samples = { two: assemble(twoGenerations), busy: assemble(busy), go126: assemble(go126),
    many: generations(bodies), many126: generations(bodies, { version: '1.26' }) };
  for (const [name, bytes] of Object.entries(samples)) {
    const expected = await whole(bytes);
    for (const sizes of [[1], [2, 3, 5], Array.from({ length: 30 }, () => 1 + next(90)), [bytes.length]]) {
      const told = `${name}, ${sizes}`;
      (await compare(bytes, { readers: 2, source: streamOf(bytes, sizes), told }, expected)).client.close();
      (await compare(bytes, { readers: 2, source: streamOf(gzipSync(bytes), sizes), told }, expected)).client.close();
    }
  }
});

test('of a generation that is taken in while it comes nothing is lost, nor of the next one taken', async () => {
  const { all, length } = await roundOf(oneRound(20, 60_000)), next = random(Number(process.env.SEED ?? 12));
  const pieces = repeated(all, length), bytes = Buffer.concat(
    Array.from({ length: 3 }, () => Buffer.concat(pieces.next().value ?? []))); // the header, and two of them
  /** @param {number} most bytes of a chunk @param {boolean} early @returns {Buffer[]} by generation */
  const cutBy = (most, early) => {
    /** @type {Buffer[]} */
    const cuts = [];
    /** @type {Uint8Array[]} */
    let begun = [];
    const cutter = new Cutter(({ chunks }) => {
      cuts.push(Buffer.concat([...begun, ...chunks]));
      begun = [];
    });
    for (let at = 0; at < bytes.length;) {
      const n = 1 + next(most);
      cutter.push(bytes.subarray(at, at + n));
      at += n;
      if (early) begun.push(...cutter.begun());
    }
    return [...cuts, Buffer.concat([...begun, ...cutter.rest().chunks])];
  };
  const expected = cutBy(1 << 20, false);
  assert.ok(expected.length === 2 && expected[0].length > 3 * (64 << 10), 'there is something to take');
  for (const most of [50, 5000, 70_000, 200_000]) assert.deepEqual(cutBy(most, true), expected, `chunks of ${most}`);
});

test('cut off at any byte, or spoiled: the same sentence at the same place, the same spans before it', async () => {
  const seed = Number(process.env.SEED ?? 12);
  const next = random(seed);
  const bytes = generations([`${running}\nGoCreateBlocked dt=5 new_g=2 new_stack=2 stack=1`,
    `${running}\n${waiting}\nGoUnblock dt=5 g=2 g_seq=1 stack=1`, `${running}\nGoStatus dt=1 g=2 m=- gstatus=1`,
    running]);
  for (let n = 0; n < bytes.length; n += 1 + next(4)) {
    const part = bytes.slice(0, n);
    if (n) (await compare(part, { readers: 2, told: `cut at byte ${n}` })).client.close();
  }
  for (let i = 0; i < 400; i++) {
    const spoiled = bytes.slice();
    const bit = next(spoiled.length * 8);
    spoiled[bit >> 3] ^= 1 << (bit & 7);
    (await compare(spoiled, { readers: 2, told: `bit ${bit}, seed ${seed}` })).client.close();
  }
});

test('readers in threads of their own', async () => {
  const bytes = readFileSync(new URL('go1.23-mixed.trace', recorded));
  const bodies = Array.from({ length: 40 }, () => running);
  /** @type {Worker[]} */
  const threads = [];
  const makeReader = () => {
    const thread = new Worker(new URL('reader-thread.mjs', import.meta.url));
    threads.push(thread);
    /** @type {import('../../viewer/trace/client.mjs').WorkerLike} */
    const worker = {
      onmessage: null, onerror: null, terminate: () => void thread.terminate(),
      postMessage: (message, transfer) => thread.postMessage(message, /** @type {any} */ (transfer)),
    };
    thread.on('message', (data) => worker.onmessage?.(/** @type {MessageEvent} */ ({ data })));
    thread.on('error', (error) => worker.onerror?.(error));
    return worker;
  };
  for (const trace of [bytes, generations(bodies)]) {
    (await compare(trace, { readers: 2, makeReader, told: 'threads' })).client.close();
  }
  await Promise.all(threads.map((t) => t.terminate()));
});

test('what is no trace is named', async () => {
  const { client, last, errors } = newClient();
  const chrome = Buffer.from('{"traceEvents": [{"ph": "X"}]}');
  const profile = Buffer.from([0x0a, 4, 0x08, 1, 0x10, 2, 0x0a, 4, 0x08, 3, 0x10, 4, 0x12, 2, 8, 1]);
  for (const [bytes, says] of /** @type {Array<[Uint8Array, RegExp]>} */ ([
    [Buffer.from('PK\x03\x04 and more'), /zip archive/], [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), /zstd/],
    [chrome, /Chrome's JSON/], [profile, /profile \(pprof\)/], [gzipSync(profile), /profile \(pprof\)/],
    [gzipSync(chrome), /Chrome's JSON/], [Buffer.from('hello'), /not a Go execution trace/],
    [gzipSync(assemble(twoGenerations)).subarray(0, 90), /gzipped file is damaged or cut off/],
  ])) {
    await client.open(new Blob([/** @type {BlobPart} */ (bytes)]));
    assert.match(String(last().error), says);
    assert.equal(last().state, 'done');
  }
  assert.deepEqual(errors, []);
  client.close();
});

test('a reader that fails is a sentence; closing ends all of them', async () => {
  const bytes = generations(Array.from({ length: 60 }, () => running));
  let made = 0, ended = 0;
  const ready = /** @type {MessageEvent} */ ({ data: { type: 'ready' } });
  const makeReader = () => {
    const worker = nearReader();
    const { terminate, postMessage } = worker;
    made++;
    worker.terminate = () => {
      ended++;
      terminate();
    };
    worker.postMessage = (message, transfer) => {
      if (message.type === 'go') setImmediate(() => worker.onerror?.({ message: 'out of luck' }));
      else if (message.type === 'init') worker.onmessage?.(ready);
      else postMessage(message, transfer);
    };
    return worker;
  };
  const { client } = newClient({ readers: 4, makeReader });
  await assert.rejects(client.open(bytes), /A worker of the trace reader failed: out of luck/);
  client.close();
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  assert.ok(made > 0);
  assert.equal(ended, made);
});

test('another trace, or the end, leaves a reading at once: nothing more is said of it', async () => {
  const bytes = generations(Array.from({ length: 200 }, () => running));
  const { client, infos } = newClient({ readers: 3 });
  const first = client.open(bytes, { name: 'first' });
  await client.open(assemble(busy), { name: 'second' });
  await first;
  const from = infos.findIndex((i) => i.name === 'second');
  assert.ok(infos.slice(from).every((i) => i.name === 'second'));
  const third = client.open(bytes, { name: 'third' });
  client.close();
  await third;
  const told = infos.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(infos.length, told);
});

test('generations are read as parts, and refused where only who knows the past can judge', async () => {
  const count = { parts: 0, refused: 0 };
  const { accept } = Joined.prototype;
  Joined.prototype.accept = /** @type {typeof accept} */ (function(place, found, carry) {
    // @ts-ignore: it is the method of what it is called on
    const ok = accept.call(this, place, found, carry);
    if (found.part) count[ok ? 'parts' : 'refused']++;
    return ok;
  });
  try {
    const open = async (/** @type {string[]} */ bodies) => {
      Object.assign(count, { parts: 0, refused: 0 });
      const { client } = newClient({ readers: 3 });
      await client.open(generations(bodies));
      client.close();
      return { ...count };
    };
    assert.deepEqual(await open(cuts['nothing at all']), { parts: 2, refused: 0 });
    assert.deepEqual(await open([...cuts['a task and two regions'], running]), { parts: 4, refused: 0 });
    assert.deepEqual(await open([...cuts['a system call'], 'ProcStatus dt=1 p=0 pstatus=2']),
      { parts: 3, refused: 0 });
    assert.ok((await open([...cuts['a status that is not so'], running])).refused > 0);
  } finally {
    Joined.prototype.accept = accept;
  }
});

test('from far away summaries say the same as the whole, about', async () => {
  const parts = Array.from({ length: 40 }, (_, i) => i);
  const text = parts.map(() => {
    const lines = Array.from({ length: 400 }, (_, k) =>
      `GoStop dt=${20 + (k * 7) % 90} reason=5 stack=1\nGoStart dt=${10 + (k * 13) % 70} g=1 g_seq=${k + 1}`);
    return `${running}\n${lines.join('\n')}`;
  });
  const small = generations(text, { step: 50_000 });
  const expected = await whole(small);
  const { client, last } = newClient({ readers: 2 });
  await client.open(small);
  const { t1, lanes: [{ index }] } = last();
  const windows = [[0, 1, 100], [0, 1, 40], [0.2, 0.7, 64], [0.5, 0.6, 64]];
  for (const [a, b, px, summary] of windows.flatMap((w) => [[...w, 0], [...w, 1]])) {
    const window = { t0: Math.floor(a * t1), t1: Math.ceil(b * t1), px };
    const mine = await client.query({ ...window, lanes: [index], summary: Boolean(summary) });
    const theirs = expected.store.query({ ...window, lanes: [0] });
    const sum = (/** @type {any} */ l) => {
      let ns = 0;
      for (let i = 0; i < l.n; i++) {
        ns += l.busy[i] * (Math.min(l.end[i], window.t1) - Math.max(l.start[i], window.t0));
        assert.ok(i === 0 || l.start[i] >= l.end[i - 1] - 1e-6, 'in order');
      }
      return ns;
    };
    const [have, want] = [sum(mine?.lanes[0]), sum(theirs.lanes[0])];
    const bucket = (window.t1 - window.t0) / px;
    assert.ok(Math.abs(have - want) <= 0.01 * want + 2 * bucket, `${have} of ${want}, from ${a} to ${b}`);
  }
  client.close();
});

test('summaries have a bound: of a stream without end the oldest are given up, and that is told', async () => {
  const { accept } = Joined.prototype;
  let most = 0;
  Joined.prototype.accept = /** @type {typeof accept} */ (function(place, found, carry) {
    // @ts-ignore: it is the method of what it is called on
    const ok = accept.call(this, place, found, carry);
    // @ts-ignore: so is this
    most = Math.max(most, this.summarySize);
    return ok;
  });
  try {
    const maxBytes = 80_000; // a quarter of it is for summaries
    const { client, last } = newClient({ maxBytes });
    const bytes = generations(Array(300).fill(`${running}\nGoStop dt=50 reason=5 stack=1\nGoStart dt=9 g=1 g_seq=1`));
    await client.open(streamOf(bytes, [5000]));
    const { knownFrom = 0, t1, lanes: [{ index }] } = last();
    assert.ok(most > 15_000 && most < 25_000, `${most} bytes`);
    assert.ok(knownFrom > t1 / 2 && knownFrom < t1, `${knownFrom} of ${t1}`);
    const at = async (/** @type {number} */ from, /** @type {number} */ to) =>
      (await client.query({ t0: from, t1: to, px: 10, lanes: [index], summary: true }))?.lanes[0].n ?? 0;
    assert.equal(await at(0, knownFrom), 0);
    assert.ok(await at(knownFrom, t1) > 0);
    assert.equal(await client.detail(index, 0), null, 'a span of what is gone');
    client.close();
  } finally {
    Joined.prototype.accept = accept;
  }
});

/** @param {Uint8Array} round as oneRound() makes it @param {number} n */
async function rounds(round, n) {
  const { all, length } = await roundOf(round);
  const pieces = repeated(all, length);
  return Buffer.concat(Array.from({ length: n + 1 }, () => pieces.next().value).flat()); // the header first
}

test('a query over very many small generations takes few questions', async () => {
  const bytes = await rounds(oneRound(8, 48), 300);
  const { client, last } = newClient({ readers: 1 });
  await client.open(new Blob([bytes]));
  const info = last();
  let questions = 0;
  const sum = await counted('state:running', {
    query: (query) => (questions++, client.query(query)), detail: (lane, index) => client.detail(lane, index),
  }, info);
  assert.equal(sum.spans, (await whole(bytes)).all.spans);
  assert.ok(questions < 50, `${questions} questions`);
  client.close();
});

test('every span is found once where neighbours have no room together', async () => {
  const bytes = await rounds(oneRound(80, 100_000), 3), expected = await whole(bytes);
  assert.ok(expected.info.generations > 2 && expected.all.spans > 50_000, JSON.stringify(expected.all));
  for (const readers of [1, 3]) (await compare(bytes, { readers, keep: 1, told: 'no room' }, expected)).client.close();
});

test('memory grows by a quarter at a time: each growth makes JS collect garbage', async () => {
  const wasm = newInstance(await compileReader());
  const bytes = assemble(busy);
  const sizes = new Set(), stores = [];
  for (let i = 0; i < 2000; i++) {
    const store = new TraceStore(wasm);
    stores.push(store);
    store.push(bytes);
    store.end();
    store.drain();
    sizes.add(wasm.memory.buffer.byteLength);
  }
  assert.ok(wasm.memory.buffer.byteLength > 20 << 20, 'there was something to grow for');
  assert.ok(sizes.size < 40, `${sizes.size} sizes`);
});
