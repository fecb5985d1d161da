// cut.mjs: one generation without the events before a moment and those from another one on, so that Go's reader
// takes it for the first one, or the last one, of a trace.
//
// Times alone cannot cut: threads' clocks differ, and the order of a trace is by numbers. So the reader puts the
// events in order, and the cut is between two of them in that order: no event is kept whose cause is not. What
// the events before it have told is told again as statuses at the cut (statuses.mjs); goroutines and Ps are
// counted from it, as from the beginning of any generation. Tables of strings and stacks stay whole.
//
// What a status cannot say is lost: names of tasks and regions that began before, labels, creators of goroutines, and
// that the world was stopped when the first generation began (Plan.strange).
import { Lines } from '../lines.mjs';
import { describeFault, OPTION, STATUS, TraceStore } from '../store.mjs';
import { Statuses } from './statuses.mjs';
import { ARGS, Damage, EV, NO_M, varint, varintOf } from './wire.mjs';
import { Batches } from './batches.mjs';

/** @typedef {import('./wire.mjs').Generation} Generation */
/** @typedef {import('./wire.mjs').Batch} Batch */

/** Events decoded at once. */
const EVENTS = 4096;

/**
 * A generation's events in order, each where it stands in the generation's bytes, once.
 * @param {WebAssembly.Module} module @param {Generation} generation @param {bigint} base
 * @returns {Generator<{time: number, at: number}>}
 */
function* ordered(module, { header, bytes, offset }, base) {
  const store = new TraceStore(module, OPTION.DUMP_JSON | OPTION.NO_INDEX | OPTION.OFFSETS | OPTION.MIDDLE);
  const lines = new Lines(base);
  let last = -1;
  try {
    if (!store.push(header) || !store.push(bytes)) throw new Damage(describeFault(faultOf(store, offset)));
    store.end();
    /** @type {number} */ let status = STATUS.MORE;
    while (status === STATUS.MORE) {
      status = store.run(EVENTS);
      for (const line of lines.take(store)) {
        const { event, time, offset: at } = /** @type {any} */ (line);
        if (event === 'Sync' || event === 'CPUSample' || at === last) continue;
        last = at;
        yield { time, at: at - header.length };
      }
      if (status === STATUS.FAILED) throw new Damage(describeFault(faultOf(store, offset)));
    }
  } finally {
    store.close();
  }
}

/**
 * Throws Damage, if the reader does not take it.
 * @param {WebAssembly.Module} module @param {Generation} generation
 * @param {boolean} isFirst of the trace that is made
 */
export function mustBeWhole(module, { header, bytes, offset }, isFirst) {
  const store = new TraceStore(module, OPTION.NO_INDEX | (isFirst ? 0 : OPTION.MIDDLE));
  try {
    /** @type {number} */ let status = STATUS.MORE;
    if (store.push(header) && store.push(bytes)) store.end();
    while (status === STATUS.MORE) status = store.run(EVENTS);
    if (store.fault()) throw new Damage(describeFault(faultOf(store, offset)));
  } finally {
    store.close();
  }
}

/** Why this generation is refused, with its place in the trace. @param {TraceStore} store @param {number} offset */
function faultOf(store, offset) {
  const fault = /** @type {import('../types.mjs').TraceFault} */ (store.fault());
  return { ...fault, offset: fault.offset - 16 + offset };
}

/** One timed event taken apart. */
class RawEvent {
  constructor() {
    this.type = 0;
    this.dt = 0;
    /** @type {number[]} after dt */
    this.args = [];
    /** Where the arguments after dt begin, and where the event ends. */
    this.rest = 0;
    this.end = 0;
  }

  /** @param {Uint8Array} bytes @param {number} at */
  read(bytes, at) {
    const cursor = { at: at + 1 };
    this.type = bytes[at];
    this.dt = varint(bytes, cursor);
    this.rest = cursor.at;
    this.args.length = 0;
    for (let i = 1; i < ARGS[this.type]; i++) this.args.push(varint(bytes, cursor));
    this.end = cursor.at;
  }
}

/** @typedef {{skip: number, keep: number}} Share of an M's events: before the cut; from there to the end */

