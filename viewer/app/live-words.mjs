/**
 * What the viewer says of a running program's trace: what it costs, what is missing, how fine its clock is.
 */
import { count, plural, sizeOf } from '../view/numbers.mjs';
import { shortTime } from '../view/time.mjs';

/** Beside reading the clock an event takes about so long, ns: docs/benchmarks.md, "yield, traced". */
const EVENT_BESIDES_NS = 27;
/** Finer steps than this nobody needs to be told of. */
const FINE_NS = 1000;

/** @typedef {{stepNs: number, readNs: number}} Clock */
/** @typedef {{from: number, to: number | null, lost: number}} Gap   where generations are missing, ns */

/**
 * @param {number} eventsPerSecond @param {number} bytesPerSecond @param {Clock | null} clock
 * @returns {{text: string, title: string}}
 */
export function meterWords(eventsPerSecond, bytesPerSecond, clock) {
  const words = [`${sizeOf(bytesPerSecond)}/s`];
  let title = '';
  if (clock && clock.readNs > 0) {
    const each = clock.readNs + EVENT_BESIDES_NS, share = (100 * eventsPerSecond * each) / 1e9;
    const amount = share < 0.1 ? 'under 0.1' : `≈ ${share < 10 ? share.toFixed(1) : Math.round(share)}`;
    words.unshift(`costs ${amount} % of a core`);
    title = `Estimated: at its start reading the clock took ${clock.readNs} ns, so an event takes about ${each} ns.`;
  }
  if (clock && clock.stepNs >= FINE_NS) words.push(stepWords(clock.stepNs));
  words.push(`${count(eventsPerSecond)} events/s`);
  return { text: words.join(' · '), title: [words.join(' · '), title].filter(Boolean).join('\n') };
}

/** @param {number} stepNs */
export const stepWords = (stepNs) => `clock steps of ${shortTime(stepNs)}`;

/** @param {ReadonlyArray<Gap>} gaps */
export function gapWords(gaps) {
  const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
  return lost === 0 ? '' : `${plural(lost, 'generation')} lost, ${
    gaps.length === 1 ? 'one gap' : `${count(gaps.length)} gaps`}`;
}

/** @param {Gap} gap */
export function gapSentence(gap) {
  const missing = gap.lost === 1 ? 'a generation is' : `${count(gap.lost)} generations are`;
  return `Here ${missing} missing: the program wrote faster than the viewer could read.`;
}
