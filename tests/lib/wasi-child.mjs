// Runs one wasi program under node's own WASI; started by run.mjs with the job as JSON. Its exit code is the program's.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { WASI } from 'node:wasi';

const { program, args, env, options } = JSON.parse(process.argv[2]);
/** @type {Record<string, string>} */
const preopens = {};
if (options.trace) preopens[dirname(options.trace)] = dirname(options.trace);
for (const [name, path] of Object.entries(options.files ?? {}))
  if (name === path) preopens[dirname(name)] = dirname(name);

const wasi = new WASI({ version: 'preview1', args: [program, ...args], env, preopens, returnOnExit: true });
const module = await WebAssembly.compile(readFileSync(program));
const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = Number(wasi.start(instance));
