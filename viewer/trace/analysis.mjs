// analysis.mjs: one pass over a whole trace that gathers tables: goroutines, functions, waits, blocking, GC, tasks,
// regions, oddities. Runs in workers and node; analyst.mjs is the page's end.
import { messageOf } from './decoder.mjs';
import { describeFault, OPTION, STATUS, TraceStore } from './store.mjs';

/**
 * Rows of numbers with names; `data` is n rows of columns.length numbers each. NaN: never; -1: none.
 * @typedef {object} TableData
 * @property {string[]} columns
 * @property {string[]} strings   columns whose numbers are keys of Tables.strings
 * @property {number} n
 * @property {Float64Array} data
 */

/**
 * What one pass gives. Figures count what lies in the window; times are nanoseconds since the first event.
 * @typedef {object} Tables
 * @property {Record<string, TableData>} tables
 * @property {Record<number, string>} strings
 * @property {number} last         time of the last event
 * @property {number} events
 * @property {number} regions_cut  regions beyond the most that are kept
 * @property {number} logs_cut     the same of logs
 * @property {number} ops_cut      changes of utilisation beyond the most that are kept
 * @property {{t0: number, t1: number} | null} window  null: the whole trace
 * @property {string | null} error one sentence; what was read before it is counted
 */

/**
 * The functions of reader.wasm that analysis calls beside the store's.
 * @typedef {object} AnalysisExports
 * @property {(r: number, t0: number, t1: number) => void} gt_analyse_window
 * @property {(r: number) => number} gt_tables_json
 * @property {(r: number, table: number) => number} gt_table
 * @property {(r: number) => number} gt_table_rows
 * @property {(r: number, kind: number, go: number, fn: number) => number} gt_bins_json
 * @property {(r: number, goid: number, t: number) => void} gt_why
 * @property {(r: number) => number} gt_why_done
 * @property {(r: number) => number} gt_why_json
 */

/** Events decoded between two looks at the clock. */
const SLICE_EVENTS = 1 << 15;

/** @typedef {(part: {bytes: number, events: number}) => void} OnProgress */

/** A reader with analysis in it. */
class Pass extends TraceStore {
  /** @param {WebAssembly.Module} module @param {number} options */
  constructor(module, options) {
    super(module, options | OPTION.NO_INDEX);
    this.own = /** @type {AnalysisExports} */ (/** @type {unknown} */ (this.wasm));
  }

  /** The JSON that the call before has written. @param {number} written @returns {any} */
  told(written) {
    let text = 'null';
    this.takeText((view) => { if (written) text = this.decoder.decode(view); });
    return JSON.parse(text);
  }

  /**
   * Reads until the end, damage, or until enough() says so.
   * @param {AsyncIterable<Uint8Array>} chunks
   * @param {{progress?: OnProgress, enough?: () => boolean}} [how]
   * @returns {Promise<string | null>} what is wrong with the trace
   */
  async readAll(chunks, { progress = () => {}, enough = () => false } = {}) {
    let bytes = 0;
    /** @type {string | null} */
    let broken = null;
    let status = this.readOn(() => progress({ bytes, events: this.events }), enough);
    try {
      for await (const chunk of chunks) {
        if (status !== STATUS.WANT || enough()) break;
        if (!this.push(chunk)) {
          status = STATUS.FAILED;
          break;
        }
        bytes += chunk.length;
        status = this.readOn(() => progress({ bytes, events: this.events }), enough);
      }
    } catch (error) { // no more bytes can be had: those before count
      broken = messageOf(error);
    }
    if (status === STATUS.WANT && !enough()) {
      this.end();
      status = this.readOn(() => progress({ bytes, events: this.events }), enough);
    }
    const fault = status === STATUS.FAILED ? this.fault() : null;
    return broken ?? (fault ? describeFault(fault) : null);
  }

  /** Decodes what is there. @param {() => void} tell @param {() => boolean} enough */
  readOn(tell, enough) {
    for (;;) {
      const status = this.run(SLICE_EVENTS);
      tell();
      if (status !== STATUS.MORE || enough()) return status;
    }
  }
}

/** An analysis that has read its trace and can be asked. */
export class Analysis {
  /**
   * @param {Pass} pass @param {{t0: number, t1: number} | null} window @param {string | null} error
   */
  constructor(pass, window, error) {
    this.pass = pass;
    this.window = window;
    this.error = error;
    const info = pass.told(pass.own.gt_tables_json(pass.reader));
    if (!info) throw new Error('There is not enough memory left to sum the trace up.');
    /** @type {any} */
    this.info = info;
  }

