// traces.mjs: what the tests of exports share: recorded traces, our own of the tests, and a whole export as bytes.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exportTrace } from '../../viewer/trace/export/index.mjs';
import { readTrace } from '../../viewer/trace/index.mjs';
import { compileReader } from '../../viewer/trace/store.mjs';

const recorded = fileURLToPath(new URL('../trace/recorded/', import.meta.url));

/** Recorded by Go: name → bytes. */
export const RECORDED = Object.fromEntries(readdirSync(recorded).filter((f) => f.endsWith('.trace'))
  .map((f) => [f, new Uint8Array(readFileSync(recorded + f))]));

export const reader = await compileReader();

/**
 * @param {Uint8Array | Uint8Array[]} bytes or chunks @param {string} format
 * @param {{from?: number, to?: number, table?: string}} [options]
 * @returns {Promise<Uint8Array>}
 */
export async function exported(bytes, format, options = {}) {
  const pieces = [];
  for await (const piece of exportTrace(bytes, format, { ...options, module: reader })) pieces.push(piece);
  return Uint8Array.from(Buffer.concat(pieces));
}

/** @param {Uint8Array} bytes @param {{validate?: boolean}} [options] */
export async function eventsOf(bytes, options) {
  const events = [];
  for await (const event of readTrace(bytes, options)) events.push(event);
  return events;
}
