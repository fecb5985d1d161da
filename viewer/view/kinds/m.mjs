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
  paint: (row, items, where, theme, highlight) => {
    row.add(items, where, theme.palette, highlight, (i) => items.state[i] !== P_ONLY);
    paintStates(row, items, where, theme, (i) => items.state[i] === P_ONLY);
  },
  over: (brush, box, scene, items, theme) => {
    patternsOver(brush, box, scene, items, theme, (i) => items.state[i] === P_ONLY);
    pointsOver(brush, box, scene, items, theme);
  },
  label: (items, i, strings, room) => (items.state[i] === P_ONLY ? ''
    : labelFor(strings[items.fn[i]] ?? '', items.goid[i], room)),
};
