// statuses.mjs: what a generation has told of Gs, Ps and Ms up to one of its events. What is left out before a
// cut is said again in this form: statuses, as a trace begins with them.
import { EV, NO_M } from './wire.mjs';

/** The format's numbers for states. */
const G = Object.freeze({ RUNNABLE: 1, RUNNING: 2, SYSCALL: 3, WAITING: 4 });
const P = Object.freeze({ RUNNING: 1, IDLE: 2, SYSCALL: 3, ABANDONED: 4 });

/** A range that has begun and not ended, as an event that says so: its number and arguments after dt. */
/** @typedef {number[]} Said */

/**
 * @typedef {{status: number, seq: number, stack: number, assists: boolean, stw: Said | null}} GState stack: the
 *   last
 *   one known of it; stw: how its stopping of the world began
 * @typedef {{status: number, seq: number, sweeps: boolean}} PState
 * @typedef {{g: number, p: number}} MState NO_M: none
 */

export class Statuses {
  constructor() {
    /** @type {Map<number, GState>} */ this.gs = new Map();
    /** @type {Map<number, PState>} */ this.ps = new Map();
    /** @type {Map<number, MState>} */ this.ms = new Map();
    /**
     * Number of the GC's last event while it marks; null: it does not, or nothing is known. @type {number | null}
     */
    this.gc = null;
  }

  /** @param {number} id */
  m(id) {
    let m = this.ms.get(id);
    if (!m) this.ms.set(id, m = { g: NO_M, p: NO_M });
    return m;
  }

