// Ends runs at every moment of their life, and makes workers fail at every moment, in one mode; started by
// settle.test.mjs with the job as JSON. Prints a line for each attempt that did not settle as it must. Does not
// call process.exit: whatever is left running keeps it alive.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {import('../../wasm/host/types.d.mts').LoadOptions} LoadOptions */
/** @typedef {import('../../wasm/host/types.d.mts').Runtime} Runtime */
/**
 * @typedef {{ way: LoadOptions, hidden: boolean, wasi: boolean, spin: string, bytes: string,
 *   made: {[name: string]: string}, seed: number, random: number, long: boolean }} Job
 */

/** @type {Job} */
const job = JSON.parse(process.argv[2]);
const { way, made } = job;

// Without SharedArrayBuffer the loader sees nothing of the program's memory; node itself needs it.
const shared = globalThis.SharedArrayBuffer;
if (job.hidden) globalThis.SharedArrayBuffer = /** @type {any} */ (undefined);
const { load } = await import('../../wasm/host/loader.mjs');
globalThis.SharedArrayBuffer = shared;

/** A second is what a run may take to settle; the rest is for a machine that does more than this. */
const LIMIT_MS = 2000;
const HANG_MS = 8000;
const workers = job.hidden || way.mode !== 'threads' ? 1 : 1 + Number(way.procs);

/** The first is M0's, the last one of many. */
const which = Array.from({ length: workers }, (_, i) => i)
  .filter((i) => job.long || i === 0 || i === workers - 1);

const spin = readFileSync(job.spin);
const printing = readFileSync(job.bytes);

/** Workers that live. @type {Set<import('node:worker_threads').Worker>} */
const alive = new Set();
/** @type {(worker: import('node:worker_threads').Worker, i: number) => void} */
let onWorker = () => {};
let started = 0;
process.on('worker', (worker) => {
  alive.add(worker);
  worker.on('exit', () => alive.delete(worker));
  onWorker(worker, started++);
});

/**
 * Waits for workers that are ending: on a machine that does more than this it may take longer than a run waits for
 * them.
 * @param {number} ms at most
 */
