// What the page is set to, and how that stands in its address: ?demo=sieve&procs=4&mode=sim&seed=7&run=1.
//
// Only what differs from the defaults is written, so an address stays short and says what is special about it.
import { MAX_PROCS, wholeNumber } from '../playground/typed.mjs';

/** @typedef {'auto' | 'threads' | 'sim'} ModeChoice */

/**
 * @typedef {object} Settings
 * @property {string} demo           a bundled demo's name; '' when program is set
 * @property {string} program        address of another program of this server, '' for a demo
 * @property {number} procs
 * @property {ModeChoice} mode
 * @property {number} seed
 * @property {'measured' | 'virtual'} clock
 * @property {string | null} args    arguments as typed; null: the demo's own
 * @property {boolean} run           start without being asked
 * @property {string} file           a trace the server hands out (goroscope view), '' for none
 */

const MODES = ['auto', 'threads', 'sim'];

/** @param {number} cores of this machine @returns {Settings} */
export function defaults(cores) {
  return {
    demo: 'wordcount', program: '', procs: Math.min(Math.max(cores, 2), 8), mode: 'auto', seed: 1, clock: 'measured',
    args: null, run: false, file: '',
  };
}

/**
 * Reads an address; what makes no sense there is left at its default.
 * @param {string} query @param {Settings} base @returns {Settings}
 */
export function fromQuery(query, base) {
  const q = new URLSearchParams(query);
  const mode = q.get('mode') ?? '';
  const program = q.get('program') ?? '';
  return {
    demo: program ? '' : q.get('demo') ?? base.demo,
    program,
    procs: wholeNumber(q.get('procs'), 1, MAX_PROCS, base.procs),
    mode: MODES.includes(mode) ? /** @type {ModeChoice} */ (mode) : base.mode,
    seed: wholeNumber(q.get('seed'), 0, Number.MAX_SAFE_INTEGER, base.seed),
    clock: q.get('clock') === 'virtual' ? 'virtual' : base.clock,
    args: q.get('args') ?? base.args,
    run: q.get('run') === '1',
    file: q.get('file') ?? '',
  };
}

/** @param {Settings} settings @param {Settings} base @returns {string} '' or '?…' */
export function toQuery(settings, base) {
  const q = new URLSearchParams();
  if (settings.program) q.set('program', settings.program);
  else if (settings.demo !== base.demo) q.set('demo', settings.demo);
  for (const key of /** @type {const} */ (['procs', 'mode', 'seed', 'clock'])) {
    if (settings[key] !== base[key]) q.set(key, String(settings[key]));
  }
  if (settings.args !== null) q.set('args', settings.args);
  if (settings.run) q.set('run', '1');
  // Slashes need no escape in a query and read better without.
  const text = q.toString().replaceAll('%2F', '/');
  return text ? `?${text}` : '';
}
