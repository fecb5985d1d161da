// report.mjs: `goroscope dump`, `stat` and `validate`: a trace file through the reader, in node, in one pass and
// little memory.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { constants, createGunzip } from 'node:zlib';
import { isGzip } from './sniff.mjs';
import { compileReader, describeFault, OPTION, STATUS, TraceStore } from './store.mjs';

/** @typedef {import('./types.mjs').TraceFault} TraceFault */

/** Bytes read from the file at once. */
const PIECE = 1 << 20;

/** The exit code of a program that ends by it, as a shell has it. */
const SIGPIPE = 141;

/** Somebody closed the pipe we print to, as `| head` does. */
class Closed extends Error {}

/**
 * Writes bytes or text to standard output, no faster than it is read.
 * @param {Uint8Array | string} data @returns {Promise<void>}
 */
function print(data) {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => {
      if (!error) resolve();
      else reject(/** @type {NodeJS.ErrnoException} */ (error).code === 'EPIPE' ? new Closed() : error);
    });
  });
}

/**
 * The file's bytes, unpacked if it is gzip. What can be unpacked of one that is cut off is all there.
 * @param {string} path @returns {Promise<AsyncIterable<Uint8Array>>}
 */
async function bytesOf(path) {
  const file = await open(path), start = new Uint8Array(2);
  await file.read(start, 0, 2, 0).finally(() => file.close());
  const raw = createReadStream(path, { highWaterMark: PIECE });
  if (!isGzip(start)) return raw;
  const unzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  raw.once('error', (e) => unzip.destroy(e));
  return raw.pipe(unzip);
}

/** @param {unknown} e @returns {TraceFault} of gzip's; throws what is none */
function packingFault(e) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (e);
  if (!code?.startsWith('Z_')) throw e;
  return { offset: 0, generation: 0, m: null, event: null, message: 'the gzipped file is damaged', rule: message };
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
  const pieces = (await bytesOf(path))[Symbol.asyncIterator]();
  /** @type {TraceFault | null} */ let packing = null;
  let bytes = 0;
  try {
    for (;;) {
      const status = store.run(1 << 16);
      /** @type {Uint8Array | null} */
      let out = null;
      if (text) store.takeText((view) => { out = view.slice(); });
      if (text && out) await text(out);
      if (status === STATUS.FAILED || status === STATUS.DONE) break;
      if (status !== STATUS.WANT) continue;
      const { value } = packing ? { value: undefined } : await pieces.next().catch((e) => {
        packing = { ...packingFault(e), offset: bytes };
        return { value: undefined };
      });
      bytes += value?.length ?? 0;
      if (!value) store.end();
      else if (!store.push(value)) break;
    }
  } finally {
    await pieces.return?.();
  }
  return { store, fault: packing ?? store.fault(), bytes };
}

/**
 * Says on standard error what is wrong with the file.
 * @param {string} path @param {TraceFault} fault @returns {number} exit code
 */
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
    if (error instanceof Closed) return SIGPIPE;
    throw error;
  }
}

/**
 * Is this a trace that Go's reader and Go's validator accept?
 * @param {string} path
 * @returns {Promise<{ok: boolean, error: string | null, fault: TraceFault | null, events: number,
 *   generations: number}>}
 */
export async function check(path) {
  const { store, fault } = await readFile(path, OPTION.VALIDATE | OPTION.NO_INDEX);
  return {
    ok: !fault, error: fault && describeFault(fault), fault, events: store.events, generations: store.generations,
  };
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
  const { store, fault, bytes } = await readFile(path, OPTION.NO_INDEX | OPTION.STAT);
  if (fault && !store.events) return complain(path, fault);
  const figures = { file: path, bytes, ...store.stat(), error: fault && describeFault(fault) };
  figures.functions.sort(
    (/** @type {any} */ a, /** @type {any} */ b) => b.running_ns - a.running_ns || b.goroutines - a.goroutines);
  figures.waiting.sort((/** @type {any} */ a, /** @type {any} */ b) => b.ns - a.ns);
  figures.stw.sort((/** @type {any} */ a, /** @type {any} */ b) => b.ns - a.ns);
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
  return rows.map((row) => row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
    .join('  ').trimEnd()).join('\n');
}