/** What is where in the order. */
class Plan {
  constructor() {
    this.statuses = new Statuses();
    /** @type {Map<number, Share>} by M */
    this.shares = new Map();
    /** Where the first event kept stands, and the first one that is too late; -1: none. */
    this.first = -1;
    this.beyond = -1;
    this.kept = 0;
    /** Gs and Ps that the events kept tell of. */
    this.told = new Set();
    /** Gs made in the part kept whose id another one had before it, and where their numbered events stand. */
    this.again = new Set();
    this.ofAgain = new Set();
    /**
     * Where, in the part kept, the end of a stop of the world stands that began before this generation, -1: nowhere.
     * Only its begin says why, and a trace cannot begin so.
     */
    this.strange = -1;
    /** @type {{m: number, event: number[]}[]} statuses that come too late, of what has none in the part kept */
    this.late = [];
  }
}

/**
 * @param {Batch[]} batches those of threads, in the order of their bytes @param {number} at
 * @returns {number} the M
 */
function threadAt(batches, at) {
  let low = 0, high = batches.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (batches[middle].body <= at) low = middle; else high = middle - 1;
  }
  return batches[low].m;
}

/**
 * @param {WebAssembly.Module} module @param {Generation} generation @param {bigint} base
 * @param {number} from @param {number} to @returns {Plan}
 */
function planOf(module, generation, base, from, to) {
  const plan = new Plan(), raw = new RawEvent();
  const { bytes } = generation, threads = generation.batches.filter((b) => b.kind === 0);
  let hasStop = false; // one stops the world at a time: only the first of a generation's can have begun before
  for (const { time, at } of ordered(module, generation, base)) {
    const mid = threadAt(threads, at);
    const share = plan.shares.get(mid) ?? { skip: 0, keep: 0 };
    plan.shares.set(mid, share);
    raw.read(bytes, at);
    if (plan.first < 0 && time < from) {
      share.skip++;
      plan.statuses.apply(mid, raw.type, raw.args);
    } else if (plan.beyond < 0 && time < to) {
      if (plan.first < 0) plan.first = at;
      share.keep++;
      plan.kept++;
      noteTold(plan, raw, at);
      if (raw.type === EV.STW_END && !hasStop) plan.strange = at;
    } else {
      if (plan.beyond < 0) plan.beyond = at;
      lateStatus(plan, mid, raw);
    }
    hasStop ||= raw.type === EV.STW_BEGIN || raw.type === EV.STW_END;
  }
  return plan;
}

/** @param {Plan} plan @param {RawEvent} raw @param {number} at */
function noteTold(plan, { type, args }, at) {
  // A thread of C that calls Go has the same goroutine each time, made anew.
  if (type === EV.GO_CREATE_SYSCALL && plan.statuses.gs.has(args[0])) plan.again.add(args[0]);
  if (NUMBERED.get(type)?.p === false && plan.again.has(args[0])) plan.ofAgain.add(at);
  if (type === EV.GO_STATUS || type === EV.GO_STATUS_STACK) plan.told.add(`g${args[0]}`);
  if (type === EV.PROC_STATUS) plan.told.add(`p${args[0]}`);
}

/** @param {Plan} plan @param {number} m @param {RawEvent} raw */
function lateStatus(plan, m, { type, args }) {
  const waits = args[2] === 1 || args[2] === 4; // runnable, waiting: bound to no M
  const isG = (type === EV.GO_STATUS || type === EV.GO_STATUS_STACK) && waits;
  const isP = type === EV.PROC_STATUS && args[1] === 2; // idle
  if (isG || isP) plan.late.push({ m, event: [type, ...args] });
}

/** Position of the number among the arguments after dt, and of whom it is; -1: the M's P. */
/** @type {Map<number, {seq: number, of: number, p: boolean}>} */
const NUMBERED = new Map([
  [EV.PROC_START, { seq: 1, of: 0, p: true }], [EV.PROC_STEAL, { seq: 1, of: 0, p: true }],
  [EV.GO_SYSCALL_BEGIN, { seq: 0, of: -1, p: true }],
  [EV.GO_START, { seq: 1, of: 0, p: false }], [EV.GO_UNBLOCK, { seq: 1, of: 0, p: false }],
  [EV.GO_SWITCH, { seq: 1, of: 0, p: false }], [EV.GO_SWITCH_DESTROY, { seq: 1, of: 0, p: false }],
]);

