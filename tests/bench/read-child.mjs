// One reading in wasm in a process of its own, the file streamed in pieces: time, and the most memory it took.
// Third reading counts: the first two are the engine's, which compiles the module anew for speed meanwhile;
// memory is that of all three.
import { closeSync, openSync, readSync } from 'node:fs';
import { compileReader, OPTION, STATUS, TraceStore } from '../../viewer/trace/store.mjs';

const [file, what] = process.argv.slice(2);
const module = await compileReader();
const piece = new Uint8Array(1 << 20);

/** @param {number} options */
function readOnce(options) {
  const used = process.cpuUsage();
  const from = performance.now();
  const store = new TraceStore(module, options);
  const fd = openSync(file, 'r');
  let status = /** @type {number} */ (STATUS.WANT);
  while (status === STATUS.WANT) {
    const n = readSync(fd, piece);
    if (!n) store.end();
    else store.push(piece.subarray(0, n));
    status = store.drain();
  }
  closeSync(fd);
  if (status !== STATUS.DONE) throw new Error(JSON.stringify(store.fault()));
  const { user, system } = process.cpuUsage(used);
  const result = {
    events: store.events, wall: (performance.now() - from) / 1e3, cpu: (user + system) / 1e6,
    memory: store.wasm.memory.buffer.byteLength,
  };
  store.close();
  return result;
}

const options = what === 'index' ? 0 : OPTION.NO_INDEX;
const first = readOnce(options);
const rss = process.resourceUsage().maxRSS * 1024;
readOnce(options);
const third = readOnce(options);
console.log(JSON.stringify({ ...third, memory: first.memory, rss }));
