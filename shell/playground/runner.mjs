// The life of one run: get the program, load it, attach the viewer, run it to its end or until it is stopped.
import { prepareSession } from '../../viewer/app/session.mjs';
import { load } from '../../wasm/host/loader.mjs';
import { isShareable } from '../../wasm/host/platform.mjs';
import { keepSpares } from '../../wasm/host/threads.mjs';

/** @typedef {import('../goroscope.d.mts').Runtime} Runtime */
/** @typedef {import('../goroscope.d.mts').LoadOptions} LoadOptions */

/** @typedef {'idle' | 'loading' | 'running' | 'stopping' | 'done' | 'failed'} RunState */

/**
 * @typedef {object} RunStatus
 * @property {RunState} state
 * @property {string} title           what runs
 * @property {number | null} progress share of the program that is there, null when not known
 * @property {number} starting        so many Ps are being set up, 0: not yet, or not any more
 * @property {number} startedAt       performance.now() when run() was called, 0 before
 * @property {number} elapsedMs       of a run that has ended
 * @property {number | null} exitCode
 * @property {boolean} stopped        by the user
 * @property {string} error           one sentence when state is failed
 * @property {Runtime | null} rt
 */

/**
 * @typedef {object} Job
 * @property {string} title
 * @property {(signal: AbortSignal, onProgress: (share: number) => void) => Promise<Uint8Array<ArrayBuffer>>} program
 *   fetches or builds it
 * @property {string[]} args
 * @property {(signal: AbortSignal) => Promise<Record<string, Uint8Array>>} files what the program may read, fetched
 *   when it is to start
 * @property {{procs?: number, mode: 'auto' | 'threads' | 'sim', seed: number, clock: 'measured' | 'virtual'}} settings
 * @property {Pick<LoadOptions, 'fetch' | 'stdin' | 'maxMemory'>} allowed what it may reach and use; read when
 *   program and files are there
 */

/**
 * @typedef {object} Watcher
 * @property {(status: RunStatus) => void} onStatus
 * @property {(stream: 'stdout' | 'stderr', text: string) => void} onOutput
 * @property {(stream: 'stdout' | 'stderr', piece: string) => void} onMore of a line that has not come to its end
 * @property {(rt: Runtime) => void} onLoaded  just before the program starts
 */

/**
 * Those of the settings that load() takes. Seed and clock are sim's; in mode auto they stay for where it is sim.
 * @param {Job['settings']} settings
 */
function loadSettings({ procs, mode, seed, clock }) {
  return mode === 'threads' ? { procs, mode } : { procs, mode, seed, clock };
}

/** More processors than this are no reason for so many workers that nobody may ever need. */
const MOST_SPARES = 5;

/**
 * A run of such settings may come soon: has workers ready for it, its own and those that read its trace. They take
 * longer to start than all else between a click and the first lane. All of a page share them.
 * @param {Pick<Job['settings'], 'procs' | 'mode'>} settings
 */
export function prepareRun({ procs = navigator.hardwareConcurrency, mode }) {
  keepSpares(isShareable && mode !== 'sim' ? Math.min(procs + 1, MOST_SPARES) : 1);
  prepareSession({ lanes: true });
}

/** @returns {RunStatus} */
function fresh() {
  return {
    state: 'idle', title: '', progress: null, starting: 0, startedAt: 0, elapsedMs: 0, exitCode: null,
    stopped: false, error: '', rt: null,
  };
}

/** How a run ended that another one took the place of. @returns {RunStatus} */
function abandoned() {
  return { ...fresh(), state: 'done', stopped: true };
}

export class Runner {
  status = fresh();
  /** Counts runs: news of an older one is dropped. */
  #turn = 0;
  /** @type {AbortController | null} ends the run, whatever it has come to: fetching, loading or running */
  #ending = null;

  /** @param {Watcher} watcher */
  constructor(watcher) {
    this.watcher = watcher;
  }

  get busy() {
    return ['loading', 'running', 'stopping'].includes(this.status.state);
  }