/** Writes what the plan keeps of one generation. */
class Cutting {
  /** @param {Generation} generation @param {Plan} plan @param {boolean} isFirst of the trace that is made */
  constructor(generation, plan, isFirst) {
    this.generation = generation;
    this.plan = plan;
    this.isFirst = isFirst;
    this.raw = new RawEvent();
    this.out = new Batches(generation.gen);
    /** An M's P as its own events tell. @type {Map<number, number>} */
    this.procs = new Map([...plan.statuses.ms].map(([m, { p }]) => [m, p]));
    const { first, beyond } = plan, times = this.#timesOf(first, beyond);
    this.fromTime = times[0];
    this.toTime = times[1];
  }

  /** Absolute times of the events at these places. @param {number} first @param {number} beyond */
  #timesOf(first, beyond) {
    let a = -Infinity, b = Infinity;
    for (const { at, time } of this.#events()) {
      if (at === first) a = time;
      if (at === beyond) b = time;
    }
    return [a, b];
  }

  /**
   * All timed events as they stand, their parts in `raw`.
   * @returns {Generator<{m: number, at: number, time: number}>}
   */
  *#events() {
    const { bytes, batches } = this.generation, { raw } = this;
    for (const { kind, m, body, end, time: from } of batches) {
      if (kind !== 0) continue;
      for (let at = body, time = from; at < end; at = raw.end) {
        raw.read(bytes, at);
        time += raw.dt;
        yield { m, at, time };
      }
    }
  }

  /** Timed events that are kept. @returns {Generator<{m: number, at: number, time: number}>} */
  *#kept() {
    /** @type {Map<number, number>} */ const seen = new Map();
    for (const event of this.#events()) {
      const n = seen.get(event.m) ?? 0, share = this.plan.shares.get(event.m);
      seen.set(event.m, n + 1);
      if (this.isFirst && event.at === this.plan.strange) continue;
      if (share && n >= share.skip && n < share.skip + share.keep) yield event;
    }
  }

  /** @param {number} from in units: where it begins if nothing happens in it @returns {Uint8Array[]} */
  write(from) {
    let earliest = Infinity, any = this.#anyM();
    for (const { m, time } of this.#kept()) {
      if (time < earliest) any = m;
      earliest = Math.min(earliest, time);
    }
    if (earliest === Infinity) earliest = Math.min(from, this.toTime);
    const begin = this.isFirst ? this.#tellStatuses(earliest, any) : -Infinity;
    for (const { m, at, time } of this.#kept()) this.#copy(m, at, time);
    return [...this.out.flush(), ...this.#tables(begin), ...this.#tail()];
  }

  #anyM() {
    return this.plan.shares.keys().next().value ?? NO_M;
  }

  /**
   * Statuses before all that is kept. The reader makes equal times grow by 1 ns each; so they begin that much
   * earlier.
   * @param {number} earliest @param {number} any M @returns {number} their time
   */
  #tellStatuses(earliest, any) {
    const { plan, generation } = this;
    const stacks = Number(new TextDecoder('latin1').decode(generation.header.subarray(5, 7))) >= 23;
    const told = [...plan.statuses.told(any, stacks)];
    for (const { event } of plan.late) {
      const [type, id] = event;
      const isP = type === EV.PROC_STATUS;
      if (plan.told.has(`${isP ? 'p' : 'g'}${id}`) || (isP ? plan.statuses.ps : plan.statuses.gs).has(id)) continue;
      told.push({ m: any, event });
    }
    const begin = Math.max(1, earliest - Math.ceil((told.length + 2) / generation.nsPerUnit));
    for (const { m, event: [type, ...args] } of told) this.out.put(m, begin, type, args.flatMap(varintOf));
    return begin;
  }

  /**
   * The event in `raw`, with its number counted from the cut. @param {number} m @param {number} at
   * @param {number} time
   */
  #copy(m, at, time) {
    const { raw, out, procs } = this, { bytes } = this.generation, { type, args } = raw;
    if (type === EV.PROC_START || (type === EV.PROC_STATUS && args[1] !== 2)) procs.set(m, args[0]);
    const number = NUMBERED.get(type);
    if (number && !this.plan.ofAgain.has(at)) {
      const { ps, gs } = this.plan.statuses;
      const id = number.of < 0 ? procs.get(m) ?? NO_M : args[number.of];
      const before = (number.p ? ps : gs).get(id)?.seq ?? 0;
      if (before > 0) {
        const changed = args.slice();
        changed[number.seq] -= before;
        out.put(m, time, type, changed.flatMap(varintOf));
        return;
      }
    }
    out.put(m, time, type, bytes.subarray(raw.rest, raw.end));
  }

  /** Batches that hold no events. @param {number} begin time of the statuses; -Infinity: there are none */
  #tables(begin) {
    const { bytes, batches } = this.generation;
    return batches.filter((b) => b.kind !== 0).map((batch) => {
      if (batch.kind === EV.CPU_SAMPLES) return this.#samples(batch);
      if (begin === -Infinity || batch.kind === EV.EXPERIMENTAL_BATCH) return bytes.subarray(batch.at, batch.end);
      const body = batch.kind === EV.SYNC ? this.#clock(batch, begin) : [...bytes.subarray(batch.body, batch.end)];
      return this.out.batch(batch.m, begin, body);
    });
  }

  /** A clock snapshot as it would have been at `begin`. @param {Batch} batch @param {number} begin */
  #clock(batch, begin) {
    const { bytes, nsPerUnit } = this.generation, body = bytes.subarray(batch.body, batch.end);
    const cursor = { at: 2 };
    varint(body, cursor); // frequency
    if (body[cursor.at] !== EV.CLOCK_SNAPSHOT) return [...body];
    const until = ++cursor.at, [dt, mono, sec, nsec] = [0, 0, 0, 0].map(() => varint(body, cursor));
    const shift = Math.round((begin - batch.time) * nsPerUnit);
    const wall = nsec + shift, seconds = Math.floor(wall / 1e9);
    return [...body.subarray(0, until), dt, mono + shift, sec + seconds, wall - seconds * 1e9].flatMap(
      (n, i) => (i < until ? [n] : varintOf(Math.max(0, n))));
  }

  /** Samples of the time that is kept. @param {Batch} batch */
  #samples(batch) {
    const { bytes } = this.generation, cursor = { at: batch.body + 1 };
    /** @type {number[]} */ const body = [EV.CPU_SAMPLES];
    while (cursor.at < batch.end) {
      const from = cursor.at++, time = varint(bytes, cursor);
      for (let i = 0; i < 4; i++) varint(bytes, cursor);
      if (time >= this.fromTime && time < this.toTime) body.push(...bytes.subarray(from, cursor.at));
    }
    return this.out.batch(batch.m, batch.time, body);
  }

  /** What stood at the end of the generation, if anything: the byte that ends it. @returns {Uint8Array[]} */
  #tail() {
    const { bytes, batches } = this.generation, end = batches[batches.length - 1].end;
    return bytes.length > end ? [bytes.subarray(end)] : [];
  }
}

/**
 * What is left of a generation between two moments, in ns since `base`.
 * @param {WebAssembly.Module} module the reader @param {Generation} generation
 * @param {{from: number, to: number, base: bigint, isFirst: boolean}} range isFirst: a trace is to begin with it
 * @returns {{bytes: Uint8Array[], ended: boolean}} bytes: none, if no event is between; ended: some are too late
 */
export function cut(module, generation, { from, to, base, isFirst }) {
  const plan = planOf(module, generation, base, isFirst ? from : -Infinity, to);
  const ended = plan.beyond >= 0;
  // A stretch in which nothing happens still has who ran and who waited.
  const quiet = ended && isFirst && plan.statuses.ms.size > 0;
  if (plan.kept === 0 && !quiet) return { bytes: [], ended };
  const whole = !ended && [...plan.shares.values()].every(({ skip }) => skip === 0) && !(isFirst && plan.strange >= 0);
  if (whole) return { bytes: [generation.bytes], ended };
  const fromTime = Math.ceil((Number(base) + from) / generation.nsPerUnit);
  return { bytes: new Cutting(generation, plan, isFirst).write(fromTime), ended };
}
