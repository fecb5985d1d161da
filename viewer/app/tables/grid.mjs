/**
 * A table of any number of rows: only those in sight have elements. Sorted by a click on a head, filtered by text,
 * walked by arrow keys.
 */
import { count, percent, sizeOf } from '../../view/numbers.mjs';
import { exactTime, shortTime } from '../../view/time.mjs';
import { el } from '../parts.mjs';
import { orderOf, ranksOf } from './sort.mjs';

/** Height of a row, px; the style sheet has the same, of both. */
const ROW = 26;
/** … of one that has its longest text below the other cells. */
const STACKED_ROW = 82;
/** Narrower than this, px, a table stands so. */
const STACKED = 620;
/** Of the heads; the style sheet has the same. */
const HEAD_FONT = '600 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** More rows than browsers can scroll through exactly (Firefox ends at 17.9 million px). */
const MOST_ROWS = 500_000;
/** Beside a head's words: the arrow of the sorted one, and the cell's padding, px. */
const BESIDE = 18 + 16;
/** Rows kept ready above and below those in sight. */
const SKIRT = 4;

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {'time' | 'moment' | 'count' | 'bytes' | 'share' | 'text'} kind time: a duration; NaN shows as empty
 * @property {(row: number) => number | string} get
 * @property {string} [hint]        what it means, where the title cannot say it
 * @property {number} [width]       px; text takes what is left unless it has one; its head's words always fit
 * @property {number} [min]         px; text takes at least this
 * @property {boolean} [below]      a sentence: where the table is narrow it stands below the other cells (the last one)
 */

/**
 * @typedef {object} GridOptions
 * @property {string} label         what the rows are
 * @property {number} n
 * @property {Column[]} columns
 * @property {number} [sort]        column sorted by at first
 * @property {boolean} [down]       the largest first; default: true unless the column is text
 * @property {{sortBy?: number, down?: boolean}} [kept]  how the user sorted it: read at first, then written
 * @property {(row: number) => void} [open]  a row was chosen
 * @property {string} [verb]        what choosing does, for those who hear the table: "Show the goroutine"
 */

/** @param {Column} column @param {number | string} value */
function textOf({ kind }, value) {
  if (typeof value === 'string') return value;
  if (Number.isNaN(value)) return '';
  switch (kind) {
    case 'time': return shortTime(value);
    case 'moment': return exactTime(value);
    case 'bytes': return sizeOf(value);
    case 'share': return percent(value);
    default: return count(value);
  }
}

/** @type {CanvasRenderingContext2D | null} measures */
let pen = null;

/** How wide a column is at least: its head may break between words, but not in one. @param {string} title */
function leastOf(title) {
  pen ??= document.createElement('canvas').getContext('2d');
  if (!pen) return 0;
  pen.font = HEAD_FONT;
  const widths = title.split(' ').map((word) => pen?.measureText(word).width ?? 0);
  return Math.ceil(Math.max(...widths)) + BESIDE;
}

/** Counts grids: rows need ids, for the one that the keys act on. */
let made = 0;

export class Grid {
  /** @param {GridOptions} options */
  constructor(options) {
    this.options = options;
    this.id = `grid-${++made}`;
    const { columns, label } = options;
    this.sortBy = options.kept?.sortBy ?? options.sort ?? 0;
    this.down = options.kept?.down ?? options.down ?? columns[this.sortBy].kind !== 'text';
    this.filterText = '';
    /** Rows shown, in order. @type {Uint32Array} */
    this.order = new Uint32Array(0);
    /** Place of the row that the keys act on. */
    this.active = 0;
    /** Elements of the rows in sight, by place. @type {Map<number, HTMLElement>} */
    this.nodes = new Map();
    /** Rows that can be scrolled to. */
    this.shown = 0;
    this.rowHeight = ROW;
    /** Places that were in sight when it was drawn last, and how high it was. */
    this.seen = { from: 0, to: 0, height: 0 };
    this.width = columns.map(({ title, kind, width, min = 220 }) => {
      const least = leastOf(title);
      if (!width && kind === 'text') return `minmax(${Math.max(min, least)}px, 1fr)`;
      return `${Math.max(width ?? (kind === 'moment' ? 150 : 92), least)}px`;
    }).join(' ');
    this.heads = columns.map((column, i) => this.head(column, i));
    this.body = el('div', { class: 'rows', role: 'rowgroup' });
    this.note = el('p', { class: 'note', hidden: '' });
    const header = el('div', { class: 'row heads', role: 'row' }, this.heads);
    this.header = header;
    this.grid = el('div', { class: 'grid', role: 'grid', tabindex: '0', 'aria-label': label,
      'aria-colcount': String(columns.length) }, [
      el('div', { role: 'rowgroup', class: 'headgroup' }, [header]), this.body]);
    for (const part of [header, this.body]) part.style.setProperty('--columns', this.width);
    this.node = el('div', { class: 'gridbox' }, [this.note, this.grid]);
    this.grid.addEventListener('scroll', () => this.draw());
    this.grid.addEventListener('keydown', (event) => this.key(event));
    this.body.addEventListener('click', (event) => this.click(event));
    new ResizeObserver(() => this.stack()).observe(this.grid);
    this.arrange();
  }

