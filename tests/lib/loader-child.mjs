// Runs one program with the loader; started by run.mjs with the job as JSON. Its exit code is the program's. It
// does not call process.exit: a loader that keeps node alive after run() shows as a time-out.
import { openSync, readFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../../wasm/host/loader.mjs';
import { writeTo } from '../../wasm/host/stdio.mjs';

const { port, program, args, options } = JSON.parse(process.argv[2]);
const { trace, ringBytes = 64 << 20, readDelayMs = 0, stackBytes } = options;

/** @type {Record<string, Uint8Array>} */
const files = {};
for (const [name, path] of Object.entries(options.files ?? {})) files[name] = readFileSync(String(path));

const rt = await load(readFileSync(program), {
  mode: port.mode,
  procs: port.procs,
  clock: port.clock,
  seed: port.seed,
  args,
  files,
  fetch: async (url) => (files[url] ? new Response(/** @type {BodyInit} */ (files[url]))
    : new Response('not there', { status: 404 })),
  stackBytes,
  debug: options.debug,
  stdout: { bytes: (piece) => writeTo(process.stdout, piece) },
  stderr: { bytes: (piece) => writeTo(process.stderr, piece) },
  trace: trace ? { mode: 'stream', ringBytes } : false,
});
const saved = trace ? save(rt.trace.readable, trace) : null;
const { exitCode } = await rt.run();
await saved;
if (trace && readDelayMs) process.stderr.write(`lost ${rt.trace.lost}\n`);
process.exitCode = exitCode;

/** @param {ReadableStream<Uint8Array>} readable @param {string} path */
async function save(readable, path) {
  const fd = openSync(path, 'w');
  const reader = readable.getReader();
  for (;;) {
    if (readDelayMs) await sleep(readDelayMs);
    const { done, value } = await reader.read();
    if (done) return;
    writeSync(fd, value);
  }
}
