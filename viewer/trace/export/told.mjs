// told.mjs: a trace through a Story into a sink that makes bytes.
import { eventsOf } from './events.mjs';
import { Story } from './story.mjs';

/** Bytes handed on at once. */
const PIECE = 1 << 18;

/** @typedef {import('./story.mjs').Sink & {size: number, take: () => Uint8Array, close?: () => void}} BytesSink */

/**
 * @param {AsyncIterable<Uint8Array>} chunks @param {import('./index.mjs').Making} making @param {BytesSink} sink
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* told(chunks, making, sink) {
  const story = new Story(sink);
  /** @type {unknown} */ let damage = null;
  try {
    for await (const events of eventsOf(chunks, making)) {
      for (const event of events) story.event(event);
      if (sink.size >= PIECE) yield sink.take();
    }
  } catch (error) {
    damage = error;
  }
  story.finish();
  sink.close?.();
  if (sink.size > 0) yield sink.take();
  if (damage) throw damage;
}

/** @param {import('../index.mjs').Frame[]} stack @returns {string} a line for each frame, the innermost first */
export function stackText(stack) {
  return stack.map(({ func, file, line }) => `${func} ${file}:${line}`).join('\n');
}
