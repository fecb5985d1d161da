// goroscope run: a program in this terminal, its trace into a file.
import { closeSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { LARGEST_RING, LIMITS, MEMORY_INITIAL, MEMORY_MAXIMUM, smallestRing } from '../../wasm/host/abi.mjs';
import { badSetting } from '../../wasm/host/check-options.mjs';
import { plainPath } from '../../wasm/host/files.mjs';
import { HEADER_BYTES } from '../../wasm/host/generations.mjs';
import { formatGoroutines } from '../../wasm/host/goroutines.mjs';
import { load } from '../../wasm/host/loader.mjs';
import { writeTo } from '../../wasm/host/stdio.mjs';
import { serve } from '../serve.mjs';
import { languageOf } from '../../wasm/cc/arguments.mjs';
import { REPAIR, UserError, byteSize, flight, oneOf, readable, reason, takeApart, wholeNumber } from './args.mjs';
import { demoProgram, demoText, demos } from './demos.mjs';
import { ENDED_BY } from './interrupt.mjs';
import { COMPILE_OPTIONS, compileUsage, compilerForms, requestOf } from './request.mjs';
import { isInPlace, openTrace, saveFlight, savePart, saveTrace } from './save-trace.mjs';
import { standardInput } from './stdin.mjs';

export const usage = `goroscope run PROGRAM [options] [-- ARGUMENTS]
       goroscope run FILE.c… [--watch] [options] [-- ARGUMENTS]

Runs PROGRAM, a .wasm file or a bundled demo's name (${demoNames().join(', ') || 'none built'}),
or what it builds of sources.
Its standard input is this one. The exit code is the program's; 130 when stopped with Ctrl-C. Ctrl-\\ shows what the
goroutines do and stops it with 2.

  --mode MODE         auto (the default), threads: goroutines on parallel workers, sim: one thread simulates the Ps
  --procs N           number of Ps; without it as many as the machine has cores
  --seed S            sim: decides every choice of the scheduler
  --clock CLOCK       sim: measured (the host's time) or virtual (the same seed gives the same run, byte for byte)
  --trace FILE        writes the trace (Go's format) to FILE as it comes
  --flight 10s|8M     a flight recorder: FILE of --trace gets only the last so many seconds (or ms), or what a ring of
                      so many bytes holds, when the program ends, however it does, and whenever SIGUSR2 comes
  --trace-from 2s     begins the trace so long after the program (or ms), without stopping it
  --trace-for 500ms   ends it so long after its beginning
  --ring BYTES        size of the trace ring, such as 8M (16M without it); 64K at least
  --trace-version V   which version of Go's format: 1.25 (the default) or 1.26, for tools of Go 1.26 and later
  --samples off       the trace has no CPU samples; on, the default: each P's goroutine and stack every 10 ms
  --stacks full       the trace has whole stacks also where a goroutine makes or wakes another, of programs of
                      goroscope build; site, the default: the call alone. Costs one switch for each operation
  --stack BYTES       how far a goroutine's stack may grow, such as 64K
  --max-memory BYTES  how much memory the program may use, 64M to 4G (without it: 4G)
  --leaks             when main has returned, waits until nothing can happen any more and lists the goroutines that
                      hang; exit code 2 if there are any. The same as --debug leaks=1
  --debug SETTINGS    NAME=VALUE,… as in the environment variable GRDEBUG: leaks=1; leakwait=MS: after so long at the
                      latest; schedtrace=MS: the scheduler's state every MS ms, with scheddetail=1 every P, M and
                      goroutine; gctrace=1: a line after each collection; traceallocfree=1, tracestacks=1,
                      tracesamples=0: what traces tell; gcstress=1: a collection before each block. Counts before
                      GRDEBUG itself, which may be in the environment or given by --env
  --file PATH[=NAME]  hands the file PATH to the program, which knows it as NAME (without it: the file's own name);
                      may be repeated. A program reaches no other file; what it writes lies in its memory.
  --file-out NAME[=PATH]  when the program has ended, however it did, writes its file NAME to PATH (without it: to
                      the last part of NAME, here); may be repeated
  --allow-fetch URL   lets the program fetch from the origin of URL (http://127.0.0.1:8080/shell/); may be repeated.
                      Relative addresses begin at the first. Without it nothing can be fetched; the demo fetch is
                      given its own server.
  --env NAME=VALUE    sets a variable of the program's environment, such as GOGC, GOMEMLIMIT and GODEBUG (gctrace=1);
                      may be repeated. It sees none of this one

Of sources:

  --watch            builds and runs anew whenever one of them, or a header, is saved; Ctrl-C ends it
${compileUsage}`;

/** How long a stopped program's output may wait for its reader. */
const UNREAD_MS = 300;

/** The name under which a demo that reads a text finds it. */
const INPUT_NAME = 'input.txt';

/** @typedef {import('./demos.mjs').Demo} Demo */

/** @returns {string[]} */
function demoNames() {
  try {
    return demos().map((d) => d.name);
  } catch {
    return [];
  }
}

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('run', compilerForms(args), {
    mode: { type: 'string' }, procs: { type: 'string' }, seed: { type: 'string' }, clock: { type: 'string' },
    trace: { type: 'string' }, flight: { type: 'string' }, ring: { type: 'string' },
    samples: { type: 'string' }, stacks: { type: 'string' },
    'trace-version': { type: 'string' }, 'trace-from': { type: 'string' }, 'trace-for': { type: 'string' },
    stack: { type: 'string' }, 'max-memory': { type: 'string' },
    leaks: { type: 'boolean' }, debug: { type: 'string' }, file: { type: 'string', multiple: true },
    'file-out': { type: 'string', multiple: true }, 'allow-fetch': { type: 'string', multiple: true },
    env: { type: 'string', multiple: true }, watch: { type: 'boolean' }, ...COMPILE_OPTIONS,
  });
  if (own.length === 0)
    throw new UserError('run needs a program: a .wasm file or a demo\'s name; see goroscope run --help');
  if (languageOf(own[0])) return runSources(own, values, after);
  if (own.length > 1) throw new UserError(
    `"${own[1]}" is one too many; the program's own arguments go behind --: goroscope run ${own[0]} -- ${own[1]}`);
  const ofSources = ['watch', ...Object.keys(COMPILE_OPTIONS)].find((name) => values[name] !== undefined);
  if (ofSources) throw new UserError(`--${ofSources} is for sources, and ${own[0]} is none; see goroscope run --help`);
  const { path, demo } = findProgram(own[0]);
  return runOnce(path, demo, values, after);
}

