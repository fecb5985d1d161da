// The process that builds: clang and binaryen are loaded here, once, and stay warm for the next build. It is a
// process of its own so that V8 may be told how to run them, and so that the command line can say how far it is and
// end at once.
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Toolchain } from '../../wasm/cc/toolchain.mjs';
import { SystemClang } from './system-clang.mjs';

// Clang's first run in V8's optimised code takes six seconds, of which it spends five on making that code; in
// baseline code, one. (HACKING.md)
setFlagsFromString('--liftoff-only');
setFlagsFromString('--wasm-lazy-validation'); // nothing but clang and binaryen is compiled here

/**
 * @typedef {object} Job
 * @property {import('../../wasm/cc/compile.mjs').Sources} from
 * @property {import('../../wasm/cc/arguments.mjs').CompileOptions} options
 * @property {{ module?: string, cc?: string }} compiler the same in each job of a process
 * @property {{ kit: string, manual: string }} folders likewise
 * @property {string} [scratch] folder for cc's files
 */

/** @typedef {import('../../wasm/cc/program.mjs').Outcome} Outcome */
/** @typedef {Outcome & { read?: string[] }} Built read: the files of the user's that a cc has read */
/** @typedef {{ step: string } | { outcome: Built } | { error: Failure }} Message */

/**
 * An error on its way to the parent.
 * @typedef {{ name: string, message: string, stack?: string, text?: string, file?: string, line?: number }} Failure
 */

/** @param {Message} message */
const send = (message) => process.send?.(message);

/** @type {SystemClang | undefined} */
let system;

/** @param {Job} job @returns {import('../../wasm/cc/toolchain.mjs').Parts} */
function partsOf({ compiler: { module, cc = 'clang' }, folders: { kit, manual }, scratch = tmpdir() }) {
  return {
    bundle: () => import(pathToFileURL(/** @type {string} */ (module)).href),
    ...(module === undefined ? {
      compiler: async () => (system = await SystemClang.make(cc, { kit, manual, scratch })),
    } : {}),
    binaryen: async () => (await import('binaryen')).default,
    kit: async (name) => new Uint8Array(readFileSync(join(kit, name))),
    manual: async () => Object.fromEntries(readdirSync(manual).map((f) => [f, readFileSync(join(manual, f))])),
  };
}

/** @type {Toolchain | undefined} */
let toolchain;
/** @type {string | undefined} */
let scratch;

process.on('message', async (/** @type {Job} */ job) => {
  try {
    toolchain ??= new Toolchain(partsOf(job), (step) => send({ step }));
    scratch = job.scratch;
    system?.read.clear();
    const outcome = await toolchain.build(job.from, job.options);
    send({ outcome: system ? { ...outcome, read: [...system.read] } : outcome });
  } catch (e) {
    const error = /** @type {Failure} */ (e);
    const { name, message, stack, text, file, line } = error;
    send({ error: { name, message, stack, text, file, line } });
  }
});
// The parent has ended, however that came: nothing that was started for it stays, nor its files.
process.on('disconnect', () => {
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  try {
    process.kill(-process.pid, 'SIGKILL'); // the group (builder.mjs)
  } finally {
    process.exit();
  }
});
