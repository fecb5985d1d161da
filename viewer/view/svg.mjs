/**
 * The lanes in view as an SVG document: vectors and text, for papers and slides.
 */
import { RULER_HEIGHT, firstEndingAfter, laneTop, spanHeight, visibleLanes, xOfTime } from './layout.mjs';
import { itemsOf } from './items.mjs';
import { CAPTION, drawLegend, headingOf } from './caption.mjs';
import { KINDS } from './kinds.mjs';
import { drawArrows } from './arrows.mjs';
import { drawOverlay } from './overlay.mjs';
import { P_ONLY } from './states.mjs';
import { DIMMED } from './rows.mjs';
import { linearToByte, paletteOffset } from './color.mjs';
import { SvgPen, digits, escapeXml } from './svgpen.mjs';
import { shortTime, ticksFor } from './time.mjs';

const MONO = 'ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace';
const SANS = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';
/** Width of a character of the labels, CSS pixels. */
const CHAR = 6.7;
/** A span narrower than this, CSS pixels, is drawn this wide, or it would vanish in print. */
const THINNEST = 0.25;

/**
 * @param {number} x @param {number} y @param {number} width @param {number} height @param {string} fill
 * @param {string} [more]
 */
const rect = (x, y, width, height, fill, more = '') =>
  `<rect x="${digits(x)}" y="${digits(y)}" width="${digits(width)}" height="${digits(height)}" fill="${
    escapeXml(fill)}"${more}/>`;

/**
 * @param {number} x @param {number} y @param {string} words @param {string} fill @param {string} [more]
 */
const text = (x, y, words, fill, more = '') =>
  `<text x="${digits(x)}" y="${digits(y)}" fill="${escapeXml(fill)}"${more}>${escapeXml(words)}</text>`;

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
  const height = CAPTION + bottom + CAPTION;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${digits(layout.width)}" height="${digits(height)}" `
      + `viewBox="0 0 ${digits(layout.width)} ${digits(height)}" font-family="${SANS}" font-size="11">`,
    `<title>${escapeXml(title)}</title>`,
    rect(0, 0, layout.width, height, theme.ground),
    text(8, 16, headingOf(title, win), theme.ink, ' font-weight="600"'),
    `<g transform="translate(0 ${CAPTION})">`,
    `<clipPath id="plot"><rect x="${layout.gutter}" y="0" width="${digits(layout.plot)}" height="${
      digits(bottom)}"/></clipPath>`,
    `<clipPath id="lanes"><rect x="0" y="${RULER_HEIGHT}" width="${digits(layout.width)}" height="${
      digits(bottom - RULER_HEIGHT)}"/></clipPath>`,
    ...patternParts(theme),
    '<g clip-path="url(#lanes)">',
  ];
  const pen = new SvgPen();
  const context = /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (pen));
  for (let at = first; at < end; at++) {
    const { spans, labels } = laneParts(scene, theme, at);
    pen.write(...spans);
    paintOver(context, scene, theme, at);
    pen.write(...labels);
  }
  drawOverlay(context, scene, theme, first, end);
  drawArrows(context, scene, theme);
  parts.push(...pen.parts, '</g>', '<g clip-path="url(#plot)">', ...rulerParts(scene, theme, bottom),
    ...noteParts(scene, theme, annotations, bottom), '</g>');
  const below = new SvgPen();
  drawLegend(/** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (below)), PATTERNS, scene, theme, bottom);
  parts.push(...below.parts, '</g>', '</svg>');
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
  /** @type {{spans: string[], labels: string[]}} */
  const { spans, labels } = { spans: [], labels: [] };
  if (lane.kind === 'head') return { spans, labels };
  spans.push(text(10 + 8 * lane.depth, top + height / 2 + 4, lane.name, theme.ink));
  if (kind.draw) return { spans, labels };
  if (!kind.bare) {
    const { t0, t1 } = kind.group === 'ps' ? { t0: scene.knownFrom, t1: scene.dataEnd } : scene.more;
    const width = edge(t1) - edge(t0);
    spans.push(rect(edge(t0), top, width, height, theme.track), rect(edge(t0), top, width, height, 'url(#idle)'));
  }
  const fine = itemsOf(scene.tiles, lane.index);
  const tiles = fine ? scene.tiles : scene.overview;
  const items = fine ?? itemsOf(scene.overview, lane.index);
  if (!items || !tiles) return { spans, labels };
  const mask = scene.mask?.(tiles, items) ?? null;
  for (let i = firstEndingAfter(items.end, items.n, win.t0); i < items.n && items.start[i] < win.t1; i++) {
    const x0 = edge(items.start[i]);
    const x1 = edge(Math.min(items.end[i], scene.dataEnd));
    const opacity = items.busy[i] * (mask && !mask[i] ? DIMMED : 1);
    const share = opacity < 1 ? ` fill-opacity="${digits(opacity)}"` : '';
    const fill = fillOf(lane.kind, theme, items, i);
    spans.push(rect(x0, top, Math.max(THINNEST, x1 - x0), height, fill, share));
    if (items.index[i] < 0) continue;
    const label = kind.label?.(items, i, tiles.strings, Math.floor((x1 - x0 - 10) / CHAR));
    if (label)
      labels.push(text(x0 + 5, top + height / 2 + 4, label, theme.spanInk, ` font-family="${MONO}" font-size="11"`));
  }
  return { spans, labels };
}

