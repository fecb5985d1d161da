// export-worker.mjs: an export in a worker of the viewer; client.mjs is the page's end. One export a worker: who
// wants none any more ends it.
import { exportTrace } from './index.mjs';
import { ExportError } from './wire.mjs';

/** @typedef {{blob: Blob, format: string, options: import('./index.mjs').Options}} Asked */
/** @typedef {{bytes: Uint8Array} | {done: true} | {error: string, isPart: boolean}} Told */

/** @type {any} the worker's scope, whose types are not those of a page */
const scope = globalThis;
/** Called when the page has taken a piece: no more than one is on its way. */
let taken = () => {};

/** @param {Asked | 'taken'} data */
export async function receive(data) {
  if (data === 'taken') {
    taken();
    return;
  }
  try {
    for await (const bytes of exportTrace(data.blob, data.format, data.options)) {
      const piece = bytes.slice(); // some are parts of a larger buffer, which is still needed here
      const asked = new Promise((resolve) => { taken = () => resolve(undefined); });
      scope.postMessage({ bytes: piece }, [piece.buffer]);
      await asked;
    }
    scope.postMessage({ done: true });
  } catch (error) {
    scope.postMessage({ error: error instanceof Error ? error.message : String(error),
      isPart: error instanceof ExportError && error.isPart });
  }
}