/** @typedef {ReturnType<typeof takeApart>['values']} Values */
/** @typedef {Awaited<ReturnType<typeof load>>} Running */
/** @typedef {(rt: Running, fd: number, ended: Promise<unknown>) => Promise<number>} Save resolves with bytes written */

/**
 * Builds, unless it has been before, and runs.
 * @param {string[]} sources @param {Values} values @param {string[]} after arguments of the program
 * @returns {Promise<number>}
 */
async function runSources(sources, values, after) {
  const request = requestOf(values, sources);
  settingsOf(values);
  if (values.watch) {
    const { watch } = await import('./watch.mjs');
    return watch(request, (wasm, hooks) => runOnce(wasm, null, values, after, hooks));
  }
  const { makeOrTell } = await import('./request.mjs');
  const made = await makeOrTell(request);
  return made ? runOnce(made.wasm, null, values, after) : 1;
}

/**
 * @typedef {object} Hooks
 * @property {(rt: Running) => void} loaded told of the program before it runs
 * @property {() => ReadableStream} stdin
 */

/**
 * What the options say, whatever the program is: refused before it is built.
 * @param {Values} values
 */
function settingsOf(values) {
  const recorder = flight(values.flight);
  if (recorder && values.trace === undefined) throw new UserError('--flight needs --trace FILE, which it writes');
  if (recorder?.bytes !== undefined && values.ring !== undefined)
    throw new UserError('--flight with a size is the size of the ring: leave --ring out');
  const part = partOf(values['trace-from'], values['trace-for']);
  if (part && values.trace === undefined)
    throw new UserError(`--trace-${part.given} needs --trace FILE, which it writes`);
  if (part && recorder)
    throw new UserError(`--trace-${part.given} does not go with --flight, which keeps the last part`);
  const ringBytes = recorder?.bytes ?? byteSize('ring', values.ring);
  const procs = wholeNumber('procs', values.procs, 1, LIMITS.MAX_PROCS);
  const least = smallestRing(procs ?? availableParallelism(), recorder !== undefined);
  if (ringBytes !== undefined && (ringBytes < least || ringBytes > LARGEST_RING)) {
    const [name, given] = recorder?.bytes === undefined ? ['ring', values.ring] : ['flight', values.flight];
    throw new UserError(`--${name} must be ${least} bytes at least${procs ? ` for ${procs} Ps` : ''} ` +
      `and ${LARGEST_RING} at most, not ${given}`);
  }
  const traceFile = /** @type {string | undefined} */ (values.trace);
  if (traceFile === '') throw new UserError('--trace needs the name of a file');
  const version = /** @type {any} */ (oneOf('trace-version', values['trace-version'], ['1.25', '1.26']));
  if (version && traceFile === undefined) throw new UserError('--trace-version does nothing without --trace FILE');
  const mode = oneOf('mode', values.mode, ['auto', 'threads', 'sim']);
  const clock = oneOf('clock', values.clock, ['measured', 'virtual']);
  const forSim = values.seed !== undefined ? 'seed' : clock === 'virtual' ? 'clock virtual' : null;
  if (mode === 'threads' && forSim)
    throw new UserError(`--${forSim} does nothing with --mode threads: it is for --mode sim`);
  const env = readEnv(/** @type {string[]} */ (values.env ?? []));
  return {
    recorder, part, traceFile,
    fetch: fetchable(/** @type {string[]} */ (values['allow-fetch'] ?? [])),
    outputs: filesOut(/** @type {string[]} */ (values['file-out'] ?? [])),
    load: {
      mode: /** @type {any} */ (mode),
      procs,
      seed: wholeNumber('seed', values.seed, 0, Number.MAX_SAFE_INTEGER),
      clock: /** @type {any} */ (clock),
      env,
      debug: [...values.leaks ? ['leaks=1'] : [], ...traceSettings(values),
        ...debugSettings('GRDEBUG', process.env.GRDEBUG), ...debugSettings('--env GRDEBUG', env.GRDEBUG),
        ...debugSettings('--debug', values.debug)].join(','),
      stackBytes: stackSize(values.stack),
      maxMemory: maxMemory(values['max-memory']),
      trace: traceFile === undefined ? /** @type {const} */ (false)
        : recorder ? { mode: /** @type {const} */ ('flight'), ringBytes, ms: recorder.ms, version }
        : { mode: /** @type {const} */ ('stream'), begin: /** @type {'asked' | 'start'} */ (part ? 'asked' : 'start'),
          ringBytes, version },
    },
  };
}

