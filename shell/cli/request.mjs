// The options that say how sources are compiled, the same for `build` and `run`.
import { statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { C_STANDARDS, CXX_STANDARDS } from '../../wasm/cc/arguments.mjs';
import { sentenceOf } from '../../wasm/cc/diagnostics.mjs';
import { BuildError } from '../../wasm/passes/errors.mjs';
import { UserError, oneOf, readable } from './args.mjs';
import { NotCompiled, make } from './make.mjs';
import { Progress } from './progress.mjs';

/** For takeApart. */
export const COMPILE_OPTIONS = /** @type {const} */ ({
  include: { type: 'string', short: 'I', multiple: true },
  define: { type: 'string', short: 'D', multiple: true },
  warning: { type: 'string', short: 'W', multiple: true },
  optimize: { type: 'string', short: 'O' },
  std: { type: 'string' },
  preempt: { type: 'boolean' },
  check: { type: 'boolean' },
  cc: { type: 'string' },
});

export const compileUsage = `\
  -I DIR             a folder of headers; may be repeated
  -D NAME[=VALUE]    defines a macro; may be repeated
  -O0 … -O3          how much to optimise (-O2 without it)
  -std=STANDARD      C: c99, c11, c17, c23 or gnu… (gnu11 without it); C++: c++11 to c++20 or gnu++… (gnu++17)
  -W…                as clang has them: -Wall, -Wextra, -Werror
  --preempt          goroutines can be preempted wherever they compute in these sources, not only when they call the
                     runtime; what that costs: docs/preemption.md
  --check            looks for mistakes while the program runs and stops at the first, with what happened, goroutine,
                     file and line: what is undefined in C (overflow, bad shifts and indices, null and misaligned
                     pointers, …) panics as in Go, misuse of malloc (freed twice, written to after free or beyond
                     the end, …) is a fatal error. The runtime checks itself too. Slower, for learning and for tests
  --cc CLANG         a clang of this machine compiles, not the one that goroscope brings
`;

/** What compilers write with one dash, or without a value, as parseArgs wants it. @param {string[]} args */
export function compilerForms(args) {
  const end = args.indexOf('--');
  return args.map((a, i) => (end >= 0 && i > end ? a : a.startsWith('-std=') ? `-${a}` : a === '-O' ? '-O1' : a));
}

/** @param {Record<string, unknown>} values @param {string[]} sources @returns {import('./make.mjs').Request} */
export function requestOf(values, sources) {
  const list = (/** @type {string} */ name) => /** @type {string[]} */ (values[name] ?? []);
  for (const dir of list('include')) {
    const isFolder = statSync(dir, { throwIfNoEntry: false })?.isDirectory();
    if (!isFolder) throw new UserError(`-I ${dir}: there is no such folder`);
  }
  for (const define of list('define')) {
    if (/^[A-Za-z_]\w*(\([^)]*\))?(=|$)/.test(define)) continue;
    throw new UserError(`-D takes NAME or NAME=VALUE, not "${define}"`);
  }
  if (values.optimize !== undefined && !/^[0-3]$/.test(String(values.optimize))) {
    throw new UserError(`-O takes 0, 1, 2 or 3, not "${values.optimize}"`);
  }
  const twice = sources.find((s, i) => sources.findIndex((other) => resolve(other) === resolve(s)) < i);
  if (twice) throw new UserError(`${twice} is given twice`);
  return {
    sources, includes: list('include'), defines: list('define'), warnings: list('warning'),
    optimize: Number(values.optimize ?? 2), std: oneOf('std', values.std, [...C_STANDARDS, ...CXX_STANDARDS]),
    preempt: values.preempt === true, check: values.check === true,
    cc: values.cc === undefined ? undefined : programNamed(String(values.cc)),
  };
}

/** @param {string} cc a path, or a name as a shell takes it @returns {string} a path */
function programNamed(cc) {
  if (/[\\/]/.test(cc)) return resolve(readable(cc));
  const names = process.platform === 'win32' ? [cc, `${cc}.exe`] : [cc];
  const paths = (process.env.PATH ?? '').split(delimiter).flatMap((dir) => names.map((name) => join(dir, name)));
  const found = paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found) return resolve(found); // it is called in other folders; the PATH may have relative ones
  throw new UserError(`--cc ${cc}: no folder of the PATH has such a program; a path has a slash (./${cc})`);
}

/** The same for the package's build script. @param {import('./make.mjs').Request} request @returns {string[]} */
export function scriptOptions({ includes, defines, warnings, optimize, std, preempt, check }) {
  return [
    ...includes.map((d) => `-I${d}`), ...defines.map((d) => `-D${d}`), ...warnings.map((w) => `-W${w}`),
    `-O${optimize}`, ...(std === undefined ? [] : [`-std=${std}`]), ...(preempt ? ['--preempt'] : []),
    ...(check ? ['--check'] : []),
  ];
}

/**
 * @param {unknown} e what make threw
 * @returns {string} what there is to print; throws what is no fault of the sources
 */
export function told(e) {
  if (e instanceof NotCompiled) return e.text;
  if (!(e instanceof BuildError)) throw e;
  return sentenceOf(e);
}

/**
 * Makes a program and prints what the compiler says of it.
 * @param {import('./make.mjs').Request} request
 * @returns {Promise<import('./make.mjs').Made | null>} null: it cannot be made, which has been said
 */
export async function makeOrTell(request) {
  try {
    const progress = new Progress(process.stderr);
    const made = await make(request, { progress, color: Boolean(process.stderr.isTTY) });
    process.stderr.write(made.text);
    return made;
  } catch (e) {
    process.stderr.write(told(e));
    return null;
  }
}
