// threads.mjs: starting a program's workers (program-worker.mjs), in a page or in node.
import { builtin } from './builtin.mjs';
import { isNode } from './platform.mjs';

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

/** In a page: started, and nobody's yet. @type {Worker[]} */
const spares = [];

/**
 * Where the workers' module lies in node. Spelt so that no bundler takes it for a page's.
 * @param {string | URL} [address]
 */
function placeOf(address = import.meta.url.replace(/[^/]*$/, 'program-worker.mjs')) {
  return typeof address === 'string' && /^(file|data):/.test(address) ? new URL(address) : address;
}

/** To be awaited before the first startWorker(). */
export async function prepareWorkers() {
  if (isNode) workerThreads ??= await builtin('worker_threads');
}

/** Bundlers follow what stands in one expression. */
const newWorker = () => new Worker(new URL('./program-worker.mjs', import.meta.url),
  { type: 'module', name: 'goroscope' });

/**
 * Has so many workers ready for the programs that come, in a page: to start one takes some 50 ms, and longer where the
 * processors have other things to do. Each serves one program.
 * @param {number} n
 */
export function keepSpares(n) {
  if (isNode || typeof Worker !== 'function') return;
  while (spares.length < n) {
    const worker = newWorker();
    // Whoever needs one then starts his own, and is told what is wrong.
    worker.onerror = (event) => {
      event.preventDefault();
      spares.splice(spares.indexOf(worker), 1);
    };
    spares.push(worker);
  }
}

/**
 * Starts a worker of a program.
 * @param {(message: any) => void} onMessage
 * @param {(error: Error) => void} onError
 * @param {number} stackBytes how far goroutines' stacks may grow. The engine has frames of its own for the same
 *   calls, on the worker's stack, and only node lets that be as large as it takes; 0: what is usual
 * @param {string | URL} [address] of program-worker.mjs, where it does not lie beside this file
 * @returns {Thread}
 */
export function startWorker(onMessage, onError, stackBytes, address) {
  if (workerThreads) {
    const { Worker } = workerThreads;
    const stackSizeMb = Math.min(4 + Math.ceil(ENGINE_SHARE * stackBytes / 2 ** 20), 1024);
    // Node would connect streams of each worker to the process's, which warn of so many listeners. Workers print by
    // messages.
    const worker = new Worker(placeOf(address), { execArgv: [], stdout: true, stderr: true,
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
  const worker = address ? new Worker(address, { type: 'module', name: 'goroscope' }) : spares.shift() ?? newWorker();
  worker.onmessage = (event) => onMessage(event.data);
  // Chromium's Worker has the event but no onmessageerror.
  worker.addEventListener('messageerror', () =>
    onError(new Error('a message to or from a worker could not be read')));
  worker.onerror = (event) => onError(new Error(event.message || 'the worker of a program cannot be started: its '
    + 'module (program-worker.mjs) did not load; the option worker of load() says where it is'));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    end: async () => worker.terminate(),
    keepAlive: () => {},
  };
}
