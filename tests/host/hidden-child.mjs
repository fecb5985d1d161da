// Runs ask.c, called.c or chatter.c as a page without SharedArrayBuffer would: simulated, its memory out of the
// loader's sight.
import { readFileSync, writeFileSync } from 'node:fs';

const { SharedArrayBuffer } = globalThis;
globalThis.SharedArrayBuffer = /** @type {any} */ (undefined);
const { load } = await import('../../wasm/host/loader.mjs');
globalThis.SharedArrayBuffer = SharedArrayBuffer; // node itself needs it to start workers

const [program, ...args] = process.argv.slice(2);
const traces = args[0] === 'traces'; // chatter.c: begins and ends them
const rt = await load(readFileSync(program), {
  args: traces ? ['1000000'] : args, procs: 2, trace: { mode: 'stream', begin: traces ? 'asked' : 'start' },
  stdout: { bytes: (b) => void process.stdout.write(b) }, stderr: { bytes: (b) => void process.stderr.write(b) },
  host: {
    echo: async (text) => text,
    big: (size) => Uint8Array.from({ length: Number(size) }, (_, i) => i % 251),
  },
});
console.log(rt.mode, rt.trace.region ? 'with shared memory' : 'without shared memory');
if (!traces) rt.trace.readable.cancel();
const run = rt.run();
if (args[0] === 'calls') { // called.c
  console.log(await rt.call('square', '7'));
  await rt.call('refuse').catch((error) => console.log(error.message));
  console.log((await rt.callBytes('reversed', new Uint8Array(3_000_000))).length);
  rt.call('quit').catch(() => {});
}
if (traces) {
  const all = async (/** @type {ReadableStream<Uint8Array>} */ stream) =>
    new Uint8Array(await new Response(stream).arrayBuffer());
  const save = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) =>
    writeFileSync(`${args[1]}/hidden-${name}.trace`, bytes);
  console.log('before:', (await all(rt.trace.readable)).length, 'bytes');
  await rt.trace.snapshot().catch((error) => console.log(error.message));
  /** @type {ReadableStream<Uint8Array> | null} */ let late = null;
  for (let i = 0; i < 3; i++) {
    await rt.trace.start({ ringBytes: 1 << 20 });
    if (!rt.trace.clock?.stepNs) throw new Error('the clock is not known');
    if (i === 0) await rt.trace.start().catch((error) => console.log(error.message));
    const readable = rt.trace.readable;
    const bytes = i === 1 ? null : all(readable); // the second is read when the third has begun
    if (i === 1) late = readable;
    const subscribed = i === 0 ? all(rt.trace.subscribe()) : null;
    if (i === 0) save('snapshot', await rt.trace.snapshot());
    await new Promise((resolve) => setTimeout(resolve, 20));
    await rt.trace.stop();
    if (bytes) save(String(i), await bytes);
    if (subscribed) save('subscribed', await subscribed);
  }
  if (late) save('1', await all(late));
  save('last', await rt.trace.snapshot()); // of a trace that is over: what its ring held
  console.log('three traces, one by a slow reader');
  console.log('after:', rt.trace.region !== null);
  const { sim } = rt;
  const held = await sim?.pause(), stepped = await sim?.step(3);
  rt.stop();
  console.log(`held: ${held}, stepped: ${stepped}, ended: ${await sim?.step()}`);
  await run;
} else {
  process.exitCode = (await run).exitCode;
}
