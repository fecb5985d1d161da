// Whatever a program writes over what its host reads of its memory, the host is not led astray: the run ends by itself
// with a sentence, or when it is stopped, within a second, in bounded memory. TRAMPLED_SEED and TRAMPLED_COUNT choose
// other mistakes, and how many.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { HOST } from '../../wasm/host/abi.mjs';
import { HostBlock } from '../../wasm/host/host-block.mjs';
import { OutputRing } from '../../wasm/host/output-ring.mjs';
import { RingReader } from '../../wasm/host/region.mjs';
import { LONG, build, exec, run, sim, slot, threads, told } from '../lib/run.mjs';

const seed = Number(process.env.TRAMPLED_SEED ?? Date.now() % 1e6);
const count = Number(process.env.TRAMPLED_COUNT ?? (LONG ? 200 : 16));

let program = '';
before(async () => { program = await build('tests/host/trampled.c', 'emscripten'); });

for (const mode of ['threads', 'sim']) {
  test(`what a host reads is written over at random, ${mode}, seeds ${seed} to ${seed + count - 1}`, async () => {
    const args = ['tests/host/trampled-child.mjs', program, mode, String(seed), String(count)];
    const r = await slot(() => exec('node', args, { timeoutMs: 20_000 + count * 5000 }));
    const runs = r.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    assert.deepEqual(runs.filter((one) => one.wrong), []);
    assert.equal(runs.length, count, told(r));
  });
}

for (const port of [threads(2), sim(2)]) {
  test(`memset through a null pointer is told of, what was printed before is kept, ${port.name}`, async () => {
    const r = await slot(() => run(port, program, ['memset']));
    assert.equal(r.stdout, 'one\ntwo\n', told(r));
    assert.equal(r.exitCode, 2, told(r));
    assert.match(r.stderr, /^fatal error: invalid memory address or nil pointer dereference\n\[a write to address 0 /);
    assert.match(r.stderr, /\ngr_main\(\.\.\.\)\n/);
  });
}

test('a region whose size is not what memory holds is none', () => {
  const words = new Uint32Array(new ArrayBuffer(1 << 17));
  words.set([0x52545247, 1, 1 << 16, 0]);
  assert.equal(new RingReader(words, 0).capacity, 1 << 16);
  for (const capacity of [0, 3, 1 << 17, 1 << 31]) {
    words[2] = capacity;
    assert.throws(() => new RingReader(words, 0), /written over memory/, String(capacity));
  }
});

test('a ring read by positions that it cannot hold comes to its end', () => {
  const words = new Uint32Array(new ArrayBuffer(1 << 17));
  for (const [low, high] of [[1 << 17, 0], [0xffffffff, 0xffffffff], [1, 1 << 30]]) {
    words.set([0x52545247, 1, 1 << 16, 0]);
    const ring = new RingReader(words, 0);
    words.set([low, high], 4);
    assert.equal(ring.read(), null);
    assert.equal(ring.damaged, true);
    assert.equal(ring.state, 2);
    words.fill(0, 0, 16);
  }
});

test('records of output that cannot be are not handed over, those before them are', () => {
  const words = new Uint32Array(new ArrayBuffer(1 << 16)), at = 1024, out = 4096;
  const head = new Uint32Array(words.buffer, at, HOST.threads / 4);
  head.set([HOST.MAGIC, HOST.ABI, out, 4096]);
  const ring = new OutputRing(new HostBlock(words, at));
  words.set([1 << 24 | 3, 0x636261, 1 << 24 | 0xffffff, 0], out / 4);
  head[HOST.outWrite / 4] = 16;
  /** @type {string[]} */ const printed = [];
  const print = (/** @type {number} */ fd, /** @type {Uint8Array} */ bytes) => {
    printed.push(`${fd} ${Buffer.from(bytes)}`);
  };
  assert.throws(() => ring.drain(print), /written over memory/);
  assert.deepEqual(printed, ['1 abc']);
});
