// The status line: what runs, how it ended, how much it traced, in which mode and why.
import { count, plural } from '../../viewer/view/numbers.mjs';

/** @typedef {import('../playground/runner.mjs').RunStatus} RunStatus */
/** @typedef {import('../../viewer/app/words.mjs').TraceInfo} TraceInfo */
/** @typedef {import('../../viewer/app/live.mjs').Doing} Doing */

/** @param {number} ms */
function seconds(ms) {
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.floor((ms / 1000) % 60)} s`;
}

/** @param {RunStatus} run @param {Doing | null} [doing] @returns {string} */
export function stateWords(run, doing) {
  switch (run.state) {
    case 'idle': return 'Ready';
    case 'loading':
      if (run.starting) return `Setting up ${run.title} with ${plural(run.starting, 'P')}…`;
      return run.progress === null ? `Loading ${run.title}…`
        : `Loading ${run.title}… ${Math.floor(100 * run.progress)} %`;
    case 'running': return doing?.held ? `Held: ${run.title}` : `Running ${run.title}`;
    case 'stopping': return 'Stopping…';
    case 'failed': return `Not started: ${run.error}`;
    case 'done': return run.stopped ? `Stopped ${run.title}` : `${run.title} ended with exit code ${run.exitCode}`;
  }
}

/**
 * @param {RunStatus} run @param {TraceInfo | null} info @param {number} elapsedMs @param {Doing | null} [doing]
 * @returns {string}
 */
export function eventWords(run, info, elapsedMs, doing) {
  const off = run.state === 'running' && doing?.tracing === false;
  if (!info || info.events === 0) return off ? 'not traced now' : '';
  const words = plural(info.events, 'event');
  if (off) return `${words}, not traced now`;
  if (run.state === 'running') return doing?.held ? words : `${words}, ${count(info.eventsPerSecond)} per second`;
  return elapsedMs > 0 ? `${words}, ${count((1000 * info.events) / elapsedMs)} per second on average` : words;
}

/** @param {number} lost @returns {string} */
export function lostWords(lost) {
  if (lost === 0) return 'none dropped';
  return `${plural(lost, 'generation')} dropped`;
}

/** @param {RunStatus} run @returns {string} */
export function modeWords(run) {
  if (!run.rt) return '';
  const { mode, procs } = run.rt;
  return `${mode}, ${plural(procs, 'P')}`;
}

export class StatusLine {
  /** @type {RunStatus | null} */
  #run = null;
  /** @type {TraceInfo | null} */
  #info = null;
  /** Name of the opened trace file; '' while a program's trace is shown. */
  #file = '';
  #timer = 0;
  /** @type {Doing | null} */
  #doing = null;
  /** For so long the program of this run has been held, ms, and since when it is: null: it is not. */
  #heldMs = 0;
  /** @type {number | null} */
  #heldAt = null;

  /** @param {HTMLElement} box with the parts as [data-part] */
  constructor(box) {
    this.box = box;
    /** @param {string} name */
    const part = (name) => /** @type {HTMLElement} */ (box.querySelector(`[data-part="${name}"]`));
    this.parts = {
      state: part('state'), time: part('time'), events: part('events'), lost: part('lost'), mode: part('mode'),
      reason: part('reason'),
    };
  }

  /** @param {RunStatus} run */
  setRun(run) {
    if (run.state === 'loading' && this.#run?.state !== 'loading') {
      this.#info = null;
      this.#file = '';
      this.#heldMs = 0;
      this.#heldAt = null;
    }
    if (run.state === 'done') this.#goesOn();
    this.#run = run;
    clearInterval(this.#timer);
    if (run.state === 'running') this.#timer = window.setInterval(() => this.#show(), 200);
    this.#show();
  }

  /** @param {TraceInfo} info */
  setInfo(info) {
    if (this.#run?.state === 'loading' && !this.#file) return; // the last run's, whose timeline still shows
    this.#info = info;
    this.#show();
  }

  /** What the program that runs is doing, besides running. @param {Doing | null} doing */
  setDoing(doing) {
    this.#doing = doing;
    if (!doing?.held) this.#goesOn();
    else this.#heldAt ??= performance.now();
    this.#show();
  }

  #goesOn() {
    if (this.#heldAt !== null) this.#heldMs += performance.now() - this.#heldAt;
    this.#heldAt = null;
  }

  /** How long it has run, without the time in which it was held, ms. @param {RunStatus} run */
  #elapsed(run) {
    const isOn = run.state === 'running' || (run.state === 'stopping' && run.startedAt > 0);
    const wallMs = isOn ? (this.#heldAt ?? performance.now()) - run.startedAt : run.elapsedMs;
    return Math.max(0, wallMs - this.#heldMs);
  }

  /** A recorded trace is shown instead of a run's. @param {string} name */
  setFile(name) {
    this.#file = name;
    this.#info = null;
    clearInterval(this.#timer);
    this.#show();
  }

  #show() {
    const run = this.#run;
    if (!run) return;
    if (this.#file) {
      this.#put({
        state: `Trace ${this.#file}`, tone: 'idle', events: this.#info ? plural(this.#info.events, 'event') : '',
      });
      return;
    }
    const elapsedMs = this.#elapsed(run);
    const lost = Math.max(run.rt?.trace?.lost ?? 0, this.#info?.lost ?? 0);
    const failed = run.state === 'failed' || (run.exitCode !== null && run.exitCode !== 0 && !run.stopped);
    this.#put({
      state: stateWords(run, this.#doing),
      tone: failed ? 'failed' : lost > 0 ? 'lossy' : this.#heldAt !== null ? 'held' : run.state,
      time: elapsedMs > 0 ? seconds(elapsedMs) : '',
      events: eventWords(run, this.#info, elapsedMs, this.#doing),
      lost: this.#info?.events ? lostWords(lost) : '',
      mode: modeWords(run),
      reason: run.rt?.modeReason ?? '',
    });
  }

  /**
   * @param {{state: string, tone: string, time?: string, events?: string, lost?: string, mode?: string,
   *   reason?: string}} texts
   */
  #put({ tone, ...texts }) {
    this.box.dataset.tone = tone;
    for (const [name, node] of Object.entries(this.parts)) {
      const text = texts[/** @type {keyof typeof texts} */ (name)] ?? '';
      if (node.textContent !== text) node.textContent = text;
      node.hidden = text === '';
    }
    this.parts.reason.title = texts.reason ?? '';
  }
}
