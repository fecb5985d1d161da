// go.mjs: a stretch of a trace as a Go trace of its own. Generations in the middle are copied as they are; the
// first and the last one are cut (cut.mjs).
import { OPTION, TraceStore } from '../store.mjs';
import { cut, mustBeWhole } from './cut.mjs';
import { ExportError, endedBy, generations } from './wire.mjs';

/** @typedef {import('./wire.mjs').Generation} Generation */
/** @typedef {import('./index.mjs').Range} Range */

/**
 * Time 0 of a trace: that of its first event.
 * @param {WebAssembly.Module} module @param {Generation} first @returns {bigint} ns
 */
export function baseOf(module, { header, bytes }) {
  const store = new TraceStore(module, OPTION.NO_INDEX);
  try {
    store.push(header);
    store.push(bytes);
    store.end();
    store.run(1);
    return BigInt(store.info().baseNs);
  } finally {
    store.close();
  }
}

/**
 * Each generation with the earliest time of the second one after it, when everything in it is surely over: two
 * overlap, three do not. Infinity: there is none.
 * @param {AsyncIterable<Generation>} source @returns {AsyncGenerator<{generation: Generation, over: number}>}
 */
async function* withEnds(source) {
  /** @type {Generation[]} */ const waiting = [];
  /** @type {unknown} */ let damage = null;
  try {
    for await (const generation of source) {
      waiting.push(generation);
      if (waiting.length < 3) continue;
      const over = generation.start * generation.nsPerUnit;
      yield { generation: /** @type {Generation} */ (waiting.shift()), over };
    }
  } catch (error) {
    damage = error;
  }
  for (const generation of waiting) yield { generation, over: Infinity };
  if (damage) throw damage;
}

/**
 * Pieces of the stretch; the first one comes with the time 0 of the whole trace.
 * @param {AsyncIterable<Uint8Array>} chunks @param {WebAssembly.Module} module @param {Range} range
 * @param {{isChecked?: boolean}} [how] isChecked: no piece of a generation that the reader would refuse
 * @returns {AsyncGenerator<{bytes: Uint8Array, base: bigint}>}
 */
export async function* stretch(chunks, module, range, { isChecked = false } = {}) {
  let begun = false;
  try {
    for await (const piece of between(chunks, module, range, isChecked)) {
      begun = true;
      yield piece;
    }
  } catch (error) {
    throw endedBy(error, begun);
  }
}

/**
 * @param {AsyncIterable<Uint8Array>} chunks @param {WebAssembly.Module} module @param {Range} range
 * @param {boolean} isChecked @returns {AsyncGenerator<{bytes: Uint8Array, base: bigint}>}
 */
async function* between(chunks, module, { from = 0, to = Infinity }, isChecked) {
  /** @type {bigint | undefined} */ let base;
  /** @type {boolean} */ let begun = false;
  for await (const { generation, over } of withEnds(generations(chunks))) {
    base ??= baseOf(module, generation);
    const zero = Number(base);
    if (!begun && over - zero <= from) continue;
    if (begun && generation.start * generation.nsPerUnit - zero >= to) return;
    /** @type {boolean} */
    const whole = (begun || from <= 0) && (over - zero <= to || to === Infinity);
    if (whole && isChecked) mustBeWhole(module, generation, !begun);
    /** @type {{bytes: Uint8Array[], ended: boolean}} */
    const { bytes, ended } = whole ? { bytes: [generation.bytes], ended: false }
      : cut(module, generation, { from, to, base, isFirst: !begun });
    if (bytes.length && !begun) yield { bytes: generation.header, base };
    begun ||= bytes.length > 0;
    for (const piece of bytes) yield { bytes: piece, base };
    if (ended) break;
  }
  if (!begun) throw new ExportError(`No event of the trace is ${inWords(from / 1e9, to / 1e9)}.`);
}

/** @param {number} from s @param {number} to s */
function inWords(from, to) {
  return to === Infinity ? `at ${from} s or later` : from <= 0 ? `before ${to} s` : `between ${from} s and ${to} s`;
}

/**
 * @param {AsyncIterable<Uint8Array>} chunks @param {import('./index.mjs').Making} making
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* make(chunks, { module, range }) {
  for await (const { bytes } of stretch(chunks, module, range, { isChecked: true })) yield bytes;
}
