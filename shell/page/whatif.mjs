// What if it had other numbers of Ps? The program of the page runs again and again, simulated, by its virtual clock:
// the same work with 1, 2, 4 … Ps, and how long it takes by that clock. The seed is the page's, so the answer is the
// same every time.
import { load } from '../../wasm/host/loader.mjs';
import { OPTION, TraceStore, compileReader } from '../../viewer/trace/store.mjs';
import { svg } from '../../viewer/app/tables/histogram.mjs';
import { plural } from '../../viewer/view/numbers.mjs';
import { MAX_PROCS } from '../playground/typed.mjs';

/** @typedef {import('../playground/runner.mjs').Job} Job */
/**
 * How long it took, by the virtual clock. Only ratios of these are shown: that clock does not know this machine, and of
 * a run of half a minute it makes microseconds.
 * @typedef {{procs: number, ns: number}} Point
 */

/** Two digits, the time with one P being 100 %. @param {number} share */
function percent(share) {
  const value = 100 * share;
  return `${value >= 10 ? Math.round(value) : Number(value.toPrecision(2))} %`;
}

/** Ps to try. */
export const PROCS = [1, 2, 4, 8, 16, 32, MAX_PROCS];
/** Of each run only its end is looked at: the least that a flight recorder of MAX_PROCS Ps takes. */
const RING_BYTES = 1 << 19;

/**
 * When a trace ends, by its own clock, which is 0 when the program starts.
 * @param {Uint8Array} bytes @param {WebAssembly.Module} reader
 */
function endOf(bytes, reader) {
  const store = new TraceStore(reader, OPTION.NO_INDEX);
  try {
    store.push(bytes);
    store.end();
    store.drain();
    const { baseNs, t1 } = store.info();
    return Number(baseNs) + t1;
  } finally {
    store.close();
  }
}

/**
 * Runs the job with so many Ps; resolves to how long it took. Rejects if it fails, and when the signal is aborted.
 * @param {Job} job
 * @param {{program: Uint8Array, files: Record<string, Uint8Array>, reader: WebAssembly.Module}} fetched
 * @param {number} procs @param {AbortSignal} signal
 */
async function timeOf(job, { program, files, reader }, procs, signal) {
  const rt = await load(program, {
    mode: 'sim', clock: 'virtual', seed: job.settings.seed, procs, args: job.args, files,
    ...job.allowed, trace: { mode: 'flight', bytes: RING_BYTES }, signal,
    stdout: () => {}, stderr: () => {},
  });
  const { exitCode, stopped } = await rt.run();
  signal.throwIfAborted();
  if (stopped || exitCode)
    throw new Error(`With ${plural(procs, 'P')} it ended with exit code ${exitCode}.`);
  return endOf(await rt.trace.snapshot(), reader);
}

/**
 * Tries all numbers of Ps, one after the other, and tells of each as it is known.
 * @param {Job} job @param {AbortSignal} signal @param {(point: Point) => void} tell
 */
export async function whatIf(job, signal, tell) {
  const [program, files, reader] = await Promise.all([
    job.program(signal, () => {}), job.files(signal), compileReader(),
  ]);
  for (const procs of PROCS) tell({ procs, ns: await timeOf(job, { program, files, reader }, procs, signal) });
}

const WIDTH = 360;
const HEIGHT = 190;
const EDGE = { left: 58, right: 12, top: 10, bottom: 30 };

/**
 * Time against Ps, both by doublings: work that divides among all Ps is the straight dashed line.
 * @param {Point[]} points @returns {SVGElement}
 */
