// viewer-worker.mjs: what all workers of a viewer run: the session of a trace, whose page's end is client.mjs; one of
// the readers that a session starts, from this same file; an analysis (analyst.mjs); an export (export/client.mjs).
import { ROLE } from './roles.mjs';

/** @type {any} the worker's scope, whose types are not those of a page */
const scope = globalThis;

/** @type {any[]} messages that came before there was anybody to take them */
const early = [];
scope.onmessage = (/** @type {MessageEvent} */ { data }) => { early.push(data); };

/** @param {{receive: (message: any) => void}} to */
function listen(to) {
  scope.onmessage = (/** @type {MessageEvent} */ { data }) => to.receive(data);
  for (const message of early.splice(0)) to.receive(message);
}

const post = (/** @type {any} */ message, /** @type {Transferable[]} */ transfer = []) =>
  scope.postMessage(message, transfer);

/**
 * A bundler may have made a classic script of this module: only there importScripts() looks at the address. (Without
 * one it is fine in Firefox's modules, too.)
 */
function isClassic() {
  try {
    scope.importScripts('http://[');
  } catch (error) {
    return /** @type {Error} */ (error).name === 'SyntaxError';
  }
  return true;
}

/** Who makes workers of this same file, where workers can. @param {string} name */
function maker(name) {
  if (typeof Worker !== 'function') return null;
  const address = scope.location.href;
  return () => /** @type {any} */ (isClassic() ? new Worker(address, { name })
    : new Worker(address, { type: 'module', name }));
}

/** What each loads. @type {Record<string, () => Promise<{receive: (message: any) => void}>>} */
const ROLES = {
  // Named here, those that stand deeper are fetched at once and not one after the other.
  async [ROLE.SESSION]() {
    const [{ TraceSession }] = await Promise.all([import('./session.mjs'), import('./reading.mjs'),
      import('./decoder.mjs'), import('./summary.mjs'), import('./tiles.mjs'), import('./sniff.mjs'),
      import('./morelanes.mjs'), import('./marker.mjs')]);
    return new TraceSession(post, { makeReader: maker(ROLE.READER), makeMarker: maker(ROLE.LANES) });
  },
  async [ROLE.READER]() {
    const [{ Decoder }, { Breather }] = await Promise.all([import('./decoder.mjs'), import('./breather.mjs')]);
    return new Decoder(post, new Breather());
  },
  async [ROLE.LANES]() {
    const [{ Marker }, { Breather }] = await Promise.all([import('./marker.mjs'), import('./breather.mjs')]);
    return new Marker(post, new Breather());
  },
  [ROLE.ANALYSIS]: async () => import('./analysis-worker.mjs'),
  [ROLE.EXPORT]: async () => import('./export/export-worker.mjs'),
};

// What could not be fetched is the worker's error, which its client tells.
ROLES[scope.name]().then(listen).catch((error) => setTimeout(() => { throw error; }));
