// mode.mjs: how a program runs: goroutines over parallel workers, or simulated on one thread.
import { isNode, isShareable } from './platform.mjs';

/**
 * The mode, and why that one, in a sentence.
 * @param {'loader' | 'wasi'} kind of the program
 * @param {'auto' | import('./types.d.mts').Mode} wanted
 * @returns {[import('./types.d.mts').Mode, string]}
 */
export function chooseMode(kind, wanted) {
  if (kind === 'wasi') {
    if (wanted === 'threads') {
      throw new Error('a WASI program has one thread only: use mode sim, or build it for the target emscripten');
    }
    return ['sim', 'Simulated on one thread: this is a WASI program.'];
  }
  const why = isNode ? 'node' : 'the page';
  if (wanted === 'sim') return ['sim', 'Simulated on one thread, as asked for.'];
  if (isShareable) {
    const reason = `Real threads: ${why} may share memory between workers.`;
    return ['threads', wanted === 'threads' ? 'Real threads, as asked for.' : reason];
  }
  const cause = 'SharedArrayBuffer is missing, because the page was not served with the headers ' +
    'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
  if (wanted === 'threads') throw new Error(`no threads here: ${cause}`);
  return ['sim', `Simulated on one thread: ${cause}.`];
}
