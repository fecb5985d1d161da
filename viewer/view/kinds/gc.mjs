/**
 * The garbage collector's mark phases.
 */
import { DIMMED } from '../rows.mjs';
import { firstEndingAfter } from '../layout.mjs';
import { cut } from './kind.mjs';

/**
 * A stretch has one colour, whoever began it.
 * @param {'gc' | 'on'} which @returns {import('./kind.mjs').Kind['paint']}
 */
export const paintOn = (which) => (row, items, where, theme, { mask }) => {
  const { t0, nsPerPixel, from, to, gap } = where;
  const { start, end, index, busy } = items;
  const color = which === 'gc' ? theme.gcLinear : theme.stateLinear.subarray(18, 21);
  for (let i = firstEndingAfter(end, items.n, from); i < items.n && start[i] < to; i++) {
    let x0 = Math.max(0, (Math.max(start[i], from) - t0) / nsPerPixel);
    const x1 = Math.min(row.width, (Math.min(end[i], to) - t0) / nsPerPixel);
    if (x1 <= 0) continue;
    row.busy += (x1 - x0) * busy[i];
    if (index[i] >= 0 && x1 - x0 >= 7 && start[i] >= from) x0 += gap;
    row.cover(x0, x1, index[i] >= 0 ? 1 : busy[i], color, 0, mask && !mask[i] ? DIMMED : 1);
  }
};

/** @type {import('./kind.mjs').Kind} */
export const gc = {
  group: 'ps',
  height: 24,
  share: true,
  paint: paintOn('gc'),
  label: (items, i, strings, room) => cut('GC mark phase', room),
};
