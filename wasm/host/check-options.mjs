// check-options.mjs: what is wrong with the options that load() was given, in one sentence: a TypeError for what is
// of another kind, a RangeError for a number that is out of bounds.
import { LARGEST_RING, LIMITS, MEMORY_INITIAL, MEMORY_MAXIMUM, smallestRing } from './abi.mjs';
import { kindOf } from './compile.mjs';
import { plainPath } from './files.mjs';

export const { MAX_PROCS } = LIMITS;
const { STACK_MAX_LEAST, STACK_MAX_MOST } = LIMITS;
const LARGEST_SEED = 2n ** 64n - 1n;

/** The names in GRDEBUG; the table in runtime/base/debug.c. */
export const DEBUG_NAMES = [
  'leaks', 'leakwait', 'schedtrace', 'scheddetail', 'traceloss', 'preempt', 'tracereentrancy',
  'tracesamples', 'traceallocfree', 'gctrace', 'gcstress', 'tracestacks',
];
const TRACE_SETTINGS = [
  'mode', 'begin', 'ringBytes', 'bytes', 'ms', 'version', 'samples', 'stacks', 'allocFree',
];
const DEBUG_MOST = 2 ** 31 - 1;

/** @typedef {import('./types.d.mts').LoadOptions} LoadOptions */

/**
 * One check for each option, called with what was given.
 * @type {{[name in keyof LoadOptions]-?: (value: any, all: LoadOptions) => void}}
 */
const CHECKS = {
  mode: (mode) => oneOf('mode', mode, ['auto', 'threads', 'sim']),
  procs: (procs) => whole('procs', procs, 1, MAX_PROCS),
  args(args) {
    if (!Array.isArray(args)) throw wrong('args', 'an array of texts', args);
    args.forEach((arg, i) => cText(`args[${i}]`, arg));
  },
  env(env) {
    for (const [name, value] of named('env', env, 'texts')) {
      if (name === '' || /[=\0]/.test(name))
        throw new TypeError(
          `env has ${shown(name)}, which cannot be a variable's name: it is empty or has a = or NUL`);
      cText(place('env', name), value);
    }
  },
  seed(seed, { mode }) {
    if (typeof seed !== 'bigint' && typeof seed !== 'number')
      throw wrong('seed', 'a whole number or a bigint', seed);
    const isExact = typeof seed === 'bigint' || Number.isSafeInteger(seed);
    if (!isExact || seed < 0 || seed > LARGEST_SEED) throw new RangeError(
      `seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, or a bigint to ${LARGEST_SEED}, not ${seed}`);
    if (mode === 'threads') throw new TypeError('seed does nothing in mode threads: use mode sim, or leave it out');
  },
  clock(clock, { mode }) {
    oneOf('clock', clock, ['measured', 'virtual']);
    if (clock === 'virtual' && mode === 'threads')
      throw new TypeError('there is no virtual clock in mode threads: use mode sim, or leave clock out');
  },
  stdout: (to) => output('stdout', to),
  stderr: (to) => output('stderr', to),
  trace(trace) {
    if (trace === false) return;
    for (const [name] of named('trace', trace, 'settings, or false')) {
      if (!TRACE_SETTINGS.includes(name))
        throw new TypeError(`trace has no setting ${shown(name)}; there are ${TRACE_SETTINGS.join(', ')}`);
    }
    if (trace.mode !== undefined) oneOf('trace.mode', trace.mode, ['stream', 'flight']);
    if (trace.begin !== undefined) oneOf('trace.begin', trace.begin, ['start', 'asked']);
    for (const name of ['bytes', 'ms']) {
      if (trace[name] !== undefined && trace.mode !== 'flight') throw new TypeError(
        `trace.${name} is what a flight recorder keeps: set trace.mode to 'flight', or leave it out`);
    }
    if (trace.bytes !== undefined && trace.ringBytes !== undefined)
      throw new TypeError('trace.bytes and trace.ringBytes are the same: leave one out');
    if (trace.version !== undefined) oneOf('trace.version', trace.version, ['1.25', '1.26']);
    if (trace.stacks !== undefined) oneOf('trace.stacks', trace.stacks, ['site', 'full']);
    for (const name of ['samples', 'allocFree']) {
      if (trace[name] !== undefined && typeof trace[name] !== 'boolean')
        throw wrong(`trace.${name}`, 'true or false', trace[name]);
    }
    if (trace.ms !== undefined) whole('trace.ms', trace.ms, 1, LIMITS.FLIGHT_MS_MOST);
  },
  signal(signal) {
    if (typeof signal?.aborted !== 'boolean' || typeof signal.addEventListener !== 'function')
      throw wrong('signal', "an AbortSignal, such as an AbortController's signal", signal);
  },
  files: checkFiles,
  debug(debug) {
    if (typeof debug !== 'string') throw wrong('debug', 'text such as leaks=1', debug);
    const problem = badSetting(debug);
    if (problem) throw new TypeError(`debug ${problem}`);
  },
  host: (host) => functions('host', host),
  streams: (streams) => functions('streams', streams),
  fetch(fetch) {
    if (typeof fetch === 'boolean' || typeof fetch === 'function') return;
    if (!Array.isArray(fetch) || !fetch.every((origin) => typeof origin === 'string'))
      throw wrong('fetch', 'true, an array of origins (as text), or a function', fetch);
  },
  stdin(stdin) {
    if (typeof stdin === 'string' || typeof stdin === 'function' || stdin instanceof ReadableStream) return;
    if (!ArrayBuffer.isView(stdin) && !(stdin instanceof ArrayBuffer))
      throw wrong('stdin', 'text, bytes, a ReadableStream or a function that gives one', stdin);
  },
  stackBytes: (bytes) => whole('stackBytes', bytes, STACK_MAX_LEAST, STACK_MAX_MOST),
  worker(address) {
    if (typeof address !== 'string' && !(address instanceof URL))
      throw wrong('worker', 'the address of program-worker.mjs, as text or URL', address);
  },
  maxMemory: (bytes) => whole('maxMemory', bytes, MEMORY_INITIAL, MEMORY_MAXIMUM),
};

