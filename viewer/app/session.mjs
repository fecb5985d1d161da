/**
 * One trace being shown, or about to be: its client, its tiles, what is known about it.
 */
import { TraceClient } from '../trace/client.mjs';
import { LaneList } from './lanelist.mjs';
import { TileSource } from './tiles.mjs';

/**
 * The parts of a running program the viewer looks at; what the loader's load() gives fits.
 * @typedef {object} TracedProgram
 * @property {{region: {memory: WebAssembly.Memory, ptr: number} | null,
 *   readable: ReadableStream<Uint8Array> | null} | null} trace
 */

/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */

export class Session {
  /**
   * @param {{onInfo: (session: Session) => void, onTiles: () => void,
   *   onError: (session: Session, error: unknown) => void}} events
   * @param {{attached?: boolean}} [options] attached: the trace comes from a program while it runs
   */
  constructor({ onInfo, onTiles, onError }, { attached = false } = {}) {
    this.attached = attached;
    /** @type {() => void} */
    this.resolveClosed = () => {};
    /** Resolves when the session is closed: a client that is gone never answers. @type {Promise<void>} */
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
    /** @type {TraceInfo | null} */
    this.info = null;
    this.client = new TraceClient({
      lanes: true,
      onInfo: (/** @type {TraceInfo} */ info) => {
        // A program's trace is live however its bytes come, as a region or as a stream.
        this.info = attached && info.state === 'loading' ? { ...info, state: 'live' } : info;
        this.lanes.update(this.info);
        onInfo(this);
      },
      onError: (/** @type {unknown} */ error) => onError(this, error),
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

  close() {
    this.source.close();
    this.lanes.close();
    this.client.close();
    this.resolveClosed();
  }
}
