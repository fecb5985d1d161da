// index.mjs: the package's `goroscope/trace`: the events of a Go execution trace, in Go's order,
// from bytes as they come.
import { compileReader, describeFault, OPTION, STATUS, TraceStore } from './store.mjs';

/** @typedef {import('./index.mjs').TraceEvent} TraceEvent */
/** @typedef {import('./index.mjs').TraceSource} TraceSource */
/** @typedef {import('./index.mjs').ReadTraceOptions} ReadTraceOptions */
/** @typedef {import('./types.mjs').TraceFault} TraceFault */

/** What is wrong with a trace, and where. All events before the damage have been yielded when it is thrown. */
export class TraceError extends Error {
  /** @param {TraceFault} fault */
  constructor(fault) {
    super(describeFault(fault));
    this.name = 'TraceError';
    this.fault = fault;
  }
}

/** Digits a number can have and still be exact. */
const EXACT_DIGITS = 15;

/**
 * One line of the reader's JSON, its time made relative.
 * @param {string} line @param {bigint} first @returns {TraceEvent}
 */
function parse(line, first) {
  const event = JSON.parse(line);
  const digits = line.slice(8, line.indexOf(',')); // behind {"time":
  event.time = digits.length <= EXACT_DIGITS ? event.time - Number(first) : Number(BigInt(digits) - first);
  return event;
}

/** Source of any kind to chunks. @param {TraceSource} source @returns {AsyncGenerator<Uint8Array>} */
async function* chunksOf(source) {
  if (typeof source !== 'object' || source === null)
    throw new TypeError(`readTrace takes bytes or what yields them, not a ${typeof source}.`);
  if (typeof Response === 'function' && source instanceof Response) {
    if (!source.ok || !source.body)
      throw new Error(`${source.url || 'the response'} could not be read (${source.status}).`);
    yield* chunksOf(source.body);
  } else if (typeof Blob === 'function' && source instanceof Blob) yield* chunksOf(source.stream());
  else if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) yield asBytes(source);
  else if ('getReader' in source) yield* readable(source);
  else if (Symbol.asyncIterator in source || Symbol.iterator in source)
    for await (const chunk of source) yield asBytes(chunk);
  else throw new TypeError(
    'readTrace takes bytes, a Blob, a Response, a stream of bytes or what yields bytes when iterated.');
}

/**
 * Not every browser can iterate a stream.
 * @param {ReadableStream<Uint8Array>} stream @returns {AsyncGenerator<Uint8Array>}
 */
async function* readable(stream) {
  const reader = stream.getReader();
  let done = false;
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done) break;
      yield next.value;
    }
    done = true;
  } finally {
    if (!done) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

/** @param {unknown} chunk @returns {Uint8Array} */
function asBytes(chunk) {
  if (chunk instanceof Uint8Array) return chunk;
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError('readTrace: a chunk of the source is not bytes.');
}

/** Reading of one trace: text in, events out. */
class Lines {
  constructor() {
    this.decoder = new TextDecoder();
    /** @type {bigint | null} time of the first event */
    this.first = null;
  }

  /** The events whose lines wait in the store. @param {TraceStore} store @returns {Generator<TraceEvent>} */
  *take(store) {
    let text = '';
    store.takeText((view) => { text = this.decoder.decode(view); });
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at);
      const line = text.slice(at, end);
      at = end + 1;
      this.first ??= BigInt(line.slice(8, line.indexOf(',')));
      yield parse(line, this.first);
    }
  }
}

/** Events decoded at once. */
const EVENTS = 4096;

/**
 * The events of a trace. A generation's come as soon as its last byte has. Throws TraceError at damage,
 * after all events before it.
 * @param {TraceSource} source
 * @param {ReadTraceOptions} [options]
 * @returns {AsyncGenerator<TraceEvent, void, void>}
 */
export async function* readTrace(source, { validate = false, reader } = {}) {
  const store = new TraceStore(await compileReader(reader),
    OPTION.DUMP_JSON | OPTION.NO_INDEX | (validate ? OPTION.VALIDATE : 0));
  const lines = new Lines();
  const chunks = chunksOf(source);
  try {
    for (;;) {
      const status = store.run(EVENTS);
      yield* lines.take(store);
      if (status === STATUS.DONE) return;
      if (status === STATUS.FAILED) break;
      if (status === STATUS.MORE) continue;
      const { value, done } = await chunks.next();
      if (done) store.end();
      else if (!store.push(value)) break;
    }
    const fault = store.fault();
    if (fault) throw new TraceError(fault);
  } finally {
    store.close();
    await chunks.return(undefined);
  }
}