  /** @param {Column} column @param {number} i */
  head(column, i) {
    const button = el('button', { type: 'button', title: column.hint ?? `Sort by ${column.title}`, tabindex: '-1' },
      [column.title]);
    button.addEventListener('click', () => this.sort(i));
    return el('div', { role: 'columnheader', class: column.kind === 'text' ? 'text' : 'number' }, [button]);
  }

  /** Sorts by a column, the other way if it is the one. @param {number} i */
  sort(i) {
    this.down = this.sortBy === i ? !this.down : this.options.columns[i].kind !== 'text';
    this.sortBy = i;
    Object.assign(this.options.kept ?? {}, { sortBy: this.sortBy, down: this.down });
    this.arrange();
  }

  /** Shows the rows that have this text in a text cell, or this number in the first cell. @param {string} text */
  filter(text) {
    this.filterText = text.trim().toLowerCase();
    this.arrange();
  }

  /** The rows that have the filter's text in them. @returns {Uint32Array} */
  fitting() {
    const { options: { columns, n }, filterText } = this;
    const texts = columns.filter(({ kind }) => kind === 'text');
    const wanted = /^[gp]?\d+$/.test(filterText) ? Number(filterText.replace(/^[gp]/, '')) : NaN;
    /** Many rows have few texts. @type {Map<string, boolean>} */
    const known = new Map();
    const has = (/** @type {string} */ text) => {
      let fits = known.get(text);
      if (fits === undefined) known.set(text, fits = text.toLowerCase().includes(filterText));
      return fits;
    };
    const list = new Uint32Array(n);
    let found = 0;
    for (let row = 0; row < n; row++)
      if (columns[0].get(row) === wanted || texts.some(({ get }) => has(String(get(row))))) list[found++] = row;
    return list.subarray(0, found);
  }

