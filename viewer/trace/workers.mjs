// workers.mjs: a viewer's workers, all made of one file, viewer-worker.mjs, so that whoever moves it has one address
// to tell. What one is to do its name says.

import { ROLE } from './roles.mjs';

/**
 * Where what the viewer loads is, if it does not lie where the package has it. Relative addresses are the page's.
 * @typedef {object} Places
 * @property {string | URL} [worker] of viewer-worker.mjs, or of what a bundler made of it; blob: too
 * @property {string | URL} [reader] of reader.wasm; data: too
 */

/** @type {{worker: string | null, reader: string | null}} */
const places = { worker: null, reader: null };

/** From now on; null: it lies where the package has it. */
export const placeOf = (/** @type {keyof Places} */ what) => places[what];

/** @param {Places} to what is left out lies where the package has it */
export function place(to) {
  for (const [name, address] of Object.entries(to)) {
    if (!Object.hasOwn(places, name))
      throw new TypeError(`A viewer loads no ${name} from elsewhere, only worker and reader.`);
    if (address !== undefined && typeof address !== 'string' && !(address instanceof URL))
      throw new TypeError(`The viewer's ${name} is named by an address, not by ${typeof address}.`);
  }
  const absolute = (/** @type {string | URL | undefined} */ address) =>
    (address ? String(new URL(address, globalThis.location?.href)) : null);
  Object.assign(places, { worker: absolute(to.worker), reader: absolute(to.reader) });
  spare?.terminate();
  spare = null;
}

/** A session's worker that is nobody's yet. @type {Worker | null} */
let spare = null;

/** Has a session's worker ready for the trace that comes: to start it takes some 100 ms. */
export function keepSpare() {
  if (spare || typeof Worker !== 'function') return;
  const worker = spare = newWorker(ROLE.SESSION);
  worker.onerror = (event) => {
    event.preventDefault(); // whoever needs one then starts his own, and is told
    if (spare === worker) spare = null;
  };
  worker.postMessage({ type: 'prepare', reader: places.reader });
}

/**
 * That a message of its cannot be read is an error of its, too: else someone waits for ever.
 * @param {string} role of ROLE (roles.mjs) @returns {Worker}
 */
export function startWorker(role) {
  const ready = role === ROLE.SESSION ? spare : null, worker = ready ?? newWorker(role);
  if (ready) spare = null;
  worker.addEventListener('messageerror', () =>
    worker.dispatchEvent(new ErrorEvent('error', { message: 'a message could not be read' })));
  return worker;
}

/** Bundlers follow what stands in one expression. @param {string} role */
const newWorker = (role) => (places.worker ? new Worker(places.worker, { type: 'module', name: role })
  : new Worker(new URL('./viewer-worker.mjs', import.meta.url), { type: 'module', name: role }));