/** Goroutines shown one by one; --json has all. */
const MOST_GOROUTINES = 20;

/** @param {any} x what has the times of goroutines @returns {string[]} */
const times = (x) => [x.running_ns, x.runnable_ns, x.waiting_ns, x.syscall_ns, x.syscall_blocked_ns].map(duration);
const TIMES = ['running', 'runnable', 'waiting', 'syscall', 'without P'];

/** The reason a goroutine waited longest for. @param {Record<string, number>} waiting @returns {string} */
function longestWait(waiting) {
  const [longest] = Object.entries(waiting).sort((a, b) => b[1] - a[1]);
  return longest?.[1] ? `${longest[0] || '(no reason)'} ${duration(longest[1])}` : '';
}

/** @param {any} f the figures of stat @returns {string[]} */
function gcInWords(f) {
  const { gc, stw, latency } = f;
  const lines = [];
  if (gc.cycles || gc.sweeps || gc.assists) {
    lines.push(`GC: ${gc.cycles} cycles, ${duration(gc.mark_ns)} marking; ` +
      `${gc.assists} mark assists, ${duration(gc.assist_ns)}; ` +
      `${gc.sweeps} sweeps, ${gc.swept_bytes} bytes swept, ${gc.reclaimed_bytes} reclaimed`);
  }
  for (const s of stw) lines.push(
    `Stop the world (${s.kind}): ${s.count} times, ${duration(s.ns)} in all, ${duration(s.max_ns)} at most`);
  if (latency.count) {
    lines.push(`From runnable to running: ${latency.count} times; ` +
      `50 % within ${duration(latency.p50_ns)}, 90 % ${duration(latency.p90_ns)}, ` +
      `99 % ${duration(latency.p99_ns)}, 99.9 % ${duration(latency.p999_ns)}, at most ${duration(latency.max_ns)}`);
  }
  return lines;
}

/** @param {any} f the figures of stat @returns {string} */
function inWords(f) {
  const counts = Object.entries(f.counts)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name, n]) => [name, String(n)]);
  const functions = f.functions.map((/** @type {any} */ x) => [x.fn || '(unknown)', String(x.goroutines), ...times(x)]);
  const waiting = f.waiting.map((/** @type {any} */ x) => [x.reason || '(no reason)', duration(x.ns)]);
  const busiest = [...f.by_goroutine]
    .sort((a, b) => b.running_ns - a.running_ns || a.id - b.id).slice(0, MOST_GOROUTINES);
  const parts = [
    `${f.file}: trace format of ${f.version.replace(/^go/, 'Go')}, ${f.bytes} bytes, ` +
      `${f.events} events in ${f.generations} generation${f.generations === 1 ? '' : 's'}, ` +
      `${duration(f.duration_ns)}\n${f.goroutines} goroutines, ${f.procs} Ps, ${f.threads} Ms`,
    `By start function\n${table([['', 'goroutines', ...TIMES], ...functions])}`,
    `Goroutines${f.by_goroutine.length > MOST_GOROUTINES ? `, the ${MOST_GOROUTINES} that ran longest` : ''}\n${table([
      ['', ...TIMES, 'waited most for'],
      ...busiest.map((x) => [`${x.id} ${x.fn || '(unknown)'}`, ...times(x), longestWait(x.waiting)]),
    ])}`,
  ];
  if (waiting.length) parts.push(`Waiting, all goroutines\n${table(waiting)}`);
  const gc = gcInWords(f);
  if (gc.length) parts.push(gc.join('\n'));
  parts.push(`Events\n${table(counts)}`);
  const { alloc_free: allocFree, damaged, unknown } = f.experimental_batches;
  if (allocFree)
    parts.push(`${allocFree} batches of the AllocFree experiment${damaged ? `, ${damaged} of them damaged` : ''}`);
  if (unknown) parts.push(`${unknown} batches of unknown experiments passed over`);
  return `${parts.join('\n\n')}\n`;
}
