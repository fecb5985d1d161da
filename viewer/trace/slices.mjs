// slices.mjs: decodes what a store was given, with pauses in which waiting messages are answered.
import { STATUS } from './store.mjs';

/** Longest stretch of decoding between two looks at the questions, ms. */
const SLICE_MS = 8;
/** Events decoded between two looks at the clock. */
const SLICE_EVENTS = 4096;

/**
 * Hands a store chunks that end with a whole generation, which are forgotten, and decodes them.
 * @param {import('./store.mjs').TraceStore} store @param {Uint8Array[]} chunks
 * @param {object} how
 * @param {boolean} how.end nothing follows
 * @param {import('./breather.mjs').Breather} how.breather
 * @param {() => boolean} how.stopped nobody wants it any more
 * @param {() => void} [how.progress] before each pause
 * @returns {Promise<number>} STATUS; MORE: it was stopped
 */
export async function decodeChunks(store, chunks, { end, breather, stopped, progress = () => {} }) {
  for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) if (!store.push(chunk)) break;
  if (!end) store.boundary();
  let ended = false;
  let from = performance.now();
  for (;;) {
    const status = store.run(SLICE_EVENTS);
    // What there is may already show what is wrong: only then does the reader hear that it is all.
    if (status === STATUS.WANT && end && !ended) {
      ended = true;
      store.end();
      continue;
    }
    if (status !== STATUS.MORE || stopped()) return status;
    if (performance.now() - from < SLICE_MS) continue;
    progress();
    await breather.breathe();
    if (stopped()) return status;
    from = performance.now();
  }
}
