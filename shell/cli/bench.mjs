// goroscope bench: how fast a trace is read.
import { benchRead } from '../../viewer/trace/bench.mjs';
import { readable, takeApart, UserError } from './args.mjs';

export const usage = `goroscope bench read FILE N

Reads the trace FILE N times from memory, decoding and ordering its events, and prints the best of it as one JSON
object:

  {"wasm":{"bytes","events","best_s","events_per_s","cpu_s"},"native":{…}}

wasm is the reader as the page has it, here in Node; native the same compiled for this machine (null without a C
compiler). events are counted as Go's reader counts them.
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { own, after } = takeApart('bench', args, {});
  const [what, file, rounds, ...more] = [...own, ...after];
  if (what !== 'read' || file === undefined || rounds === undefined || more.length) {
    throw new UserError('bench needs: read FILE N; see goroscope bench --help');
  }
  const n = /^\d{1,5}$/.test(rounds) ? Number(rounds) : 0;
  if (n < 1 || n > 10000) throw new UserError(`bench read: N must be a whole number from 1 to 10000, not "${rounds}"`);
  return benchRead(readable(file), n);
}