  /**
   * Reads a trace.
   * @param {WebAssembly.Module} module @param {AsyncIterable<Uint8Array>} chunks
   * @param {{window?: {t0: number, t1: number} | null, progress?: OnProgress}} [how]
   */
  static async read(module, chunks, { window = null, progress } = {}) {
    const pass = new Pass(module, OPTION.ANALYSE);
    if (window) pass.own.gt_analyse_window(pass.reader, window.t0, window.t1);
    const error = await pass.readAll(chunks, { progress });
    return new Analysis(pass, window, error);
  }

  /** @param {string} name @returns {TableData} */
  table(name) {
    const { pass } = this;
    const { index, columns, strings } = this.info.tables[name];
    const at = pass.own.gt_table(pass.reader, index) >>> 0;
    if (!at) throw new Error(`There is not enough memory left for the table of ${name}.`);
    const n = pass.own.gt_table_rows(pass.reader);
    const data = new Float64Array(pass.wasm.memory.buffer, at, n * columns.length).slice();
    return { columns, strings, n, data };
  }

  /** Everything at once. @returns {Tables} */
  tables() {
    /** @type {Record<string, TableData>} */
    const tables = {};
    /** @type {Set<number>} */
    const ids = new Set();
    for (const name of Object.keys(this.info.tables)) {
      const table = tables[name] = this.table(name);
      const width = table.columns.length;
      for (const column of table.strings) {
        for (let at = table.columns.indexOf(column); at < table.data.length; at += width) ids.add(table.data[at]);
      }
    }
    const { last, events, regions_cut, logs_cut, ops_cut } = this.info;
    const strings = Object.fromEntries([...ids].map((id) => [id, this.pass.string(id)]));
    return { tables, strings, last, events, regions_cut, logs_cut, ops_cut, window: this.window, error: this.error };
  }

  /**
   * How long pieces of one kind were: [least ns, most ns, how many] each.
   * @param {number} kind of KIND
   * @param {{row: number} | {fn: number}} whose a row of goroutines, or a function's string
   * @returns {Array<[number, number, number]>}
   */
  bins(kind, whose) {
    const { pass } = this;
    const [go, fn] = 'row' in whose ? [whose.row, -1] : [-1, whose.fn];
    return pass.told(pass.own.gt_bins_json(pass.reader, kind, go, fn)) ?? [];
  }

  close() {
    this.pass.close();
  }
}

/**
 * What is known of a goroutine at a moment: what the viewer makes a sentence of.
 * @typedef {object} Why
 * @property {number} goid
 * @property {string} fn
 * @property {'running' | 'runnable' | 'waiting' | 'syscall' | 'none'} state
 * @property {number | null} since   when that began
 * @property {number | null} until   when it ended; null: not within the trace
 * @property {string} reason         of waiting, or of having stopped
 * @property {Frame[]} stack         where it stopped
 * @property {{goid: number, stack: Frame[]} | null} woken by whom the state was ended
 * @property {number} ahead          goroutines that became runnable earlier and still waited
 * @property {Array<{goid: number, fn: string, since: number}>} queue the first of those
 * @property {Array<{p: number, goid: number | null, fn: string, state: string, since: number, busy_ns: number,
 *   runs: number}>} procs           who held each P, and what it had done since `since`
 * @property {boolean} stopped       the world was
 * @property {boolean} gc            a collection was going on
 */

/** @typedef {{func: string, file: string, line: number}} Frame */

/**
 * What kept a goroutine from running at time t.
 * @param {WebAssembly.Module} module @param {AsyncIterable<Uint8Array>} chunks
 * @param {{goid: number, t: number}} question @returns {Promise<Why>}
 */
export async function askWhy(module, chunks, { goid, t }) {
  const pass = new Pass(module, OPTION.WHY);
  try {
    pass.own.gt_why(pass.reader, goid, t);
    await pass.readAll(chunks, { enough: () => pass.own.gt_why_done(pass.reader) !== 0 });
    const why = pass.told(pass.own.gt_why_json(pass.reader));
    if (!why) throw new Error('There is not enough memory left to look into the trace.');
    return why;
  } finally {
    pass.close();
  }
}
