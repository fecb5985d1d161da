// mmu.mjs: mutator utilisation: which share of the Ps the program itself has, and the least share that any window of a
// given length had (minimum mutator utilisation). The rules are those of Go's internal/trace/gc.go; the search is
// plain: the least is where an edge of the window meets a change.

/** Kinds of changes; mirrors enum an_op in viewer/reader/analyse/analyse.h. */
const OP = Object.freeze({
  procs: 0, stw: 1, background: 2, assist: 3, sweep: 4, assistBefore: 5, sweepBefore: 6, dedicated: 7,
});

/**
 * What counts as taken from the program; perProc: a function of time for each P instead of one for all.
 * @typedef {{stw?: boolean, background?: boolean, assist?: boolean, sweep?: boolean, perProc?: boolean}} UtilFlags
 */

/**
 * A utilisation over time: util[i] holds from time[i] to time[i + 1].
 * @typedef {{time: number[], util: number[]}} Series
 */

/** @param {Series} series @param {number} time @param {number} util */
function addUtil(series, time, util) {
  const last = series.time.length - 1;
  if (last >= 0) {
    if (util === series.util[last]) return;
    if (time === series.time[last]) {
      if (util < series.util[last]) series.util[last] = util; // the lowest at a moment counts
      return;
    }
  }
  series.time.push(time);
  series.util.push(util);
}

/** Builds the series, change by change. */
class Utilization {
  /** @param {UtilFlags} flags */
  constructor(flags) {
    this.flags = flags;
    /** @type {Series[]} */
    this.out = [];
    /** @type {Array<{gc: number, series: number}>} */
    this.ps = [];
    /** @type {Array<{time: number, n: number}>} */
    this.procs = [];
    this.stw = 0;
  }

  /** @param {number} time @param {number} n */
  setProcs(time, n) {
    const { ps, out, flags } = this;
    if (flags.perProc) for (const p of ps.slice(n)) addUtil(out[p.series], time, 0);
    if (ps.length > n) ps.length = n;
    while (ps.length < n) {
      let series = 0;
      if (flags.perProc || out.length === 0) {
        series = out.length;
        out.push({ time: [time], util: [1] });
      }
      ps.push({ gc: 0, series });
    }
    if (this.procs.at(-1)?.n !== n) this.procs.push({ time, n });
  }

  /** GC work that had gone on from the start: one P less ever since. */
  before() {
    const { out, procs, flags } = this;
    if (flags.perProc) return;
    let p = 0;
    for (let i = 0; i < out[0].time.length; i++) {
      while (p < procs.length - 1 && procs[p + 1].time < out[0].time[i]) p++;
      out[0].util[i] = Math.max(0, out[0].util[i] - 1 / procs[p].n);
    }
  }

  /** @param {number} time @param {number} op @param {number} p @param {number} delta */
  change(time, op, p, delta) {
    const { flags, ps, out } = this;
    if (op === OP.procs) this.setProcs(time, p);
    if (ps.length === 0) return;
    if (op === OP.assistBefore || op === OP.sweepBefore) {
      if (op === OP.assistBefore ? flags.assist : flags.sweep) this.before();
      return;
    }
    const counts = op === OP.assist ? flags.assist : op === OP.sweep ? flags.sweep
      : op === OP.background ? flags.background : op === OP.dedicated ? flags.background && !flags.perProc : false;
    if (op === OP.stw && flags.stw) this.stw += delta;
    else if (counts && p < ps.length) ps[p].gc += delta;
    if (flags.perProc) {
      for (const { gc, series } of ps) addUtil(out[series], time, this.stw > 0 || gc > 0 ? 0 : 1);
    } else {
      const taken = this.stw > 0 ? ps.length : ps.filter(({ gc }) => gc > 0).length;
      addUtil(out[0], time, 1 - taken / ps.length);
    }
  }
}

/**
 * The functions of time; each ends with 0.
 * @param {import('./analysis.mjs').TableData} ops @param {UtilFlags} flags @param {number} last the trace's last event
 * @returns {Series[]}
 */
export function utilization({ columns, data, n }, flags, last) {
  const u = new Utilization(flags);
  const [time, op, p, delta] = ['time', 'op', 'p', 'delta'].map((name) => columns.indexOf(name));
  for (let i = 0; i < n; i++) {
    const at = i * columns.length;
    u.change(data[at + time], data[at + op], data[at + p], data[at + delta]);
  }
  for (const { series } of u.ps) addUtil(u.out[series], last, 0);
  return u.out;
}

