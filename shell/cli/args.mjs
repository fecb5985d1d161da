// What the verbs share: arguments taken apart, checked, and refused in one clear sentence.
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { constants as zlib, gunzipSync } from 'node:zlib';
import { isGzip } from '../../viewer/trace/sniff.mjs';
import { LIMITS } from '../../wasm/host/abi.mjs';
import { packageRoot } from '../serve.mjs';

/** A mistake of the user's: its message is printed as one line, without a stack. */
export class UserError extends Error {}

/** What to do where a part that build.sh makes is not there: packages have it, a checkout may not. */
export const REPAIR = existsSync(join(packageRoot, '.git')) ? 'bash build.sh makes it' : 'install goroscope again';

/** @typedef {import('node:util').ParseArgsConfig} ParseArgsConfig */

/**
 * Takes arguments apart with node's parseArgs; what it refuses becomes a UserError that names the verb's help.
 * @param {string} verb
 * @param {string[]} args
 * @param {NonNullable<ParseArgsConfig['options']>} options
 * @returns {{values: Record<string, string | boolean | (string | boolean)[] | undefined>,
 *   own: string[], after: string[]}}
 *   own: positionals before `--`, after: those behind it
 */
export function takeApart(verb, args, options) {
  const cut = args.indexOf('--');
  const own = cut < 0 ? args : args.slice(0, cut);
  const after = cut < 0 ? [] : args.slice(cut + 1);
  try {
    const { values, positionals } = parseArgs(
      { args: negative(own, options), options, allowPositionals: true, strict: true });
    return { values: /** @type {any} */ (values), own: positionals, after };
  } catch (e) {
    const [, bare] = /^Option '(?:-\w, )?(--?[\w-]+)(?: <value>)?' argument is ambiguous/.exec(
      /** @type {Error} */ (e).message) ?? [];
    if (bare) {
      const given = own.slice(own.findIndex((a) => a === bare || a === short(bare, options)))[1];
      throw new UserError(
        `${bare} needs a value, and ${given} begins as an option does; see goroscope ${verb} --help`);
    }
    const text = /** @type {Error} */ (e).message.split(/\.? To specify a positional/)[0].split('\n')[0];
    const sentence = text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
    throw new UserError(`${sentence}; see goroscope ${verb} --help`);
  }
}

/** @param {string} long with its dashes @param {NonNullable<ParseArgsConfig['options']>} options */
const short = (long, options) => `-${options[long.slice(2)]?.short}`;

/**
 * A negative number behind an option is its value, so that the option says what it takes.
 * @param {string[]} args @param {NonNullable<ParseArgsConfig['options']>} options @returns {string[]}
 */
function negative(args, options) {
  return args.flatMap((arg, i) => {
    const takes = (/** @type {string | undefined} */ a) =>
      a?.startsWith('--') && options[a.slice(2)]?.type === 'string';
    const isNumber = (/** @type {string | undefined} */ a) => /^-\.?\d/.test(a ?? '');
    if (takes(arg) && isNumber(args[i + 1])) return [`${arg}=${args[i + 1]}`];
    return isNumber(arg) && takes(args[i - 1]) ? [] : [arg];
  });
}

/** @param {string} verb @param {string[]} own @param {string} what the one positional means @returns {string} */
export function onlyOne(verb, own, what) {
  if (own.length === 1) return own[0];
  throw new UserError(own.length === 0 ? `${verb} needs ${what}; see goroscope ${verb} --help`
    : `${verb} takes one of ${what}, "${own[1]}" is one too many; see goroscope ${verb} --help`);
}

/** @param {string} verb @param {string[]} own positionals of a verb that takes none */
export function onlyNone(verb, own) {
  if (own.length > 0) throw new UserError(`${verb} takes no "${own[0]}"; see goroscope ${verb} --help`);
}

/** @param {string} path @returns {string} the path, when it can be read */
export function readable(path) {
  try {
    accessSync(path, constants.R_OK);
    if (statSync(path).isDirectory()) throw new UserError(`${path} is a folder, not a file`);
    return path;
  } catch (e) {
    throw e instanceof UserError ? e : new UserError(`${path} cannot be read: ${reason(e)}`);
  }
}

/**
 * Refuses at once what no reader would take.
 * @param {string} file that can be read @returns {{isPacked: boolean}} isPacked: with gzip
 */
export function mustBeTrace(file) {
  const start = Buffer.alloc(4096), fd = openSync(file, 'r');
  const raw = start.subarray(0, readSync(fd, start)), isPacked = isGzip(raw);
  closeSync(fd);
  let head = raw;
  try {
    if (isPacked) head = gunzipSync(raw, { finishFlush: zlib.Z_SYNC_FLUSH });
  } catch { /* it is refused as it is */ }
  if (/^go 1\.\d\d trace/.test(head.toString('latin1', 0, 16))) return { isPacked };
  throw new UserError(`${file} is not a Go execution trace: it does not begin with "go 1.NN trace"`);
}

/**
 * @param {unknown} e an error of the file system's
 * @param {'file' | 'folder'} [missing] what is not there, if that is it: of a file that is to be made, its folder
 * @returns {string} what went wrong, without code and path
 */
export function reason(e, missing = 'file') {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (e);
  /** @type {Record<string, string>} */
  const words = {
    ENOENT: `there is no such ${missing}`, EACCES: 'permission denied', EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is not a folder',
    ENOSPC: 'no space is left there',
  };
  return words[code ?? ''] ?? message;
}

/**
 * @param {string} name of the option @param {unknown} value @param {readonly string[]} allowed
 * @returns {string | undefined}
 */
export function oneOf(name, value, allowed) {
  if (value === undefined || allowed.includes(/** @type {string} */ (value)))
    return /** @type {string | undefined} */ (value);
  throw new UserError(
    `--${name} must be ${allowed.slice(0, -1).join(', ')} or ${allowed[allowed.length - 1]}, not "${value}"`);
}

/** @param {string} name @param {unknown} value @param {number} min @param {number} max @returns {number | undefined} */
export function wholeNumber(name, value, min, max) {
  if (value === undefined) return undefined;
  const n = /^\d+$/.test(String(value)) ? Number(value) : NaN;
  if (n >= min && n <= max) return n;
  throw new UserError(`--${name} must be a whole number from ${min} to ${max}, not "${value}"`);
}

/**
 * How much a flight recorder keeps: a time such as 10s or 500ms, or a size such as 8M.
 * @param {unknown} value @returns {{ ms?: number, bytes?: number } | undefined}
 */
export function flight(value) {
  if (value === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(String(value)) ?? [];
  const ms = Math.round(Number(number) * (unit === 's' ? 1000 : 1)), most = LIMITS.FLIGHT_MS_MOST;
  if (number === undefined) {
    if (/^\d+[KMG]?$/i.test(String(value))) return { bytes: byteSize('flight', value) };
    throw new UserError(`--flight must be a time such as 10s or 500ms, or a size such as 8M, not "${value}"`);
  }
  if (ms < 1 || ms > most) throw new UserError(`--flight must be from 1ms to ${most / 1000}s, not "${value}"`);
  return { ms };
}

/**
 * A size in bytes, with K, M or G if wanted.
 * @param {string} name @param {unknown} value @returns {number | undefined}
 */
export function byteSize(name, value) {
  if (value === undefined) return undefined;
  const m = /^(\d+)([KMG]?)$/i.exec(String(value));
  if (!m) throw new UserError(`--${name} must be a size in bytes such as 65536, 64K or 8M, not "${value}"`);
  return Number(m[1]) * 1024 ** ' KMG'.indexOf(m[2].toUpperCase() || ' ');
}
