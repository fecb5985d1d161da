/**
 * Tooltip, details panel and the table that reads the canvas aloud.
 */
import { exactTime, shortTime } from '../view/time.mjs';
import { cssColor } from '../view/color.mjs';
import { firstEndingAfter, laneAtY, timeOfX } from '../view/layout.mjs';
import { curveWords, itemsOf } from '../view/lanes.mjs';
import { byWhom, spanRows, stateName, wakeWord } from './words.mjs';
import { el } from './parts.mjs';
import { sumRows } from './spanmore.mjs';

/** Rows of the table that is read aloud: more than this nobody listens to. */
const TABLE_ROWS = 120;

/** @typedef {import('./words.mjs').SpanDetail} SpanDetail */
/** @typedef {import('../view/color.mjs').Palette} Palette */

/** @typedef {import('../view/hit.mjs').Hit} Hit */

/** @param {Palette} palette @param {number} goid @param {string} fn */
function titleOf(palette, goid, fn) {
  // A stretch of nobody's (a task) has only its name.
  if (!goid) return el('div', { class: 'title' }, [el('span', { class: 'name' }, [fn])]);
  const swatch = el('span', { class: 'swatch' });
  swatch.style.background = cssColor(palette, goid);
  return el('div', { class: 'title' },
    [swatch, el('span', {}, [`G${goid}`]), el('span', { class: 'name' }, [fn || 'unknown function'])]);
}

/** @param {Array<[string, string]>} rows */
function list(rows) {
  return el('dl', {}, rows.flatMap(([term, text]) => [el('dt', {}, [term]), el('dd', {}, [text])]));
}

/**
 * @param {HTMLElement} tip @param {Hit} hit @param {SpanDetail | null} detail not yet known: null
 * @param {Palette} palette
 */
export function fillTip(tip, hit, detail, palette) {
  if (hit.index < 0 && hit.mix) {
    tip.replaceChildren(titleOf(palette, hit.goid, hit.fn || hit.key), list(sumRows(hit)),
      el('div', {}, ['Several spans. Zoom in to tell them apart.']));
    return;
  }
  if (hit.index < 0) {
    const share = `${Math.max(1, Math.round(100 * hit.busy))}% of ${shortTime(hit.end - hit.start)}`;
    tip.replaceChildren(
      titleOf(palette, hit.goid, hit.fn),
      list([[hit.state === 2 ? 'Stopped' : 'Busy', share], ['From', exactTime(hit.start)]]),
      el('div', {}, [hit.state === 2 ? 'The world was stopped several times. Zoom in to tell them apart.'
        : 'Several spans; this goroutine ran longest. Zoom in to tell them apart.']),
    );
    return;
  }
  const span = detail ?? {
    ...hit, open: false, startReason: '', endReason: '', site: null, createdBy: null, unblockedBy: null,
  };
  tip.replaceChildren(titleOf(palette, span.goid, span.fn || hit.word), list(spanRows(span)));
}

/**
 * What a curve is at the pointer. @param {HTMLElement} tip @param {import('../view/lanes.mjs').Scene} scene
 * @param {{x: number, y: number}} pointer @returns {boolean} false: no curve is there
 */
export function fillCurveTip(tip, { layout, lanes, scrollY, tiles, win }, { x, y }) {
  const row = x < layout.gutter ? undefined : lanes[laneAtY(layout, scrollY, y)];
  const t = timeOfX(layout, win, x);
  const words = row ? curveWords(tiles, row, { t0: t, t1: t + 1e-3 }) : '';
  if (row && words) tip.replaceChildren(el('div', { class: 'title' }, [row.name]), list([['Here', words],
    ['At', exactTime(t)]]));
  return words !== '';
}

/**
 * Beside the pointer, inside the viewport.
 * @param {HTMLElement} tip @param {HTMLElement} viewport @param {number} x @param {number} y
 */
