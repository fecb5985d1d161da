// All that building needs, loaded once and warm for the next build: clang and its headers, Binaryen, the prebuilt
// runtime. Where they come from, who makes it says: files for the command line (shell/cli/builder-child.mjs),
// addresses for a page (wasm/cc/build-worker.mjs).
import { LOADING, languageOf } from './arguments.mjs';
import { WasmClang } from './clang.mjs';
import { unpack } from './headers.mjs';
import { makeProgram } from './program.mjs';

/** @typedef {import('./clang.mjs').Tree} Tree */
/** @typedef {import('./clang.mjs').Compiler} Compiler */
/** @typedef {import('./program.mjs').Passes} Passes */

/**
 * @typedef {object} Parts each is asked for once, when it is needed
 * @property {() => Promise<import('./clang.mjs').Bundle>} bundle the npm module of clang, yowasp's
 * @property {() => Promise<Compiler>} [compiler] instead of it
 * @property {() => Promise<any>} binaryen the npm module
 * @property {(name: string) => Promise<Uint8Array>} kit a file of build/kit, threads/runtime.wasm for one
 * @property {() => Promise<Tree>} manual goroscope.h and its like
 */

export class Toolchain {
  #parts;
  #step;
  /** @type {Promise<Compiler> | undefined} */
  #compiler;
  #hasCxx = false;
  /** By the folder of the prebuilt runtime. @type {Map<string, Promise<Passes>>} */
  #passes = new Map();

  /** @param {Parts} parts @param {(name: string) => void} step told which step begins */
  constructor(parts, step) {
    this.#parts = parts;
    this.#step = step;
  }

  /**
   * @param {import('./compile.mjs').Sources} from
   * @param {import('./arguments.mjs').CompileOptions} options
   * @returns {Promise<import('./program.mjs').Outcome>} throws a BuildError for what is wrong beyond the compiler's
   *   errors
   */
  async build(from, options) {
    const begun = performance.now();
    const loading = this.#compilerFor(from);
    // While V8 compiles clang on its own threads, the passes are read on this one.
    const passes = this.#passesOf(options.check ? 'check' : 'threads');
    const clang = await loading;
    const load = { name: 'load', ms: performance.now() - begun };
    const outcome = await makeProgram(from, options, {
      clang, step: this.#step, passes: () => passes,
      libraries: async () => /** @type {Record<string, Uint8Array>} */ (await this.#unpacked('libraries-cxx.gz')),
    });
    return { ...outcome, steps: [load, ...outcome.steps] };
  }

  /** @param {string} name */
  async #unpacked(name) {
    return unpack(await this.#parts.kit(name)).catch(() => {
      throw new Error(`the prebuilt runtime's ${name} is cut off or damaged`);
    });
  }

  /** @param {import('./compile.mjs').Sources} from */
  async #compilerFor({ sources }) {
    if (this.#compiler === undefined) this.#step(LOADING);
    const loading = this.#compiler ??= this.#parts.compiler?.() ?? this.#loadClang();
    // What could not be had now may be had for the next build.
    loading.catch(() => (this.#compiler = undefined));
    const compiler = await loading;
    if (compiler instanceof WasmClang && !this.#hasCxx && sources.some((s) => languageOf(s) === 'c++')) {
      compiler.provide('cxx', await this.#unpacked('headers-cxx.gz'));
      this.#hasCxx = true;
    }
    return compiler;
  }

  async #loadClang() {
    const clang = new WasmClang(await this.#parts.bundle());
    clang.provide('c', await this.#unpacked('headers-c.gz'));
    clang.provide('manual', await this.#parts.manual());
    await clang.load();
    return clang;
  }

  /** @param {string} folder of the kit */
  #passesOf(folder) {
    const passes = this.#passes.get(folder) ?? this.#loadPasses(folder);
    this.#passes.set(folder, passes);
    passes.catch(() => this.#passes.delete(folder)); // who asks for them is told; the next build tries again
    return passes;
  }

  /** @param {string} folder @returns {Promise<Passes>} */
  async #loadPasses(folder) {
    const { buildProgram, prepareKit } = await import('../passes/build.mjs');
    const binaryen = await this.#parts.binaryen();
    const [text, wasm] = await Promise.all(['manifest.json', 'runtime.wasm'].map((name) =>
      this.#parts.kit(`${folder}/${name}`)));
    const manifest = JSON.parse(new TextDecoder().decode(text));
    return { buildProgram, binaryen, kit: prepareKit({ wasm, manifest }) };
  }
}
