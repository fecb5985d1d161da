/**
 * A goroutine's user regions, a row for each depth of nesting.
 */
import { cut } from './kind.mjs';
import { paintOn } from './gc.mjs';

/** @type {import('./kind.mjs').Kind} */
export const region = {
  group: 'go',
  height: 17,
  bare: true,
  paint: paintOn('on'),
  label: (items, i, strings, room) => cut(strings[items.fn[i]] ?? '', room),
};
