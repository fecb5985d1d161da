// worker.mjs: a module worker: the session of a trace, whose page's end is client.mjs; or one of the readers that a
// session starts, from this same file, so that a page has one address to know.
import { Breather } from './breather.mjs';
import { Decoder } from './decoder.mjs';
import { TraceSession } from './session.mjs';

/** @type {any} the worker's scope, whose types are not those of a page */
const scope = globalThis;

/** A reader: nothing but the name tells it apart. */
const READER = 'goroscope reader';

const makeReader = typeof Worker === 'function'
  ? () => /** @type {any} */ (new Worker(scope.location.href, { type: 'module', name: READER })) : null;

const other = scope.name === READER
  ? new Decoder((report, transfer = []) => scope.postMessage(report, transfer), new Breather())
  : new TraceSession((answer, transfer = []) => scope.postMessage(answer, transfer), { makeReader });
scope.onmessage = (/** @type {MessageEvent} */ { data }) => other.receive(data);
