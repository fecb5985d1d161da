// Runs ask.c or called.c as a page without SharedArrayBuffer would: simulated, its memory out of the loader's sight.
import { readFileSync } from 'node:fs';

const { SharedArrayBuffer } = globalThis;
globalThis.SharedArrayBuffer = /** @type {any} */ (undefined);
const { load } = await import('../../wasm/host/loader.mjs');
globalThis.SharedArrayBuffer = SharedArrayBuffer; // node itself needs it to start workers

const [program, ...args] = process.argv.slice(2);
const rt = await load(readFileSync(program), {
  args, procs: 2, trace: { mode: 'stream' },
  stdout: { bytes: (b) => void process.stdout.write(b) }, stderr: { bytes: (b) => void process.stderr.write(b) },
  host: {
    echo: async (text) => text,
    big: (size) => Uint8Array.from({ length: Number(size) }, (_, i) => i % 251),
  },
});
console.log(rt.mode, rt.trace.region ? 'with shared memory' : 'without shared memory');
rt.trace.readable.cancel();
const run = rt.run();
if (args[0] === 'calls') { // called.c
  console.log(await rt.call('square', '7'));
  await rt.call('refuse').catch((error) => console.log(error.message));
  console.log((await rt.callBytes('reversed', new Uint8Array(3_000_000))).length);
  rt.call('quit').catch(() => {});
}
process.exitCode = (await run).exitCode;
