// store.mjs: one trace in one instance of reader.wasm: bytes in, lanes, details and dumps out.
// Runs in workers, pages and node.

import { builtin } from '../../wasm/host/builtin.mjs';
import { CURVE_LANES, CURVE_ROWS } from './curves.mjs';

/** @typedef {import('./types.mjs').Tiles} Tiles */
/** @typedef {import('./types.mjs').LaneTiles} LaneTiles */
/** @typedef {import('./types.mjs').TraceFault} TraceFault */

/** What run() answers; mirrors enum gt_status in viewer/reader/goroscope_trace.h. */
export const STATUS = Object.freeze({ WANT: 0, MORE: 1, DONE: 2, FAILED: 3 });

/** What open() may be asked for; mirrors enum gt_option. */
export const OPTION = Object.freeze({
  DUMP_GO: 1, DUMP_JSON: 2, VALIDATE: 4, NO_INDEX: 8, STAT: 16, PART: 32, LANES: 64, OFFSETS: 128, NO_SPANS: 256,
  ANALYSE: 1024, WHY: 2048, MIDDLE: 4096,
});

/** Columns of a lane's answer; mirrors the list at gt_query. */
const COLUMN = Object.freeze({
  start: 0, end: 1, goid: 2, state: 3, index: 4, busy: 5, fn: 6, mix: 7,
  pointTime: 8, pointIndex: 9, pointCount: 10, pointKind: 11, curve: 12, why: 13,
});

/** Lanes from here on are those of OPTION.LANES; mirrors MARK_LANES in viewer/reader/index/marks.h. */
export const MARK_LANES = 1 << 16;
/** Bytes handed to the module at once. */
const PIECE = 1 << 20;
/** Lanes of one answer: who takes it, the page's main thread too, is busy with it for some milliseconds. */
const LANES_AT_ONCE = 4096;

const NONE = 0xffffffff;
/** Mirrors GT_TOO_MANY. */
const TOO_MANY = 0xfffffffe;

const NO_MEMORY = 'There is not enough memory left to read the trace.';

/**
 * A lane as gt_ends_json tells it.
 * @typedef {{kind: 'proc' | 'stw', id: number, before: number, spans: number, continues: boolean, pastEnd: number,
 *   open: {goid: number, fn: string, state: number} | null}} LaneEnd
 */

/**
 * The functions of reader.wasm. Pointers and counts are numbers; a pointer over 2 GiB comes out negative
 * and is fixed by >>> 0.
 * @typedef {object} ReaderExports
 * @property {WebAssembly.Memory} memory
 * @property {() => void} [_initialize]
 * @property {(options: number) => number} gt_open
 * @property {(r: number) => void} gt_close
 * @property {(r: number, n: number) => number} gt_room
 * @property {(r: number, n: number) => void} gt_feed
 * @property {(r: number) => void} gt_boundary
 * @property {(r: number) => void} gt_end
 * @property {(r: number, events: number) => number} gt_run
 * @property {(r: number) => number} gt_text
 * @property {(r: number) => number} gt_text_len
 * @property {(r: number) => void} gt_text_clear
 * @property {(r: number) => number} gt_info_json
 * @property {(r: number) => number} gt_error_json
 * @property {(r: number) => number} gt_stat_json
 * @property {(r: number, lane: number, span: number) => number} gt_detail_json
 * @property {(r: number, lane: number, t0: number, t1: number, px: number) => number} gt_query
 * @property {(r: number, lane: number, t0: number, t1: number, most: number) => number} gt_spans
 * @property {(r: number, column: number) => number} gt_column
 * @property {(r: number, from: number, most: number) => number} gt_lanes_json
 * @property {(r: number) => number} gt_lanes_total
 * @property {(r: number, lane: number, t0: number, t1: number, px: number) => number} gt_points
 * @property {(r: number, lane: number, index: number) => number} gt_point_json
 * @property {(r: number, lane: number, t: number) => number} gt_find
 * @property {(r: number) => number} gt_curves
 * @property {(r: number, which: number, t0: number, t1: number, px: number) => number} gt_curve
 * @property {(r: number, id: number) => number} gt_string
 * @property {(r: number, id: number) => number} gt_string_len
 * @property {(r: number, n: number) => void} gt_reserve
 * @property {(r: number) => void} gt_trim
 * @property {(r: number, n: number) => number} gt_blob
 * @property {(r: number, bytes: number) => void} gt_skip
 * @property {(r: number) => number} gt_carry_save
 * @property {(r: number) => number} gt_carry_load
 * @property {(r: number) => number} gt_part_save
 * @property {(r: number) => number} gt_part_join
 * @property {(r: number) => number} gt_ends_json
 * @property {(r: number, goid: number) => number} gt_fn_of
 * @property {(r: number) => number} gt_unit_ns
 * @property {(r: number) => number} gt_begins
 * @property {(r: number) => number} gt_events
 * @property {(r: number) => number} gt_complete_offset
 * @property {(r: number) => number} gt_generations
 * @property {(r: number) => number} gt_t1
 * @property {() => number} gt_mem_used
 * @property {(bytes: number) => void} gt_mem_limit
 */

