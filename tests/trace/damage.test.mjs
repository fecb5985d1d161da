// Goal: no input crashes or hangs the reader, splitting the input changes nothing, and memory running out is an
// error like any other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTION, STATUS } from '../../viewer/trace/store.mjs';
import { assemble } from './assemble.mjs';
import { dumped, random, read } from './reader.mjs';
import { busy, go126, oneM, twoGenerations } from './samples.mjs';

const seed = Number(process.env.SEED ?? 20);
const samples = { busy, twoGenerations, go126, one: oneM('') };

for (const [name, text] of Object.entries(samples)) {
  test(`chunks of any size give the same events: ${name}`, async () => {
    const bytes = assemble(text);
    const whole = await dumped(bytes);
    assert.ok(whole.ok);
    for (let cut = 1; cut < bytes.length; cut++) {
      const parts = await dumped(bytes, [cut, bytes.length - cut]);
      assert.equal(parts.text, whole.text, `cut at byte ${cut}`);
      assert.equal(parts.status, STATUS.DONE);
    }
    const next = random(seed);
    for (const chunks of [[1], [2, 3, 5], Array.from({ length: 40 }, () => next(30))]) {
      assert.equal((await dumped(bytes, chunks)).text, whole.text, `chunks ${chunks}, seed ${seed}`);
    }
  });

  test('cut off at any byte: what comes out is a beginning of the whole, ' +
    `and an error or a shorter trace: ${name}`, async () => {
    const bytes = assemble(text);
    const whole = (await dumped(bytes)).text;
    for (let n = 0; n < bytes.length; n++) {
      const { ok, fault, text: part } = await dumped(bytes.subarray(0, n));
      assert.equal(ok, fault === null);
      const events = part.split(/^(?=M=)/m).filter((e) => !/ Sync /.test(e)).join('');
      const all = whole.split(/^(?=M=)/m).filter((e) => !/ Sync /.test(e)).join('');
      assert.ok(all.startsWith(events), `cut at byte ${n}`);
    }
  });
}

test('any bit flipped: an end within the reader, never a crash; queries go on working', async () => {
  for (const text of Object.values(samples)) {
    const bytes = assemble(text);
    for (let bit = 16 * 8; bit < bytes.length * 8; bit++) {
      const copy = bytes.slice();
      copy[bit >> 3] ^= 1 << (bit & 7);
      const { status, store } = await read(copy, { options: OPTION.VALIDATE | OPTION.DUMP_JSON });
      assert.ok(status === STATUS.DONE || status === STATUS.FAILED, `bit ${bit}: status ${status}`);
      const info = store.info();
      const tiles = store.query({ t0: 0, t1: info.t1 + 1, px: 50, lanes: info.lanes.map((l) => l.index) });
      for (const { lane, index } of tiles.lanes) if (index[0] >= 0) assert.ok(store.detail(lane, index[0]));
      store.stat();
    }
  }
});

test('random bytes behind a header', async () => {
  const next = random(seed);
  for (let i = 0; i < 500; i++) {
    const bytes = assemble(`Trace Go1.${[22, 23, 25, 26][next(4)]}`);
    const noise = Uint8Array.from([...bytes, 1, 1, next(4), 5, 40 + next(20),
      ...Array.from({ length: next(200) }, () => next(next(2) ? 256 : 60))]);
    const { status } = await read(noise, { options: OPTION.VALIDATE });
    assert.ok(status === STATUS.DONE || status === STATUS.FAILED, `round ${i}, seed ${seed}`);
  }
});

test('memory that runs out at any point is an error, and no crash', async () => {
  const bytes = assemble(twoGenerations);
  const enough = (await read(bytes)).store.memoryUsed;
  let failed = 0;
  for (let limit = enough - 1; limit > 6000; limit -= Math.max(64, Math.floor(enough / 400))) {
    const { ok, fault, store } = await read(bytes, { limit });
    if (ok) continue;
    failed++;
    assert.equal(fault?.rule, 'memory', JSON.stringify(fault));
    store.wasm.gt_mem_limit(0);
    assert.ok(store.info());
  }
  assert.ok(failed > 20, `${failed} runs ran out of memory`);
});

test('memory that runs out while the index grows leaves an index that answers', async () => {
  const { makeTrace } = await import('../bench/made-trace.mjs');
  const bytes = makeTrace(12_000, { procs: 2 });
  const enough = (await read(bytes)).store.memoryUsed;
  let failed = 0;
  for (let limit = enough - 1; limit > enough / 3; limit -= Math.floor(enough / 150)) {
    const { ok, store } = await read(bytes, { limit });
    if (ok) continue;
    failed++;
    store.wasm.gt_mem_limit(0);
    const { t1, lanes } = store.info();
    for (const px of [1, 7, 500]) {
      const tiles = store.query({ t0: 0, t1: t1 + 1, px, lanes: lanes.map((l) => l.index) });
      for (const { n, start, end } of tiles.lanes) for (let i = 0; i < n; i++) assert.ok(start[i] <= end[i]);
    }
  }
  assert.ok(failed > 20, `${failed} runs ran out of memory`);
});

/** Text around which ten thousands of generations stand, each as small as it can be. @param {number} n */
function manyGenerations(n) {
  const parts = [assemble('Trace Go1.26')];
  for (let gen = 1; gen <= n; gen++) {
    parts.push(assemble(`EventBatch gen=${gen} m=- time=${gen * 10}\nSync\nFrequency freq=1000000000\n` +
      `ClockSnapshot dt=1 mono=${gen} sec=${gen} nsec=0\nEndOfGeneration`));
  }
  return Buffer.concat(parts);
}

test('what is built to take long does not: ' +
  'tiny generations, threads in the worst order, statuses by the thousand', async () => {
  const ms = 3000;
  const chain = `Trace Go1.23
EventBatch gen=1 m=0 time=100
ProcStatus dt=1 p=0 pstatus=1
${Array.from({ length: ms }, (_, i) => `EventBatch gen=1 m=${i + 1} time=${ms - i}
ProcStatus dt=1 p=${i + 1} pstatus=2
ProcStart dt=1 p=${i} p_seq=${i ? 2 : 1}
ProcStop dt=1`).join('\n')}`;
  const stolen = oneM('', `EventBatch gen=1 m=5 time=300
ProcStatus dt=1 p=3 pstatus=1
GoStatus dt=1 g=8 m=5 gstatus=2
GoSyscallBegin dt=1 p_seq=1 stack=0
${Array.from({ length: ms }, (_, i) =>
  `EventBatch gen=1 m=${100 + i} time=200\nProcStatus dt=1 p=${100 + i} pstatus=1`).join('\n')}
EventBatch gen=1 m=6 time=400
${'ProcStatus dt=1 p=3 pstatus=4\n'.repeat(15_000)}`);
  for (const [name, bytes] of /** @type {[string, Uint8Array][]} */ (
    [['generations', manyGenerations(20_000)], ['threads', assemble(chain)], ['statuses', assemble(stolen)]])) {
    const from = performance.now();
    const { status } = await read(bytes, { options: OPTION.VALIDATE });
    const ms = performance.now() - from;
    assert.ok(status === STATUS.DONE || status === STATUS.FAILED);
    assert.ok(ms < 5000, `${name}: ${bytes.length} bytes took ${ms.toFixed(0)} ms`);
  }
});
