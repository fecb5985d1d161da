// Types of the package's `goroscope/compile` (client.mjs): from C and C++ to a program, in a page. Nothing of it runs
// on the page's own thread; clang, the linker and the passes are in a worker.
//
//     import { Builder } from 'goroscope/compile';
//     const builder = new Builder({ clang, binaryen, kit, manual });
//     const { wasm, text } = await builder.build({ 'prog.c': 'int gr_main(int argc, char **argv) { … }' });
//     if (wasm) await (await load(wasm)).run();
//     else console.log(text);

/**
 * Where the parts of the compiler are; relative addresses are the page's. Those of other origins must allow it (CORS).
 * A page with the header COEP needs CORP there as well.
 */
export interface Addresses {
  /** gen/bundle.js of the npm package @yowasp/clang, its other files beside it (23 MB packed). */
  clang: string;
  /** index.js of the npm package binaryen. */
  binaryen: string;
  /** The package's folder build/kit. */
  kit: string;
  /** The package's folder runtime/include. */
  manual: string;
  /** Of `goroscope/build-worker`, where it does not lie beside the module; blob: too. */
  worker?: string | URL;
}

export interface BuilderEvents {
  /** Bytes of the compiler that have come, of so many, unpacked, while it is fetched; kept ones are not told of. */
  onFetch?: (fetched: number, of: number) => void;
  /** What begins in a build: 'compile', 'link', … */
  onStep?: (step: string) => void;
}

export interface BuildOptions {
  /** -O0 to -O3; 2 unless given. */
  optimize?: number;
  /** Of C 'gnu11' unless given, of C++ 'gnu++17'; c99 to c23, c++11 to c++20, and gnu… */
  std?: string;
  /** NAME or NAME=VALUE. */
  defines?: string[];
  /** Folders of headers, as `files` has them in its names. */
  includes?: string[];
  /** What stands behind -W: 'all', 'extra', 'error', … */
  warnings?: string[];
  /** Goroutines can be preempted wherever they compute. */
  preempt?: boolean;
  /** Mistakes of the program are found while it runs, which costs speed. */
  check?: boolean;
}

/** One message of the compiler, or of what comes after it. */
export interface Diagnostic {
  /** As the sources were named; '' where no file is to blame. */
  file: string;
  /** From 1; 0: of the whole file. */
  line: number;
  column: number;
  severity: 'error' | 'warning' | 'note';
  text: string;
}

export interface Step {
  name: string;
  ms: number;
}

export interface Built {
  /** The program, for load(); missing when the sources cannot be built, which `text` says. */
  wasm?: Uint8Array;
  /** What `goroscope build` would print. */
  text: string;
  /** The same taken apart. */
  diagnostics: Diagnostic[];
  /** How long it took. */
  steps: Step[];
}

/** Builds one program after the other; compiler and passes stay warm in between, in about 300 MB. */
export class Builder {
  constructor(addresses: Addresses, events?: BuilderEvents);
  /**
   * Fetches and warms the compiler, unless that has been done: worth while as long as nobody waits for a build, which
   * else warms it as well. Rejects if a part cannot be loaded; the next start tries again.
   */
  start(): Promise<Step[]>;
  /**
   * Files are texts by their names; those named .c, .cpp, .cc or .cxx are compiled, the others are headers. Rejects if
   * a part cannot be loaded, and by stop(); what is wrong with the sources is no rejection.
   */
  build(files: Record<string, string>, options?: BuildOptions): Promise<Built>;
  /** Ends the worker, whatever it is at; the next build starts it anew. */
  stop(): void;
}
