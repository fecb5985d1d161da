/**
 * A thread: whom it ran, coloured as on the P lanes; where it had a P and no goroutine, a colour of no one's.
 */
import { P_ONLY } from '../states.mjs';
import { labelFor } from '../labels.mjs';
import { paintStates, patternsOver, pointsOver } from './states.mjs';

/** @type {import('./kind.mjs').Kind} */
export const m = {
  group: 'ms',
  height: 24,
  paint: (row, items, where, theme, { highlight, mask }) => {
    row.add(items, where, theme.palette, highlight, mask, (i) => items.state[i] !== P_ONLY);
    paintStates(row, items, where, theme, mask, (i) => items.state[i] === P_ONLY);
  },
  over: (brush, box, scene, items, theme, mask) => {
    patternsOver(brush, box, scene, items, theme, (i) => items.state[i] === P_ONLY && (!mask || mask[i] > 0));
    pointsOver(brush, box, scene, items, theme);
  },
  label: (items, i, strings, room) => (items.state[i] === P_ONLY ? ''
    : labelFor(strings[items.fn[i]] ?? '', items.goid[i], room)),
};
