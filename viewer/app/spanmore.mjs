/**
 * What is known of a span beyond its own rows: stack, whom it woke, the way to its goroutine. Text goes in as text.
 */
import { MIX_STATES } from '../view/states.mjs';
import { count } from '../view/numbers.mjs';
import { exactTime, shortTime } from '../view/time.mjs';
import { el } from './parts.mjs';
import { siteText, stateName } from './words.mjs';

/** @typedef {import('../trace/types.mjs').SpanDetail} SpanDetail */
/** @typedef {import('../trace/types.mjs').Site} Site */

/** More of whom it woke than this nobody reads. */
const WOKE_SHOWN = 24;

/** @param {string} text @param {() => void} run @param {string} [title] */
function link(text, run, title) {
  const node = el('button', { type: 'button', class: 'link', ...(title ? { title } : {}) }, [text]);
  node.addEventListener('click', run);
  return node;
}

/** All frames, the innermost first. @param {Site[]} stack */
export function stackOf(stack) {
  return el('ol', { class: 'stack' }, stack.map((site) => el('li', { title: `${site.file}:${site.line}` },
    [siteText(site)])));
}

/**
 * @param {SpanDetail} span @param {SpanDetail | null} twin the goroutine's own span, of a P's or M's
 * @param {{go: (lane: number, t: number) => void, lane: () => void,
 *   fn: (name: string) => void}} actions
 * @returns {HTMLElement[]}
 */
export function moreOf(span, twin, actions) {
  const told = twin ?? span;
  /** @type {HTMLElement[]} */
  const parts = [];
  const links = [];
  if (twin) links.push(link(`Lane of G${span.goid}`, actions.lane));
  const by = told.unblockedBy;
  if (by?.lane !== undefined && by.time !== undefined) {
    const { lane, time } = by;
    const verb = told.startReason === 'created' ? 'Created by' : 'Woken by';
    links.push(link(`${verb} G${by.goid} ←`, () => actions.go(lane, time - 1), `at ${exactTime(time)} ([)`));
  }
  if (span.fn && span.goid) {
    const { fn } = span;
    links.push(link(`All of ${fn.slice(fn.lastIndexOf('/') + 1)}`, () => actions.fn(fn), 'Find its goroutines'));
  }
  const woke = told.woke ?? [];
  for (const w of woke.slice(0, WOKE_SHOWN)) {
    links.push(link(`${w.created ? 'Created' : 'Woke'} G${w.goid} →`, () => actions.go(w.lane, w.time),
      `at ${exactTime(w.time)}`));
  }
  if (woke.length > WOKE_SHOWN) links.push(el('span', {}, [`and ${count(woke.length - WOKE_SHOWN)} more`]));
  if (links.length) parts.push(el('div', { class: 'links', role: 'group', 'aria-label': 'Follow' }, links));
  if (told.stack && told.stack.length > 1) {
    const title = told.state === 0 ? 'Stack where it stopped running' : 'Stack';
    parts.push(el('details', { class: 'frames', open: '' },
      [el('summary', {}, [`${title} (${told.stack.length} frames)`]), stackOf(told.stack)]));
  }
  return parts;
}

/** What a sum of spans of a goroutine's lane says. @param {import('../view/hit.mjs').Hit} hit */
export function sumRows(hit) {
  /** @type {Array<[string, string]>} */
  const rows = [['From', exactTime(hit.start)], ['Over', shortTime(hit.end - hit.start)]];
  MIX_STATES.forEach((state, k) => {
    const share = ((hit.mix >>> (8 * k)) & 255) / 255;
    if (share > 0) rows.push([stateName(state), `${Math.max(1, Math.round(100 * share))}%`]);
  });
  return rows;
}

/**
 * @param {HTMLElement} tip @param {import('../trace/types.mjs').PointDetail} point
 * @param {number} many  how many lie so near each other that they are drawn as one
 */
export function fillPointTip(tip, point, many) {
  const what = { log: 'Log', label: 'Label', sample: 'CPU sample' }[point.kind];
  const text = point.kind === 'log' ? [point.category, point.message].filter(Boolean).join(': ') : point.category;
  tip.replaceChildren(
    el('div', { class: 'title' }, [el('span', { class: 'name' }, [text ? `${what}: ${text}` : what])]),
    el('div', {}, [`at ${exactTime(point.time)}${many > 1 ? `; ${count(many)} lie here: zoom in` : ''}`]),
    ...(point.stack.length ? [stackOf(point.stack.slice(0, 12))] : []),
  );
}
