// What clang is called with: -cc1, the compiler proper, with what emcc hands it. (The driver would spend seconds on
// finding that out.)
import { longestFirst } from './diagnostics.mjs';

/**
 * @typedef {object} CompileOptions
 * @property {number} optimize 0 to 3
 * @property {string} [std] of the language that it names; the other one keeps its own
 * @property {string[]} defines NAME or NAME=VALUE
 * @property {string[]} includes folders, as the files are named
 * @property {string[]} warnings what stands behind -W
 * @property {boolean} preempt
 * @property {boolean} check
 * @property {boolean} color
 */

/** What stands without a word of the user's. @type {CompileOptions} */
export const DEFAULTS = {
  optimize: 2, defines: [], includes: [], warnings: [], preempt: false, check: false, color: false,
};

/** The step in which the compiler is read. */
export const LOADING = 'load the compiler';

/** @typedef {'c' | 'c++'} Language */

export const C_STANDARDS = ['c99', 'gnu99', 'c11', 'gnu11', 'c17', 'gnu17', 'c23', 'gnu23', 'c2x', 'gnu2x'];
export const CXX_STANDARDS = ['c++11', 'gnu++11', 'c++14', 'gnu++14', 'c++17', 'gnu++17', 'c++20', 'gnu++20'];

/** @param {string} name of a source @returns {Language | undefined} undefined: no source */
export function languageOf(name) {
  return /\.c$/.test(name) ? 'c' : /\.(cpp|cc|cxx|C)$/.test(name) ? 'c++' : undefined;
}

/** What emcc defines; the headers of its C library ask for some of it. */
const DEFINES = ['EMSCRIPTEN', 'unix', '__unix', '__unix__', '_LIBCPP_ABI_VERSION=2'];

/** Like emcc, also where clang would do better without: what is built is to run as fast as what emcc builds.
 * But no red zone: a leaf's frame must be seen to be checked (wasm/passes). */
const CODE = [
  '-mrelocation-model', 'static', '-mframe-pointer=none', '-ffp-contract=on', '-fno-rounding-math',
  '-mconstructor-aliases', '-target-cpu', 'generic',
  ...['+atomics', '+bulk-memory', '+mutable-globals', '+sign-ext'].flatMap((f) => ['-target-feature', f]),
  '-pthread', '-ftls-model=local-exec', '-disable-red-zone', '-fgnuc-version=4.2.1',
  '-mllvm', '-combiner-global-alias-analysis=false', '-mllvm', '-disable-lsr',
];

/** Preemption points: a call on the edges between blocks of code (runtime/core/points.c). */
const POINTS = ['-fsanitize-coverage-type=3', '-fsanitize-coverage-trace-pc'];

/** What is undefined is tested for: build.sh's list (`undefined`) as the driver writes it out. */
const CHECKS = [
  '-fsanitize=alignment,array-bounds,bool,builtin,enum,float-cast-overflow,integer-divide-by-zero,nonnull-attribute,'
  + 'null,object-size,pointer-overflow,return,returns-nonnull-attribute,shift-base,shift-exponent,'
  + 'signed-integer-overflow,unreachable,vla-bound',
  '-fsanitize-recover=alignment,null,object-size,pointer-overflow',
];

/** Else a block that is made, freed twice and not looked at is optimised away. It takes warnings of free(&x) along. */
const KEEP_FREE = '-fno-builtin-free';

const ACTIONS = { object: '-emit-obj', assembly: '-S', diagnostics: '-fsyntax-only', text: '-E' };

/**
 * @param {string} source as the compiler finds it
 * @param {Language} language
 * @param {import('./clang.mjs').Layout} layout
 * @param {CompileOptions} options
 * @param {{ emit: keyof ACTIONS, output: string, roots?: import('./diagnostics.mjs').Root[] }} result
 *   assembly: not optimised, each line with its place; text: preprocessed; roots: what the object calls its files,
 *   __FILE__ among them
 * @returns {string[]}
 */
export function cc1(source, language, layout, options, { emit, output, roots = [] }) {
  const level = emit === 'assembly' ? 0 : options.optimize;
  const isCxx = language === 'c++';
  const std = options.std !== undefined && (isCxx ? CXX_STANDARDS : C_STANDARDS).includes(options.std) ? options.std
    : isCxx ? 'gnu++17' : 'gnu11';
  const checks = options.check ? [`${layout.c}/check`] : [];
  const system = [...checks, `${layout.c}/compat`, ...(isCxx ? [layout.cxx] : []), layout.builtin, layout.c];
  return [
    'clang', '-cc1', '-triple', 'wasm32-unknown-emscripten', ACTIONS[emit],
    '-disable-free', '-main-file-name', source.split('/').at(-1) ?? source, ...CODE, `-O${level}`,
    ...(level >= 2 ? ['-vectorize-loops', '-vectorize-slp'] : []),
    '-debug-info-kind=line-tables-only', '-dwarf-version=4', '-debugger-tuning=gdb',
    '-resource-dir', layout.resource, ...DEFINES.flatMap((d) => ['-D', d]),
    ...options.defines.flatMap((d) => ['-D', d]), ...options.includes.flatMap((d) => ['-I', layout.user + d]),
    '-I', layout.manual, ...system.flatMap((d) => ['-internal-isystem', d]),
    // Of the names that debug information gets the last one that fits holds.
    ...longestFirst(roots).reverse().flatMap(({ at, shown }) =>
      ['macro', 'debug'].map((what) => `-f${what}-prefix-map=${layout.user}${at}=${shown}`)),
    '-Werror=implicit-function-declaration', ...options.warnings.map((w) => `-W${w}`), '-ferror-limit', '19',
    ...(options.color ? ['-fcolor-diagnostics'] : []), ...(options.preempt ? POINTS : []),
    ...(options.check ? CHECKS : []), ...(options.check && emit === 'object' ? [KEEP_FREE] : []),
    `-std=${std}`, ...(isCxx ? ['-fno-rtti', '-fdeprecated-macro'] : []),
    '-o', output, '-x', language, source,
  ];
}
