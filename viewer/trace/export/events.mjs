// events.mjs: the events of a stretch of a trace, many at a time, in little memory at any length.
import { Lines } from '../lines.mjs';
import { describeFault, OPTION, STATUS, TraceStore } from '../store.mjs';
import { stretch } from './go.mjs';
import { Damage, endedBy } from './wire.mjs';

/** @typedef {import('../index.mjs').TraceEvent} TraceEvent */
/** @typedef {import('./index.mjs').Making} Making */
/** @typedef {import('../types.mjs').TraceFault} TraceFault */

/** Events decoded at once. */
const EVENTS = 4096;

/** The whole trace as it comes, not cut. @param {AsyncIterable<Uint8Array>} chunks */
async function* uncut(chunks) {
  for await (const bytes of chunks) yield { bytes, base: null };
}

/**
 * Times are since the first event of the whole trace, also of a stretch. Throws ExportError at damage, after all
 * events before it.
 * @param {AsyncIterable<Uint8Array>} chunks @param {Making} making
 * @returns {AsyncGenerator<Iterable<TraceEvent>>}
 */
export async function* eventsOf(chunks, { module, range }) {
  const all = (range.from ?? 0) <= 0 && (range.to ?? Infinity) === Infinity;
  const pieces = all ? uncut(chunks) : stretch(chunks, module, range);
  const store = new TraceStore(module, OPTION.DUMP_JSON | OPTION.NO_INDEX);
  const lines = new Lines();
  /** @type {unknown} of the bytes; events before it come first */ let damage = null;
  try {
    for (;;) {
      const status = store.run(EVENTS);
      yield lines.take(store);
      if (status === STATUS.DONE || status === STATUS.FAILED) break;
      if (status === STATUS.MORE) continue;
      const { value, done } = damage ? { value: undefined, done: true }
        : await pieces.next().catch((error) => {
          damage = error ?? new Error('The trace could not be read.');
          return { value: undefined, done: true };
        });
      if (done || !value) store.end();
      else {
        if (value.base !== null) lines.first ??= value.base;
        if (!store.push(value.bytes)) break;
      }
    }
    const fault = store.fault();
    if (damage ?? fault) {
      throw endedBy(damage ?? new Damage(describeFault(/** @type {TraceFault} */ (fault))), store.events > 0);
    }
  } finally {
    store.close();
    await pieces.return(undefined);
  }
}
