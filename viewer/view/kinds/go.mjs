/**
 * A goroutine: which state it was in, by colour and pattern; why it waited stands on wide spans.
 */
import { RUNNING, STATES, WAITING } from '../states.mjs';
import { cut } from './kind.mjs';
import { paintStates, patternsOver, pointsOver } from './states.mjs';

/** @type {import('./kind.mjs').Kind} */
export const go = {
  group: 'go',
  height: 22,
  bare: true,
  share: true,
  paint: (row, items, where, theme, { mask }) => paintStates(row, items, where, theme, mask),
  over: (brush, box, scene, items, theme, mask) => {
    patternsOver(brush, box, scene, items, theme, (i) => !mask || mask[i] > 0);
    pointsOver(brush, box, scene, items, theme);
  },
  label: (items, i, strings, room) => {
    const reason = strings[items.fn[i]] ?? '';
    const state = items.state[i];
    const word = STATES[state]?.word ?? '';
    if (state === RUNNING) return cut(word, room);
    const full = reason && state === WAITING ? reason : reason ? `${word}: ${reason}` : word;
    return full.length <= room ? full : cut(reason && state === WAITING ? reason : word, room);
  },
};
