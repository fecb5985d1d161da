// tables.mjs: tables of a trace with commas: the states of goroutines one by one, goroutines with their times,
// events.
import { row } from '../csv.mjs';
import { eventsOf } from './events.mjs';
import { GROUPS } from './story.mjs';
import { TextPieces } from './text.mjs';
import { stackText, told } from './told.mjs';
import { ExportError } from './wire.mjs';

/** @typedef {import('./story.mjs').Track} Track */
/** @typedef {import('./story.mjs').Args} Args */
/** @typedef {import('./index.mjs').Making} Making */

const GOROUTINES = GROUPS.indexOf('Goroutines');
const STATES = ['running', 'runnable', 'waiting', 'syscall'];

/** What is common: looks at the states of goroutines only. */
class States extends TextPieces {
  constructor() {
    super();
    /** @type {Map<number, {t: number, state: string, args: Args}>} by the track's number */
    this.open = new Map();
  }

  track() {}
  instant() {}
  counter() {}

  /** @param {Track} track @param {number} t @param {string} name @param {string} state @param {Args} args */
  begin(track, t, name, state, args) {
    if (track.group === GOROUTINES) this.open.set(track.uuid, { t, state, args });
  }

  /** @param {Track} track @param {number} t */
  end(track, t) {
    const open = this.open.get(track.uuid);
    this.open.delete(track.uuid);
    if (open) this.span(track, open.state, open.t, t, open.args);
  }

  /**
   * @abstract
   * @param {Track} _track @param {string} _state @param {number} _from @param {number} _to @param {Args} _args
   */
  span(_track, _state, _from, _to, _args) {}
}

/** @param {Track} track @returns {string} */
const functionOf = ({ id, name }) => name.slice(`G ${id} `.length);

class Spans extends States {
  constructor() {
    super();
    this.put(row(['goroutine', 'function', 'state', 'reason', 'p', 'start_ns', 'end_ns', 'duration_ns', 'stack']));
  }

  /** @override @param {Track} track @param {string} state @param {number} from @param {number} to
   * @param {Args} args */
  span(track, state, from, to, { reason, p, stack }) {
    this.put(row([track.id, functionOf(track), state, /** @type {string} */ (reason), /** @type {number} */ (p),
      from, to, to - from, Array.isArray(stack) ? stackText(stack) : '']));
  }
}

class Goroutines extends States {
  constructor() {
    super();
    /** @type {Map<number, {from: number, to: number, spans: number, ns: Record<string, number>}>} */
    this.sums = new Map();
    this.put(row(['goroutine', 'function', 'start_ns', 'end_ns', 'spans', ...STATES.map((s) => `${s}_ns`)]));
  }

  /** @override @param {Track} track @param {string} state @param {number} from @param {number} to */
  span(track, state, from, to) {
    let sum = this.sums.get(track.uuid);
    if (!sum) this.sums.set(track.uuid, sum = { from, to, spans: 0, ns: {} });
    sum.to = to;
    sum.spans++;
    sum.ns[state] = (sum.ns[state] ?? 0) + to - from;
  }

  /** @param {Track} track */
  gone(track) {
    const sum = this.sums.get(track.uuid);
    this.sums.delete(track.uuid);
    if (!sum) return;
    const { from, to, spans, ns } = sum;
    this.put(row([track.id, functionOf(track), from, to, spans, ...STATES.map((s) => ns[s] ?? 0)]));
  }
}

/** What an event has besides its own arguments. */
const CONTEXT = new Set(['time', 'event', 'm', 'p', 'g', 'stack', 'new_stack']);

/** @type {import('./index.mjs').Make} */
async function* events(chunks, making) {
  const out = new TextPieces();
  out.put(row(['time_ns', 'event', 'm', 'p', 'g', 'arguments', 'stack']));
  for await (const some of eventsOf(chunks, making)) {
    for (const event of some) {
      const { time, m, p, g, stack } = /** @type {any} */ (event);
      const own = Object.entries(event).filter(([name]) => !CONTEXT.has(name)).map(([name, v]) => `${name}=${v}`);
      out.put(row([time, event.event, m, p, g, own.join(' '), stack ? stackText(stack) : '']));
    }
    if (out.size) yield out.take();
  }
}

/** By name; `--table` chooses. @type {Record<string, import('./index.mjs').Make>} */
export const TABLES = {
  spans: (chunks, making) => told(chunks, making, new Spans()),
  goroutines: (chunks, making) => told(chunks, making, new Goroutines()),
  events,
};

/** @type {import('./index.mjs').Make} */
export function make(chunks, making) {
  const { table = 'spans' } = making;
  if (!Object.hasOwn(TABLES, table))
    throw new ExportError(`There is no table "${table}"; there are ${Object.keys(TABLES).join(', ')}.`);
  return TABLES[table](chunks, making);
}
