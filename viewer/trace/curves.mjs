// curves.mjs: rows that draw a few of the reader's numbers over time; to queries they are lanes like others.
import { CURVE } from './types.mjs';

/** Indices of lanes from here on are curves; what the reader has itself lies below. */
export const CURVE_LANES = 1 << 24;

/**
 * series: numbers of CURVE.
 * @typedef {{key: string, kind: 'curve' | 'heat', name: string, series: number[]}} CurveRow
 */

/** @type {ReadonlyArray<CurveRow>} */
export const CURVE_ROWS = [
  { key: 'curve:goroutines', kind: 'curve', name: 'Goroutines',
    series: [CURVE.RUNNING, CURVE.SYSCALL, CURVE.RUNNABLE, CURVE.WAITING] },
  { key: 'curve:heap', kind: 'curve', name: 'Heap', series: [CURVE.HEAP, CURVE.GOAL] },
  { key: 'curve:ps', kind: 'curve', name: 'Ps used', series: [CURVE.PS, CURVE.PROCS] },
  { key: 'heat:ps', kind: 'heat', name: 'Ps busy', series: [CURVE.RUNNING, CURVE.SYSCALL, CURVE.PROCS, CURVE.PS] },
];

/** The rows of curves of which something is known. @param {number} known TraceInfo.curves */
export function curveLanes(known) {
  return CURVE_ROWS.map(({ key, kind, name }, i) => ({ index: CURVE_LANES + i, kind, id: i, key, name, spans: 0 }))
    .filter((_, i) => CURVE_ROWS[i].series.some((which) => known & (1 << which)));
}
