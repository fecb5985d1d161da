// platform.mjs: where a browser and node differ: workers, clocks, processors.

/** @type {boolean} */
export const isNode = typeof process === 'object' && !!process.versions?.node
  && typeof (/** @type {any} */ (globalThis).importScripts) === 'undefined';

/** Whether SharedArrayBuffer can be handed to workers here. */
export const isShareable = typeof SharedArrayBuffer === 'function'
  && (isNode || globalThis.crossOriginIsolated === true);

/** What performance.now() of this thread lacks to a clock that all threads of this program's host read alike. */
const offset = clockOffset();

/** Milliseconds on that clock (up to its resolution). */
export const commonClock = () => offset + performance.now();

/**
 * Milliseconds since `origin` on that clock; may be a little below 0. A trace looks at it at nearly each event.
 * @param {number} origin
 */
export function clockSince(origin) {
  const since = offset - origin;
  return () => performance.now() + since;
}

function clockOffset() {
  if (!isNode) return performance.timeOrigin;
  // performance.now() is cheap but starts anew in each worker of node; hrtime is the same for all but slow.
  let least = Infinity;
  for (let i = 0; i < 20; i++) {
    const mine = performance.now();
    least = Math.min(least, Number(process.hrtime.bigint()) / 1e6 - mine);
  }
  return least;
}

/**
 * A worker as the loader sees it, the same for both.
 * @typedef {object} Thread
 * @property {(message: any, transfer?: any[]) => void} post
 * @property {() => Promise<void>} end stops it at once, whatever it does
 * @property {(keep: boolean) => void} keepAlive whether node waits for it
 */

/** Engine's stack for a byte of C stack: V8's first tier takes 200 bytes for a frame of 64. */
const ENGINE_SHARE = 4;

/** @type {typeof import('node:worker_threads') | undefined} */ let workerThreads; // node's

/** To be awaited before the first startWorker(). */
export async function prepareWorkers() {
  if (isNode) workerThreads ??= await import('node:worker_threads');
}

/**
 * Starts a worker running wasm/host/worker.mjs.
 * @param {(message: any) => void} onMessage
 * @param {(error: Error) => void} onError
 * @param {number} stackBytes how far goroutines' stacks may grow. The engine has frames of its own for the same
 *   calls, on the worker's stack, and only node lets that be as large as it takes; 0: what is usual
 * @returns {Thread}
 */
export function startWorker(onMessage, onError, stackBytes) {
  const url = new URL('./worker.mjs', import.meta.url);
  if (workerThreads) {
    const { Worker } = workerThreads;
    const stackSizeMb = Math.min(4 + Math.ceil(ENGINE_SHARE * stackBytes / 2 ** 20), 1024);
    // Node would connect streams of each worker to the process's, which warn of so many listeners. Workers print by
    // messages.
    const worker = new Worker(url, { execArgv: [], stdout: true, stderr: true,
      ...stackBytes > 0 ? { resourceLimits: { stackSizeMb } } : {} });
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('messageerror', onError);
    worker.on('exit', () => onError(new Error('a worker of the program ended by itself'))); // means nothing after end()
    return {
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      end: async () => { await worker.terminate(); },
      keepAlive: (keep) => { if (keep) worker.ref(); else worker.unref(); },
    };
  }
  const worker = new Worker(url, { type: 'module', name: 'goroscope' });
  worker.onmessage = (event) => onMessage(event.data);
  worker.onmessageerror = () => onError(new Error('a message to or from a worker could not be read'));
  worker.onerror = (event) => onError(new Error(event.message || `cannot start the worker ${url}`));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    end: async () => worker.terminate(),
    keepAlive: () => {},
  };
}

/** Processors of this machine. */
export async function processors() {
  if (isNode) return (await import('node:os')).availableParallelism();
  return navigator.hardwareConcurrency || 2;
}

/**
 * This worker's side of its messages.
 * @param {(message: any) => void} onMessage
 * @returns {(message: any, transfer?: any[]) => void} post
 */
export function workerPort(onMessage) {
  if (isNode) {
    /** @type {import('node:worker_threads').MessagePort | undefined} */ let port;
    import('node:worker_threads').then(({ parentPort }) => {
      port = parentPort ?? undefined;
      port?.on('message', onMessage); // messages wait until somebody listens
    });
    return (message, transfer = []) => port?.postMessage(message, transfer);
  }
  /** @type {any} */ const self = globalThis;
  self.onmessage = (/** @type {MessageEvent} */ event) => onMessage(event.data);
  return (message, transfer = []) => self.postMessage(message, transfer);
}

/** A function that lets the event loop run once, then calls its argument; a timeout of 0 takes 4 ms in browsers. */
export function makeSoon() {
  if (isNode) return (/** @type {() => void} */ then) => { setImmediate(then); };
  const channel = new MessageChannel();
  /** @type {(() => void) | null} */ let next = null;
  channel.port1.onmessage = () => { const then = next; next = null; then?.(); };
  return (/** @type {() => void} */ then) => { next = then; channel.port2.postMessage(0); };
}

/** @type {Int32Array | undefined} */ let pause;

/**
 * Blocks this worker.
 * @param {number} ms
 */
export function sleep(ms) {
  pause ??= new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
  Atomics.wait(pause, 0, 0, ms);
}
