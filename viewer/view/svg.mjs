/**
 * The lanes in view as an SVG document: vectors and text, for papers and slides.
 */
import { RULER_HEIGHT, firstEndingAfter, laneTop, spanHeight, visibleLanes, xOfTime } from './layout.mjs';
import { itemsOf } from './items.mjs';
import { KINDS } from './kinds.mjs';
import { P_ONLY } from './states.mjs';
import { DIMMED } from './rows.mjs';
import { linearToByte, paletteOffset } from './color.mjs';
import { exactTime, shortTime, ticksFor } from './time.mjs';

const MONO = 'ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace';
const SANS = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';
/** Width of a character of the labels, CSS pixels. */
const CHAR = 6.7;
const HEAD = 24;
/** A span narrower than this, CSS pixels, is drawn this wide, or it would vanish in print. */
const THINNEST = 0.25;

/** @param {string} text */
function escape(text) {
  // Letters that XML forbids even when they are escaped could come from a trace.
  const legal = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd');
  return legal.replace(/[<>&"]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[c] ?? c);
}

/** @param {number} v */
const n = (v) => String(Math.round(v * 100) / 100);

/**
 * @param {number} x @param {number} y @param {number} width @param {number} height @param {string} fill
 * @param {string} [more]
 */
const rect = (x, y, width, height, fill, more = '') =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${escape(fill)}"${more}/>`;

/**
 * @param {number} x @param {number} y @param {string} words @param {string} fill @param {string} [more]
 */
const text = (x, y, words, fill, more = '') =>
  `<text x="${n(x)}" y="${n(y)}" fill="${escape(fill)}"${more}>${escape(words)}</text>`;

/**
 * @param {import('./lanes.mjs').Scene} scene @param {import('./theme.mjs').Theme} theme
 * @param {string} title
 * @param {import('./annotations.mjs').Annotations} annotations
 * @returns {string}
 */
export function sceneToSvg(scene, theme, title, annotations) {
  const { layout, win } = scene;
  const [first, end] = visibleLanes(layout, scene.scrollY);
  const bottom = Math.min(layout.height, laneTop(layout, scene.scrollY, end));
  const height = bottom + HEAD;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(layout.width)}" height="${n(height)}" `
      + `viewBox="0 0 ${n(layout.width)} ${n(height)}" font-family="${SANS}" font-size="11">`,
    `<title>${escape(title)}</title>`,
    rect(0, 0, layout.width, height, theme.ground),
    text(8, 16, `${title} · ${exactTime(win.t0)} to ${exactTime(win.t1)}`, theme.ink, ' font-weight="600"'),
    `<g transform="translate(0 ${HEAD})">`,
    `<clipPath id="plot"><rect x="${layout.gutter}" y="0" width="${n(layout.plot)}" height="${n(bottom)}"/></clipPath>`,
    `<clipPath id="lanes"><rect x="0" y="${RULER_HEIGHT}" width="${n(layout.width)}" height="${
      n(bottom - RULER_HEIGHT)}"/></clipPath>`,
    '<g clip-path="url(#lanes)">',
  ];
  for (let at = first; at < end; at++) parts.push(...laneParts(scene, theme, at));
  parts.push('</g>', '<g clip-path="url(#plot)">', ...rulerParts(scene, theme, bottom),
    ...noteParts(scene, theme, annotations, bottom), '</g>', '</g>', '</svg>');
  return `${parts.join('\n')}\n`;
}

