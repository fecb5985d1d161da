/**
 * One trace being shown, or about to be: its client, its tiles, what is known about it.
 */
import { TraceClient } from '../trace/client.mjs';
import { TileSource } from './tiles.mjs';

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
 * @property {() => Promise<string[]>} [callables]
 * @property {(goid: number, name: string, arg?: string) => Promise<string>} [debugCall]
 * @property {{paused: boolean, stepsPerSecond: number, pause: () => Promise<boolean>, resume: () => void,
 *   slow: (stepsPerSecond: number) => void, step: (n?: number) => Promise<boolean>} | null} [sim]
 */

/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */

export class Session {
  /**
   * @param {{onInfo: (session: Session) => void, onTiles: () => void,
   *   onError: (session: Session, error: unknown) => void}} events
   * @param {{attached?: boolean, clockStepNs?: number}} [options] attached: the trace comes from a program while it
   *   runs; clockStepNs: of the clock that times it, 0: not known
   */
  constructor({ onInfo, onTiles, onError }, { attached = false, clockStepNs = 0 } = {}) {
    this.attached = attached;
    this.clockStepNs = clockStepNs;
    /** @type {() => void} */
    this.resolveClosed = () => {};
    /** Resolves when the session is closed: a client that is gone never answers. @type {Promise<void>} */
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    /** @type {TraceInfo | null} */
    this.info = null;
    this.client = new TraceClient({
      onInfo: (/** @type {TraceInfo} */ info) => {
        // A program's trace is live however its bytes come, as a region or as a stream.
        this.info = attached && info.state === 'loading' ? { ...info, state: 'live' } : info;
        onInfo(this);
      },
      onError: (/** @type {unknown} */ error) => onError(this, error),
      onRefined: () => this.source.refine(),
    });
    this.source = new TileSource(this.client, { onTiles, onError: (error) => onError(this, error) });
  }

  /** True: there is something to draw. */
  get hasLanes() {
    return this.info !== null && this.info.lanes.length > 0;
  }

  get growing() {
    return this.info !== null && (this.info.state === 'live' || this.info.state === 'loading');
  }

  close() {
    this.source.close();
    this.client.close();
    this.resolveClosed();
  }
}
