/**
 * One trace being shown, or about to be: its client, its tiles, what is known about it.
 */
import { EMPTY_FILE, TraceClient } from '../trace/client.mjs';
import { LaneList } from './lanelist.mjs';
import { TileSource } from './tiles.mjs';
export { prepareSession } from '../trace/workers.mjs';

/**
 * The parts of a running program the viewer looks at; what the loader's load() gives fits.
 * @typedef {object} TracedProgram
 * @property {{region: {memory: WebAssembly.Memory, ptr: number} | null,
 *   readable: ReadableStream<Uint8Array> | null, clock?: {stepNs: number, readNs: number} | null,
 *   start?: () => Promise<void>, stop?: () => Promise<void>, snapshot?: () => Promise<Uint8Array<ArrayBuffer>>}
 *   | null} trace    clock: null: nothing is traced yet
 * What drives it is left out where that cannot be:
 * @property {boolean} [callable]
 * @property {number} [procs]
 * @property {Promise<void>} [ended]
 * @property {(n: number) => Promise<number>} [setProcs]
 * @property {(goid: number) => Promise<void>} [preempt]
 * @property {() => Promise<import('./overdue.mjs').Goroutine[]>} [goroutines]
 * @property {() => Promise<string[]>} [callables]
 * @property {(goid: number, name: string, arg?: string) => Promise<string>} [debugCall]
 * @property {{paused: boolean, stepsPerSecond: number, pause: () => Promise<boolean>, resume: () => void,
 *   slow: (stepsPerSecond: number) => void, step: (n?: number) => Promise<boolean>} | null} [sim]
 */

/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */

/**
 * Of larger files lanes of goroutines are read only when asked for: they take 130 ns and 25 bytes an event more (5.4 M
 * events in node 20: 0.70 s, 132 MB).
 */
export const LANES_UP_TO = 64e6;

/** What a running program is called that nobody has named. */
export const UNNAMED = 'live';

export class Session {
  /**
   * @param {{onInfo: (session: Session) => void, onTiles: () => void,
   *   onError: (session: Session, error: unknown) => void}} events
   * @param {{attached?: boolean, lanes?: boolean, clockStepNs?: number, maxBytes?: number, file?: Blob | null}}
   *   [options] attached: the trace comes from a program while it runs; lanes: also those of goroutines, threads and
   *   tasks; clockStepNs: of the clock that times it, 0: not known; maxBytes: of a stream to keep; file: what is read,
   *   if all of it is there
   */
  constructor({ onInfo, onTiles, onError },
    { attached = false, lanes = true, clockStepNs = 0, maxBytes, file = null } = {}) {
    this.attached = attached;
    this.file = file;
    this.clockStepNs = clockStepNs;
    /** Lanes of goroutines and the like were left out, to be fast. */
    this.lean = !lanes;
    /** @type {() => void} */
    this.resolveClosed = () => {};
    /** Resolves when the session is closed: a client that is gone never answers. @type {Promise<void>} */
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    /** The program whose trace it is has ended. */
    this.over = false;
    /** @type {() => void} */
    this.resolveRead = () => {};
    /** Resolves when all has been read, as far as that can be. @type {Promise<void>} */
    this.read = new Promise((resolve) => (this.resolveRead = resolve));
    /** @type {TraceInfo | null} */
    this.info = null;
    this.client = new TraceClient({
      lanes, maxBytes,
      onInfo: (/** @type {TraceInfo} */ info) => {
        // A program's trace is live however its bytes come, as a region or as a stream.
        this.info = attached && info.state === 'loading' ? { ...info, state: 'live' } : info;
        // A file of no bytes is a mistake; a program that came to nothing is not.
        if (attached && info.error === EMPTY_FILE) this.info = { ...this.info, error: null };
        this.lanes.update(this.info);
        if (info.state === 'done') this.resolveRead();
        onInfo(this);
      },
      onError: (/** @type {unknown} */ error) => {
        this.resolveRead();
        onError(this, error);
      },
      onRefined: () => this.source.refine(),
    });
    this.lanes = new LaneList(this.client, onTiles, (error) => onError(this, error));
    this.source = new TileSource(this.client, { onTiles, onError: (error) => onError(this, error) });
  }

  /** True: there is something to draw. */
  get hasLanes() {
    return this.info !== null && this.info.lanes.length > 0;
  }

  get growing() {
    return this.info !== null && (this.info.state === 'live' || this.info.state === 'loading');
  }

  /** All is read, and all lanes that will be there are known. */
  get isWhole() {
    const { info, lanes, lean } = this;
    return info?.state === 'done' && (lean || (info.lanesDone !== false && (!info.moreLanes || lanes.whole)));
  }

  /**
   * Of some of these lanes nothing is known at t any more. @param {number} t
   * @param {ReadonlyArray<{kind: string}>} lanes
   */
  hasForgotten(t, lanes) {
    return t < (this.info?.lanesFrom ?? 0) && lanes.some(({ kind }) => kind !== 'proc' && kind !== 'stw');
  }

  close() {
    this.source.close();
    this.lanes.close();
    this.client.close();
    this.resolveRead();
    this.resolveClosed();
  }
}
