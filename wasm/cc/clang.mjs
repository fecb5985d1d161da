// Clang as a program in wasm (the npm package @yowasp/clang): called with files in memory, it gives back what it
// said and what it wrote. A system's clang stands in for it by the same methods (shell/cli/system-clang.mjs).
import { BuildError } from '../passes/errors.mjs';

/**
 * Files in memory, folders in folders.
 * @typedef {{ [name: string]: Tree | Uint8Array | string }} Tree
 */

/**
 * What is used of @yowasp/clang.
 * @typedef {object} Bundle
 * @property {(args: string[] | null, files: Tree, options: object) => Promise<Tree>} runLLVM
 */

/**
 * Where a clang finds things.
 * @typedef {object} Layout
 * @property {string} user before the names of the user's files
 * @property {string} c folder of the C library's headers
 * @property {string} cxx folder of the headers of C++'s library
 * @property {string} manual folder of goroscope.h
 * @property {string} builtin folder of the compiler's own headers
 * @property {string} resource `-resource-dir`
 */

/**
 * @typedef {object} Said
 * @property {boolean} ok exit code 0
 * @property {string} text standard error
 * @property {Uint8Array} out standard output
 * @property {Tree} files
 */

/**
 * Clang, and with it wasm-ld and c++filt: the first argument says which.
 * @typedef {object} Compiler
 * @property {Layout} layout
 * @property {(args: string[], files: Tree, outputs: string[]) => Promise<Said>} run outputs: names of files it may
 *   write. Large ones better come by standard output: a file of the package's grows by copying.
 */

/** The clang of the package. It has no folders `..`: an overlay takes names apart before they reach it. */
const OVERLAY = JSON.stringify({
  version: 0, 'case-sensitive': 'true',
  roots: [{ type: 'directory-remap', name: '/src', 'external-contents': '/src' }],
});

/** @implements {Compiler} */
export class WasmClang {
  /** @type {Layout} */
  layout = {
    user: '/src', c: '/libc', cxx: '/libcxx', manual: '/goroscope', builtin: '/usr/include', resource: '/usr',
  };
  #bundle;
  /** @type {Tree} */
  #system = {};

  /** @param {Bundle} bundle */
  constructor(bundle) {
    this.#bundle = bundle;
  }

  /** @param {'c' | 'cxx' | 'manual'} folder of the layout @param {Tree} files */
  provide(folder, files) {
    this.#system[this.layout[folder].slice(1)] = files;
  }

  /** Makes it ready: V8 compiles it. @returns {Promise<void>} */
  async load() {
    await this.#bundle.runLLVM(null, {}, { fetchProgress() {} });
  }

  /** @param {string[]} args @param {Tree} files @param {string[]} outputs @returns {Promise<Said>} */
  async run(args, files, outputs) {
    const said = new Pieces(), out = new Pieces();
    const options = { stdin: null, stdout: out.take, stderr: said.take, decodeASCII: false, fetchProgress() {} };
    const isCompile = args[1] === '-cc1';
    const all = isCompile ? [...args, '-ivfsoverlay', '/overlay.json'] : args;
    try {
      const tree = await this.#bundle.runLLVM(all, { ...this.#system, 'overlay.json': OVERLAY, ...files }, options);
      return { ok: true, text: said.text(), out: out.all(), files: pick(tree, outputs) };
    } catch (e) {
      const { code, message } = /** @type {{ code?: number } & Error} */ (e);
      // Out of memory, or a mistake of the compiler's: a trap, which says nothing of the sources.
      if (code === undefined) throw new BuildError(failure(args, message, said.text()));
      return { ok: false, text: said.text(), out: out.all(), files: {} };
    }
  }
}

/**
 * @param {string[]} args @param {string} why the engine's words @param {string} said
 * @returns {string} what stands behind the name of a file
 */
function failure(args, why, said) {
  const first = said.split('\n').find((line) => line !== '');
  const isDeep = /stack/i.test(why); // the package's stack: nothing of ours makes it larger
  return `${args[1] === '-cc1' ? 'the compiler' : args[0]} has failed (${why})` + (first ? `: ${first}` : '') +
    (isDeep ? '; something is nested too deeply, such as a thousand else if: a switch or a loop over a table does ' +
      'the same' : '');
}

/** Bytes as they come. */
class Pieces {
  /** @type {Uint8Array[]} */
  #pieces = [];

  /** @param {Uint8Array | null} bytes */
  take = (bytes) => {
    if (bytes) this.#pieces.push(bytes.slice());
  };

  all() {
    const all = new Uint8Array(this.#pieces.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const piece of this.#pieces) all.set(piece, (at += piece.length) - piece.length);
    return all;
  }

  text() {
    return new TextDecoder().decode(this.all());
  }
}

/** @param {Tree} tree @param {string[]} names @returns {Tree} */
function pick(tree, names) {
  return Object.fromEntries(names.filter((n) => Object.hasOwn(tree, n)).map((n) => [n, tree[n]]));
}

/**
 * Puts a file into a tree, at a path of its folders.
 * @param {Tree} tree @param {string} path @param {Uint8Array | string} content
 */
export function place(tree, path, content) {
  const parts = path.split('/').filter((p) => p !== '' && p !== '.');
  const name = /** @type {string} */ (parts.pop());
  let at = tree;
  // All objects have a constructor, which is no folder.
  for (const part of parts) at = /** @type {Tree} */ (at[part] = Object.hasOwn(at, part) ? at[part] : {});
  at[name] = content;
}
