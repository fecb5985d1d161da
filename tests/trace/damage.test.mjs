// Goal: no input crashes or hangs the reader, splitting the input changes nothing, and memory running out is an error like any other.
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

  test(`cut off at any byte: what comes out is a beginning of the whole, and an error or a shorter trace: ${name}`, async () => {
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
    const noise = Uint8Array.from([...bytes, 1, 1, next(4), 5, 40 + next(20), ...Array.from({ length: next(200) }, () => next(next(2) ? 256 : 60))]);
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
