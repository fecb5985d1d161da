// goroscope export: a trace in another form: a part of it, for other viewers, as a table, as one page.
import { createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { ExportError, FORMATS, exportTrace } from '../../viewer/trace/export/index.mjs';
import { UserError, oneOf, readable, reason, takeApart } from './args.mjs';
import { oneFile } from './one-file.mjs';

export const usage = `goroscope export FILE --format=FORMAT [--from TIME] [--to TIME] [-o OUT]
goroscope export OUT.html FILE

Writes the trace FILE (gzipped or not) in another form.

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
  return write(bytes, out, format);
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
 * @param {AsyncGenerator<Uint8Array | string>} bytes @param {string | undefined} path @param {string} format
 * @returns {Promise<number>} exit code
 */
async function write(bytes, path, format) {
  if (path === undefined && process.stdout.isTTY && format !== 'csv' && format !== 'chrome')
    throw new UserError(`--format=${format} is no text for a terminal: say -o FILE`);
  const stream = path === undefined ? process.stdout : createWriteStream(path);
  /** @type {unknown} */ let failure = null;
  const failed = new Promise((_, reject) => stream.once('error', reject));
  failed.catch((e) => { failure = e; });
  let written = 0;
  try {
    for await (const piece of bytes) {
      if (failure) throw failure;
      written += piece.length;
      if (!stream.write(piece)) await Promise.race([once(stream, 'drain'), failed]);
    }
    if (path !== undefined) await Promise.race([new Promise((done) => stream.end(() => done(0))), failed]);
    return 0;
  } catch (e) {
    if (path !== undefined) stream.destroy();
    const named = path !== undefined && (await stat(path).catch(() => null))?.isFile();
    if (named && written === 0) await rm(path);
    if (e instanceof ExportError || e instanceof UserError) throw new UserError(e.message.replace(/\.$/, ''));
    if (failure) throw new UserError(`${path ?? 'standard output'} could not be written: ${reason(e)}`);
    throw e;
  }
}
