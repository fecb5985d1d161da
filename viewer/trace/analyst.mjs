// analyst.mjs: the page's end of the analysis worker: one trace's tables, what they are asked for later, and why a
// goroutine did not run. To cancel is to end the worker.
import { Asked } from './asked.mjs';
import { ROLE } from './roles.mjs';
import { placeOf, startWorker } from './workers.mjs';

/** @typedef {import('./analysis.mjs').Tables} Tables */
/** @typedef {import('./analysis-worker.mjs').AnalysisRequest} AnalysisRequest */
/** @typedef {import('./client.mjs').WorkerLike} WorkerLike */
/** @typedef {{bytes: number, events: number, share: number}} Progress share of the bytes, 0 to 1 */

/** Distributes Omit over a union. @template T @typedef {T extends any ? Omit<T, 'id'> : never} WithoutId */

/** A worker that is there while it is needed. */
class AnalysisWorker {
  /** @param {() => WorkerLike} make */
  constructor(make) {
    this.make = make;
    /** @type {WorkerLike | null} */
    this.worker = null;
    this.asked = new Asked();
  }

  /** @param {WithoutId<AnalysisRequest>} request @param {(p: Progress) => void} [progress] @returns {Promise<any>} */
  ask(request, progress) {
    if (!this.worker) {
      this.worker = this.make();
      this.worker.onmessage = ({ data }) => this.#receive(data);
      this.worker.onerror = (event) => this.close(
        new Error(`The analysis could not run: ${event.message || 'its worker did not load'}.`));
    }
    const { worker } = this;
    return this.asked.ask((id) => worker.postMessage({ ...request, id }, []), { progress });
  }

  /** @param {{id: number, progress?: Progress, result?: any, error?: string}} data */
  #receive({ id, progress, result, error }) {
    if (progress) this.asked.progress(id, progress);
    else if (error === undefined) this.asked.answer(id, result);
    else this.asked.fail(id, error);
  }

  /** Ends the worker; whoever still waits is told why. @param {Error} [reason] */
  close(reason = new Error('This was cancelled.')) {
    this.worker?.terminate();
    this.worker = null;
    this.asked.lose(reason);
  }
}

export class Analyst {
  /** @param {{makeWorker?: () => WorkerLike}} [options] */
  constructor({ makeWorker = () => startWorker(ROLE.ANALYSIS) } = {}) {
    this.tables = new AnalysisWorker(makeWorker);
    this.whys = new AnalysisWorker(makeWorker);
  }

  /**
   * Reads a whole trace; what was being read before is given up.
   * @param {Blob} blob a trace file's bytes
   * @param {{window?: {t0: number, t1: number} | null, onProgress?: (p: Progress) => void}} [how]
   * @returns {Promise<Tables>}
   */
  read(blob, { window = null, onProgress } = {}) {
    this.tables.close();
    return this.tables.ask({ type: 'read', blob, reader: placeOf('reader'), window }, onProgress);
  }

  /**
   * A histogram of what was read last: [least ns, most ns, how many].
   * @param {number} kind @param {{row: number} | {fn: number}} whose
   * @returns {Promise<Array<[number, number, number]>>}
   */
  bins(kind, whose) {
    return this.tables.ask({ type: 'bins', kind, whose });
  }

  /**
   * Utilisation of what was read last: the curve, or with a length the windows that were worst.
   * @param {import('./mmu.mjs').UtilFlags} flags @param {number | null} [length] ns
   * @returns {Promise<import('./analysis-worker.mjs').MmuAnswer>}
   */
  mmu(flags, length = null) {
    return this.tables.ask({ type: 'mmu', flags, length });
  }

  /**
   * Why a goroutine was not running; a question still open is given up.
   * @param {Blob} blob @param {number} goid @param {number} t @returns {Promise<import('./analysis.mjs').Why>}
   */
  why(blob, goid, t) {
    if (this.whys.asked.size) this.whys.close();
    return this.whys.ask({ type: 'why', blob, reader: placeOf('reader'), goid, t });
  }

  close() {
    this.tables.close();
    this.whys.close();
  }
}
