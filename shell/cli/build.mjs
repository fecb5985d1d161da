// goroscope build: C sources to a program, by the package's build script.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { packageRoot } from '../serve.mjs';
import { UserError, oneOf, readable, takeApart } from './args.mjs';

export const usage = `goroscope build FILE.c… [-o OUT] [--target=emscripten|wasi|native] [--preempt] [--check]

Compiles and links C sources with the runtime.

  -o, --output OUT   where the program goes; without it the first source's name with .wasm (native: without ending)
  --target TARGET    emscripten  one .wasm for threads and sim, run by goroscope's loader (the default)
                     wasi        a WASI command, sim mode, for any WASI engine
                     native      a program of this machine, for sanitizers and debuggers
  --preempt          goroutines can be preempted wherever they compute in these sources, not only when they call the runtime;
                     what that costs: docs/preemption.md
  --check            looks for mistakes while the program runs and stops at the first, with what happened, goroutine, file and
                     line: what is undefined in C (overflow, bad shifts and indices, null and misaligned pointers, …) panics
                     as in Go, misuse of malloc (freed twice, written to after free or beyond the end, …) is a fatal error.
                     The runtime checks itself too. Slower, for learning and for tests
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('build', args, {
    output: { type: 'string', short: 'o' },
    target: { type: 'string', default: 'emscripten' },
    preempt: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  });
  const sources = [...own, ...after];
  if (sources.length === 0) throw new UserError('build needs at least one C source; see goroscope build --help');
  const target = /** @type {string} */ (oneOf('target', values.target, ['emscripten', 'wasi', 'native']));
  for (const source of sources) readable(source);
  const stem = basename(sources[0]).replace(/\.c$/, '');
  const out = resolve(/** @type {string | undefined} */ (values.output) ?? (target === 'native' ? stem : `${stem}.wasm`));
  checkOutput(out, sources);
  const script = join(packageRoot, 'build.sh');
  const options = ['preempt', 'check'].filter((name) => values[name]).map((name) => `--${name}`);
  return runBash([script, 'program', target, out, ...sources.map((s) => resolve(s)), ...options]);
}

/** @param {string} out @param {string[]} sources */
function checkOutput(out, sources) {
  if (sources.some((s) => resolve(s) === out)) throw new UserError(`${out} is a source; choose another output with -o`);
  const dir = dirname(out);
  try {
    accessSync(dir, constants.W_OK);
  } catch {
    throw new UserError(`${out} cannot be written: the folder ${dir} is not there or not writable`);
  }
  const there = statSync(out, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new UserError(`${out} is a folder; name a file with -o`);
  // The program is put in place by a rename, which would take a device's place.
  if (there && !there.isFile()) throw new UserError(`${out} is a device or a pipe; name a file with -o`);
}

/** @param {string[]} args @returns {Promise<number>} the script's exit code, 1 for any failure */
function runBash(args) {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', args, { cwd: packageRoot, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => reject(new UserError('bash could not be started; the build script needs it')));
    child.on('close', (code) => resolve(code === 0 ? 0 : 1));
  });
}
