/** What the drawer's tables work with, made of one analysis. */
import { Rows } from '../trace/rows.mjs';
import { download } from './download.mjs';
import { mostWaited } from './tables/waits.mjs';

/** @typedef {import('./tables/registry.mjs').Desk} Desk */

/**
 * @param {import('../trace/analysis.mjs').Tables} tables
 * @param {Pick<Desk, 'analyst' | 'navigate' | 'show' | 'other' | 'compare' | 'kept'>} rest
 * @returns {Desk}
 */
export function makeDesk(tables, rest) {
  /** @type {Map<string, Rows>} */
  const cache = new Map();
  const rows = (/** @type {string} */ name) => {
    let found = cache.get(name);
    if (!found) cache.set(name, found = new Rows(tables, name));
    return found;
  };
  /** Row by what stands in a column; the last one wins.
   * @param {string} table @param {string} column @param {number} [none] where none has it */
  const indexOf = (table, column, none = 0) => {
    /** @type {Map<number, number> | null} */
    let map = null;
    return (/** @type {number} */ key) => {
      if (!map) {
        const all = rows(table);
        map = new Map(Array.from({ length: all.n }, (_, i) => [all.get(i, column), i]));
      }
      return map.get(key) ?? none;
    };
  };
  /** @type {import('./tables/waits.mjs').MostWaited | null} */
  let most = null;
  return {
    tables,
    rows,
    ...rest,
    goroutineRow: indexOf('goroutines', 'id'),
    functionRow: indexOf('functions', 'fn'),
    taskRow: indexOf('tasks', 'id', -1),
    mostWaited: () => most ??= mostWaited(rows),
    blocked: (cls, whose) => {
      const all = rows('blocking'), gos = rows('goroutines');
      for (let i = 0; i < all.n; i++) {
        const go = all.get(i, 'go');
        if (all.get(i, 'class') === cls && (whose.row === undefined || whose.row === go)
          && (whose.fn === undefined || whose.fn === gos.get(go, 'fn'))) return true;
      }
      return false;
    },
    download,
  };
}