/**
 * @param {string | Uint8Array} program its path, or itself @param {Demo | null} demo
 * @param {Values} values @param {string[]} after @param {Hooks} [hooks]
 * @returns {Promise<number>} exit code
 */
async function runOnce(program, demo, values, after, hooks) {
  const { recorder, part, traceFile, fetch, outputs, load: options } = settingsOf(values);
  const files = readFiles(/** @type {string[]} */ (values.file ?? []));
  if (demo?.file && !files[INPUT_NAME]) {
    // A demo that reads a text reads the one given, whatever its name, else the bundled one.
    files[INPUT_NAME] = Object.values(files)[0]
      ?? new Uint8Array(readFileSync(demoText(demo.file)));
  }
  const server = demo?.name === 'fetch' && !fetch ? await serve({ port: 0 }) : null;
  try {
    const rt = await load(/** @type {string | BufferSource} */ (program), {
      ...options,
      args: after.length > 0 ? after : demo?.args ?? [],
      files,
      fetch: server ? [`${server.url}shell/`] : fetch,
      stdin: hooks?.stdin ?? (() => /** @type {ReadableStream} */ (Readable.toWeb(standardInput()))),
      stdout: { bytes: (piece) => writeTo(process.stdout, piece) },
      stderr: { bytes: (piece) => writeTo(process.stderr, piece) },
    });
    hooks?.loaded(rt);
    /** @type {Save} */
    const save = part ? (rt, fd, ended) => savePart(rt, fd, ended, { ...part, path: traceFile ?? '' })
      : recorder ? saveFlight : saveTrace;
    const exitCode = await runToEnd(rt, traceFile, save);
    if (outputs.length === 0) return exitCode;
    return writeFiles(rt.files(), outputs) ? exitCode : exitCode || 1;
  } finally {
    await server?.close();
  }
}

/**
 * What the trace is to have, as settings of GRDEBUG: so they hold for one that begins later as well.
 * @param {Values} values @returns {string[]}
 */
function traceSettings(values) {
  const samples = oneOf('samples', values.samples, ['on', 'off']);
  const stacks = oneOf('stacks', values.stacks, ['site', 'full']);
  const given = samples ? 'samples' : stacks ? 'stacks' : null;
  if (given && values.trace === undefined) throw new UserError(`--${given} does nothing without --trace FILE`);
  return [...samples ? [`tracesamples=${+(samples === 'on')}`] : [],
    ...stacks ? [`tracestacks=${+(stacks === 'full')}`] : []];
}

/** What a timer takes, in whole seconds. */
const LONGEST_MS = 2_147_483_000;

