// A clang of this machine (`build --cc CLANG`) in the place of the one in wasm, for compiling alone: it is called
// with the same arguments, its headers lie in a folder of the cache.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync,
  writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { unpack } from '../../wasm/cc/headers.mjs';
import { UserError } from './args.mjs';
import { cacheFolder, clearWrittenBy } from './cache.mjs';

/** @typedef {import('../../wasm/cc/clang.mjs').Tree} Tree */

/** @typedef {import('../../wasm/cc/clang.mjs').Compiler} Compiler */

/** @implements {Compiler} */
export class SystemClang {
  /** @type {import('../../wasm/cc/clang.mjs').Layout} */
  layout;
  /** Files that were read in compiling and are not the compiler's own or ours. @type {Set<string>} */
  read = new Set();
  #cc;
  #scratch;

  /**
   * @param {string} cc
   * @param {{ kit: string, manual: string, scratch: string }} folders manual: of goroscope.h; scratch: who stops this
   *   process clears it
   */
  static async make(cc, { kit, manual, scratch }) {
    const resource = spawnSync(cc, ['-print-resource-dir'], { encoding: 'utf8' });
    if (resource.error || resource.status !== 0) {
      const why = resource.error?.message ?? resource.stderr.split('\n')[0];
      throw new UserError(`--cc ${cc} cannot be started as a clang: ${why}`);
    }
    const trial = ['--target=wasm32-unknown-emscripten', '-x', 'c', '-c', '-', '-o', '-'];
    const able = spawnSync(cc, trial, { input: 'int x;' });
    if (able.status !== 0) throw new UserError(`--cc ${cc} cannot compile to wasm32`);
    const headers = (/** @type {string} */ pack) => unpacked(join(kit, pack), scratch);
    return new SystemClang(cc, scratch, {
      user: '', c: await headers('headers-c.gz'), cxx: await headers('headers-cxx.gz'), manual,
      builtin: join(resource.stdout.trim(), 'include'), resource: resource.stdout.trim(),
    });
  }

  /** @param {string} cc @param {string} scratch @param {import('../../wasm/cc/clang.mjs').Layout} layout */
  constructor(cc, scratch, layout) {
    this.#cc = cc;
    this.#scratch = scratch;
    this.layout = layout;
  }

  /** @param {string[]} args @param {Tree} files @param {string[]} outputs */
  async run(args, files, outputs) {
    const dir = mkdtempSync(join(this.#scratch, 'run-'));
    const isCompile = args[1] === '-cc1';
    const isOnDisk = isCompile && isAbsolute(args[args.length - 1]); // as the user's sources are
    try {
      if (!isOnDisk) write(dir, files);
      const program = isCompile ? this.#cc : this.#tool(args[0]);
      const listed = isOnDisk ? ['-cc1', '-sys-header-deps', '-dependency-file', READ, '-MT', 'x', ...args.slice(2)]
        : args.slice(1);
      const said = await called(program, listed, dir).catch((e) => {
        throw new UserError(`--cc ${this.#cc}: ${args[0]} cannot be started (${e.message})`);
      });
      if (isOnDisk && said.ok) this.#note(filesOf(readFileSync(join(dir, READ), 'utf8')));
      const written = outputs.filter((name) => existsSync(join(dir, name)));
      return {
        ...said,
        files: Object.fromEntries(written.map((name) => [name, new Uint8Array(readFileSync(join(dir, name)))])),
      };
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** @param {string[]} paths absolute, as the source's is */
  #note(paths) {
    const { c, cxx, manual, resource } = this.layout;
    const known = [c, cxx, manual, resource].map((folder) => realpathSync(folder) + sep);
    for (const path of paths.map((p) => realpathSync(p))) {
      if (!known.some((folder) => path.startsWith(folder))) this.read.add(path);
    }
  }

  /** @param {string} name @returns {string} path of what has come with the compiler */
  #tool(name) {
    const asked = `-print-prog-name=${name === 'c++filt' ? 'llvm-cxxfilt' : name}`;
    return spawnSync(this.#cc, [asked], { encoding: 'utf8' }).stdout.trim();
  }
}

/** Where clang writes what it has read. */
const READ = 'read.d';

/** @param {string} rule of make's, as clang writes it @returns {string[]} what the target depends on */
function filesOf(rule) {
  const names = rule.slice(rule.indexOf(':') + 1).replaceAll('\\\n', ' ').match(/(?:\\[ #]|\S)+/g) ?? [];
  return names.map((name) => name.replace(/\\([ #])/g, '$1').replaceAll('$$', () => '$'));
}

/**
 * Not synchronously: that the parent has ended is to be seen meanwhile (builder-child.mjs).
 * @param {string} program @param {string[]} args @param {string} cwd
 * @returns {Promise<{ ok: boolean, text: string, out: Uint8Array }>}
 */
function called(program, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Record<'stdout' | 'stderr', Buffer[]>} */
    const said = { stdout: [], stderr: [] };
    child.stdout.on('data', (bytes) => said.stdout.push(bytes));
    child.stderr.on('data', (bytes) => said.stderr.push(bytes));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const end = signal === null ? '' : `goroscope: ${program} has been ended by ${signal}\n`;
      const text = Buffer.concat(said.stderr).toString() + end;
      resolve({ ok: code === 0, text, out: new Uint8Array(Buffer.concat(said.stdout)) });
    });
  });
}

/**
 * @param {string} pack @param {string} scratch in the place of the cache, if that cannot be written
 * @returns {Promise<string>} a folder with the pack's files
 */
async function unpacked(pack, scratch) {
  const bytes = readFileSync(pack);
  const name = `headers-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  const files = await unpack(bytes);
  const beside = `${folder}.${process.pid}.tmp`;
  try {
    write(beside, files);
    renameSync(beside, folder);
    return folder;
  } catch {
    clearWrittenBy(process.pid);
    if (existsSync(folder)) return folder; // another build was first
    write(join(scratch, name), files);
    return join(scratch, name);
  }
}

/** @param {string} path @param {Tree | Uint8Array | string} content */
function write(path, content) {
  if (typeof content === 'string' || content instanceof Uint8Array) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } else for (const [name, inside] of Object.entries(content)) write(join(path, name), inside);
}
