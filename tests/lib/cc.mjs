// The compiler of wasm/cc in a test's own process, warm after the first use.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { installedCompiler } from '../../shell/cli/compiler.mjs';
import { DEFAULTS } from '../../wasm/cc/arguments.mjs';
import { WasmClang } from '../../wasm/cc/clang.mjs';
import { unpack } from '../../wasm/cc/headers.mjs';
import { makeProgram } from '../../wasm/cc/program.mjs';
import { ROOT } from './run.mjs';

const kit = join(ROOT, 'build/kit');
const manual = join(ROOT, 'runtime/include');

/** @type {Promise<WasmClang> | undefined} */
let loaded;

/** @returns {Promise<WasmClang>} */
export function clang() {
  return loaded ??= load();
}

async function load() {
  setFlagsFromString('--liftoff-only');
  const module = installedCompiler();
  if (!module) throw new Error('npm install installs the compiler for the tests');
  const made = new WasmClang(await import(pathToFileURL(module).href));
  made.provide('c', await unpack(readFileSync(join(kit, 'headers-c.gz'))));
  made.provide('cxx', await unpack(readFileSync(join(kit, 'headers-cxx.gz'))));
  made.provide('manual', Object.fromEntries(readdirSync(manual).map((f) => [f, readFileSync(join(manual, f))])));
  return made;
}

export const OPTIONS = DEFAULTS;

/** @param {Record<string, string>} files name -> text; those that end as sources do are compiled */
export const sourcesOf = (files) => ({
  files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`/home/me/${name}`, text])),
  sources: Object.keys(files).filter((name) => /\.(c|cpp)$/.test(name)).map((name) => `/home/me/${name}`),
  roots: [{ at: '/home/me/', shown: '' }],
});

/**
 * What is said of sources before they are linked. @param {Record<string, string>} files
 * @param {Partial<import('../../wasm/cc/arguments.mjs').CompileOptions>} [options]
 * @returns {Promise<string>} "" if nobody has anything against them
 */
export async function saidOf(files, options = {}) {
  try {
    const { text } = await makeProgram(sourcesOf(files), { ...OPTIONS, ...options }, {
      clang: await clang(), step() {}, libraries: async () => ({}),
      passes: async () => {
        throw new Error('nobody has anything against it');
      },
    });
    return text;
  } catch (e) {
    const { message, file, line, text = '' } = /** @type {any} */ (e);
    return message === 'nobody has anything against it' ? '' : `${text}${file ?? ''}:${line ?? ''}: ${message}`;
  }
}
