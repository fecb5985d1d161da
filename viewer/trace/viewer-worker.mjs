// viewer-worker.mjs: what all workers of a viewer run: the session of a trace, whose page's end is client.mjs; one of
// the readers that a session has started; an analysis (analyst.mjs); an export (export/client.mjs).
import { ROLE } from './roles.mjs';

/** @type {any} the worker's scope, whose types are not those of a page */
const scope = globalThis;

/** @type {any[]} messages that came before there was anybody to take them */
const early = [];
/** @type {(message: any) => void} */
let receive = (message) => { early.push(message); };

/** The page; for one that the page has started for a session, the session. @type {any} */
let asker = scope;
scope.onmessage = (/** @type {MessageEvent} */ { data }) => {
  if (data.type !== 'asker') return receive(data);
  asker = data.port;
  asker.onmessage = (/** @type {MessageEvent} */ event) => receive(event.data);
  asker.onmessageerror = () => setTimeout(() => { throw new Error('a message could not be read'); });
};

/** @param {{receive: (message: any) => void}} to */
function listen(to) {
  receive = (message) => to.receive(message);
  for (const message of early.splice(0)) to.receive(message);
}

const post = (/** @type {any} */ message, /** @type {Transferable[]} */ transfer = []) =>
  asker.postMessage(message, transfer);

/**
 * Makes workers of this same file, which the page starts (workers.mjs). A worker could; but in Firefox, 140 for one, it
 * then stands still for ever one in some 60 times: it waits until its worker is known to the debugger, and where that
 * one waits for work by then, the only notice of it may wake the wrong of the two.
 * @param {string} role @returns {() => import('./client.mjs').WorkerLike}
 */
const maker = (role) => () => {
  const to = new MessageChannel(), about = new MessageChannel();
  /** @type {import('./client.mjs').WorkerLike} */
  const worker = {
    onmessage: null, onerror: null,
    postMessage: (message, transfer) => to.port1.postMessage(message, transfer),
    terminate() {
      about.port1.postMessage('end');
      to.port1.close();
    },
  };
  to.port1.onmessage = (event) => worker.onmessage?.(event);
  to.port1.onmessageerror = () => worker.onerror?.({ message: 'a message could not be read' });
  about.port1.onmessage = ({ data }) => worker.onerror?.({ message: data });
  scope.postMessage({ type: 'start', role, asker: to.port2, about: about.port2 }, [to.port2, about.port2]);
  return worker;
};

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