function chart(points) {
  const longest = points[0].ns;
  const shortest = Math.min(...points.map((p) => p.ns), longest / 4);
  const x = (/** @type {number} */ procs) =>
    EDGE.left + (WIDTH - EDGE.left - EDGE.right) * Math.log2(procs) / Math.log2(MAX_PROCS);
  const y = (/** @type {number} */ ns) => EDGE.top +
    (HEIGHT - EDGE.top - EDGE.bottom) * Math.log2(longest / Math.max(ns, 1)) / Math.log2(longest / shortest);
  const node = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img',
    'aria-label': 'Time, of that with one P, against number of Ps; the table below has the figures' });
  for (const ns of [longest, Math.sqrt(longest * shortest), shortest]) {
    node.append(svg('line', { class: 'grid', x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(ns), y2: y(ns) }),
      svg('text', { x: EDGE.left - 6, y: y(ns) + 4, 'text-anchor': 'end' }, [percent(ns / longest)]));
  }
  for (const procs of PROCS)
    node.append(svg('text', { x: x(procs), y: HEIGHT - EDGE.bottom + 16, 'text-anchor': 'middle' }, [String(procs)]));
  node.append(svg('text', { x: WIDTH - EDGE.right, y: HEIGHT - 1, 'text-anchor': 'end' }, ['Ps']));
  const most = Math.min(MAX_PROCS, longest / shortest);
  node.append(svg('line', { class: 'ideal', x1: x(1), y1: y(longest), x2: x(most), y2: y(longest / most) }));
  node.append(svg('polyline', { class: 'line', points: points.map((p) => `${x(p.procs)},${y(p.ns)}`).join(' ') }));
  for (const p of points) node.append(svg('circle', { class: 'point', cx: x(p.procs), cy: y(p.ns), r: 3.5 }));
  return node;
}

/** @param {string[]} cells @param {'th' | 'td'} tag */
function row(cells, tag) {
  const node = document.createElement('tr');
  node.append(...cells.map((text, i) => {
    const cell = document.createElement(i ? tag : 'th');
    if (cell.tagName === 'TH') cell.scope = tag === 'th' ? 'col' : 'row';
    cell.textContent = text;
    return cell;
  }));
  return node;
}

/** The tab "What if": a button, a chart, a table. */
export class WhatIfPane {
  /** @type {AbortController | null} of what runs */
  #running = null;
  /** @type {Point[]} */
  #points = [];

  /** @param {HTMLElement} pane @param {() => Job | null} makeJob null: there is no program to run */
  constructor(pane, makeJob) {
    this.makeJob = makeJob;
    const find = (/** @type {string} */ part) =>
      /** @type {HTMLElement} */ (pane.querySelector(`[data-part="${part}"]`));
    this.button = /** @type {HTMLButtonElement} */ (find('go'));
    this.note = find('note');
    this.answer = find('answer');
    this.button.addEventListener('click', () => void (this.#running ? this.stop() : this.#go()));
  }

  /** Another program is chosen, or another setting: what was found is not about it. */
  clear() {
    this.stop();
    this.note.textContent = '';
    this.answer.replaceChildren();
  }

  stop() {
    this.#running?.abort();
  }

  async #go() {
    const job = this.makeJob();
    if (!job) {
      this.note.textContent = 'There is no program here to run again: choose one above.';
      return;
    }
    const running = new AbortController();
    this.#running = running;
    this.#points = [];
    this.answer.replaceChildren();
    this.button.textContent = 'Stop';
    this.#say(job);
    try {
      await whatIf(job, running.signal, (point) => {
        this.#points.push(point);
        this.#say(job);
        this.#show();
      });
      this.note.textContent = `${job.title}, simulated with seed ${job.settings.seed}; 100 % is the time with 1 P, `
        + 'by the virtual clock.';
    } catch (error) {
      this.note.textContent = running.signal.aborted ? 'Stopped.' : /** @type {Error} */ (error).message.split('\n')[0];
    } finally {
      if (this.#running === running) this.#running = null;
      this.button.textContent = `Run it with ${PROCS.slice(0, -1).join(', ')} and ${MAX_PROCS} Ps`;
    }
  }

  /** What it is at. @param {Job} job */
  #say(job) {
    this.note.textContent = `Running ${job.title} with ${plural(PROCS[this.#points.length] ?? MAX_PROCS, 'P')}, ${
      this.#points.length} of ${PROCS.length} done…`;
  }

  #show() {
    const points = this.#points;
    const table = document.createElement('table');
    table.append(row(['Ps', 'time', 'faster by', 'of what is possible'], 'th'), ...points.map(({ procs, ns }) => {
      const gain = points[0].ns / ns;
      return row([String(procs), percent(1 / gain), `${gain.toFixed(2)}×`, percent(gain / procs)], 'td');
    }));
    this.answer.replaceChildren(...(points.length > 1 ? [chart(points)] : []), table);
  }
}