  /** The rows that fit the filter, in their order. */
  arrange() {
    const { options: { columns, n }, filterText } = this;
    const list = filterText ? this.fitting() : Uint32Array.from({ length: n }, (_, row) => row);
    const { get, kind } = columns[this.sortBy];
    const sign = this.down ? -1 : 1;
    const keys = kind === 'text' ? ranksOf(list, (row) => String(get(row))) : new Float64Array(list.length);
    if (kind !== 'text') for (let i = 0; i < list.length; i++) keys[i] = Number(get(list[i]));
    // What never was stands last, whichever way it is sorted.
    for (let i = 0; i < keys.length; i++) keys[i] = Number.isNaN(keys[i]) ? Infinity : sign * keys[i];
    this.order = orderOf(keys).map((place) => list[place]);
    this.shown = Math.min(this.order.length, MOST_ROWS);
    this.active = 0;
    this.heads.forEach((head, i) => {
      if (i === this.sortBy) head.setAttribute('aria-sort', this.down ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    this.grid.setAttribute('aria-rowcount', String(this.order.length + 1));
    this.grid.scrollTop = 0;
    this.renew();
    const cut = this.order.length > this.shown;
    this.note.hidden = this.order.length > 0 && !cut;
    this.note.textContent = cut ? `The first ${count(this.shown)} of ${count(this.order.length)} rows.`
      : filterText ? `Nothing has “${filterText}” in it.` : 'There are none in this part of the trace.';
    this.draw();
  }

  /** Of rows that are others now, or elsewhere, no element stays. */
  renew() {
    this.body.style.height = `${Math.max(1, this.shown) * this.rowHeight}px`;
    this.body.replaceChildren();
    this.nodes.clear();
  }

  /** It is as wide as this now: sentences stand beside the other cells, or below them. */
  stack() {
    const isStacked = this.options.columns.some(({ below }) => below) && this.grid.clientWidth < STACKED;
    const height = isStacked ? STACKED_ROW : ROW;
    if (height !== this.rowHeight) {
      this.grid.scrollTop *= height / this.rowHeight;
      this.rowHeight = height;
      this.grid.classList.toggle('stacked', isStacked);
      this.renew();
    }
    const { active, seen, grid } = this;
    if (active >= seen.from && active < seen.to && grid.clientHeight < seen.height) this.reveal(active);
    this.draw();
  }

  /** Scrolls as little as needed. @param {number} place of a row */
  reveal(place) {
    const { grid, rowHeight } = this, top = place * rowHeight, room = grid.clientHeight - this.header.offsetHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + rowHeight > grid.scrollTop + room) grid.scrollTop = top + rowHeight - room;
  }

  /** Gives the rows in sight elements; those that had one keep it. */
  draw() {
    const { grid, body, nodes, rowHeight } = this;
    const first = Math.max(0, Math.floor(grid.scrollTop / rowHeight) - SKIRT);
    const last = Math.min(this.shown, Math.ceil((grid.scrollTop + grid.clientHeight) / rowHeight) + SKIRT);
    const top = grid.scrollTop / rowHeight, height = grid.clientHeight;
    this.seen = { from: Math.floor(top), to: Math.ceil(top + height / rowHeight), height };
    for (const [place, node] of nodes) {
      if (place >= first && place < last) continue;
      node.remove();
      nodes.delete(place);
    }
    for (let place = first; place < last; place++) {
      if (nodes.has(place)) continue;
      const node = this.row(place);
      nodes.set(place, node);
      body.append(node);
    }
    this.mark();
  }

  /** Marks the row that the keys act on. */
  mark() {
    for (const [place, node] of this.nodes) {
      if (place === this.active) node.setAttribute('aria-selected', 'true');
      else node.removeAttribute('aria-selected');
    }
    if (this.nodes.has(this.active)) this.grid.setAttribute('aria-activedescendant', `${this.id}-${this.active}`);
    else this.grid.removeAttribute('aria-activedescendant');
  }

  /** @param {number} place */
  row(place) {
    const row = this.order[place];
    const node = el('div', { role: 'row', class: this.options.open ? 'row opens' : 'row', id: `${this.id}-${place}`,
      'aria-rowindex': String(place + 2), 'data-place': String(place) });
    for (const column of this.options.columns) {
      const value = column.get(row);
      const cell = document.createElement('div');
      cell.setAttribute('role', 'gridcell');
      cell.className = column.kind === 'text' ? 'text' : 'number';
      cell.textContent = textOf(column, value);
      if (column.kind === 'text') cell.title = String(value);
      node.append(cell);
    }
    node.style.transform = `translateY(${place * this.rowHeight}px)`;
    return node;
  }

  /** @param {MouseEvent} event */
  click(event) {
    const node = event.target instanceof Element ? event.target.closest('[data-place]') : null;
    if (!(node instanceof HTMLElement)) return;
    this.active = Number(node.dataset.place);
    this.mark();
    this.options.open?.(this.order[this.active]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const page = Math.max(1, Math.floor(this.grid.clientHeight / this.rowHeight) - 1);
    const last = this.shown - 1;
    const to = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: this.active + page,
      PageUp: this.active - page, Home: 0, End: last }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || last < 0 || event.target !== this.grid) return;
    if (to !== undefined) {
      this.active = Math.max(0, Math.min(last, to));
      this.reveal(this.active);
      this.draw();
    } else if (event.key === 'Enter') this.options.open?.(this.order[this.active]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * What CSV has of it: the rows shown, with exact numbers.
   * @returns {{heads: string[], rows: Array<Array<string | number>>}}
   */
  csv() {
    const { columns } = this.options;
    return {
      heads: columns.map(({ title, kind }) => (kind === 'time' || kind === 'moment' ? `${title} (ns)` : title)),
      rows: Array.from(this.order, (row) => columns.map(({ get }) => get(row))),
    };
  }
}
