// goroscope export: a trace in another form: a part of it, for other viewers, as a table, as one page; and programs as
// a site.
import { createWriteStream, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { ExportError, FORMATS, exportTrace } from '../../viewer/trace/export/index.mjs';
import { UserError, oneOf, readable, reason, takeApart } from './args.mjs';
import { ENDED_BY, interruptible } from './interrupt.mjs';
import { oneFile } from './one-file.mjs';
import { isSite, writeSite } from './site.mjs';

export const usage = `goroscope export FILE --format=FORMAT [--from TIME] [--to TIME] [-o OUT]
goroscope export OUT.html FILE
goroscope export SITE/ [PROGRAM…]

Writes the trace FILE (gzipped or not) in another form, or programs as a site.

  --format FORMAT   go        a Go trace, valid on its own: with --from and --to what lies between
                    perfetto  for ui.perfetto.dev: Ps, goroutines, regions, tasks, GC, and who woke whom
                    chrome    the same as Chrome's JSON (chrome://tracing)
                    csv       a table, as --table says
                    html      one page with viewer and trace in it: opens without a server or a network
  --table TABLE     of csv: spans (what each goroutine did when; the default), goroutines, events
  --from TIME       from here on, as 1s, 2.5ms, 300us: since the beginning of the trace
  --to TIME         up to here
  -o OUT            into this file; without it to standard output

A Go trace that begins inside a generation begins with the statuses of all goroutines and Ps at that moment. What
statuses cannot say is not in it: names of tasks and regions that began before, labels, who created a goroutine.

A site is a folder (SITE/, new or empty or a site that this wrote, whose demos/ goes) with the demo page and its
programs: C or C++ sources, .wasm files, names of demos; without any, all demos. Any web server can hand it out. On
a host that sends the two headers (goroscope serve --help) goroutines run in parallel, elsewhere on one thread that
simulates the Ps.
`;

/** @type {Record<string, number>} ns */
const UNITS = { s: 1e9, ms: 1e6, us: 1e3, 'µs': 1e3, ns: 1 };

/** @param {'from' | 'to'} name @param {unknown} value @returns {number | undefined} ns */
function moment(name, value) {
  if (value === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(s|ms|us|µs|ns)$/.exec(String(value)) ?? [];
  if (number === undefined)
    throw new UserError(`--${name} must be a time such as 1s, 2.5ms or 300us, not "${value}"`);
  return Math.round(Number(number) * UNITS[unit]);
}

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('export', args, {
    format: { type: 'string' }, table: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' },
    out: { type: 'string', short: 'o' },
  });
  const named = [...own, ...after];
  if (named.length > 0 && isSite(named[0])) {
    const [option] = Object.keys(values);
    if (option) throw new UserError(`${named[0]} is a folder for a site, and --${option} is for a trace`);
    return writeSite(named[0], named.slice(1));
  }
  const page = named.length === 2 && named[0].endsWith('.html') ? named.shift() : undefined;
  if (named.length !== 1) throw new UserError(`export needs one trace file, it has ${named.length === 0 ? 'none'
    : named.join(', ')}; see goroscope export --help`);
  const format = oneOf('format', values.format ?? (page && 'html'), [...Object.keys(FORMATS), 'html']);
  if (!format) throw new UserError(`export needs --format: ${Object.keys(FORMATS).join(', ')} or html`);
  if (page && format !== 'html') throw new UserError(`${page} is a page, and --format=${format} makes none`);
  if (values.table !== undefined && format !== 'csv') throw new UserError('--table is for --format=csv');
  const range = { from: moment('from', values.from), to: moment('to', values.to) };
  if (format === 'html' && (range.from ?? range.to) !== undefined)
    throw new UserError('a page has the whole trace: make the part first, by --format=go');
  const file = resolve(readable(named[0])), out = page ?? /** @type {string | undefined} */ (values.out);
  if (out !== undefined && resolve(out) === file) throw new UserError(`${out} is the trace itself`);
  const bytes = format === 'html' ? oneFile(file) : exported(file, format, { ...range,
    table: oneOf('table', values.table, ['spans', 'goroutines', 'events']) });
  return write(bytes, out, format, named[0]);
}

/**
 * @param {string} file @param {string} format
 * @param {import('../../viewer/trace/export/index.mjs').Range & {table?: string}} options
 */
async function* exported(file, format, options) {
  const handle = await open(file);
  try {
    yield* exportTrace(handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 }), format, options);
  } finally {
    await handle.close();
  }
}

/**
 * What is there already stays until all of it is made, or what stands before damage.
 * @param {AsyncGenerator<Uint8Array | string>} bytes @param {string | undefined} path @param {string} format
 * @param {string} input the trace, as named
 * @returns {Promise<number>} exit code
 */
async function write(bytes, path, format, input) {
  if (path === undefined && process.stdout.isTTY && format !== 'csv' && format !== 'chrome')
    throw new UserError(`--format=${format} is no text for a terminal: say -o FILE`);
  const there = path === undefined ? null : statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new UserError(`${path} could not be written: it is a folder`);
  const target = path === undefined || (there && !there.isFile()) ? null : there ? realpathSync(path) : path;
  const beside = target === null ? null : `${target}.${process.pid}.tmp`;
  const clear = () => { if (beside !== null) rmSync(beside, { force: true }); };
  return interruptible(clear, async () => {
    try {
      const error = await poured(bytes, beside ?? path, there?.mode);
      const isPart = error instanceof ExportError && error.isPart;
      if (target !== null && beside !== null && (!error || isPart)) renameSync(beside, target);
      if (error instanceof ExportError) throw new UserError(`${input}: ${error.message.replace(/\.$/, '')}`);
      if (error) throw error;
      return 0;
    } catch (e) {
      if (!(e instanceof OutputError)) throw e;
      const { cause } = e, { code } = /** @type {NodeJS.ErrnoException} */ (cause);
      if (path === undefined && code === 'EPIPE') return ENDED_BY.SIGPIPE; // who reads has seen enough: `| head`
      throw new UserError(`${path ?? 'standard output'} could not be written: ${reason(cause, 'folder')}`);
    } finally {
      clear();
    }
  });
}

class OutputError extends Error {}

/**
 * @param {AsyncGenerator<Uint8Array | string>} bytes @param {string | undefined} path undefined: standard output
 * @param {number | undefined} mode of a new file
 * @returns {Promise<Error | null>} what is wrong with the trace; what came before it is written
 */
async function poured(bytes, path, mode) {
  const stream = path === undefined ? process.stdout : createWriteStream(path, { mode });
  /** @type {OutputError | null} */ let failure = null;
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => stream.once('error', (cause) => {
    failure = new OutputError('', { cause });
    reject(failure);
  }));
  failed.catch(() => {});
  const end = () => path === undefined ? null
    : Promise.race([new Promise((done) => stream.end(() => done(0))), failed]);
  try {
    for await (const piece of bytes) {
      if (failure) throw failure;
      if (!stream.write(piece)) await Promise.race([once(stream, 'drain').catch(() => failed), failed]);
    }
    await end();
    return null;
  } catch (e) {
    if (failure) throw failure;
    await end();
    return /** @type {Error} */ (e);
  }
}