/** Where reader.wasm is unless someone says otherwise. */
export const READER_URL = new URL('../../build/reader.wasm', import.meta.url);

/**
 * Compiles the reader, in a page, a worker or node.
 * @param {URL | string} [url] a relative one is the page's; in node a path
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileReader(url = READER_URL) {
  const base = globalThis.location?.href;
  if (!base && !/^[a-z]{2,}:/i.test(String(url))) return WebAssembly.compile(await readFile(String(url)));
  const where = new URL(url, base);
  if (where.protocol === 'file:' && typeof process === 'object') return WebAssembly.compile(await readFile(where));
  // A page may be forbidden to fetch such an address, which has the bytes itself.
  if (where.protocol === 'data:') return WebAssembly.compile(fromBase64(where.pathname));
  const response = await fetch(where);
  if (!response.ok) throw new Error(`${where} could not be fetched (${response.status}): the trace reader is missing.`);
  return WebAssembly.compile(await response.arrayBuffer());
}

/**
 * What another worker is told of the reader: the module, as it is compiled; or where that cannot be sent, since pages
 * from file:// and in a sandbox have workers of an origin each, only where it is (null: where the package has it).
 * @typedef {{module: WebAssembly.Module | null, reader: string | null}} ReaderTold
 */

/** @param {WebAssembly.Module} module @param {string | null} reader @returns {ReaderTold} */
export const tellReader = (module, reader) => ({ module: globalThis.origin === 'null' ? null : module, reader });

/** @param {ReaderTold} told @returns {Promise<WebAssembly.Module>} */
export const toldReader = async ({ module, reader }) => module ?? compileReader(reader ?? undefined);

/** @param {string | URL} path @returns {Promise<Uint8Array<ArrayBuffer>>} */
async function readFile(path) {
  const { readFile } = await builtin('fs/promises');
  return readFile(path).catch((/** @type {Error} */ cause) => {
    throw new Error(`The trace reader cannot be read from ${path instanceof URL ? path.pathname : path} (${
      cause.message}): install goroscope again, or in a checkout build it (bash build.sh).`, { cause });
  });
}

