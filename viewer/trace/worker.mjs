// worker.mjs: a TraceSession as a module worker; the page's end is client.mjs.
import { TraceSession } from './session.mjs';

/** @type {any} the worker's scope, whose types are not those of a page */
const scope = globalThis;
const session = new TraceSession((answer, transfer = []) => scope.postMessage(answer, transfer));
scope.onmessage = (/** @type {MessageEvent} */ { data }) => session.receive(data);