/** @param {LoadOptions} o */
export function checkOptions(o) {
  for (const [name, value] of named('the options of load()', o, 'options')) {
    if (value !== undefined && !Object.hasOwn(CHECKS, name))
      throw new TypeError(`load() has no option ${shown(name)}; there are ${Object.keys(CHECKS).join(', ')}`);
  }
  for (const name of /** @type {(keyof LoadOptions)[]} */ (Object.keys(CHECKS)))
    if (o[name] !== undefined) CHECKS[name](o[name], o);
}

/**
 * What can be said of the trace's ring once it is known how many Ps there are.
 * @param {LoadOptions} o
 * @param {number} procs
 */
export function checkRing({ trace }, procs) {
  if (!trace) return;
  const name = trace.bytes === undefined ? 'ringBytes' : 'bytes', bytes = trace[name];
  const flight = trace.mode === 'flight', least = smallestRing(procs, flight);
  if (bytes === undefined || (Number.isInteger(bytes) && bytes >= least && bytes <= LARGEST_RING)) return;
  throw new RangeError(`trace.${name} must be a whole number from ${least} (the smallest ring for ${
    procs} Ps${flight ? ' of a flight recorder' : ''}) to ${LARGEST_RING}, not ${shown(bytes)}`);
}

/**
 * What is wrong with settings as in GRDEBUG. The runtime itself passes over what it does not know.
 * @param {string} debug
 * @returns {string | null} goes on behind the option's name
 */
export function badSetting(debug) {
  for (const setting of debug.split(',').filter((s) => s !== '')) {
    const [, name, value] = /^([^=]*)=?(.*)$/s.exec(setting) ?? [];
    if (!DEBUG_NAMES.includes(name)) return `has no setting ${shown(name)}; there are ${DEBUG_NAMES.join(', ')}`;
    if (!/^\d+$/.test(value) || Number(value) > DEBUG_MOST)
      return `must have NAME=NUMBER, such as ${name}=1, not ${shown(setting)}`;
  }
  return null;
}

