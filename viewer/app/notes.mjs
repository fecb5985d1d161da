/**
 * The panels below the lanes that belong to what the user drew: the selected area, and the list of marks.
 */
import { STATES } from '../trace/query/fields.mjs';
import { nameOf } from '../view/groups.mjs';
import { count, plural } from '../view/numbers.mjs';
import { exactTime, shortTime } from '../view/time.mjs';
import { MARK_COLORS, LONGEST_TEXT } from './marks.mjs';
import { el } from './parts.mjs';

/** Lanes with a row of their own; the rest is in the total. */
const MOST_ROWS = 24;
const TOP = 5;

/** State names as they stand in a table's head. @type {Record<string, string>} */
const HEADS = { syscall: 'system call', stopped: 'world stopped' };

/** @param {string} text @param {() => void} run @param {Record<string, string>} [more] */
function action(text, run, more = {}) {
  const button = el('button', { type: 'button', ...more }, [text]);
  button.addEventListener('click', run);
  return button;
}

/**
 * @param {HTMLElement} panel @param {import('./area.mjs').Area} area
 * @param {import('./stats.mjs').Stats | null} stats null: not known yet
 * @param {{zoom: () => void, mark: () => void, tables: () => void, close: () => void}} actions
 */
export function fillArea(panel, area, stats, actions) {
  const lanes = stats?.lanes.length ?? area.lanes.length;
  const title = el('div', { class: 'title' }, [
    el('span', {}, [exactTime(area.t1 - area.t0)]),
    el('span', { class: 'name' }, [
      `on ${plural(lanes, 'lane')}, from ${exactTime(area.t0)} to ${exactTime(area.t1)}`]),
  ]);
  panel.replaceChildren(
    el('header', {}, [title, action('Zoom to it', actions.zoom), action('Mark it', actions.mark),
      action('Tables', actions.tables),
      action('✕', actions.close, { 'aria-label': 'Clear the area' })]),
    ...(stats ? statParts(stats) : []),
  );
}

/** @param {import('./stats.mjs').Stats} stats */
function statParts(stats) {
  const { states, total } = stats;
  const about = stats.exact ? '' : 'About ';
  const length = stats.t1 - stats.t0;
  /** @param {string} name @param {{ns: Float64Array, spans: number}} row @param {number} whole */
  const line = (name, row, whole) => el('tr', {}, [
    el('th', { scope: 'row' }, [name]),
    ...states.map((state) => el('td', {}, [row.ns[state] ? `${shortTime(row.ns[state])} (${
      Math.round((100 * row.ns[state]) / whole)}%)` : ''])),
    el('td', {}, [count(row.spans)]),
  ]);
  const shown = stats.rows.slice(0, MOST_ROWS);
  const rows = shown.map((row, i) => line(nameOf(stats.lanes[i]) || stats.lanes[i].name, row, length));
  if (stats.rows.length > 1) rows.push(line(`All ${count(stats.rows.length)}`, total, length * stats.rows.length));
  const heads = ['Lane', ...states.map((state) => HEADS[STATES[state]] ?? STATES[state]), 'spans'];
  const parts = [];
  if (total.spans) {
    parts.push(el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Time by lane and state' }, [
      el('table', { class: 'sums' }, [
        el('caption', {}, [`Time by state${stats.exact ? '' : ', about: some spans are known summed up only'}`]),
        el('thead', {}, [el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, [head])))]),
        el('tbody', {}, rows),
      ])]));
  } else parts.push(el('p', {}, ['Nothing ran there.']));
  const more = stats.rows.length - shown.length;
  if (more > 0) parts.push(el('p', {}, [`${plural(more, 'more lane')} ${more === 1 ? 'is' : 'are'} in the total.`]));
  if (stats.fitting) {
    const { spans, ns } = stats.fitting;
    const fit = spans === 1 ? 'fits' : 'fit';
    parts.push(el('p', {}, [`${about}${plural(spans, 'span')} ${fit} the query, ${shortTime(ns)}.`]));
  }
  const { size } = stats.goroutines;
  if (size) {
    const names = stats.top(TOP).filter(({ ns }) => ns > 0)
      .map(({ goid, fn, ns }) => `G${goid} ${fn} ${shortTime(ns)}`).join('; ');
    const who = size === 1 ? 'One goroutine' : plural(size, 'goroutine');
    const what = [stats.counts === 'go' ? 'running' : '', size > 1 ? 'longest' : ''].filter(Boolean).join(' ');
    parts.push(el('p', {}, [names ? `${who}${what && `, ${what}`}: ${names}.` : `${who}, not running.`]));
  }
  return parts;
}

/**
 * go: shows the mark's place; leave: its note is written.
 * @typedef {{go: (mark: import('./marks.mjs').Mark) => void, leave: () => void, close: () => void}} MarkActions
 */

/**
 * @param {HTMLElement} panel @param {import('./marks.mjs').Marks} marks
 * @param {MarkActions} actions
 */
export function fillMarks(panel, marks, actions) {
  const rows = marks.list.map((mark) => markRow(mark, marks, actions));
  panel.replaceChildren(
    el('header', {}, [
      el('div', { class: 'title' }, [plural(marks.list.length, 'mark')]),
      action('✕', actions.close, { 'aria-label': 'Close the list of marks' }),
    ]),
    marks.list.length ? el('ul', { class: 'marks' }, rows)
      : el('p', {}, ['M marks the place under the pointer until the next mark, Shift+M keeps it.']),
  );
}

/**
 * @param {import('./marks.mjs').Mark} mark @param {import('./marks.mjs').Marks} marks
 * @param {MarkActions} actions
 */
function markRow(mark, marks, { go, leave }) {
  const place = mark.t1 > mark.t0 ? `${exactTime(mark.t0)} + ${shortTime(mark.t1 - mark.t0)}` : exactTime(mark.t0);
  const text = el('input', {
    type: 'text', 'aria-label': `Note at ${place}`, placeholder: mark.kept ? 'Note' : 'Note (a note keeps the mark)',
    maxlength: String(LONGEST_TEXT),
  });
  text.value = mark.text;
  text.addEventListener('change', () => marks.change(mark, { text: text.value }));
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation(); // Esc closes this field, not what else it would close
    leave();
  });
  const color = el('select', { 'aria-label': `Colour at ${place}`, class: `mark-color mark-${mark.color}` },
    Array.from({ length: MARK_COLORS }, (_, i) => el('option', { value: String(i + 1) }, [`■ ${i + 1}`])));
  color.value = String(mark.color);
  color.addEventListener('change', () => {
    color.className = `mark-color mark-${color.value}`;
    marks.change(mark, { color: Number(color.value) });
  });
  return el('li', {}, [
    color, action(place, () => go(mark), { title: 'Go there' }), text,
    action('✕', () => marks.remove(mark), { 'aria-label': `Delete the mark at ${place}` }),
  ]);
}
