// options.mjs: what becomes of the load options in the program's own words. They were checked (check-options.mjs).
import { LIMITS } from './abi.mjs';

/** @typedef {import('./types.d.mts').LoadOptions} LoadOptions */

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
    ringBytes: trace === false ? 0 : trace?.bytes ?? trace?.ringBytes ?? LIMITS.DEFAULT_RING,
    flight: +isFlight({ trace }), flightMs: trace ? trace.ms ?? 0 : 0,
    traceVersion: trace && trace.version === '1.26' ? 26 : 25,
    traceAsked: +isAsked({ trace }),
    seedLo: Number(s & 0xffffffffn), seedHi: Number(s >> 32n),
  };
}

/** Whether the trace is a flight recorder's. @param {LoadOptions} options */
export const isFlight = ({ trace }) => trace !== false && trace?.mode === 'flight';

/** Whether the first trace begins later than the program. @param {LoadOptions} options */
export const isAsked = ({ trace }) => trace !== false && trace?.begin === 'asked';

/**
 * Settings as in GRDEBUG; what is asked of the trace comes first, so that `debug` counts where both say something.
 * @param {LoadOptions} options
 */
export function debugOf({ debug = '', trace }) {
  const { samples, stacks, allocFree } = trace || {};
  return [
    ...samples === undefined ? [] : [`tracesamples=${+samples}`],
    ...stacks === undefined ? [] : [`tracestacks=${+(stacks === 'full')}`],
    ...allocFree === undefined ? [] : [`traceallocfree=${+allocFree}`],
    ...debug ? [debug] : [],
  ].join(',');
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
    ...debugOf(options) ? { GRDEBUG: debugOf(options) } : {},
    ...config.stackBytes ? { GOROSCOPE_STACK: String(config.stackBytes) } : {},
    ...config.ringBytes ? {
      GOROSCOPE_TRACE: traceFile, GOROSCOPE_RING: String(config.ringBytes),
      GOROSCOPE_TRACE_VERSION: `1.${config.traceVersion}`,
      ...config.traceAsked ? { GOROSCOPE_TRACE_BEGIN: 'asked' } : {},
      ...config.flight ? { GOROSCOPE_FLIGHT: String(config.flightMs) } : {},
    } : {},
  };
}
