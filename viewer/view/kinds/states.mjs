/**
 * What kinds share that are drawn by state: the row of pixels, the patterns over it, the points on it.
 */
import { DIMMED } from '../rows.mjs';
import { MIX_STATES, STATES, WAITING } from '../states.mjs';
import { firstEndingAfter } from '../layout.mjs';
import { eachItem } from './kind.mjs';
import { pathFor } from '../svgpen.mjs';

/** Patterns are drawn on runs at least this wide: narrower ones show no more than one line of it. CSS pixels. */
const PATTERN_FROM = 8;
/** A sum counts as its main state for the pattern when that has at least this share of it, of 255. */
const MAINLY = 160;
/** A span this many device pixels wide or more shows a gap at its left edge, so that equal neighbours stay two. */
const GAP_FROM = 7;

/**
 * @param {import('../rows.mjs').RowPainter} row @param {import('../rows.mjs').LaneItems} items
 * @param {import('./kind.mjs').Where} where @param {import('../theme.mjs').Theme} theme
 * @param {Uint8Array | null} mask @param {(i: number) => boolean} [which]
 */
export function paintStates(row, items, where, theme, mask, which) {
  const { t0, nsPerPixel, from, to, gap } = where;
  const { start, end, state, index, mix } = items;
  const colors = theme.stateLinear;
  for (let i = firstEndingAfter(end, items.n, from); i < items.n && start[i] < to; i++) {
    if (which && !which(i)) continue;
    let x0 = Math.max(0, (Math.max(start[i], from) - t0) / nsPerPixel);
    const x1 = Math.min(row.width, (Math.min(end[i], to) - t0) / nsPerPixel);
    if (x1 <= 0) continue;
    const fade = mask && !mask[i] ? DIMMED : 1;
    if (index[i] >= 0 || !mix) {
      if (state[i] === 0) row.busy += x1 - x0;
      if (x1 - x0 >= GAP_FROM && start[i] >= from) x0 += gap;
      row.cover(x0, x1, 1, colors, 3 * state[i], fade);
      continue;
    }
    row.busy += ((x1 - x0) * (mix[i] & 255)) / 255;
    for (let k = 0; k < MIX_STATES.length; k++) {
      const share = ((mix[i] >>> (8 * k)) & 255) / 255;
      if (share > 0) row.cover(x0, x1, share, colors, 3 * MIX_STATES[k], fade);
    }
  }
}

/**
 * @param {import('./kind.mjs').Brush} brush @param {import('./kind.mjs').Box} box
 * @param {import('../lanes.mjs').Scene} scene @param {import('../rows.mjs').LaneItems} items
 * @param {import('../theme.mjs').Theme} theme @param {(i: number) => boolean} [which]
 */
export function patternsOver({ context, patterns }, box, scene, items, theme, which) {
  let state = -1;
  let from = 0;
  let to = 0;
  const flush = () => {
    const name = state >= 0 && to - from >= PATTERN_FROM ? STATES[state].pattern : 'none';
    const fill = name === 'none' ? null : patterns.get(context, theme, scene.layout.dpr, name);
    if (!fill) return;
    context.fillStyle = fill;
    context.fillRect(from, box.y, to - from, box.height);
    // Waiting is most of most lanes, hence pale, or it would drown the rest: an edge below tells it from nothing.
    if (state !== WAITING) return;
    context.fillStyle = theme.faint;
    context.fillRect(from, box.y + box.height - 1, to - from, 1);
  };
  eachItem(items, box, scene, (i, x0, x1) => {
    let now = which && !which(i) ? -1 : items.state[i];
    if (items.index[i] < 0 && items.mix && now >= 0) {
      const k = MIX_STATES.indexOf(now === 5 ? 1 : now);
      if (k < 0 || ((items.mix[i] >>> (8 * k)) & 255) < MAINLY) now = -1;
    }
    if (now !== state || x0 - to > 0.5) {
      flush();
      state = now;
      from = x0;
    }
    to = x1;
  });
  flush();
}

/**
 * Logs and labels as marks at the top, samples as ticks at the bottom.
 * @param {import('./kind.mjs').Brush} brush @param {import('./kind.mjs').Box} box
 * @param {import('../lanes.mjs').Scene} scene @param {import('../rows.mjs').LaneItems} items
 * @param {import('../theme.mjs').Theme} theme
 */
export function pointsOver({ context }, box, scene, items, theme) {
  const { points } = items;
  if (!points) return;
  const perNs = box.width / (scene.win.t1 - scene.win.t0);
  const marks = [pathFor(context), pathFor(context), pathFor(context)];
  for (let i = 0; i < points.n; i++) {
    const x = Math.round(box.x + (points.t[i] - scene.win.t0) * perNs);
    if (x < box.x - 4 || x > box.x + box.width + 4) continue;
    const path = marks[points.kind[i]] ?? marks[0];
    if (points.kind[i] === 2) path.rect(x, box.y + box.height - 5, 1, 5);
    else if (points.kind[i] === 1) {
      path.moveTo(x - 4, box.y);
      path.lineTo(x + 4, box.y);
      path.lineTo(x, box.y + 7);
      path.closePath();
    } else {
      path.moveTo(x, box.y);
      path.lineTo(x + 4, box.y + 5);
      path.lineTo(x, box.y + 10);
      path.lineTo(x - 4, box.y + 5);
      path.closePath();
    }
  }
  context.lineWidth = 1;
  context.strokeStyle = theme.ground;
  for (const [kind, path] of marks.entries()) {
    context.fillStyle = kind === 0 ? theme.accent : theme.ink;
    context.fill(path);
    if (kind !== 2) context.stroke(path);
  }
}
