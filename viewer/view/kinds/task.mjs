/**
 * A user task: from its begin to its end, with its logs.
 */
import { cut } from './kind.mjs';
import { paintOn } from './gc.mjs';
import { pointsOver } from './states.mjs';

/** @type {import('./kind.mjs').Kind} */
export const task = {
  group: 'tasks',
  height: 22,
  bare: true,
  paint: paintOn('on'),
  over: pointsOver,
  label: (items, i, strings, room) => cut(strings[items.fn[i]] ?? '', room),
};