  /** @param {number} id @param {number} status @param {number} [stack] */
  #newG(id, status, stack = 0) {
    this.gs.set(id, { status, seq: 0, stack, assists: false, stw: null });
  }

  /** @param {number} id @param {number} status @param {{seq?: number, stack?: number}} [more] */
  #turn(id, status, { seq, stack } = {}) {
    const g = this.gs.get(id);
    if (!g) return;
    g.status = status;
    if (seq !== undefined) g.seq = seq;
    if (stack !== undefined) g.stack = stack;
  }

  /** @param {number} id @param {number} status @param {number} [seq] */
  #turnP(id, status, seq) {
    const p = this.ps.get(id);
    if (!p) return;
    p.status = status;
    if (seq !== undefined) p.seq = seq;
  }

  /**
   * One event more, in the reader's order.
   * @param {number} mid whose batch it stands in @param {number} type @param {number[]} a arguments after dt
   */
  apply(mid, type, a) {
    const m = this.m(mid);
    if (type >= EV.STW_BEGIN && type <= EV.GC_MARK_ASSIST_END) this.#range(m, type, a);
    else if (type <= EV.PROC_STATUS) this.#proc(m, type, a);
    else this.#go(m, type, a);
  }

  /** @param {MState} m @param {number} type @param {number[]} a */
  #proc(m, type, a) {
    switch (type) {
      case EV.PROC_START: this.#turnP(m.p = a[0], P.RUNNING, a[1]); break;
      case EV.PROC_STOP: this.#turnP(m.p, P.IDLE); m.p = NO_M; break;
      case EV.PROC_STATUS:
        this.ps.set(a[0], { status: a[1], seq: 0, sweeps: false });
        if (a[1] === P.RUNNING || a[1] === P.SYSCALL) m.p = a[0];
        break;
      case EV.PROC_STEAL: {
        this.#turnP(a[0], P.IDLE, a[1]);
        const from = this.m(a[2]);
        if (from.p === a[0]) from.p = NO_M;
      }
    }
  }

  /** @param {MState} m @param {number} type @param {number[]} a */
  #go(m, type, a) {
    switch (type) {
      case EV.GO_CREATE: this.#newG(a[0], G.RUNNABLE, a[1]); break;
      case EV.GO_CREATE_BLOCKED: this.#newG(a[0], G.WAITING, a[1]); break;
      case EV.GO_CREATE_SYSCALL: this.#newG(m.g = a[0], G.SYSCALL); break;
      case EV.GO_START: this.#turn(m.g = a[0], G.RUNNING, { seq: a[1] }); break;
      case EV.GO_DESTROY: this.#leave(m, null); break;
      case EV.GO_DESTROY_SYSCALL:
        this.#leave(m, null);
        this.#turnP(m.p, P.ABANDONED);
        m.p = NO_M;
        break;
      case EV.GO_STOP: this.#leave(m, G.RUNNABLE, a[1]); break;
      case EV.GO_BLOCK: this.#leave(m, G.WAITING, a[1]); break;
      case EV.GO_UNBLOCK: this.#turn(a[0], G.RUNNABLE, { seq: a[1] }); break;
      case EV.GO_SYSCALL_BEGIN:
        this.#turn(m.g, G.SYSCALL, { stack: a[1] });
        this.#turnP(m.p, P.SYSCALL, a[0]);
        break;
      case EV.GO_SYSCALL_END: this.#turn(m.g, G.RUNNING); this.#turnP(m.p, P.RUNNING); break;
      case EV.GO_SYSCALL_END_BLOCKED: this.#leave(m, G.RUNNABLE); break;
      case EV.GO_SWITCH:
      case EV.GO_SWITCH_DESTROY:
        this.#leave(m, type === EV.GO_SWITCH ? G.WAITING : null);
        this.#turn(m.g = a[0], G.RUNNING, { seq: a[1] });
        break;
      case EV.GO_STATUS:
      case EV.GO_STATUS_STACK:
        this.#newG(a[0], a[2], a[3]);
        if (a[2] === G.RUNNING) m.g = a[0];
        if (a[2] === G.SYSCALL) this.m(a[1]).g = a[0];
    }
  }

  /**
   * The M's goroutine goes. @param {MState} m @param {number | null} status null: for ever
   * @param {number} [stack]
   */
  #leave(m, status, stack) {
    if (status === null) this.gs.delete(m.g);
    else this.#turn(m.g, status, { stack });
    m.g = NO_M;
  }

  /** @param {MState} m @param {number} type @param {number[]} a */
  #range(m, type, a) {
    const g = this.gs.get(m.g), p = this.ps.get(m.p);
    switch (type) {
      case EV.STW_BEGIN: if (g) g.stw = [type, ...a]; break;
      case EV.STW_END: if (g) g.stw = null; break;
      case EV.GC_ACTIVE: case EV.GC_BEGIN: this.gc = a[0]; break;
      case EV.GC_END: this.gc = null; break;
      case EV.GC_SWEEP_BEGIN: if (p) p.sweeps = true; break;
      case EV.GC_SWEEP_END: if (p) p.sweeps = false; break;
      case EV.GC_MARK_ASSIST_BEGIN: if (g) g.assists = true; break;
      case EV.GC_MARK_ASSIST_END: if (g) g.assists = false; break;
      case EV.GC_SWEEP_ACTIVE: { const of = this.ps.get(a[0]); if (of) of.sweeps = true; break; }
      case EV.GC_MARK_ASSIST_ACTIVE: { const of = this.gs.get(a[0]); if (of) of.assists = true; }
    }
  }

  /**
   * All of it as events for the beginning of a trace. What is bound to an M is told by that M, the rest by `any`.
   * @param {number} any an M @param {boolean} stacks the format has GoStatusStack
   * @returns {Generator<{m: number, event: Said}>}
   */
  *told(any, stacks) {
    const boundG = new Set(), boundP = new Set();
    for (const [m, { g: gid, p: pid }] of this.ms) {
      if (this.ps.has(pid)) {
        boundP.add(pid);
        for (const event of this.#saidOfP(pid)) yield { m, event };
      }
      if (this.gs.has(gid)) {
        boundG.add(gid);
        for (const event of this.#saidOfG(gid, m, stacks)) yield { m, event };
      }
    }
    for (const id of this.ps.keys())
      if (!boundP.has(id)) for (const event of this.#saidOfP(id)) yield { m: any, event };
    for (const id of this.gs.keys())
      if (!boundG.has(id)) for (const event of this.#saidOfG(id, NO_M, stacks)) yield { m: any, event };
    if (this.gc !== null) yield { m: any, event: [EV.GC_ACTIVE, this.gc] };
  }

  /** @param {number} id @returns {Generator<Said>} */
  *#saidOfP(id) {
    const p = /** @type {PState} */ (this.ps.get(id));
    yield [EV.PROC_STATUS, id, p.status];
    if (p.sweeps) yield [EV.GC_SWEEP_ACTIVE, id];
  }

  /** @param {number} id @param {number} m @param {boolean} stacks @returns {Generator<Said>} */
  *#saidOfG(id, m, stacks) {
    const g = /** @type {GState} */ (this.gs.get(id));
    yield stacks && g.stack ? [EV.GO_STATUS_STACK, id, m, g.status, g.stack] : [EV.GO_STATUS, id, m, g.status];
    if (g.assists) yield [EV.GC_MARK_ASSIST_ACTIVE, id];
    if (g.stw) yield g.stw;
  }
}
