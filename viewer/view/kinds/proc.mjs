/**
 * A P: what it ran, one colour a goroutine.
 */
import { labelFor } from '../labels.mjs';

/** @type {import('./kind.mjs').Kind} */
export const proc = {
  group: 'ps',
  height: 'share',
  share: true,
  paint: (row, items, where, theme, { highlight, mask }) => row.add(items, where, theme.palette, highlight, mask),
  label: (items, i, strings, room) => labelFor(strings[items.fn[i]] ?? '', items.goid[i], room),
};
