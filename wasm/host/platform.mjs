// platform.mjs: where a browser and node differ: clocks, processors, messages. threads.mjs starts workers.
import { builtin } from './builtin.mjs';

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

/** Processors of this machine. */
export async function processors() {
  const known = globalThis.navigator?.hardwareConcurrency; // node 20 has no navigator
  if (known || !isNode) return known || 2;
  return (await builtin('os')).availableParallelism();
}

/**
 * This worker's side of its messages.
 * @param {(message: any) => void} onMessage
 * @returns {(message: any, transfer?: any[]) => void} post
 */
export function workerPort(onMessage) {
  if (isNode) {
    /** @type {import('node:worker_threads').MessagePort | undefined} */ let port;
    builtin('worker_threads').then(({ parentPort }) => {
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
