// repeat.mjs: a long trace from a short one: its generations over and over, with later times and higher numbers.
// For a trace that ends as it begins: everyone in the state in which it was told to be. Knows no node: pages use
// it too.
import { EV, varint, varintOf } from '../../viewer/trace/export/wire.mjs';

/** @typedef {import('../../viewer/trace/export/wire.mjs').Generation} Generation */

/** One of the format with clock snapshots, which Go's validator wants. */
export const HEADER = new TextEncoder().encode('go 1.25 trace\0\0\0');

/**
 * @param {number} gen @param {number} m @param {number} time @param {Uint8Array | number[]} body
 * @returns {Uint8Array[]}
 */
function batch(gen, m, time, body) {
  return [Uint8Array.from([EV.BATCH, ...varintOf(gen), ...varintOf(m), ...varintOf(time), ...varintOf(body.length)]),
    Uint8Array.from(body)];
}

/**
 * @param {Generation} g @param {number} gen its new number @param {number} shift in units of its clock
 * @returns {Uint8Array[]}
 */
export function shifted(g, gen, shift) {
  return g.batches.flatMap(({ kind, m, time, body, end }) => {
    const at = g.bytes.subarray(body, end);
    if (kind !== EV.FREQUENCY) return batch(gen, m, kind === 0 ? time + shift : time, at);
    const start = g.start + shift, ns = Math.round(start * g.nsPerUnit), frequency = varint(at, { at: 1 });
    return batch(gen, m, start, [EV.SYNC, EV.FREQUENCY, ...varintOf(frequency),
      ...[EV.CLOCK_SNAPSHOT, 0, ns, 1_700_000_000 + Math.floor(ns / 1e9), ns % 1e9].flatMap(varintOf)]);
  });
}

/**
 * Pieces of a trace without end, the header first.
 * @param {Generation[]} generations all of the short one @param {number} length of it, in units of its clock
 * @returns {Generator<Uint8Array[], never>} a generation each
 */
export function* repeated(generations, length) {
  yield [HEADER];
  for (let gen = 1, round = 0; ; round++)
    for (const g of generations) yield shifted(g, gen++, round * length);
}
