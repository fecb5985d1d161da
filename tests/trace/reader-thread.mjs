// reader-thread.mjs: a reader of generations in a thread of node, as viewer-worker.mjs is one in a page.
import { parentPort } from 'node:worker_threads';
import { Breather } from '../../viewer/trace/breather.mjs';
import { Decoder } from '../../viewer/trace/decoder.mjs';

const decoder = new Decoder((report, transfer = []) => parentPort?.postMessage(report, /** @type {any} */ (transfer)),
  new Breather());
parentPort?.on('message', (order) => decoder.receive(order));
