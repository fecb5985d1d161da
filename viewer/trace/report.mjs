// report.mjs: `goroscope dump`, `stat` and `validate`: a trace file through the reader, in node, in one pass and little memory.
import { open } from 'node:fs/promises';
import { compileReader, describeFault, OPTION, STATUS, TraceStore } from './store.mjs';

/** @typedef {import('./types.mjs').TraceFault} TraceFault */

/** Bytes read from the file at once. */
const PIECE = 1 << 20;

/** Somebody closed the pipe we print to, as `| head` does. */
class Closed extends Error {}

/** Writes bytes or text to standard output, no faster than it is read. @param {Uint8Array | string} data @returns {Promise<void>} */
function print(data) {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => {
      if (!error) resolve();
      else reject(/** @type {NodeJS.ErrnoException} */ (error).code === 'EPIPE' ? new Closed() : error);
    });
  });
}

/**
 * Reads the whole file. `text` receives the dump's text as it comes.
 * @param {string} path
 * @param {number} options OPTION bits
 * @param {(text: Uint8Array) => Promise<void>} [text]
 * @returns {Promise<{store: TraceStore, fault: TraceFault | null, bytes: number}>}
 */
async function readFile(path, options, text) {
  const store = new TraceStore(await compileReader(), options);
  const file = await open(path);
  let bytes = 0;
  try {
    const piece = new Uint8Array(PIECE);
    for (;;) {
      const status = store.run(1 << 16);
      /** @type {Uint8Array | null} */
      let out = null;
      if (text) store.takeText((view) => { out = view.slice(); });
      if (text && out) await text(out);
      if (status === STATUS.FAILED || status === STATUS.DONE) break;
      if (status !== STATUS.WANT) continue;
      const { bytesRead } = await file.read(piece, 0, PIECE);
      bytes += bytesRead;
      if (!bytesRead) store.end();
      else if (!store.push(piece.subarray(0, bytesRead))) break;
    }
  } finally {
    await file.close();
  }
  return { store, fault: store.fault(), bytes };
}

/** Says on standard error what is wrong with the file. @param {string} path @param {TraceFault} fault @returns {number} exit code */
function complain(path, fault) {
  process.stderr.write(`goroscope: ${path}: ${describeFault(fault)}\n`);
  return 1;
}

/**
 * Prints the events in order. What stands before a damage is printed, then the damage is told.
 * @param {string} path
 * @param {{format?: 'go' | 'json'}} [options]
 * @returns {Promise<number>} exit code
 */
export async function dump(path, { format = 'go' } = {}) {
  const option = format === 'json' ? OPTION.DUMP_JSON : OPTION.DUMP_GO;
  try {
    const { fault } = await readFile(path, option | OPTION.NO_INDEX, print);
    return fault ? complain(path, fault) : 0;
  } catch (error) {
    if (error instanceof Closed) return 0;
    throw error;
  }
}

/**
 * Is this a trace that Go's reader and Go's validator accept?
 * @param {string} path
 * @returns {Promise<{ok: boolean, error: string | null, fault: TraceFault | null, events: number, generations: number}>}
 */
export async function check(path) {
  const { store, fault } = await readFile(path, OPTION.VALIDATE | OPTION.NO_INDEX);
  return { ok: !fault, error: fault && describeFault(fault), fault, events: store.events, generations: store.generations };
}

/**
 * Checks the file and says the result in one line.
 * @param {string} path
 * @returns {Promise<number>} exit code: 1 = not valid
 */
export async function validate(path) {
  const { fault, events, generations } = await check(path);
  if (fault) return complain(path, fault);
  await print(`${path}: valid, ${events} events in ${generations} generation${generations === 1 ? '' : 's'}\n`);
  return 0;
}

/**
 * Prints what the trace amounts to.
 * @param {string} path
 * @param {{json?: boolean}} [options]
 * @returns {Promise<number>} exit code
 */
export async function stat(path, { json = false } = {}) {
  const { store, fault, bytes } = await readFile(path, OPTION.NO_INDEX);
  if (fault && !store.events) return complain(path, fault);
  const figures = { file: path, bytes, ...store.stat(), error: fault && describeFault(fault) };
  figures.functions.sort((/** @type {any} */ a, /** @type {any} */ b) => b.running_ns - a.running_ns || b.goroutines - a.goroutines);
  figures.waiting.sort((/** @type {any} */ a, /** @type {any} */ b) => b.ns - a.ns);
  await print(json ? `${JSON.stringify(figures)}\n` : inWords(figures));
  return fault ? complain(path, fault) : 0;
}

/** @param {number} ns */
function duration(ns) {
  if (ns >= 1e9) return `${(ns / 1e9).toFixed(3)} s`;
  if (ns >= 1e6) return `${(ns / 1e6).toFixed(3)} ms`;
  return ns >= 1e3 ? `${(ns / 1e3).toFixed(3)} µs` : `${ns} ns`;
}

/** Rows in columns: the first to the left, the others to the right. @param {string[][]} rows */
function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ').trimEnd()).join('\n');
}

/** @param {any} f the figures of stat @returns {string} */
function inWords(f) {
  const counts = Object.entries(f.counts).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name, n]) => [name, String(n)]);
  const functions = f.functions.map((/** @type {any} */ x) => [x.fn || '(unknown)', String(x.goroutines),
    ...[x.running_ns, x.runnable_ns, x.waiting_ns, x.syscall_ns].map(duration)]);
  const waiting = f.waiting.map((/** @type {any} */ x) => [x.reason || '(no reason)', duration(x.ns)]);
  const parts = [
    `${f.file}: ${f.version} trace, ${f.bytes} bytes, ${f.events} events in ${f.generations} generation${f.generations === 1 ? '' : 's'}, ` +
      `${duration(f.duration_ns)}\n${f.goroutines} goroutines, ${f.procs} Ps, ${f.threads} Ms`,
    `By start function\n${table([['', 'goroutines', 'running', 'runnable', 'waiting', 'syscall'], ...functions])}`,
  ];
  if (waiting.length) parts.push(`Waiting, all goroutines\n${table(waiting)}`);
  parts.push(`Events\n${table(counts)}`);
  if (f.experimental_batches) parts.push(`${f.experimental_batches} batches of experiments passed over`);
  return `${parts.join('\n\n')}\n`;
}
