// worker.mjs: a module worker: the session of a trace, whose page's end is client.mjs; or one of the readers that a
// session starts, from this same file, so that a page has one address to know.

/** @type {any} the worker's scope, whose types are not those of a page */
const scope = globalThis;

/** Readers, and the one that reads lanes of goroutines: nothing but the name tells them apart. */
const READER = 'goroscope reader';
const MARKER = 'goroscope lanes';

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
const maker = (/** @type {string} */ name) => (typeof Worker === 'function'
  ? () => /** @type {any} */ (new Worker(scope.location.href, { type: 'module', name })) : null);

async function begin() {
  if (scope.name === READER) {
    const [{ Decoder }, { Breather }] = await Promise.all([import('./decoder.mjs'), import('./breather.mjs')]);
    return listen(new Decoder(post, new Breather()));
  }
  if (scope.name === MARKER) {
    const [{ Marker }, { Breather }] = await Promise.all([import('./marker.mjs'), import('./breather.mjs')]);
    return listen(new Marker(post, new Breather()));
  }
  // Named here, those that stand deeper are fetched at once and not one after the other.
  const [{ TraceSession }] = await Promise.all([import('./session.mjs'), import('./reading.mjs'),
    import('./decoder.mjs'), import('./summary.mjs'), import('./tiles.mjs'), import('./sniff.mjs'),
    import('./morelanes.mjs'), import('./marker.mjs')]);
  listen(new TraceSession(post, { makeReader: maker(READER), makeMarker: maker(MARKER) }));
}

// What could not be fetched is the worker's error, which its client tells.
begin().catch((error) => setTimeout(() => { throw error; }));
