// options.mjs: the load options: which are allowed, and what becomes of them in the program's own words.
import { LARGEST_RING, LIMITS, MEMORY_INITIAL, MEMORY_MAXIMUM, smallestRing } from './abi.mjs';

export const { MAX_PROCS } = LIMITS;

/** @typedef {import('./types.d.mts').LoadOptions} LoadOptions */

/** @param {LoadOptions} o */
export function checkOptions(o) {
  const { procs } = o;
  if (procs !== undefined && (!Number.isInteger(procs) || procs < 1 || procs > MAX_PROCS)) {
    throw new RangeError(`procs must be a whole number from 1 to ${MAX_PROCS}, not ${procs}`);
  }
  if (o.mode !== undefined && !['auto', 'threads', 'sim'].includes(o.mode)) {
    throw new TypeError(`mode must be auto, threads or sim, not ${o.mode}`);
  }
  if (o.clock !== undefined && !['measured', 'virtual'].includes(o.clock)) {
    throw new TypeError(`clock must be measured or virtual, not ${o.clock}`);
  }
  if (o.trace && o.trace.mode !== undefined && o.trace.mode !== 'stream') {
    throw new TypeError(`trace.mode must be stream, not ${o.trace.mode}`);
  }
  if (o.maxMemory !== undefined && !(o.maxMemory >= MEMORY_INITIAL && o.maxMemory <= MEMORY_MAXIMUM)) {
    throw new RangeError(`maxMemory must be from ${MEMORY_INITIAL} to ${MEMORY_MAXIMUM} bytes`);
  }
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    const output = o[name];
    if (output === undefined || typeof output === 'function' || typeof output?.bytes === 'function') continue;
    throw new TypeError(`${name} must be a function that takes text, ` +
      'or an object with a function bytes that takes bytes');
  }
}

/**
 * What can be said of the trace's ring once it is known how many Ps there are.
 * @param {LoadOptions} o
 * @param {number} procs
 */
export function checkRing({ trace }, procs) {
  const ringBytes = trace ? trace.ringBytes : undefined, least = smallestRing(procs);
  if (ringBytes === undefined
    || (Number.isInteger(ringBytes) && ringBytes >= least && ringBytes <= LARGEST_RING)) return;
  throw new RangeError(`trace.ringBytes must be a whole number from ${least} (the smallest ring for ${
    procs} Ps) to ${LARGEST_RING}, not ${ringBytes}`);
}

/**
 * CONFIG_WORDS (abi.mjs), all but argc, argv and debug.
 * @param {LoadOptions} options
 * @param {number} procs
 * @param {import('./types.d.mts').Mode} mode
 */
export function configOf({ seed, clock, stackBytes = 0, trace }, procs, mode) {
  const random = crypto.getRandomValues(new Uint32Array(2));
  const s = BigInt.asUintN(64, seed === undefined ? BigInt(random[0]) << 32n | BigInt(random[1]) : BigInt(seed));
  return {
    procs, sim: +(mode === 'sim'), virtualClock: +(clock === 'virtual'), stackBytes,
    ringBytes: trace === false ? 0 : trace?.ringBytes ?? LIMITS.DEFAULT_RING,
    seedLo: Number(s & 0xffffffffn), seedHi: Number(s >> 32n),
  };
}

/**
 * The same for WASI programs, which are told by their environment.
 * @param {LoadOptions} options
 * @param {ReturnType<typeof configOf>} config
 * @param {string} traceFile the file that the program writes its trace to
 * @returns {{[name: string]: string}}
 */
export function wasiEnvironment(options, config, traceFile) {
  return {
    ...options.env, GOROSCOPE_PROCS: String(config.procs),
    GOROSCOPE_SEED: String(BigInt(config.seedHi) << 32n | BigInt(config.seedLo)),
    GOROSCOPE_CLOCK: options.clock ?? 'measured',
    ...options.debug ? { GRDEBUG: options.debug } : {},
    ...config.stackBytes ? { GOROSCOPE_STACK: String(config.stackBytes) } : {},
    ...config.ringBytes ? { GOROSCOPE_TRACE: traceFile, GOROSCOPE_RING: String(config.ringBytes) } : {},
  };
}