async function gone(ms) {
  const exits = Promise.all([...alive].map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
  const late = new AbortController();
  await Promise.race([exits, sleep(Math.max(ms, 0), null, { signal: late.signal }).catch(() => null)]);
  late.abort();
}

let attempts = 0;
let slowest = 0;
/** @type {Set<string>} */ const seen = new Set();

/** One run, and what is to happen to it. */
class Attempt {
  #abort = new AbortController();
  signal = this.#abort.signal;
  /** @type {Runtime | null} */ rt = null;
  at = 0; // when it was stopped, or made to fail
  stderr = '';
  /** Stops it by its signal. */
  stop = () => {
    this.at ||= performance.now();
    this.#abort.abort();
  };
  /** @param {import('node:worker_threads').Worker} worker */
  kill = (worker) => {
    this.at ||= performance.now();
    void worker.terminate();
  };
}

/**
 * @typedef {{ rejected?: Error, failed?: Error, result?: { exitCode: number, stopped?: boolean } }} Settled
 * rejected: by load(); failed: by run()
 */

/**
 * The whole life of a program.
 * @param {Attempt} t
 * @param {string | Uint8Array<ArrayBuffer>} program
 * @param {LoadOptions} [options]
 * @param {(rt: Runtime) => void} [loaded]
 * @param {(rt: Runtime) => void} [running]
 * @returns {Promise<Settled>}
 */
async function life(t, program, options = {}, loaded = () => {}, running = () => {}) {
  try {
    t.rt = await load(program, { ...way, trace: { mode: 'stream' }, signal: t.signal, stdout: () => {},
      stderr: (s) => { t.stderr += s; }, ...options });
  } catch (error) {
    return { rejected: /** @type {Error} */ (error) };
  }
  loaded(t.rt);
  try {
    const run = t.rt.run();
    running(t.rt);
    return { result: await run };
  } catch (error) {
    return { failed: /** @type {Error} */ (error) };
  }
}

/**
 * Makes one attempt and says what is wrong with how it settled.
 * @param {string} name
 * @param {(t: Attempt) => Promise<Settled>} body
 * @param {(s: Settled, t: Attempt) => unknown} fits truthy: it settled as it must
 */
async function attempt(name, body, fits) {
  const t = new Attempt();
  attempts++;
  started = 0;
  onWorker = () => {};
  const hang = new AbortController();
  const settled = await Promise.race([body(t), sleep(HANG_MS, null, { signal: hang.signal }).catch(() => null)]);
  const ms = performance.now() - t.at;
  hang.abort();
  /** @type {string[]} */ const wrong = [];
  if (settled === null) wrong.push(`did not settle within ${HANG_MS} ms`);
  else {
    slowest = Math.max(slowest, ms);
    if (!t.at) wrong.push('its moment never came');
    else if (ms > LIMIT_MS) wrong.push(`took ${Math.round(ms)} ms`);
    await gone(LIMIT_MS - ms);
    if (alive.size) wrong.push(`${alive.size} workers were left`);
    const error = settled.rejected ?? settled.failed;
    if (error && (!(error instanceof Error) || !/^[A-Za-z]\S*( \S+){3,}$/.test(error.message)
      || /undefined|\[object/.test(error.message)))
      wrong.push(`no sentence: ${error}`);
    if (!fits(settled, t)) wrong.push(`settled with ${
      error ? `${error.name}: ${error.message}` : JSON.stringify(settled.result)}, stderr ${
      JSON.stringify(t.stderr)}`);
    seen.add(settled.rejected ? 'load' : 'run');
  }
  if (wrong.length) console.log(`${name}: ${wrong.join('; ')}`);
  for (const worker of alive) await worker.terminate();
}

const stopped = (/** @type {Settled} */ s) =>
  s.rejected?.name === 'AbortError' || (s.result?.exitCode === 130 && s.result.stopped === true);
const aborted = (/** @type {Settled} */ s) =>
  s.rejected?.name === 'AbortError' && /was stopped while it was being loaded/.test(s.rejected.message);
const stoppedRun = (/** @type {Settled} */ s) => s.result?.exitCode === 130 && s.result.stopped === true;
/** A worker died under a program that was loaded: that is told as a failure of the program's. */
const failedRun = (/** @type {Settled} */ s, /** @type {Attempt} */ t) =>
  s.result?.exitCode === 2 && /^fatal error: a worker of the program (ended by itself|failed: .*)\n/.test(t.stderr);
const refused = (/** @type {Settled} */ s) => s.rejected && s.rejected.name !== 'AbortError';

// ---- fetching and compiling -------------------------------------------------------------------------------------

/** Answers /never with nothing, /wasm and /bytes with the beginning of a program; calls back when it has. */
let asked = () => {};
const server = createServer((request, response) => {
  if (request.url !== '/never') {
    response.writeHead(200, {
      'Content-Type': request.url === '/wasm' ? 'application/wasm' : 'application/octet-stream',
      'Content-Length': spin.length,
    });
    response.write(spin.subarray(0, 20000), () => asked());
  } else asked();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
for (const what of ['never', 'wasm', 'bytes']) {
  await attempt(`stopped while it is fetched (${what})`, (t) => {
    asked = () => setTimeout(t.stop, 20);
    return life(t, `http://127.0.0.1:${port}/${what}`);
  }, aborted);
}
await attempt('the server goes away while it is fetched', (t) => {
  asked = () => setTimeout(() => {
    t.at = performance.now();
    server.closeAllConnections();
  }, 20);
  return life(t, `http://127.0.0.1:${port}/bytes`);
}, refused);
server.close();
server.closeAllConnections();

await attempt('stopped before load()', (t) => {
  t.stop();
  return life(t, spin);
}, aborted);
for (const ticks of job.long ? [0, 1, 2, 4, 8] : [0, 2]) {
  await attempt(`stopped ${ticks} microtasks after load() was called`, (t) => {
    const settled = life(t, spin);
    let then = Promise.resolve();
    for (let i = 0; i < ticks; i++) then = then.then(() => {});
    void then.then(t.stop);
    return settled;
  }, aborted);
}
await attempt('it cannot be compiled', (t) => {
  t.at = performance.now();
  return life(t, spin.subarray(0, 5000));
}, refused);

// ---- starting workers, booting ----------------------------------------------------------------------------------

for (const i of which) {
  await attempt(`stopped when worker ${i} is created`, (t) => {
    onWorker = (_worker, n) => { if (n === i) t.stop(); };
    return life(t, spin);
  }, aborted);
  await attempt(`stopped when worker ${i} is online`, (t) => {
    onWorker = (worker, n) => { if (n === i) worker.once('online', t.stop); };
    return life(t, spin);
  }, aborted);
  await attempt(`stopped when worker ${i} says its first word`, (t) => {
    onWorker = (worker, n) => { if (n === i) worker.once('message', t.stop); };
    return life(t, spin);
  }, stopped);
  await attempt(`worker ${i} is killed when it is created`, (t) => {
    onWorker = (worker, n) => { if (n === i) t.kill(worker); };
    return life(t, spin);
  }, refused);
  await attempt(`worker ${i} is killed when it is online`, (t) => {
    onWorker = (worker, n) => { if (n === i) worker.once('online', () => t.kill(worker)); };
    return life(t, spin);
  }, (s, t) => refused(s) || failedRun(s, t));
  await attempt(`worker ${i} gets a message that it cannot make anything of`, (t) => {
    onWorker = (worker, n) => {
      if (n !== i) return;
      t.at = performance.now();
      worker.postMessage({ t: 'init', role: 'm0', module: 7, maxMemory: 2 ** 26 });
    };
    return life(t, spin);
  }, (s, t) => refused(s) || failedRun(s, t));
}

for (const [name, path] of Object.entries(made)) {
  if (name === 'exits') {
    await attempt('it exits while it is set up', (t) => {
      t.at = performance.now();
      return life(t, readFileSync(path));
    }, (s) => s.result?.exitCode === 3 && !s.result.stopped);
  } else if (name.startsWith('spins')) {
    await attempt(`stopped while it is set up: ${name}`, (t) => {
      onWorker = (worker) => { worker.once('online', () => setTimeout(t.stop, 50)); };
      return life(t, readFileSync(path));
    }, aborted);
    await attempt(`its last worker is killed while it is set up: ${name}`, (t) => {
      onWorker = (worker, n) => {
        if (n === workers - 1) worker.once('online', () => setTimeout(() => t.kill(worker), 50));
      };
      return life(t, readFileSync(path));
    }, refused);
  } else {
    for (let round = 0; round < (job.long ? 2 : 1); round++) {
      await attempt(`a worker fails by itself: ${name}`, (t) => {
        onWorker = (worker) => { worker.once('online', () => { t.at ||= performance.now(); }); };
        return life(t, readFileSync(path));
      }, refused);
    }
  }
}

// ---- loaded, running, printing, ending --------------------------------------------------------------------------

for (const how of /** @type {const} */ (['stop', 'signal'])) {
  const end = (/** @type {Attempt} */ t) => {
    if (how === 'signal') return t.stop();
    t.at ||= performance.now();
    t.rt?.stop();
    t.rt?.stop(); // twice is as once
  };
  await attempt(`${how} before run()`, (t) => life(t, spin, {}, () => end(t)), stoppedRun);
  await attempt(`${how} right after run()`, (t) => life(t, spin, {}, undefined, () => end(t)), stoppedRun);
  await attempt(`${how} while it computes`,
    (t) => life(t, spin, { stdout: () => setTimeout(() => end(t), 10) }), stoppedRun);
  await attempt(`${how} by its receiver`,
    (t) => life(t, printing, { args: ['all', '10000000'], stdout: { bytes: () => end(t) } }), stoppedRun);
  await attempt(`${how} while a receiver takes its time for ever`, (t) => {
    const forever = () => {
      setTimeout(() => end(t), 50);
      return new Promise(() => {});
    };
    return life(t, printing, { args: ['all', '1000000000'], stdout: { bytes: forever } });
  }, stoppedRun);
  await attempt(`${how} when it has ended but its receiver has not`, (t) => {
    const forever = () => {
      setTimeout(() => end(t), 300);
      return new Promise(() => {});
    };
    return life(t, printing, { stdout: { bytes: forever } });
  }, (s) => s.result?.exitCode === 0 || stoppedRun(s));
}
for (const i of which) {
  await attempt(`worker ${i} is killed before run()`, (t) => {
    /** @type {import('node:worker_threads').Worker[]} */ const all = [];
    onWorker = (worker) => { all.push(worker); };
    return life(t, spin, {}, () => t.kill(all[i]));
  }, failedRun);
  await attempt(`worker ${i} is killed while it computes`, (t) => {
    /** @type {import('node:worker_threads').Worker[]} */ const all = [];
    onWorker = (worker) => { all.push(worker); };
    return life(t, spin, { stdout: () => t.kill(all[i]) });
  }, failedRun);
}
const throws = (/** @type {Attempt} */ t) => () => {
  t.at ||= performance.now();
  throw new Error('the receiver has no room left');
};
const ofReceiver = (/** @type {Settled} */ s) => (s.failed ?? s.rejected)?.message === 'the receiver has no room left';
await attempt('a receiver throws', (t) => life(t, spin, { stdout: throws(t) }), ofReceiver);
await attempt('a receiver rejects',
  (t) => life(t, printing, { args: ['all', '1000000'], stdout: { bytes: async () => throws(t)() } }), ofReceiver);
await attempt('a receiver throws at the last line',
  (t) => life(t, printing, { args: ['text'], stdout: (s) => { if (/end/.test(s)) throws(t)(); } }), ofReceiver);

// What run() and stop() do besides.
const once = await load(printing, { ...way, trace: false, stdout: () => {} });
const first = once.run();
const second = await once.run().then(() => 'a result', (error) => error.message);
if (!/^run\(\) was called before/.test(second)) console.log(`run() twice gives ${second}`);
if ((await first).exitCode !== 0) console.log('run() twice spoils the first');
once.stop();
once.stop();
const { exitCode, stopped: late } = await first;
if (exitCode !== 0 || late) console.log('stop() after the end changes the result');

if (job.hidden && job.wasi) {
  await attempt('stopped while all of standard input is read', (t) => {
    const stdin = new ReadableStream({ pull: () => { setTimeout(t.stop, 20); return new Promise(() => {}); } });
    return life(t, spin, { stdin });
  }, aborted);
}

// ---- any moment -------------------------------------------------------------------------------------------------

let state = job.seed;
/** mulberry32: 0 to 1 */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let n = Math.imul(state ^ (state >>> 15), 1 | state);
  n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n;
  return ((n ^ (n >>> 14)) >>> 0) / 2 ** 32;
}
const begin = performance.now();
await attempt('how long one takes', (t) => life(t, spin, { stdout: t.stop }), stoppedRun);
const whole = performance.now() - begin;
for (let i = 0; i < job.random; i++) {
  const ms = random() * whole * 1.5;
  const endless = random() < 0.5;
  await attempt(`stopped after ${ms.toFixed(2)} ms`, (t) => {
    setTimeout(t.stop, ms);
    return life(t, endless ? spin : printing, endless ? {} : { args: ['all', '1000000000'] });
  }, stopped);
}

const kept = process.getActiveResourcesInfo().filter((r) => !/^(TTYWrap|PipeWrap)$/.test(r));
if (kept.length) console.log(`left running: ${kept.join(', ')}`);
console.log(`${attempts} attempts, the slowest settled after ${Math.round(slowest)} ms; ended in ${
  [...seen].sort().join(' and ')}`);