/** @param {'trace-from' | 'trace-for'} name @param {unknown} value @returns {number | undefined} ms */
function duration(name, value) {
  if (value === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(String(value)) ?? [];
  const ms = Number(number) * (unit === 's' ? 1000 : 1);
  if (number === undefined) throw new UserError(`--${name} must be a time such as 2s or 500ms, not ${value}`);
  if (ms > LONGEST_MS) throw new UserError(`--${name} must be ${LONGEST_MS / 1000}s at most, not ${value}`);
  return ms;
}

/** @param {unknown} from @param {unknown} length */
function partOf(from, length) {
  if (from === undefined && length === undefined) return null;
  return { from: duration('trace-from', from) ?? 0, length: duration('trace-for', length),
    given: from === undefined ? 'for' : 'from' };
}

/**
 * Runs to the program's end or Ctrl-C, its trace into the file meanwhile.
 * @param {Running} rt @param {string | undefined} traceFile @param {Save} save
 * @returns {Promise<number>} exit code
 */
async function runToEnd(rt, traceFile, save) {
  let interrupts = 0, endedBy = ENDED_BY.SIGINT;
  const interrupt = (/** @type {keyof ENDED_BY} */ signal) => {
    endedBy = ENDED_BY[signal];
    if (++interrupts > 1) process.exit(endedBy); // asked twice: do not wait for anything
    rt.stop();
  };
  let quit = false;
  const showGoroutines = async () => {
    if (quit) return;
    quit = true;
    /** @type {string} */
    const text = await rt.goroutines().then(formatGoroutines, (e) => `(${reason(e)})\n`);
    process.stderr.write(`SIGQUIT: quit\n\n${text}`);
    rt.stop();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGQUIT', showGoroutines);
  /**
   * The first reason why nobody gets what the program prints; trace and files still end well.
   * @type {NodeJS.ErrnoException | null}
   */
  let broken = null;
  const outputFailed = (/** @type {NodeJS.ErrnoException} */ e) => {
    broken ??= e;
    rt.stop();
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', outputFailed);
  let traceFd = -1;
  try {
    // Not before: a run that fails to start leaves none, and who sees the file may interrupt.
    if (traceFile !== undefined) traceFd = openTrace(traceFile);
    /** @type {unknown} what kept the trace from being written, a full disk for one */
    let failure = null;
    const running = rt.run();
    const saved = traceFd < 0 ? null : save(rt, traceFd, running).catch((e) => {
      failure = e;
      rt.stop();
    });
    const { exitCode, stopped = false } = await running;
    const bytes = await saved;
    if (traceFile !== undefined && bytes && !isInPlace(traceFd, traceFile))
      failure ??= new Error(`${traceFile} was removed, or written by another run, while the program ran`);
    if ((stopped || exitCode !== 0) && !failure && typeof bytes === 'number' && bytes <= HEADER_BYTES) {
      process.stderr.write('goroscope: the trace has no events: the program ended before its first generation '
        + 'was whole\n');
    }
    if (failure) process.stderr.write(`goroscope: the trace could not be written: ${reason(failure)}\n`);
    const lost = rt.trace?.lost ?? 0;
    if (lost > 0) {
      process.stderr.write(`goroscope: ${lost} generation${lost > 1 ? 's' : ''} of the trace had to be dropped; ` +
        `a larger --ring keeps more\n`);
    }
    // What a reader that sleeps has not taken must not keep a stopped program here.
    if (interrupts > 0 || quit) setTimeout(() => process.exit(process.exitCode), UNREAD_MS).unref();
    if (failure) return 1;
    if (broken) return brokenOutput(broken, stopped, exitCode);
    return quit ? 2 : stopped ? endedBy : exitCode;
  } catch (e) {
    rt.stop();
    throw e;
  } finally {
    if (traceFd >= 0) closeSync(traceFd);
    for (const stream of [process.stdout, process.stderr]) stream.off('error', outputFailed);
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    process.off('SIGQUIT', showGoroutines);
  }
}

/**
 * @param {NodeJS.ErrnoException} e @param {boolean} stopped for it @param {number} exitCode
 * @returns {number} exit code: with a reader that has seen enough (`| head`) what a shell says of a program that ends
 *   by SIGPIPE, unless it has one of its own
 */
function brokenOutput(e, stopped, exitCode) {
  if (e.code === 'EPIPE') return stopped ? ENDED_BY.SIGPIPE : exitCode;
  process.stderr.write(`goroscope: standard output could not be written: ${reason(e)}\n`);
  return 1;
}

/** @param {string} name a path or a demo's name @returns {{path: string, demo: Demo | null}} */
function findProgram(name) {
  const demo = demoNames().includes(name) ? demos().find((d) => d.name === name) ?? null : null;
  if (demo === null && !existsSync(name) && !name.includes('/') && !name.endsWith('.wasm')) {
    throw new UserError(`${name} is neither a file nor a bundled demo (${demoNames().join(', ')})`);
  }
  const path = demo ? demoProgram(name) : name;
  if (demo && !existsSync(path)) throw new UserError(`${path} is missing: ${REPAIR}`);
  if (readFileSync(readable(path)).toString('latin1', 0, 4) !== '\0asm') {
    throw new UserError(`${path} is not a wasm program; goroscope build makes one from C`);
  }
  return { path: resolve(path), demo };
}

/** @param {string[]} specs PATH or PATH=NAME @returns {Record<string, Uint8Array>} */
function readFiles(specs) {
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  for (const spec of specs) {
    // A path may hold '=' itself: the whole is tried as a path first.
    const cut = existsSync(spec) ? -1 : spec.lastIndexOf('=');
    const path = cut < 0 ? spec : spec.slice(0, cut);
    const name = cut < 0 ? basename(spec) : spec.slice(cut + 1);
    if (Object.hasOwn(files, name))
      throw new UserError(`--file gives the program two files ${name}: call one otherwise, with ${path}=NAME`);
    files[name] = new Uint8Array(readFileSync(readable(path)));
  }
  return files;
}

/** @param {string[]} specs NAME or NAME=PATH @returns {{name: string, path: string}[]} */
function filesOut(specs) {
  return specs.map((spec) => {
    const cut = spec.indexOf('=');
    const [name, path] = cut < 0 ? [spec, basename(spec)] : [spec.slice(0, cut), spec.slice(cut + 1)];
    if (!plainPath(name) || !path) throw new UserError(`--file-out must be NAME or NAME=PATH, not "${spec}"`);
    return { name: plainPath(name), path };
  });
}

/**
 * @param {Record<string, Uint8Array>} files what the program has left
 * @param {{name: string, path: string}[]} outputs
 * @returns {boolean} false: one of them is not there, which has been said
 */
function writeFiles(files, outputs) {
  const missing = outputs.filter(({ name }) => !Object.hasOwn(files, name));
  for (const { name } of missing) process.stderr.write(`goroscope: the program left no file ${name}\n`);
  for (const { name, path } of outputs) {
    if (!Object.hasOwn(files, name)) continue;
    try {
      writeFileSync(path, files[name]);
    } catch (e) {
      throw new UserError(`the program's file ${name} cannot be written to ${path}: ${reason(e, 'folder')}`);
    }
  }
  return missing.length === 0;
}

/** @param {unknown} value @returns {number | undefined} */
function maxMemory(value) {
  const bytes = byteSize('max-memory', value);
  if (bytes === undefined || (bytes >= MEMORY_INITIAL && bytes <= MEMORY_MAXIMUM)) return bytes;
  throw new UserError(
    `--max-memory must be from ${MEMORY_INITIAL / 2 ** 20}M to ${MEMORY_MAXIMUM / 2 ** 30}G, not "${value}"`);
}

/** @param {unknown} value @returns {number | undefined} */
function stackSize(value) {
  const bytes = byteSize('stack', value), { STACK_MAX_LEAST: least, STACK_MAX_MOST: most } = LIMITS;
  if (bytes === undefined || (bytes >= least && bytes <= most)) return bytes;
  throw new UserError(`--stack must be from ${least / 2 ** 10}K to ${most / 2 ** 30}G, not "${value}"`);
}

/** @param {string} from who says so @param {unknown} value @returns {string[]} none or one */
function debugSettings(from, value) {
  if (typeof value !== 'string') return [];
  const problem = badSetting(value);
  if (problem) throw new UserError(`${from} ${problem}`);
  return [value];
}

/** @param {string[]} urls @returns {string[] | undefined} undefined: there are none */
function fetchable(urls) {
  for (const url of urls) {
    if (!URL.canParse(url) || !/^https?:/.test(url))
      throw new UserError(`--allow-fetch must be an address such as http://127.0.0.1:8080/, not "${url}"`);
  }
  return urls.length > 0 ? urls : undefined;
}

/** @param {string[]} specs NAME=VALUE @returns {Record<string, string>} */
function readEnv(specs) {
  return Object.fromEntries(specs.map((spec) => {
    const cut = spec.indexOf('=');
    if (cut < 1) throw new UserError(`--env must be NAME=VALUE, not "${spec}"`);
    return [spec.slice(0, cut), spec.slice(cut + 1)];
  }));
}