/** @param {import('./lanes.mjs').Scene} scene @param {import('./theme.mjs').Theme} theme @param {number} at */
function laneParts(scene, theme, at) {
  const { layout, win } = scene;
  const lane = scene.lanes[at];
  const top = laneTop(layout, scene.scrollY, at);
  const height = spanHeight(layout, at);
  const kind = KINDS[lane.kind];
  const edge = (/** @type {number} */ t) => Math.min(layout.width, Math.max(layout.gutter, xOfTime(layout, win, t)));
  if (lane.kind === 'head') {
    return [rect(0, top, layout.width, height, theme.panel),
      text(10 + 12 * lane.depth, top + height / 2 + 4, `${lane.name} ${lane.count}`, theme.ink, ' font-weight="600"')];
  }
  const parts = [text(10 + 8 * lane.depth, top + height / 2 + 4, lane.name, theme.ink)];
  if (!kind.bare) parts.push(rect(edge(0), top, edge(scene.dataEnd) - edge(0), height, theme.track));
  const fine = itemsOf(scene.tiles, lane.index);
  const tiles = fine ? scene.tiles : scene.overview;
  const items = fine ?? itemsOf(scene.overview, lane.index);
  if (!items || !tiles) return parts;
  const mask = scene.mask?.(tiles, items) ?? null;
  for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < win.t1; i++) {
    const x0 = edge(items.start[i]);
    const x1 = edge(Math.min(items.end[i], scene.dataEnd));
    const opacity = items.busy[i] * (mask && !mask[i] ? DIMMED : 1);
    const share = opacity < 1 ? ` fill-opacity="${n(opacity)}"` : '';
    const fill = fillOf(lane.kind, theme, items, i);
    parts.push(rect(x0, top, Math.max(THINNEST, x1 - x0), height, fill, share));
    if (items.index[i] < 0) continue;
    const label = kind.label?.(items, i, tiles.strings, Math.floor((x1 - x0 - 10) / CHAR));
    if (label)
      parts.push(text(x0 + 5, top + height / 2 + 4, label, theme.spanInk, ` font-family="${MONO}" font-size="11"`));
  }
  return parts;
}

/**
 * @param {string} kind @param {import('./theme.mjs').Theme} theme @param {import('./rows.mjs').LaneItems} items
 * @param {number} i
 */
function fillOf(kind, theme, items, i) {
  const state = items.state[i];
  const byWhom = kind === 'proc' || kind === 'stw' || (kind === 'm' && state !== P_ONLY);
  if (byWhom) return cssMix(theme.palette, items.goid[i], state === 1);
  return kind === 'gc' || kind === 'range' ? css(theme.gcLinear, 0) : css(theme.stateLinear, 3 * state);
}

/** @param {import('./color.mjs').Palette} palette @param {number} goid @param {boolean} quiet */
function cssMix(palette, goid, quiet) {
  const at = paletteOffset(palette, goid);
  const from = quiet ? palette.quiet : palette.linear;
  return css(from, at);
}

/** @param {ArrayLike<number>} linear @param {number} at */
function css(linear, at) {
  return `#${[0, 1, 2].map((k) => linearToByte(linear[at + k]).toString(16).padStart(2, '0')).join('')}`;
}

/** @param {import('./lanes.mjs').Scene} scene @param {import('./theme.mjs').Theme} theme @param {number} bottom */
function rulerParts({ layout, win }, theme, bottom) {
  const ticks = ticksFor(win.t0, win.t1, layout.plot, 96);
  return ticks.at.flatMap((t) => {
    const x = xOfTime(layout, win, t);
    if (x < layout.gutter) return [];
    return [rect(x, 6, 1, bottom - 6, theme.grid), text(x + 4, 15, ticks.label(t), theme.faint)];
  });
}

/**
 * @param {import('./lanes.mjs').Scene} scene @param {import('./theme.mjs').Theme} theme
 * @param {import('./annotations.mjs').Annotations} annotations @param {number} bottom
 */
function noteParts({ layout, win }, theme, { area, marks }, bottom) {
  const parts = [];
  const x = (/** @type {number} */ t) => xOfTime(layout, win, t);
  if (area) {
    const width = x(area.t1) - x(area.t0);
    for (const box of area.boxes)
      parts.push(rect(x(area.t0), box.top, width, box.height, theme.accent, ' fill-opacity="0.16"'));
    parts.push(text(x(area.t0) + 4, 24, shortTime(area.t1 - area.t0), theme.accent, ' font-weight="600"'));
  }
  for (const mark of marks) {
    parts.push(rect(x(mark.t0), 2, 1.5, bottom, mark.color));
    if (mark.t1 > mark.t0) parts.push(rect(x(mark.t1), 2, 1.5, bottom, mark.color));
    if (mark.text) parts.push(text(x(mark.t0) + 5, 24, mark.text, mark.color, ' font-weight="600"'));
  }
  return parts;
}
