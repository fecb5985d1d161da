/**
 * The heading of a group or subgroup: open or not, its name, how many lanes it has.
 */
import { count } from '../numbers.mjs';
import { shortTime } from '../time.mjs';

/** Lanes that end so much earlier than those of the Ps, CSS pixels, are seen to. */
const SEEN_PX = 4;

/** @type {import('./kind.mjs').Kind} */
export const head = {
  group: '',
  height: 22,
  bare: true,
  draw: ({ context }, box, scene, row, theme) => {
    const { layout } = scene;
    const left = 8 + 12 * row.depth;
    const y = box.y + box.height / 2;
    context.fillStyle = theme.panel;
    context.fillRect(0, box.y, layout.width, box.height + 1);
    context.fillStyle = theme.grid;
    context.fillRect(0, box.y + box.height, layout.width, 1);
    context.fillStyle = theme.faint;
    context.beginPath();
    if (row.open) {
      context.moveTo(left, y - 3);
      context.lineTo(left + 8, y - 3);
      context.lineTo(left + 4, y + 3);
    } else {
      context.moveTo(left + 1, y - 4);
      context.lineTo(left + 7, y);
      context.lineTo(left + 1, y + 4);
    }
    context.fill();
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.font = `${row.depth ? '' : '600 '}12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
    context.fillStyle = theme.ink;
    const x = left + 14;
    context.fillText(row.name, x, y + 0.5, Math.max(20, layout.width - x - 60));
    const after = x + Math.min(context.measureText(row.name).width, layout.width - x - 60) + 8;
    context.fillStyle = theme.faint;
    const words = [count(row.count), knownWords(scene, row)].filter(Boolean).join('   ');
    context.font = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
    context.fillText(words, after, y + 0.5);
  },
};

/**
 * Of a group that is known less far than the Ps are: where.
 * @param {Pick<import('../lanes.mjs').Scene, 'more' | 'dataEnd' | 'win' | 'layout'>} scene
 * @param {Pick<import('../groups.mjs').Row, 'key' | 'depth'>} row
 */
export function knownWords({ more, dataEnd, win, layout }, { key, depth }) {
  if (depth || key === 'ps' || key === 'pinned') return '';
  const words = [];
  const behind = dataEnd - more.t1;
  if ((behind / (win.t1 - win.t0)) * layout.plot >= SEEN_PX) {
    // One digit: it changes all the time.
    const digit = 10 ** Math.floor(Math.log10(behind));
    words.push(`read up to ${shortTime(Math.round(behind / digit) * digit)} before the end`);
  }
  if (more.t0 > 0) words.push(`from ${shortTime(more.t0)} on`);
  return words.join(', ');
}
