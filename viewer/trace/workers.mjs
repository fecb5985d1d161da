// workers.mjs: a viewer's workers, all made of one file, viewer-worker.mjs, so that whoever moves it has one address
// to tell. What one is to do its name says.
import { ROLE } from './roles.mjs';

/**
 * Where what the viewer loads is, if it does not lie where the package has it. Relative addresses are the page's.
 * @typedef {object} Places
 * @property {string | URL} [worker] of viewer-worker.mjs, or of what a bundler made of it; blob: too
 * @property {string | URL} [reader] of reader.wasm; data: too
 * @property {string | URL} [page] of the package's build/viewer.html, in which Save puts a trace so that both are one
 *   file; without it Save does not offer that
 */

/** @type {{worker: string | null, reader: string | null, page: string | null}} */
const places = { worker: null, reader: null, page: null };

/** From now on; null: it lies where the package has it, but for the page, which then is not to be had. */
export const placeOf = (/** @type {keyof Places} */ what) => places[what];

/** @param {Places} to what is left out stays where it was */
export function place(to) {
  for (const [name, address] of Object.entries(to)) {
    if (!Object.hasOwn(places, name))
      throw new TypeError(`A viewer loads no ${name} from elsewhere, only worker, reader and page.`);
    if (address !== undefined && typeof address !== 'string' && !(address instanceof URL))
      throw new TypeError(`The viewer's ${name} is named by an address, not by ${typeof address}.`);
  }
  for (const [name, address] of Object.entries(to))
    if (address) places[/** @type {keyof Places} */ (name)] = String(new URL(address, globalThis.location?.href));
}

/**
 * A session's worker that has nothing to read yet: it is there, with the reader compiled, when somebody comes with a
 * trace. One for all viewers of a page; from: what it was loaded from.
 * @type {{worker: Worker, from: string} | null}
 */
let spare = null;

const addresses = () => `${places.worker} ${places.reader}`;

/**
 * Has a session's worker ready for the next startWorker(). Where that cannot be, the trace's own will say why.
 * @param {{lanes?: boolean}} [what] lanes: for a trace whose lanes of goroutines will be wanted at once
 */
export function prepareSession({ lanes = false } = {}) {
  if (typeof Worker !== 'function') return;
  const prepare = { type: 'prepare', reader: places.reader, lanes };
  if (spare?.from === addresses()) {
    if (lanes) spare.worker.postMessage(prepare);
    return;
  }
  spare?.worker.terminate();
  spare = null;
  try {
    const worker = makeWorker(ROLE.SESSION);
    const made = { worker, from: addresses() };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      if (spare === made) spare = null;
    };
    worker.postMessage(prepare);
    spare = made;
  } catch { /* as above */ }
}

/** @param {string} role of ROLE (roles.mjs) @returns {Worker} */
export function startWorker(role) {
  if (role !== ROLE.SESSION || spare?.from !== addresses()) return makeWorker(role);
  const { worker } = spare;
  spare = null;
  worker.onerror = null;
  return worker;
}

/**
 * That a message of its cannot be read is an error of its, too: else someone waits for ever.
 * @param {string} role @returns {Worker}
 */
function makeWorker(role) {
  // Bundlers follow what stands in one expression.
  const worker = places.worker ? new Worker(places.worker, { type: 'module', name: role })
    : new Worker(new URL('./viewer-worker.mjs', import.meta.url), { type: 'module', name: role });
  worker.addEventListener('messageerror', () =>
    worker.dispatchEvent(new ErrorEvent('error', { message: 'a message could not be read' })));
  if (role === ROLE.SESSION) startFor(worker);
  return worker;
}

/**
 * Starts what a session's worker asks for (viewer-worker.mjs); they end when it does.
 * @param {Worker} session
 */
function startFor(session) {
  /** @type {Set<Worker> | null} null: it has ended; it may have asked just before */ let started = new Set();
  session.addEventListener('message', (event) => {
    const { type, role, asker, about } = event.data;
    if (type !== 'start') return;
    event.stopImmediatePropagation();
    if (!started) return;
    try {
      const worker = makeWorker(role);
      started.add(worker);
      worker.onerror = (error) => {
        error.preventDefault();
        about.postMessage(error.message);
      };
      about.onmessage = () => {
        worker.terminate();
        about.close();
        started?.delete(worker);
      };
      worker.postMessage({ type: 'asker', port: asker }, [asker]);
    } catch (error) {
      about.postMessage(/** @type {Error} */ (error).message);
    }
  });
  session.terminate = () => {
    Worker.prototype.terminate.call(session);
    for (const worker of started ?? []) worker.terminate();
    started = null;
  };
}
