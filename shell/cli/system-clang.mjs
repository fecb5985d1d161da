// A clang of this machine (`build --cc CLANG`) in the place of the one in wasm, for compiling alone: it is called
// with the same arguments, its headers lie in a folder of the cache.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { unpack } from '../../wasm/cc/headers.mjs';
import { UserError } from './args.mjs';
import { cacheFolder } from './cache.mjs';

/** @typedef {import('../../wasm/cc/clang.mjs').Tree} Tree */

/** @typedef {import('../../wasm/cc/clang.mjs').Compiler} Compiler */

/** @implements {Compiler} */
export class SystemClang {
  /** @type {import('../../wasm/cc/clang.mjs').Layout} */
  layout;
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
    return new SystemClang(cc, scratch, {
      user: '', c: await unpacked(join(kit, 'headers-c.gz')), cxx: await unpacked(join(kit, 'headers-cxx.gz')),
      manual, builtin: join(resource.stdout.trim(), 'include'), resource: resource.stdout.trim(),
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
      const said = spawnSync(program, args.slice(1), { cwd: dir, maxBuffer: 2 ** 30 });
      if (said.error) throw new UserError(`--cc ${this.#cc}: ${args[0]} cannot be started (${said.error.message})`);
      const written = outputs.filter((name) => existsSync(join(dir, name)));
      return {
        ok: said.status === 0, text: said.stderr.toString(), out: new Uint8Array(said.stdout),
        files: Object.fromEntries(written.map((name) => [name, new Uint8Array(readFileSync(join(dir, name)))])),
      };
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** @param {string} name @returns {string} path of what has come with the compiler */
  #tool(name) {
    const asked = `-print-prog-name=${name === 'c++filt' ? 'llvm-cxxfilt' : name}`;
    return spawnSync(this.#cc, [asked], { encoding: 'utf8' }).stdout.trim();
  }
}

/** @param {string} pack @returns {Promise<string>} a folder of the cache with the pack's files */
async function unpacked(pack) {
  const bytes = readFileSync(pack);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const folder = join(cacheFolder(), `headers-${hash}`);
  if (existsSync(folder)) return folder;
  const beside = `${folder}.${process.pid}.tmp`;
  write(beside, await unpack(bytes));
  try {
    renameSync(beside, folder);
  } catch (e) {
    rmSync(beside, { recursive: true, force: true });
    if (!existsSync(folder)) throw e;
  }
  return folder;
}

/** @param {string} path @param {Tree | Uint8Array | string} content */
function write(path, content) {
  if (typeof content === 'string' || content instanceof Uint8Array) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } else for (const [name, inside] of Object.entries(content)) write(join(path, name), inside);
}
