/**
 * Writes small, exactly known traces in Go's format (version 1.23), for tests that look at what the viewer makes of
 * them.
 *
 * One M per P, clock in nanoseconds. Goroutines stay on their P: each P hands over from one of its goroutines to
 * the next.
 */

const EV = {
  batch: 1, stacks: 2, stack: 3, strings: 4, string: 5, frequency: 8, procStatus: 13, goCreate: 14, goStart: 16,
  goBlock: 20, goUnblock: 21, goStatus: 25,
};
const NO_M = (1n << 64n) - 1n;
const RUNNING = 2;
const WAITING = 4;
const PROC_RUNNING = 1;
/** A batch may hold 64 KiB; this leaves room for the event that goes over. */
const BATCH_FULL = 65000;

/** Bytes that grow. */
class Bytes {
  constructor() {
    this.data = new Uint8Array(4096);
    this.length = 0;
  }

  /** @param {number} size */
  room(size) {
    if (this.length + size <= this.data.length) return;
    const bigger = new Uint8Array(Math.max(2 * this.data.length, this.length + size));
    bigger.set(this.data.subarray(0, this.length));
    this.data = bigger;
  }

  /** @param {number | bigint} value unsigned LEB128 */
  varint(value) {
    this.room(10);
    if (typeof value === 'bigint') {
      for (; value >= 128n; value >>= 7n) this.data[this.length++] = Number(value & 127n) | 128;
      this.data[this.length++] = Number(value);
      return;
    }
    for (; value >= 128; value = Math.floor(value / 128)) this.data[this.length++] = (value % 128) | 128;
    this.data[this.length++] = value;
  }

  /** @param {Uint8Array} bytes */
  append(bytes) {
    this.room(bytes.length);
    this.data.set(bytes, this.length);
    this.length += bytes.length;
  }

  take() {
    return this.data.slice(0, this.length);
  }
}

/** @param {number} gen @param {number | bigint} m @param {number} time @param {Bytes} body @param {Bytes} out */
function putBatch(gen, m, time, body, out) {
  for (const value of [EV.batch, gen, m, time, body.length]) out.varint(value);
  out.append(body.take());
}

/** One M's events of one generation, cut into batches. */
class Thread {
  /** @param {number} gen @param {number} m @param {Bytes} out */
  constructor(gen, m, out) {
    this.gen = gen;
    this.m = m;
    this.out = out;
    this.body = new Bytes();
    this.start = 0;
    this.last = 0;
    this.events = 0;
  }

  /** @param {number} t @param {number} id @param {...number | bigint} args */
  event(t, id, ...args) {
    if (this.body.length > BATCH_FULL) this.flush();
    if (!this.body.length) this.start = this.last = t;
    this.body.varint(id);
    this.body.varint(t - this.last);
    for (const arg of args) this.body.varint(arg);
    this.last = t;
    this.events++;
  }

  flush() {
    if (this.body.length) putBatch(this.gen, this.m, this.start, this.body, this.out);
    this.body = new Bytes();
  }
}

/** String and stack ids, the same in every generation. */
const STRINGS = ['chan receive', 'main.worker', 'main.main', 'demo.c', 'main.start'];
/** Stack 1 blocks in main.worker, 2 creates in main.main, 3 and 4 are the start functions. */
const STACKS = [[2, 42], [3, 7], [2, 10], [3, 1]];

/** @param {number} gen @param {number} time of the generation's start @param {Bytes} out */
function putTables(gen, time, out) {
  const strings = new Bytes();
  strings.varint(EV.strings);
  STRINGS.forEach((text, i) => {
    const bytes = new TextEncoder().encode(text);
    for (const value of [EV.string, i + 1, bytes.length]) strings.varint(value);
    strings.append(bytes);
  });
  putBatch(gen, NO_M, time, strings, out);
  const stacks = new Bytes();
  stacks.varint(EV.stacks);
  STACKS.forEach(([func, line], i) => {
    for (const value of [EV.stack, i + 1, 1, 0x1000 + i, func, 4, line]) stacks.varint(value);
  });
  putBatch(gen, NO_M, time, stacks, out);
  const frequency = new Bytes();
  frequency.varint(EV.frequency);
  frequency.varint(1e9);
  putBatch(gen, NO_M, time, frequency, out);
}

