// rough.mjs: which items of an answer come from a summary: where they begin and end is only about right.

/** @typedef {import('../types.mjs').LaneTiles} LaneTiles */

export const EXACT = 0;
/** Asked for more closely it is told exactly. */
export const SUMMED = 1;
/** The bytes were given up: nothing tells it more exactly. */
export const GONE = 2;

/**
 * @param {Pick<LaneTiles, 'start' | 'end' | 'rough'>} items
 * @returns {(i: number) => number} to be called with rising i
 */
export function roughness({ start, end, rough = [] }) {
  let at = 0;
  return (i) => {
    while (at < rough.length && rough[at].t1 <= start[i]) at++;
    let most = EXACT;
    for (let k = at; k < rough.length && rough[k].t0 < end[i] && most < GONE; k++) {
      most = rough[k].gone ? GONE : SUMMED;
    }
    return most;
  };
}
