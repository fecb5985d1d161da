// client.mjs: a page's exports, in a worker of their own, so that nothing else waits.
import { ROLE } from '../roles.mjs';
import { placeOf, startWorker } from '../workers.mjs';

/** Pieces that become a blob of their own, which a browser may keep on disk. */
const PIECES = 64;

/** The trace is damaged; what comes before that is not lost. */
export class PartOnly extends Error {
  /** @param {string} message one sentence @param {Blob} part */
  constructor(message, part) {
    super(message);
    this.part = part;
  }
}

/**
 * @param {Blob} blob a trace, gzipped or not
 * @param {string} format of FORMATS in index.mjs
 * @param {import('./index.mjs').Options} [options]
 * @param {{signal?: AbortSignal, onBytes?: (bytes: number) => void}} [how] onBytes: so many are made
 * @returns {Promise<Blob>} rejects with what is wrong with the trace, a PartOnly if something comes before that
 */
export function exportInWorker(blob, format, options = {}, { signal, onBytes } = {}) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = startWorker(ROLE.EXPORT);
    /** @type {Blob[]} */ const blobs = [];
    /** @type {Uint8Array[]} */ let pieces = [];
    let bytes = 0;
    const gather = () => {
      blobs.push(new Blob(/** @type {BlobPart[]} */ (pieces)));
      pieces = [];
    };
    const abort = () => end(() => reject(signal?.reason));
    /** @param {() => void} settle */
    const end = (settle) => {
      worker.terminate();
      signal?.removeEventListener('abort', abort);
      settle();
    };
    signal?.addEventListener('abort', abort);
    worker.onerror = (event) =>
      end(() => reject(new Error(`The export's worker could not run: ${event.message || 'it did not load'}.`)));
    worker.onmessage = (/** @type {MessageEvent<import('./export-worker.mjs').Told>} */ { data }) => {
      if ('bytes' in data) {
        pieces.push(data.bytes);
        if (pieces.length >= PIECES) gather();
        bytes += data.bytes.length;
        onBytes?.(bytes);
        worker.postMessage('taken');
      } else if ('error' in data) end(() => {
        gather();
        reject(data.isPart ? new PartOnly(data.error, new Blob(blobs)) : new Error(data.error));
      });
      else end(() => { gather(); resolve(new Blob(blobs)); });
    };
    worker.postMessage({ blob, format, options: { reader: placeOf('reader') ?? undefined, ...options } });
  });
}
