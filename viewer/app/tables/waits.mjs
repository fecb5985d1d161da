/** What was waited for, by reason: which one took most, and all of them as a list. */
import { count } from '../../view/numbers.mjs';
import { shortTime } from '../../view/time.mjs';
import { el } from '../parts.mjs';

/** @typedef {import('./registry.mjs').Desk} Desk */
/** @typedef {import('../../trace/rows.mjs').Rows} Rows */

/** What is said where a trace tells no reason. */
const UNSPECIFIED = 'unspecified';

/**
 * The reason that took most of the waiting; '': there was none.
 * @typedef {object} MostWaited
 * @property {(row: number) => string} goroutine
 * @property {(fn: number) => string} fn          by the function's string
 * @property {(row: number) => string} region
 */

/**
 * Of each owner of a table's rows the reason with most time.
 * @param {Rows} waits @param {(row: number) => number} ownerOf
 * @returns {(owner: number) => string}
 */
function mostBy(waits, ownerOf) {
  const ns = waits.reader('ns'), reason = waits.reader('reason');
  /** @type {Map<number, Map<number, number>>} */
  const sums = new Map();
  for (let i = 0; i < waits.n; i++) {
    const owner = ownerOf(i);
    let own = sums.get(owner);
    if (!own) sums.set(owner, own = new Map());
    own.set(reason(i), (own.get(reason(i)) ?? 0) + ns(i));
  }
  /** @type {Map<number, number>} */
  const most = new Map();
  for (const [owner, own] of sums) {
    let best = -1, longest = 0;
    for (const [id, sum] of own) if (sum > longest) [best, longest] = [id, sum];
    if (longest) most.set(owner, best);
  }
  return (owner) => {
    const id = most.get(owner);
    return id === undefined ? '' : waits.strings[id] || UNSPECIFIED;
  };
}

/** @param {Desk['rows']} rows @returns {MostWaited} */
export function mostWaited(rows) {
  const waits = rows('waits'), go = waits.reader('go');
  const fn = rows('goroutines').reader('fn');
  const regions = rows('region_waits');
  /** Whoever never looks at regions does not pay for them. @type {((owner: number) => string) | null} */
  let byRegion = null;
  return {
    goroutine: mostBy(waits, go),
    fn: mostBy(waits, (row) => fn(go(row))),
    region: (row) => (byRegion ??= mostBy(regions, regions.reader('region')))(row),
  };
}

/** @param {(row: number) => string} get @returns {import('./grid.mjs').Column} */
export const mostColumn = (get) => ({
  title: 'Waits most for', kind: 'text', width: 150, hint: 'The reason that took most of the time it waited', get,
});

/**
 * What it waited for, the longest first.
 * @param {Rows} waits @param {(row: number) => boolean} ours which rows count
 * @returns {HTMLElement[]} none: it did not wait
 */
export function waitList(waits, ours) {
  /** @type {Map<string, {ns: number, count: number}>} */
  const sums = new Map();
  for (let i = 0; i < waits.n; i++) {
    if (!ours(i)) continue;
    const reason = waits.text(i, 'reason') || UNSPECIFIED;
    const sum = sums.get(reason) ?? { ns: 0, count: 0 };
    sum.ns += waits.get(i, 'ns');
    sum.count += waits.get(i, 'count');
    sums.set(reason, sum);
  }
  if (!sums.size) return [];
  const rows = [...sums].sort((a, b) => b[1].ns - a[1].ns).map(([reason, { ns, count: n }]) => el('tr', {}, [
    el('th', { scope: 'row' }, [reason]), el('td', {}, [shortTime(ns)]), el('td', {}, [count(n)])]));
  const heads = ['Waited for', 'Time', 'Times'].map((head) => el('th', { scope: 'col' }, [head]));
  return [el('table', { class: 'plain' }, [el('thead', {}, [el('tr', {}, heads)]), el('tbody', {}, rows)])];
}
