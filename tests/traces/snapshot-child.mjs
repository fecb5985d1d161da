// Takes snapshots and subscribes as a page without SharedArrayBuffer would: snapshot-child.mjs PROGRAM FOLDER MODE.
// Says which trace files it has written.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { SharedArrayBuffer } = globalThis;
globalThis.SharedArrayBuffer = /** @type {any} */ (undefined);
const { load } = await import('../../wasm/host/loader.mjs');
globalThis.SharedArrayBuffer = SharedArrayBuffer; // node itself needs it to start workers

const [program, dir, mode] = process.argv.slice(2);
const rt = await load(readFileSync(program), {
  args: ['400', '2'], procs: 2, trace: { mode: /** @type {any} */ (mode), ringBytes: 1 << 20 }, stdout() {},
});
/** @param {string} name @param {Uint8Array} bytes */
const save = (name, bytes) => {
  writeFileSync(join(dir, `${mode} ${name}.trace`), bytes);
  console.log(`${mode} ${name}.trace`);
};
/** @param {ReadableStream<Uint8Array>} stream */
const all = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());

const early = all(rt.trace.subscribe()), readable = all(rt.trace.readable);
const run = rt.run();
await new Promise((resolve) => { setTimeout(resolve, 100); });
const idle = rt.trace.subscribe({ from: 'start of ring' });
const late = all(rt.trace.subscribe());
const shots = await Promise.all([rt.trace.snapshot(), rt.trace.snapshot()]);
shots.forEach((bytes, i) => save(`snapshot ${i}`, bytes));
const { exitCode } = await run;
save('snapshot at the end', await rt.trace.snapshot());
save('readable', await readable);
save('subscriber from the start', await early);
save('subscriber from now', await late);
save('subscriber that read at the end', await all(idle));
console.log(rt.trace.region === null ? 'not shared' : 'shared');
process.exitCode = exitCode;