/** @param {unknown} files */
function checkFiles(files) {
  /** @type {Map<string, string>} how they were called, by the path in the program */ const paths = new Map();
  for (const [name, bytes] of named('files', files, 'texts or bytes, by their paths')) {
    const path = plainPath(name);
    if (path === '' || name.includes('\0'))
      throw new TypeError(`files has ${shown(name)}, which is no file's path: it names none, or has a NUL`);
    if (typeof bytes !== 'string' && !isBytes(bytes))
      throw wrong(place('files', name), 'text or a Uint8Array', bytes);
    const same = paths.get(path);
    if (same !== undefined)
      throw new TypeError(`files has both ${shown(same)} and ${shown(name)}, which are the same file: leave one out`);
    paths.set(path, name);
  }
  for (const [path, name] of paths) {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const file = paths.get(path.slice(0, cut));
      if (file === undefined) continue;
      throw new TypeError(`files has both ${shown(file)} and ${shown(name)}: ` +
        'the first would have to be a file and a folder; rename one');
    }
  }
}

/** Also one of another page's or context's. @param {unknown} value */
const isBytes = (value) =>
  ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';

/** @param {string} option @param {any} value */
function output(option, value) {
  if (typeof value === 'function' || typeof value?.bytes === 'function') return;
  if (typeof value?.lines === 'function' && typeof value.more === 'function') return;
  throw wrong(option, 'a function that takes text, or an object with a function bytes that takes bytes, '
    + 'or functions lines and more that take text', value);
}

/** @param {string} option @param {unknown} value */
function functions(option, value) {
  for (const [name, fn] of named(option, value, 'functions'))
    if (typeof fn !== 'function') throw wrong(place(option, name), 'a function', fn);
}

/**
 * @param {string} option @param {unknown} value @param {string} of what
 * @returns {[string, unknown][]}
 */
function named(option, value, of) {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(option, `an object of ${of}`, value);
  return Object.entries(value);
}

/** Text that C can have: it ends at a NUL. @param {string} where @param {unknown} value */
function cText(where, value) {
  if (typeof value !== 'string') throw wrong(where, 'text', value);
  if (value.includes('\0')) throw new TypeError(`${where} must have no NUL, at which C's texts end: ${shown(value)}`);
}

/** @param {string} option @param {unknown} value @param {string[]} allowed */
function oneOf(option, value, allowed) {
  if (allowed.includes(/** @type {string} */ (value))) return;
  throw wrong(option, `${allowed.slice(0, -1).join(', ')} or ${allowed[allowed.length - 1]}`, value);
}

/** @param {string} option @param {unknown} value @param {number} least @param {number} most */
function whole(option, value, least, most) {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return;
  throw new RangeError(`${option} must be a whole number from ${least} to ${most}, not ${shown(value)}`);
}

/** What load() takes, also of another frame's, whose kinds are not ours. */
const PROGRAMS = ['String', 'URL', 'ArrayBuffer', 'SharedArrayBuffer', 'WebAssembly.Module'];

/** @param {unknown} program the first thing that load() is given */
export function checkProgram(program) {
  if (!PROGRAMS.includes(kindOf(program)) && !ArrayBuffer.isView(program))
    throw wrong('the program of load()', 'an address, bytes or a WebAssembly.Module', program);
}

/** @param {string} where @param {string} wanted @param {unknown} value */
const wrong = (where, wanted, value) => new TypeError(`${where} must be ${wanted}, not ${shown(value)}`);

/** @param {string} option @param {string} name */
const place = (option, name) => `${option}[${shown(name)}]`;

/** A value as a sentence has it: its beginning, if it is long. @param {unknown} value */
function shown(value) {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `an object (${value.constructor?.name ?? 'Object'})`;
}
