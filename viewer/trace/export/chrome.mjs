// chrome.mjs: Chrome's trace event format as JSON: one process for each group of tracks, one thread for each track.
// Slices are B and E, arrows s and f, counters C; times are µs.
import { GROUPS } from './story.mjs';
import { TextPieces } from './text.mjs';
import { stackText, told } from './told.mjs';

/** @typedef {import('./story.mjs').Track} Track */
/** @typedef {import('./story.mjs').Args} Args */

class Chrome extends TextPieces {
  constructor() {
    super();
    this.put('{"displayTimeUnit":"ns","traceEvents":[\n');
    this.put(GROUPS.flatMap((name, group) => [
      { ph: 'M', pid: group + 1, tid: 0, name: 'process_name', args: { name } },
      { ph: 'M', pid: group + 1, tid: 0, name: 'process_sort_index', args: { sort_index: group } },
    ]).map((e) => JSON.stringify(e)).join(',\n'));
  }

  /** @param {object} event */
  #put(event) {
    this.put(`,\n${JSON.stringify(event)}`);
  }

  /** @param {Track} track @param {string} ph @param {number} t ns @param {object} more */
  #event({ group, id }, ph, t, more) {
    this.#put({ ph, pid: group + 1, tid: id, ts: t / 1000, ...more });
  }

  /** @param {Track} track */
  track({ group, id, name, unit }) {
    if (!unit) this.#put({ ph: 'M', pid: group + 1, tid: id, name: 'thread_name', args: { name } });
  }

  /** @param {Track} track @param {number} t @param {string} name @param {string} cat @param {Args} args
   * @param {number} arrow */
  begin(track, t, name, cat, args, arrow) {
    this.#event(track, 'B', t, { name, cat, args: argsOf(args) });
    if (arrow) this.#event(track, 'f', t, { name: 'wake', cat: 'flow', id: arrow, bp: 'e' });
  }

  /** @param {Track} track @param {number} t */
  end(track, t) {
    this.#event(track, 'E', t, {});
  }

  /** @param {Track} track @param {number} t @param {string} name @param {Args} args @param {number} arrow */
  instant(track, t, name, args, arrow) {
    this.#event(track, 'i', t, { name, s: 't', args: argsOf(args) });
    if (arrow) this.#event(track, 's', t, { name: 'wake', cat: 'flow', id: arrow });
  }

  /** @param {Track} track @param {number} t @param {number} value */
  counter(track, t, value) {
    this.#event(track, 'C', t, { tid: 0, name: track.name, args: { [track.unit ?? 'value']: value } });
  }

  close() {
    this.put('\n]}\n');
  }
}

/** @param {Args} args */
function argsOf(args) {
  return Object.fromEntries(Object.entries(args).map(([k, v]) => [k, Array.isArray(v) ? stackText(v) : v]));
}

/** @type {import('./index.mjs').Make} */
export const make = (chunks, making) => told(chunks, making, new Chrome());