/** The same names as those of the picture's patterns: what asks for one gets a reference to it. */
const PATTERNS = /** @type {import('./states.mjs').Patterns} */ (/** @type {unknown} */ ({
  get: (/** @type {unknown} */ context, /** @type {unknown} */ theme, /** @type {unknown} */ dpr,
    /** @type {string} */ name) => `url(#${name})`,
}));

/** @param {import('./theme.mjs').Theme} theme */
function patternParts({ patternInk, faint, hatch: idle }) {
  const tile = (/** @type {string} */ id, /** @type {number} */ side, /** @type {string} */ inside) =>
    `<pattern id="${id}" width="${side}" height="${side}" patternUnits="userSpaceOnUse">${inside}</pattern>`;
  const hatch = (/** @type {number} */ side, /** @type {string} */ color) => `<path stroke="${escapeXml(color)}" d="${
    [-side, 0, side].map((shift) => `M${shift - 1} ${side + 1}L${shift + side + 1} -1`).join('')}"/>`;
  return [
    tile('idle', 8, hatch(8, idle)), tile('hatch', 6, hatch(6, patternInk)), tile('gap', 10, hatch(10, faint)),
    tile('dots', 6, rect(0, 0, 1, 1, patternInk) + rect(3, 3, 1, 1, patternInk)),
    tile('bars', 6, rect(0, 0, 1.2, 6, patternInk)), tile('lines', 6, rect(0, 0, 6, 1.2, patternInk)),
  ];
}

/**
 * What a kind draws by itself, curves for example, or over its spans: patterns and points.
 * @param {CanvasRenderingContext2D} context @param {import('./lanes.mjs').Scene} scene
 * @param {import('./theme.mjs').Theme} theme @param {number} at
 */
function paintOver(context, scene, theme, at) {
  const row = scene.lanes[at];
  const { draw, over } = KINDS[row.kind];
  const { layout } = scene;
  const box = { x: layout.gutter, y: laneTop(layout, scene.scrollY, at), width: layout.plot,
    height: spanHeight(layout, at) };
  const brush = { context, patterns: PATTERNS };
  if (draw) draw(brush, box, scene, row, theme);
  const items = itemsOf(scene.tiles, row.index);
  if (!over || !items || !scene.tiles) return;
  over(brush, box, scene, items, theme, scene.mask?.(scene.tiles, items) ?? null);
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
function noteParts({ layout, win }, theme, { area, marks, step }, bottom) {
  const parts = [];
  const x = (/** @type {number} */ t) => xOfTime(layout, win, t);
  const all = [{ top: RULER_HEIGHT, height: bottom - RULER_HEIGHT }];
  for (const { t0, t1, boxes } of [...step ? [{ ...step, boxes: all }] : [], ...area ? [area] : []]) {
    for (const box of boxes)
      parts.push(rect(x(t0), box.top, x(t1) - x(t0), box.height, theme.accent, ' fill-opacity="0.16"'));
    parts.push(text(x(t0) + 4, 24, shortTime(t1 - t0), theme.accent, ' font-weight="600"'));
  }
  for (const mark of marks) {
    parts.push(rect(x(mark.t0), 2, 1.5, bottom, mark.color));
    if (mark.t1 > mark.t0) parts.push(rect(x(mark.t1), 2, 1.5, bottom, mark.color));
    if (mark.text) parts.push(text(x(mark.t0) + 5, 24, mark.text, mark.color, ' font-weight="600"'));
  }
  return parts;
}
