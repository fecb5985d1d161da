// trampled-child.mjs PROGRAM MODE SEED COUNT: runs a program so often, each time writes over something that the host
// reads there, by a random number generator's choice, and has the host do all that reads it. A line for each run.
import { FILES, HOST, REGION, TAIL } from '../../wasm/host/abi.mjs';
import { load } from '../../wasm/host/loader.mjs';

const [program, mode, first, count] = process.argv.slice(2);
const END_MS = 1000, ANSWER_MS = 3000;

/** @param {number} seed mulberry32 */
const random = (seed) => () => {
  let t = seed += 0x6d2b79f5;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
};

/** @param {number} ms @returns {Promise<'late'>} */
const after = (ms) => new Promise((resolve) => { setTimeout(() => resolve('late'), ms); });
/** @param {Promise<unknown>} work */
const settled = (work) => work.then(() => 'done', () => 'failed');

/** @param {ReadableStream<Uint8Array>} stream */
async function bytesOf(stream) {
  let bytes = 0;
  for await (const piece of /** @type {any} */ (stream)) bytes += piece.length;
  return bytes;
}

/** @param {number} seed */
async function once(seed) {
  const next = random(seed), pick = (/** @type {any[]} */ of) => of[next() % of.length];
  let stdout = 0, stderr = '';
  const rt = await load(program, { mode: /** @type {any} */ (mode), procs: 2, maxMemory: 128 << 20,
    trace: { mode: 'stream', ringBytes: 1 << 20 },
    stdout: { bytes: (/** @type {Uint8Array} */ b) => { stdout += b.length; } },
    stderr: (/** @type {string} */ text) => { stderr += text; } });
  const { memory, ptr } = /** @type {any} */ (rt.trace.region);
  const words = new Uint32Array(memory.buffer);
  const block = words.findIndex((word, i) => word === HOST.MAGIC && words[i + 1] === HOST.ABI) * 4;
  const files = words.findIndex((word, i) => word === FILES.MAGIC && words[i + 1] === FILES.VERSION) * 4;
  const capacity = words[(ptr + REGION.capacity) / 4], tail = ptr + REGION.data + capacity;
  const running = rt.run(), read = bytesOf(rt.trace.readable), subscribed = bytesOf(rt.trace.subscribe());
  await after(20 + next() % 150);

  /** Where, and how many bytes. @type {{ [what: string]: () => [number, number] }} */
  const places = {
    block: () => [block + 4 * (next() % (HOST.threads / 4)), 4],
    blocks: () => [block, HOST.threads], region: () => [ptr + 4 * (next() % (REGION.data / 4)), 4],
    header: () => [ptr, REGION.data], tail: () => [tail + 4 * (next() % (TAIL.BYTES / 4)), 4],
    ring: () => [ptr + REGION.data + (next() % capacity & ~3), 4096],
    output: () => [words[(block + HOST.out) / 4], words[(block + HOST.outBytes) / 4]],
    image: () => [words[(block + HOST.image) / 4], 12], files: () => [words[(files + FILES.first) / 4], 24],
    list: () => [files, 16], low: () => [0, (1 + next() % 64) << 14], all: () => [0, 4 << 20],
  };
  const what = pick(Object.keys(places)), [at, bytes] = places[what]();
  const value = pick([0, 1, 0x01010101, 0x7fffffff, 0x80000000, 0xffffffff, next(), null]); // null: each its own
  for (let i = 0; i < bytes / 4; i++) words[at / 4 + i] = value ?? next();

  const asked = Promise.all([settled(rt.goroutines()), settled(rt.trace.snapshot()), settled(Promise.resolve()
    .then(() => rt.image()))]);
  const byItself = await Promise.race([running, after(400)]);
  if (byItself === 'late') rt.stop();
  const stopped = performance.now();
  const result = byItself === 'late' ? await Promise.race([running, after(ANSWER_MS)]) : byItself;
  const took = performance.now() - stopped;
  const rest = await Promise.race([Promise.all([read, subscribed, asked]).then(() => 'done', () => 'failed'),
    after(ANSWER_MS)]);
  try {
    rt.files();
  } catch { /* they are lost, which it says */ }
  const { exitCode } = /** @type {any} */ (result);
  const wrong = result === 'late' || took > END_MS ? `took ${Math.round(took)} ms to end`
    : rest === 'late' ? 'its trace or an answer did not come to an end'
    : byItself !== 'late' && (exitCode !== 2 || !/^(fatal error|panic): /m.test(stderr)) ? 'ended without a sentence'
    : process.memoryUsage().rss > 1e9 ? 'took too much memory' : '';
  process.stdout.write(`${JSON.stringify({ seed, what, at, bytes, value, byItself: byItself !== 'late', exitCode,
    stdout, stderr: stderr.slice(-300), wrong })}\n`);
}

for (let seed = Number(first); seed < Number(first) + Number(count); seed++) await once(seed);
process.exit(0);