export function placeTip(tip, viewport, x, y) {
  const { offsetWidth: width, offsetHeight: height } = tip;
  const left = x + 16 + width <= viewport.clientWidth ? x + 16 : Math.max(4, x - 16 - width);
  const top = y + 18 + height <= viewport.clientHeight ? y + 18 : Math.max(4, y - 14 - height);
  tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

/** @param {SpanDetail} span @param {string} laneName */
function detailRows(span, laneName) {
  const rows = [...spanRows(span)];
  rows.splice(1, 0, ['On', span.p === undefined ? laneName : [`P ${span.p}`, ...(span.m === undefined ? []
    : [`M ${span.m}`])].join(', ')]);
  const told = span.unblockedBy && wakeWord(span) === 'Created by';
  if (span.createdBy && span.state !== 2 && !told) rows.push(['Created by', byWhom(span.createdBy)]);
  if (span.unblockedBy) rows.push([wakeWord(span), byWhom(span.unblockedBy)]);
  return rows;
}

/**
 * @param {HTMLElement} panel @param {SpanDetail} span @param {string} laneName @param {Palette} palette
 * @param {{zoom: () => void, close: () => void}} actions
 */
export function fillDetails(panel, span, laneName, palette, actions) {
  const zoom = el('button', { type: 'button' }, ['Zoom to it']);
  const close = el('button', { type: 'button', 'aria-label': 'Clear the selection' }, ['✕']);
  zoom.addEventListener('click', actions.zoom);
  close.addEventListener('click', actions.close);
  panel.replaceChildren(
    el('header', {}, [titleOf(palette, span.goid, span.fn || span.name || ''), zoom, close]),
    el('dl', {}, detailRows(span, laneName).map(([term, text]) =>
      el('div', {}, [el('dt', {}, [term]), el('dd', {}, [text])]))),
  );
}

/**
 * Of a span that goes on no more than these texts change: what is selected there, or has the focus, stays.
 * @param {HTMLElement} panel @param {SpanDetail} span @param {string} laneName
 */
export function growDetails(panel, span, laneName) {
  const texts = new Map(detailRows(span, laneName));
  for (const row of panel.querySelectorAll(':scope > dl > div')) {
    const [term, cell] = row.children, text = texts.get(term.textContent ?? '') ?? cell.textContent;
    if (cell.textContent !== text) cell.textContent = text;
  }
}

/**
 * Fills the panel anew with the same span: an answer that was asked for there stays, and so does the focus.
 * @param {HTMLElement} panel @param {() => void} fill
 */
export function refillDetails(panel, fill) {
  const { activeElement } = /** @type {ShadowRoot} */ (panel.getRootNode());
  const word = panel.contains(activeElement) ? activeElement?.textContent : null;
  const why = panel.querySelector('.why'), isAsked = why?.querySelector('p')?.textContent;
  fill();
  if (why && isAsked) panel.querySelector('.why')?.replaceWith(why);
  if (word) [...panel.querySelectorAll('button')].find((b) => b.textContent === word)?.focus({ preventScroll: true });
}

/**
 * The spans in view as a table, for those who cannot see the canvas.
 * @param {HTMLElement} holder
 * @param {{win: {t0: number, t1: number}, lanes: ReadonlyArray<import('../view/groups.mjs').Row>,
 *          tiles: import('../view/lanes.mjs').Tiles | null}} scene lanes: those that show
 */
export function fillTable(holder, { win, lanes, tiles }) {
  const rows = [];
  const perLane = Math.max(1, Math.floor(TABLE_ROWS / Math.max(1, lanes.length)));
  for (const lane of lanes) {
    const items = itemsOf(tiles, lane.index);
    if (!items || !tiles) continue;
    const curve = curveWords(tiles, lane, win);
    if (curve) {
      const cells = [lane.name, '', '', `on average: ${curve}`, exactTime(win.t0), shortTime(win.t1 - win.t0)];
      rows.push(el('tr', {}, cells.map((cell) => el('td', {}, [cell]))));
    }
    const first = firstEndingAfter(items.end, items.n, win.t0);
    for (let i = first; i < items.n && items.start[i] < win.t1 && i - first < perLane; i++) {
      const word = tiles.strings[items.fn[i]] ?? '';
      const ofP = lane.kind === 'proc' || lane.kind === 'stw' || lane.kind === 'm';
      const state = [stateName(items.state[i]), ofP ? '' : word].filter(Boolean).join(': ');
      const what = items.index[i] < 0 ? `several, busy ${Math.round(100 * items.busy[i])}%` : state;
      const cells = [
        lane.name, items.goid[i] ? `G${items.goid[i]}` : '', ofP ? word : lane.lane?.fn ?? '', what,
        exactTime(items.start[i]), shortTime(items.end[i] - items.start[i]),
      ];
      rows.push(el('tr', {}, cells.map((cell) => el('td', {}, [cell]))));
    }
  }
  const heads = ['Lane', 'Goroutine', 'Function', 'State', 'Start', 'Duration'];
  holder.replaceChildren(
    el('table', {}, [
      el('caption', {}, [`Spans from ${exactTime(win.t0)} to ${exactTime(win.t1)}`]),
      el('thead', {}, [el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, [head])))]),
      el('tbody', {}, rows),
    ]),
  );
}
