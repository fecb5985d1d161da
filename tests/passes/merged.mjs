// Programs built the merged way (wasm/passes/build.mjs) from objects of the system's clang, for the tests of the
// passes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import binaryen from 'binaryen';
import { buildProgram, prepareKit } from '../../wasm/passes/build.mjs';
import { OUT, ROOT, exec, madeKit, slot } from '../lib/run.mjs';

const KIT = join(ROOT, 'build/kit/threads');
const { NODE_PATH = '/usr/share/nodejs', EMSDK_PYTHON = '/usr/bin/python3' } = process.env;
/** As in build.sh. @type {Record<string, string>} */
const env = existsSync('/usr/share/emscripten/emcc.py') ? { NODE_PATH, EMSDK_PYTHON } : {};

/** As build.sh compiles a program's own sources, for emscripten. */
export const FLAGS = ['-pthread', '-mbulk-memory', '-O2', '-std=gnu11', '-Iruntime/include',
  '-ftls-model=local-exec',
  '-Xclang', '-disable-red-zone'];
const LINES = '-gline-tables-only';
const POINTS = ['-fsanitize-coverage=edge,trace-pc'];

/** @type {Promise<import('../../wasm/passes/merge.mjs').PreparedKit> | undefined} */
let kit;

/** The kit, brought up to date. */
export function preparedKit() {
  kit ??= (async () => {
    await madeKit();
    return prepareKit({ wasm: readFileSync(join(KIT, 'runtime.wasm')),
      manifest: JSON.parse(readFileSync(join(KIT, 'manifest.json'), 'utf8')) });
  })();
  return kit;
}

/**
 * The object of one source.
 * @param {string} source relative to the root @param {string} out @param {string[]} [flags]
 */
export async function compile(source, out, flags = []) {
  const r = await slot(() => exec('emcc', [...FLAGS, ...flags, '-c', source, '-o', out], { env }));
  if (r.exitCode !== 0) throw new Error(`${source} does not compile:\n${r.stderr}`);
  return new Uint8Array(readFileSync(out));
}

/**
 * Builds a program of one or more sources the merged way.
 * @param {string[]} sources relative to the root
 * @param {{ preempt?: boolean, flags?: string[], name?: string, names?: boolean, lines?: boolean }} [options]
 *   flags of the compiler's; lines: with debug information
 * @returns {Promise<{ path: string, steps: import('../../wasm/passes/build.mjs').Step[], notes: string[] }>}
 */
export async function buildMerged(sources, { preempt = false, flags = [], name, names, lines = true } = {}) {
  const folder = join(OUT, 'merged', basename(dirname(sources[0])));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name ?? basename(sources[0], '.c')}${preempt ? '.points' : ''}.wasm`);
  const all = [...preempt ? POINTS : [], ...lines ? [LINES] : [], ...flags];
  const objects = await Promise.all(sources.map(async (source, i) => ({ name: source,
    bytes: await compile(source, `${path}.${i}.o`, all) })));
  const { wasm, steps, notes } = await buildObjects(objects, { preempt, names,
    relink: () => relink(path, objects.length) });
  writeFileSync(path, wasm);
  return { path, steps, notes };
}

/**
 * Builds a program of objects.
 * @param {import('../../wasm/passes/build.mjs').ObjectInput[]} objects
 * @param {import('../../wasm/passes/build.mjs').BuildOptions} [options]
 */
export async function buildObjects(objects, options) {
  return buildProgram({ objects, kit: await preparedKit(), binaryen, options });
}

/** @param {string} path @param {number} n */
async function relink(path, n) {
  const out = `${path}.all.o`;
  const r = await exec('wasm-ld', ['-r', ...Array.from({ length: n }, (_, i) => `${path}.${i}.o`), '-o', out]);
  if (r.exitCode !== 0) throw new Error(r.stderr);
  return new Uint8Array(readFileSync(out));
}
