// long-trace.mjs: traces of any length for measurements, kept in build/bench. `node tests/bench/long-trace.mjs
// OUT BYTES [GOROUTINES]` writes one.
import { createWriteStream, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generations } from '../../viewer/trace/export/wire.mjs';
import { ROOT } from '../lib/run.mjs';
import { makeTrace } from './made-trace.mjs';
import { repeated } from './repeat.mjs';

const PROCS = 4;

/**
 * One generation of about `events` events that ends as it begins: each P has run each of its goroutines equally
 * often.
 * @param {number} goroutines @param {number} [events]
 */
export function oneRound(goroutines, events = 600_000) {
  const perProc = Math.ceil(goroutines / PROCS), turns = Math.max(1, Math.round(events / (3 * PROCS * perProc)));
  return makeTrace(3 * PROCS * perProc * turns, { procs: PROCS, perProc, perGeneration: Infinity });
}

/**
 * @param {Uint8Array} bytes of a trace
 * @returns {Promise<{all: import('../../viewer/trace/export/wire.mjs').Generation[], length: number}>} length:
 *   of time,
 *   with a pause behind it
 */
export async function roundOf(bytes) {
  const all = [];
  for await (const g of generations((async function* () { yield bytes; })())) all.push(g);
  // A turn of made-trace.mjs takes at most 2 * 109 + 30, and there are fewer turns than bytes / 9 on all Ps together.
  return { all, length: Math.ceil(bytes.length / 9 / PROCS) * 250 };
}

/** Of a long oneRound(): numbers in it have three bytes. */
const BYTES_PER_EVENT = 5.6;

/**
 * The path of a trace of about so many bytes, in generations of 3 MB; whole: in one.
 * @param {number} bytes @param {{goroutines?: number, path?: string, whole?: boolean}} [options]
 * @returns {Promise<string>}
 */
export async function longTrace(bytes, { goroutines = 80, path, whole = false } = {}) {
  const file = path ?? join(ROOT, 'build/bench', `${bytes}-${goroutines}-${whole ? 'whole' : 'rounds'}.trace`);
  if (!path && existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  if (whole) {
    writeFileSync(`${file}.part`, oneRound(goroutines, bytes / BYTES_PER_EVENT));
    renameSync(`${file}.part`, file);
    return file;
  }
  const { all, length } = await roundOf(oneRound(goroutines));
  const out = createWriteStream(`${file}.part`);
  let written = 0;
  for (const pieces of repeated(all, length)) {
    const before = written;
    for (const piece of pieces) {
      written += piece.length;
      if (!out.write(piece)) await once(out, 'drain');
    }
    if (written + (written - before) / 2 >= bytes) break; // one more would be further from it
  }
  out.end();
  await once(out, 'close');
  renameSync(`${file}.part`, file);
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [path, bytes, goroutines] = process.argv.slice(2);
  await longTrace(Number(bytes), { path, goroutines: Number(goroutines ?? 80) });
}