/**
 * @param {object} shape
 * @param {number} shape.procs
 * @param {number} [shape.perProc]     goroutines on each P, at least 2
 * @param {number} shape.slices        on each P, over the whole trace
 * @param {number} shape.busyNs        how long a slice runs
 * @param {number} shape.idleNs        how long the P idles after it
 * @param {number} [shape.perGen]      slices on each P in one generation
 * @returns {{bytes: Uint8Array, events: number, goid: (p: number, slice: number) => number, endNs: number}}
 *   slice s of P p runs from s × (busyNs + idleNs) for busyNs
 */
export function syntheticTrace({ procs, perProc = 3, slices, busyNs, idleNs, perGen = 2000 }) {
  const out = new Bytes();
  out.append(new TextEncoder().encode('go 1.23 trace\0\0\0'));
  const origin = 1_000_000;
  const step = busyNs + idleNs;
  const goid = (/** @type {number} */ p, /** @type {number} */ slice) => 1 + p * perProc + (slice % perProc);
  let events = 0;
  for (let first = 0, gen = 1; first < slices; first += perGen, gen++) {
    for (let p = 0; p < procs; p++) {
      const thread = new Thread(gen, p, out);
      const seq = new Map();
      const next = (/** @type {number} */ g) => {
        seq.set(g, (seq.get(g) ?? 0) + 1);
        return seq.get(g);
      };
      const begin = origin + first * step;
      thread.event(begin, EV.procStatus, p, PROC_RUNNING);
      introduce(thread, { begin, gen, p, procs, perProc, running: goid(p, first) });
      // G1 runs from the start; in the first generation every other goroutine is created by it and runnable.
      const last = Math.min(slices, first + perGen);
      for (let s = first; s < last; s++) {
        const t = origin + s * step;
        const g = goid(p, s);
        if (s > first || (gen === 1 && g !== 1)) {
          if (gen > 1 || s >= perProc) thread.event(t, EV.goUnblock, g, next(g), 0);
          thread.event(t, EV.goStart, g, next(g));
        }
        // The generation's last slice goes on into the next one, where its status says it is running.
        if (s < last - 1 || last === slices) thread.event(t + busyNs, EV.goBlock, 1, 1);
        else {
          const fresh = gen === 1 && last < perProc;
          handOver(thread, { t: t + busyNs, end: origin + last * step, g: goid(p, last), next, fresh });
        }
      }
      thread.flush();
      events += thread.events;
    }
    putTables(gen, origin + first * step, out);
  }
  return { bytes: out.take(), events, goid, endNs: (slices - 1) * step + busyNs };
}

/**
 * Status of the goroutines of P p at the start of a generation.
 * @param {Thread} thread
 * @param {{begin: number, gen: number, p: number, procs: number, perProc: number, running: number}} about
 */
function introduce(thread, { begin, gen, p, procs, perProc, running }) {
  if (gen === 1) {
    if (p > 0) return;
    thread.event(begin, EV.goStatus, 1, 0, RUNNING);
    for (let g = 2; g <= procs * perProc; g++) thread.event(begin, EV.goCreate, g, 3, 2);
    return;
  }
  for (let g = 1 + p * perProc; g <= (p + 1) * perProc; g++) {
    if (g === running) thread.event(begin, EV.goStatus, g, p, RUNNING);
    else thread.event(begin, EV.goStatus, g, NO_M, WAITING);
  }
}

/**
 * At a generation's end: the running goroutine blocks and the next one starts just before the boundary.
 * @param {Thread} thread
 * @param {{t: number, end: number, g: number, next: (g: number) => number, fresh: boolean}} about fresh: it never
 *   ran, so nothing wakes it
 */
function handOver(thread, { t, end, g, next, fresh }) {
  thread.event(t, EV.goBlock, 1, 1);
  if (!fresh) thread.event(Math.max(t, end - 1), EV.goUnblock, g, next(g), 0);
  thread.event(Math.max(t, end - 1), EV.goStart, g, next(g));
}