/** @param {string} text of a data: address, behind the scheme */
function fromBase64(text) {
  const binary = atob(text.slice(text.indexOf(',') + 1)), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** @param {WebAssembly.Module} module @returns {ReaderExports} */
export function newInstance(module) {
  const wasm = /** @type {ReaderExports} */ (/** @type {unknown} */ (new WebAssembly.Instance(module, {}).exports));
  wasm._initialize?.();
  return wasm;
}

export class TraceStore {
  /**
   * @param {WebAssembly.Module | ReaderExports} module as compileReader() gives it; or what newInstance() made of it,
   *   whose memory several stores share
   * @param {number} [options] OPTION bits
   */
  constructor(module, options = 0) {
    this.wasm = module instanceof WebAssembly.Module ? newInstance(module) : module;
    this.reader = this.wasm.gt_open(options);
    if (!this.reader) throw new Error('There is not enough memory to open a trace.');
    /** @type {Map<number, string>} */
    this.strings = new Map();
    this.decoder = new TextDecoder();
  }

  /**
   * Takes bytes of the trace. False: no more are wanted, see fault().
   * @param {Uint8Array} bytes
   * @returns {boolean}
   */
  push(bytes) {
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      const ptr = this.wasm.gt_room(this.reader, piece.length) >>> 0;
      if (!ptr) return false;
      new Uint8Array(this.wasm.memory.buffer, ptr, piece.length).set(piece);
      this.wasm.gt_feed(this.reader, piece.length);
    }
    return true;
  }

  /** The bytes so far end with a whole generation; the ring's do. */
  boundary() {
    this.wasm.gt_boundary(this.reader);
  }

  /** So many bytes will come in all. @param {number} n */
  reserve(n) {
    this.wasm.gt_reserve(this.reader, n);
  }

  /** Reading is over; only questions follow. */
  trim() {
    this.wasm.gt_trim(this.reader);
  }

  /** Bytes of the trace between its header and what push() gets. @param {number} bytes */
  skip(bytes) {
    this.wasm.gt_skip(this.reader, bytes);
  }

  /** What the generation to come has to know. @returns {Uint8Array} */
  carry() {
    return this.#written(this.wasm.gt_carry_save(this.reader));
  }

  /** Goes on from there; for a fresh store. @param {Uint8Array} carry of another one */
  load(carry) {
    if (!this.#blob(carry) || !this.wasm.gt_carry_load(this.reader)) throw new Error(NO_MEMORY);
  }

  /** What a part (OPTION.PART) believed and found. @returns {Uint8Array} */
  part() {
    return this.#written(this.wasm.gt_part_save(this.reader));
  }

  /** Takes a part's generation over. False: it believed what is not so. @param {Uint8Array} part */
  join(part) {
    const joined = this.#blob(part) ? this.wasm.gt_part_join(this.reader) : -1;
    if (joined < 0) throw new Error(NO_MEMORY);
    return joined === 1;
  }

  /** Where the lanes stand. @returns {LaneEnd[]} */
  ends() {
    const ends = this.#json(this.wasm.gt_ends_json(this.reader));
    if (!ends) throw new Error(NO_MEMORY);
    return ends;
  }

  /** Start function of a goroutine that is alive, "" = unknown. @param {number} goid */
  fnOf(goid) {
    return this.string(this.wasm.gt_fn_of(this.reader, goid));
  }

  /** @param {Uint8Array} bytes */
  #blob(bytes) {
    const ptr = this.wasm.gt_blob(this.reader, bytes.length) >>> 0;
    if (ptr) new Uint8Array(this.wasm.memory.buffer, ptr, bytes.length).set(bytes);
    return ptr !== 0;
  }

  /** @param {number} ok */
  #written(ok) {
    if (!ok) throw new Error(NO_MEMORY);
    const n = this.wasm.gt_text_len(this.reader) >>> 0;
    const bytes = new Uint8Array(this.wasm.memory.buffer, this.wasm.gt_text(this.reader) >>> 0, n).slice();
    this.wasm.gt_text_clear(this.reader);
    return bytes;
  }

  /** There are no more bytes. */
  end() {
    this.wasm.gt_end(this.reader);
  }

  /** Decodes at most so many events. @param {number} events @returns {number} one of STATUS */
  run(events) {
    return this.wasm.gt_run(this.reader, events);
  }

  /**
   * Runs until more bytes are wanted or all is done; the dump's text goes to `text`.
   * @param {(text: Uint8Array) => void} [text]
   */
  drain(text) {
    for (;;) {
      const status = this.run(1 << 16);
      if (text) this.takeText(text);
      if (status !== STATUS.MORE) return status;
    }
  }

  /**
   * Hands over the text waiting and forgets it; the view is good only during the call.
   * @param {(text: Uint8Array) => void} take
   */
  takeText(take) {
    const n = this.wasm.gt_text_len(this.reader) >>> 0;
    if (!n) return;
    take(new Uint8Array(this.wasm.memory.buffer, this.wasm.gt_text(this.reader) >>> 0, n));
    this.wasm.gt_text_clear(this.reader);
  }

  /** Gives the memory back; the store is of no use afterwards. */
  close() {
    this.wasm.gt_close(this.reader);
    this.reader = 0;
  }

  get events() { return this.wasm.gt_events(this.reader); }
  get generations() { return this.wasm.gt_generations(this.reader); }
  get t1() { return this.wasm.gt_t1(this.reader); }
  /** Bytes up to the end of the last generation that is whole and good. */
  get completeOffset() { return this.wasm.gt_complete_offset(this.reader); }
  get memoryUsed() { return this.wasm.gt_mem_used(); }

  /** @param {number} ptr @param {number} n */
  #utf8(ptr, n) {
    return this.decoder.decode(new Uint8Array(this.wasm.memory.buffer, ptr >>> 0, n));
  }

  /** The JSON that a gt_*_json call has just written. @param {number} written @returns {any} */
  #json(written) {
    const n = this.wasm.gt_text_len(this.reader) >>> 0;
    const text = written ? this.#utf8(this.wasm.gt_text(this.reader), n) : 'null';
    this.wasm.gt_text_clear(this.reader);
    return JSON.parse(text);
  }

  /**
   * Version, counts, times and lanes.
   * @returns {Pick<import('./types.mjs').TraceInfo, 'version' | 'events' | 'generations' | 't0' | 't1' | 'baseNs'
   *   | 'goroutines' | 'lanes' | 'lanesDenied' | 'moreLanes' | 'curves'>}
   */
  info() {
    const info = this.#json(this.wasm.gt_info_json(this.reader));
    if (!info) throw new Error('There is not enough memory left to describe the trace.');
    for (const lane of info.lanes) lane.key = `${lane.kind}:${lane.id}`;
    info.moreLanes = this.wasm.gt_lanes_total(this.reader);
    info.curves = this.wasm.gt_curves(this.reader);
    return info;
  }

  /** Why reading stopped; null while nothing is wrong. @returns {TraceFault | null} */
  fault() {
    return this.#json(this.wasm.gt_error_json(this.reader));
  }

  /** The figures of `goroscope stat`; those of goroutines need OPTION.STAT. @returns {any} */
  stat() {
    const stat = this.#json(this.wasm.gt_stat_json(this.reader));
    if (!stat) throw new Error('There is not enough memory left to sum the trace up.');
    return stat;
  }

  /** @param {number} lane @param {number} index @returns {import('./types.mjs').SpanDetail | null} */
  detail(lane, index) {
    return this.#json(this.wasm.gt_detail_json(this.reader, lane, index));
  }

  /** A lasting string. @param {number} id @returns {string} */
  string(id) {
    let s = this.strings.get(id);
    if (s === undefined) {
      s = this.#utf8(this.wasm.gt_string(this.reader, id), this.wasm.gt_string_len(this.reader, id) >>> 0);
      this.strings.set(id, s);
    }
    return s;
  }

  /**
   * The lanes of OPTION.LANES from number `from` on, LANES_AT_ONCE at most; total: how many there are, denied: how many
   * had no room.
   * @param {number} from
   * @returns {{total: number, denied: number, lanes: import('./types.mjs').Lane[]}}
   */
  lanes(from) {
    const list = this.#json(this.wasm.gt_lanes_json(this.reader, from, LANES_AT_ONCE));
    if (!list) throw new Error('There is not enough memory left to list the lanes.');
    return list;
  }

  /** The span of a lane of OPTION.LANES at t; null = none. @param {number} lane @param {number} t */
  find(lane, t) {
    const index = this.wasm.gt_find(this.reader, lane, t) >>> 0;
    return index === NONE ? null : this.detail(lane, index);
  }

  /** @param {number} lane @param {number} index @returns {import('./types.mjs').PointDetail | null} */
  point(lane, index) {
    return this.#json(this.wasm.gt_point_json(this.reader, lane, index));
  }

  /** @param {import('./types.mjs').Query} query @returns {Tiles} */
  query({ t0, t1, px, lanes, each = false }) {
    /** @type {Record<number, string>} */
    const strings = {};
    let room = each ? px * lanes.length : 0; // few lanes have most of the spans
    const answer = lanes.map((lane) => {
      const spans = room > 0 ? this.#spans(lane, t0, t1, room) : null;
      room -= spans?.n ?? 0;
      const items = spans ?? this.#lane(lane, t0, t1, px);
      if (items && each && lane < MARK_LANES) items.why = this.#copy(Uint32Array, COLUMN.why, items.n);
      return items;
    }).filter((l) => l !== null);
    const name = (/** @type {number} */ id) => { strings[id] ??= this.string(id); };
    for (const { fn, why } of answer) {
      for (const id of new Set(fn)) name(id);
      for (const both of new Set(why)) name(both >>> 16), name(both & 0xffff);
    }
    return { t0, t1, px, lanes: answer, strings, coarse: [] };
  }

  /**
   * A copy of n numbers of a column.
   * @template {Float64Array | Float32Array | Uint8Array | Int32Array | Uint32Array} T
   * @param {{new (b: ArrayBufferLike, at: number, n: number): T}} Type @param {number} column @param {number} n
   * @returns {T}
   */
  #copy(Type, column, n) {
    const at = this.wasm.gt_column(this.reader, column) >>> 0;
    return /** @type {T} */ (new Type(this.wasm.memory.buffer, at, n).slice());
  }

  /** @param {number} lane @param {number} t0 @param {number} t1 @param {number} px @returns {LaneTiles | null} */
  #lane(lane, t0, t1, px) {
    if (lane >= CURVE_LANES) return this.#curve(lane, t0, t1, px);
    const buckets = Math.max(1, Math.floor(px));
    const n = this.wasm.gt_query(this.reader, lane, t0, t1, buckets) >>> 0;
    if (n === NONE) return null;
    const items = this.#items(lane, n);
    if (lane < MARK_LANES) return items;
    items.mix = this.#copy(Uint32Array, COLUMN.mix, n);
    const points = this.wasm.gt_points(this.reader, lane, t0, t1, buckets) >>> 0;
    if (points && points !== NONE) {
      items.points = {
        n: points,
        t: this.#copy(Float64Array, COLUMN.pointTime, points),
        index: this.#copy(Uint32Array, COLUMN.pointIndex, points),
        count: this.#copy(Uint32Array, COLUMN.pointCount, points),
        kind: this.#copy(Uint8Array, COLUMN.pointKind, points),
      };
    }
    return items;
  }

  /**
   * Each span by itself, if they are at most so many. @param {number} lane @param {number} t0 @param {number} t1
   * @param {number} most @returns {LaneTiles | null}
   */
  #spans(lane, t0, t1, most) {
    if (lane >= CURVE_LANES) return null;
    const n = this.wasm.gt_spans(this.reader, lane, t0, t1, most) >>> 0;
    return n < TOO_MANY ? this.#items(lane, n) : null;
  }

  /** @param {number} lane @param {number} n @returns {LaneTiles} */
  #items(lane, n) {
    return {
      lane,
      n,
      start: this.#copy(Float64Array, COLUMN.start, n),
      end: this.#copy(Float64Array, COLUMN.end, n),
      goid: this.#copy(Float64Array, COLUMN.goid, n),
      state: this.#copy(Uint8Array, COLUMN.state, n),
      index: this.#copy(Int32Array, COLUMN.index, n),
      busy: this.#copy(Float32Array, COLUMN.busy, n),
      fn: this.#copy(Uint32Array, COLUMN.fn, n),
    };
  }

  /** @param {number} lane @param {number} t0 @param {number} t1 @param {number} px @returns {LaneTiles | null} */
  #curve(lane, t0, t1, px) {
    const row = CURVE_ROWS[lane - CURVE_LANES];
    if (!row) return null;
    const buckets = Math.max(1, Math.floor(px));
    const series = row.series.map((which) => {
      const n = this.wasm.gt_curve(this.reader, which, t0, t1, buckets) >>> 0;
      return this.#copy(Float32Array, COLUMN.curve, n === NONE ? 0 : 3 * n);
    });
    return { ...this.#items(lane, 0), series };
  }
}

/**
 * A fault for who opens a file: what is no trace, or of a version that is not read here, is damaged nowhere.
 * @param {TraceFault} fault @returns {string}
 */
export function tellFault(fault) {
  if (fault.rule === 'header')
    return 'this is not a Go execution trace, as runtime/trace, go test -trace or goroscope run --trace write them';
  return fault.rule === 'version' ? fault.message : describeFault(fault);
}

/** A fault as one sentence with its place, for who writes tracers. @param {TraceFault} fault @returns {string} */
export function describeFault(fault) {
  const place = [`byte ${fault.offset}`];
  if (fault.generation) place.push(`generation ${fault.generation}`);
  if (fault.m !== null) place.push(`M ${fault.m}`);
  if (fault.event) place.push(fault.event);
  return `${fault.message} (${place.join(', ')}; rule: ${fault.rule})`;
}