/**
 * The part of a series in a window of time.
 * @param {Series} series @param {number} t0 @param {number} t1 @returns {Series}
 */
export function cut(series, t0, t1) {
  /** @type {Series} */
  const part = { time: [], util: [] };
  for (let i = 0; i < series.time.length; i++) {
    const next = series.time[i + 1] ?? Infinity;
    if (next <= t0) continue;
    if (series.time[i] >= t1) break;
    part.time.push(Math.max(t0, series.time[i]));
    part.util.push(series.util[i]);
  }
  const end = Math.min(t1, series.time.at(-1) ?? t1);
  if (part.time.length && part.time[part.time.length - 1] < end) {
    part.time.push(end);
    part.util.push(0);
  }
  return part;
}

/** A series with its integral up to each change. */
class Integral {
  /** @param {Series} series */
  constructor({ time, util }) {
    this.time = time;
    this.util = util;
    this.sums = new Float64Array(time.length);
    for (let i = 1; i < time.length; i++) this.sums[i] = this.sums[i - 1] + util[i - 1] * (time[i] - time[i - 1]);
  }

  /**
   * Calls back with each window [t, t + w) that may be the least, and the mean in it; t grows.
   * @param {number} w @param {(t: number, mean: number) => void} visit
   */
  windows(w, visit) {
    const { time, util, sums } = this;
    const n = time.length;
    const end = time[n - 1] - w;
    let left = 0, right = 0;
    for (let t = time[0]; ;) {
      while (left + 1 < n && time[left + 1] <= t) left++;
      while (right + 1 < n && time[right + 1] <= t + w) right++;
      const total = sums[right] + util[right] * (t + w - time[right]) - (sums[left] + util[left] * (t - time[left]));
      visit(t, total / w);
      if (t >= end) return;
      t = Math.min(end, time[left + 1] ?? Infinity, (time[right + 1] ?? Infinity) - w);
    }
  }
}

/**
 * Minimum mutator utilisation for each length of window.
 * @param {Series[]} list @param {number[]} lengths ns @returns {number[]}
 */
export function mmu(list, lengths) {
  const integrals = list.filter((s) => s.time.length > 1).map((s) => new Integral(s));
  return lengths.map((length) => {
    let least = 1;
    for (const integral of integrals) {
      const w = Math.min(length, integral.time[integral.time.length - 1] - integral.time[0]);
      if (w > 0) integral.windows(w, (_, mean) => { if (mean < least) least = mean; });
    }
    return Math.max(0, least);
  });
}

/**
 * The windows of one length with the least utilisation, none of which overlap.
 * @param {Series[]} list @param {number} length ns @param {number} n
 * @returns {Array<{t0: number, t1: number, util: number}>}
 */
export function worstWindows(list, length, n) {
  /** @type {Array<{t0: number, t1: number, util: number}>} */
  const worst = [];
  for (const series of list.filter((s) => s.time.length > 1)) {
    const w = Math.min(length, series.time[series.time.length - 1] - series.time[0]);
    new Integral(series).windows(w, (t, mean) => {
      const found = { t0: t, t1: t + w, util: Math.max(0, mean) };
      const clash = worst.findIndex((x) => x.t0 < found.t1 && found.t0 < x.t1);
      if (clash >= 0 && worst[clash].util <= found.util) return;
      if (clash >= 0) worst.splice(clash, 1);
      else if (worst.length === n && worst[n - 1].util <= found.util) return;
      worst.push(found);
      worst.sort((a, b) => a.util - b.util || a.t0 - b.t0);
      if (worst.length > n) worst.length = n;
    });
  }
  return worst;
}

/**
 * Lengths that a curve is drawn at: 1, 1.5, 2, 3, 5, 7 a decade, from 1 µs to the trace's length.
 * @param {number} last
 */
export function curveLengths(last) {
  const list = [];
  for (let decade = 1e3; decade <= last; decade *= 10)
    for (const step of [1, 1.5, 2, 3, 5, 7]) if (decade * step < last) list.push(decade * step);
  list.push(Math.max(1, last));
  return list;
}
