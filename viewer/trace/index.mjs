// index.mjs: the package's `goroscope/trace`: the events of a Go execution trace, in Go's order,
// from bytes as they come.
import { chunksOf } from './chunks.mjs';
import { Lines } from './lines.mjs';
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
