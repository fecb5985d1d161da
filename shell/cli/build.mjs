// goroscope build: C and C++ sources to a program.
import { spawn } from 'node:child_process';
import { accessSync, constants, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { packageRoot } from '../serve.mjs';
import { UserError, oneOf, readable, reason, takeApart } from './args.mjs';
import { clearUnfinished, writeWhole } from './cache.mjs';
import { interruptible } from './interrupt.mjs';
import { COMPILE_OPTIONS, compileUsage, compilerForms, makeOrTell, requestOf, scriptOptions } from './request.mjs';
import { sourceName } from './sources.mjs';

export const usage = `goroscope build FILE… [-o OUT] [options]

Compiles C (.c) and C++ (.cpp, .cc, .cxx) sources and links them with the runtime. C++ has neither exceptions nor
RTTI.

  -o, --output OUT   where the program goes; without it the first source's name with .wasm (native: without ending)
${compileUsage}\
  --target TARGET    emscripten  one .wasm for threads and sim, run by goroscope's loader (the default)
                     wasi        a WASI command, sim mode, for any WASI engine; by this machine's wasi-libc
                     native      a program of this machine, for sanitizers and debuggers; by its compiler
  --toolchain WHICH  own         the compiler that goroscope brings (the default)
                     system      the whole program by this machine's Emscripten and Binaryen
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('build', compilerForms(args), {
    output: { type: 'string', short: 'o' },
    target: { type: 'string', default: 'emscripten' },
    toolchain: { type: 'string' },
    ...COMPILE_OPTIONS,
  });
  const sources = [...own, ...after];
  if (sources.length === 0) throw new UserError('build needs at least one C source; see goroscope build --help');
  const target = /** @type {string} */ (oneOf('target', values.target, ['emscripten', 'wasi', 'native']));
  const toolchain = oneOf('toolchain', values.toolchain, ['own', 'system']);
  if (toolchain === 'own' && target !== 'emscripten') {
    throw new UserError(`--toolchain=own cannot build for ${target}`);
  }
  for (const source of sources) sourceName(readable(source));
  const request = requestOf(values, sources);
  const stem = basename(sources[0]).replace(/\.\w+$/, '');
  const usual = target === 'native' ? stem : `${stem}.wasm`;
  const out = checkedOutput(resolve(/** @type {string | undefined} */ (values.output) ?? usual), sources);
  const bySystem = toolchain === 'system' || target !== 'emscripten';
  if (bySystem && request.cc !== undefined) {
    throw new UserError('--cc is for the toolchain of goroscope; give no --toolchain=system or --target');
  }
  return bySystem ? buildBySystem(target, out, request) : buildOwn(out, request);
}

/** @param {string} out @param {import('./make.mjs').Request} request @returns {Promise<number>} exit code */
async function buildOwn(out, request) {
  const made = await makeOrTell(request);
  if (!made) return 1;
  try {
    await interruptible(clearUnfinished, () => writeWhole(out, [made.wasm]));
  } catch (e) {
    throw new UserError(`${out} cannot be written: ${reason(e, 'folder')}`);
  }
  return 0;
}

/** @typedef {import('./make.mjs').Request} Request */

/** @param {string} target @param {string} out @param {Request} request */
function buildBySystem(target, out, request) {
  const cxx = request.sources.find((s) => !s.endsWith('.c'));
  if (cxx) {
    throw new UserError(`${cxx} is C++, which only the toolchain of goroscope builds, for the target emscripten`);
  }
  const options = scriptOptions({ ...request, includes: request.includes.map((d) => resolve(d)) });
  const script = join(packageRoot, 'build.sh');
  const sources = request.sources.map((s) => resolve(s));
  return runBash([script, 'program', target, out, ...sources, ...options]);
}

/**
 * @param {string} out as it was typed @param {string[]} sources
 * @returns {string} the file to write: a link is not replaced
 */
function checkedOutput(out, sources) {
  const file = behindLinks(out);
  const there = statSync(out, { throwIfNoEntry: false });
  if (there?.isFile() && sources.some((s) => realpathSync(s) === realpathSync(out))) {
    throw new UserError(`${out} is a source; choose another output with -o`);
  }
  const dir = dirname(file);
  try {
    accessSync(dir, constants.W_OK);
  } catch {
    throw new UserError(`${out} cannot be written: the folder ${dir} is not there or not writable`);
  }
  if (there?.isDirectory()) throw new UserError(`${out} is a folder; name a file with -o`);
  // The program is put in place by a rename, which would take a device's place.
  if (there && !there.isFile()) throw new UserError(`${out} is a device or a pipe; name a file with -o`);
  return file;
}

/** More links than that in a row are a circle. */
const MOST_LINKS = 40;

/** @param {string} path @returns {string} the file that it leads to, also if that is not there */
function behindLinks(path) {
  let file = path;
  for (let i = 0; i < MOST_LINKS; i++) {
    const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink();
    if (!isLink) return file;
    file = resolve(realpathSync(dirname(file)), readlinkSync(file));
  }
  throw new UserError(`${path} cannot be written: the link leads to itself`);
}

/** @param {string[]} args @returns {Promise<number>} the script's exit code, 1 for any failure */
function runBash(args) {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', args, { cwd: packageRoot, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => reject(new UserError('the targets wasi and native, and --toolchain=system, take what this '
      + 'machine has to build with, and bash, which calls it, is not there')));
    child.on('close', (code) => resolve(code === 0 ? 0 : 1));
  });
}