  /**
   * Runs a program; one that runs already is stopped first.
   * @param {Job} job
   * @returns {Promise<RunStatus>} how it ended, when it has
   */
  async start(job) {
    this.abandon();
    const turn = ++this.#turn;
    const ending = new AbortController();
    this.#ending = ending;
    this.status = { ...fresh(), title: job.title };
    this.#tell({ state: 'loading' });
    prepareRun(job.settings); // they start while the program comes
    try {
      const [bytes, files] = await Promise.all([
        job.program(ending.signal, (progress) => turn === this.#turn && this.#tell({ progress })),
        job.files(ending.signal),
      ]);
      if (turn !== this.#turn) return abandoned();
      this.#tell({ starting: job.settings.procs ?? 0 });
      const rt = await load(bytes, {
        ...loadSettings(job.settings),
        args: job.args,
        files,
        ...job.allowed,
        trace: { mode: 'stream' },
        signal: ending.signal,
        stdout: this.#receiver('stdout', turn),
        stderr: this.#receiver('stderr', turn),
      });
      if (turn !== this.#turn) rt.stop();
      else await this.#run(rt, turn);
      prepareRun(job.settings); // who ran it once runs it again
    } catch (e) {
      if (turn !== this.#turn) return abandoned();
      const error = /** @type {Error} */ (e);
      const stopped = ending.signal.aborted;
      ending.abort(); // whatever failed, nothing of it goes on
      if (stopped) this.#tell({ state: 'done', stopped });
      else this.#tell({ state: 'failed', error: error.message.split('\n')[0] || 'The program could not be started.' });
    }
    return turn === this.#turn ? this.status : abandoned();
  }

  /** @param {'stdout' | 'stderr'} stream @param {number} turn */
  #receiver(stream, turn) {
    return {
      lines: (/** @type {string} */ text) => { if (turn === this.#turn) this.watcher.onOutput(stream, text); },
      more: (/** @type {string} */ piece) => { if (turn === this.#turn) this.watcher.onMore(stream, piece); },
    };
  }

  /** @param {Runtime} rt @param {number} turn */
  async #run(rt, turn) {
    this.watcher.onLoaded(rt);
    const startedAt = performance.now();
    this.#tell({ state: 'running', starting: 0, rt, startedAt });
    const { exitCode, stopped = false } = await rt.run();
    if (turn !== this.#turn) return;
    this.#tell({ state: 'done', exitCode, stopped, elapsedMs: performance.now() - startedAt });
  }

  /** Ends the program at once; what it did so far stays. */
  stop() {
    if (!this.busy) return;
    this.#tell({ state: 'stopping' });
    this.#ending?.abort();
  }

  /** Ends the program and forgets it: nothing more is heard of it. */
  abandon() {
    if (!this.busy) return;
    this.#turn++;
    this.#ending?.abort();
    const elapsedMs = this.status.startedAt ? performance.now() - this.status.startedAt : 0;
    this.#tell({ state: 'done', stopped: true, elapsedMs });
  }

  /** @param {Partial<RunStatus>} change */
  #tell(change) {
    this.status = { ...this.status, ...change };
    this.watcher.onStatus(this.status);
  }
}

/**
 * @param {URL} url @param {AbortSignal} signal @param {(share: number) => void} onProgress
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function fetchProgram(url, signal, onProgress) {
  const name = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  const response = await fetch(url, { signal }).catch((e) => {
    if (signal.aborted) throw e;
    throw new Error(`${name} could not be fetched: the server does not answer.`);
  });
  if (response.status === 404) throw new Error(`${name} is not on the server.`);
  if (!response.ok || !response.body)
    throw new Error(`${name} could not be fetched: the server answered ${response.status}.`);
  // With Content-Encoding the length is that of the packed bytes: no share then.
  const total = response.headers.has('Content-Encoding') ? 0 : Number(response.headers.get('Content-Length') ?? 0);
  const chunks = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
    if (total > 0) onProgress(size / total);
  }
  return new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (chunks)).arrayBuffer());
}
