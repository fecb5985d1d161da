// What programs and hosts agree on: the imports and exports of the built demos against the lists beside this file, and the layouts
// in shared memory: as C has them, as JS has them, as they are found in a running program. UPDATE_ABI=1 writes the lists anew.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ANSWER, ASK, HOST, HOST_CALLS, MEMORY_INITIAL, PAGE, REGION } from '../../wasm/host/abi.mjs';
import { load } from '../../wasm/host/loader.mjs';
import { demos } from '../lib/demos.mjs';
import { ROOT, build, exec } from '../lib/run.mjs';

/** @param {string} path */
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
/** @param {'emscripten' | 'wasi'} target */
const modules = (target) => Promise.all(demos.map(async (d) => WebAssembly.compile(readFileSync(await build(`shell/demos/${d.name}.c`, target)))));

/** @param {string} name of a list @param {Set<string>} found @param {boolean} atMost the program may have fewer */
function compare(name, found, atMost) {
  const path = join(ROOT, 'tests/abi', name);
  const lines = [...found].sort();
  if (process.env.UPDATE_ABI) writeFileSync(path, lines.join('\n') + '\n');
  const listed = readFileSync(path, 'utf8').trimEnd().split('\n');
  if (atMost) assert.deepEqual(lines.filter((l) => !listed.includes(l)), [], `not in ${name}`);
  else assert.deepEqual(lines, listed, `differs from ${name}`);
}

for (const target of /** @type {const} */ (['emscripten', 'wasi'])) {
  test(`imports and exports of the demos, ${target}`, async () => {
    /** @type {Set<string>} */ const imports = new Set();
    /** @type {Set<string>} */ const exports = new Set();
    for (const m of await modules(target)) {
      for (const i of WebAssembly.Module.imports(m)) imports.add(`${i.kind} ${i.module} ${i.name}`);
      for (const e of WebAssembly.Module.exports(m)) exports.add(`${e.kind} ${e.name}`);
    }
    // Versions of wasi-libc differ a little in what they ask for: the list is the most a program may ask.
    compare(`${target}.imports.txt`, imports, target === 'wasi');
    compare(`${target}.exports.txt`, exports, false);
  });
}

test('a wasi program asks for nothing but WASI', async () => {
  for (const m of await modules('wasi'))
    for (const i of WebAssembly.Module.imports(m)) assert.equal(i.module, 'wasi_snapshot_preview1');
});

test('a wasi program has no atomic operation, whatever its sources have', async () => {
  const program = await build('tests/unit/atomics.c', 'wasi');
  const { stdout } = await exec('wasm-dis', ['--enable-bulk-memory', '--enable-sign-ext', '--enable-nontrapping-float-to-int', program]);
  assert.match(stdout, /\(i32\.load8_u/);
  assert.doesNotMatch(stdout, /\((i32|i64|memory)\.atomic\.|\(atomic\.fence/);
});

test('an import nobody offers is refused by name', async () => {
  const text = (/** @type {string} */ s) => [s.length, ...Buffer.from(s)];
  const body = [1, ...text('env'), ...text('launch_missiles'), 0, 0];
  const exported = [1, ...text('gr_boot'), 0, 0];
  const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, body.length, ...body, 7, exported.length, ...exported]);
  await assert.rejects(async () => {
    const rt = await load(bytes, { mode: 'sim', trace: false });
    await rt.run();
  }, /launch_missiles/);
});

/** Offsets that C asserts: `offsetof(TYPE, field) == N`. @param {string} text @param {string} type */
const asserted = (text, type) => new Map([...text.matchAll(new RegExp(`offsetof\\(${type}, (\\w+)\\) == (\\d+)`, 'g'))].map((m) => [m[1], Number(m[2])]));

test('the trace region lies as the contract says, in C and in JS', () => {
  const CONTRACT = { magic: 0, abi: 4, capacity: 8, mode: 12, writePos: 16, readPos: 24, lost: 32, generation: 40, state: 44, wake: 48, data: 64 };
  for (const [field, offset] of Object.entries(CONTRACT)) assert.equal(/** @type {any} */ (REGION)[field], offset, field);
  assert.equal(REGION.MAGIC, Buffer.from('GRTR').readUInt32LE());
  const inC = asserted(read('runtime/trace/ring.c') , 'TraceRegion');
  const names = { write_pos: 'writePos', read_pos: 'readPos', lost_generations: 'lost', generation: 'generation', state: 'state', wake: 'wake', data: 'data' };
  for (const [field, name] of Object.entries(names)) assert.equal(inC.get(field), /** @type {any} */ (CONTRACT)[name], `TraceRegion.${field}`);
});

test('the host block lies in C as in JS', () => {
  const text = read('wasm/port/host.h');
  const inC = asserted(text, 'HostBlock');
  for (const [field, name] of Object.entries({ out_write: 'outWrite', out_told: 'outTold', image: 'image', pool: 'pool', in: 'in', in_bytes: 'inBytes',
    in_write: 'inWrite', in_read: 'inRead', in_waiting: 'inWaiting', wake: 'wake', threads: 'threads' }))
    assert.equal(inC.get(field), /** @type {any} */ (HOST)[name], `HostBlock.${field}`);
  assert.match(text, new RegExp(`#define HOST_ABI ${HOST.ABI}\\n`));
  assert.match(text, new RegExp(`#define HOST_THREADS ${HOST.THREADS}\\n`));
  assert.equal(Number(/#define HOST_MAGIC (0x[0-9a-f]+)u/.exec(text)?.[1]), HOST.MAGIC);
});

test('requests and answers have the same numbers in C as in JS', () => {
  const text = read('runtime/base/port.h');
  for (const [type, names] of Object.entries({ PortRequest: ASK, PortAnswer: ANSWER })) {
    const body = new RegExp(`typedef enum ${type} \\{([^}]*)\\}`).exec(text)?.[1] ?? '';
    const listed = [...body.matchAll(/^ +PORT_(\w+)/gm)].map((m) => m[1]);
    assert.match(body, /= 1,/);
    assert.deepEqual(listed, Object.keys(names));
    assert.deepEqual(listed.map((_, i) => i + 1), Object.values(names));
  }
  assert.equal(Number(/#define HOST_CALLS (0x[0-9a-f]+)u/.exec(text)?.[1]), HOST_CALLS);
});

test('the first KiB of memory is nobody\'s: what is there has been written through a null pointer', async () => {
  const bytes = Number(/#define NULL_PAGE (\d+)/.exec(read('runtime/core/nullpage.h'))?.[1]);
  assert.ok(bytes >= 16);
  for (const target of /** @type {const} */ (['emscripten', 'wasi'])) {
    const { stdout } = await promisify(execFile)('wasm-dis', ['-all', await build('shell/demos/sieve.c', target)], { maxBuffer: 1 << 28 });
    const starts = [...stdout.matchAll(/\(data (?:\$\S+ )?\(i32\.const (\d+)\)/g)].map((m) => Number(m[1]));
    // passive segments (threads) are put to their places by a function
    starts.push(...[...stdout.matchAll(/\(memory\.init \S+\s+\(i32\.const (\d+)\)/g)].map((m) => Number(m[1])));
    assert.ok(starts.length > 0, target);
    assert.ok(Math.min(...starts) >= bytes, `${target}: ${starts}`);
  }
});

test('build.sh links with the memory the loader makes', () => {
  assert.equal(Number(/-sINITIAL_MEMORY=(\d+)/.exec(read('build.sh'))?.[1]), MEMORY_INITIAL);
  assert.equal(MEMORY_INITIAL % PAGE, 0);
});

test('a running program shows the region, and what it says comes true', async () => {
  const bytes = readFileSync(await build('shell/demos/sieve.c', 'emscripten'));
  const rt = await load(bytes, { mode: 'threads', procs: 2, args: ['60'], stdout: () => {}, trace: { mode: 'stream', ringBytes: 1 << 20 } });
  const done = rt.run();
  const stream = new Response(rt.trace.readable).arrayBuffer();
  await done;
  const trace = new Uint8Array(await stream);
  const region = rt.trace.region;
  assert.ok(region, 'threads: the memory is shared and visible');
  const view = new DataView(region.memory.buffer, region.ptr, 64);
  assert.equal(region.ptr % 64, 0);
  assert.equal(Buffer.from(region.memory.buffer, region.ptr, 4).toString('latin1'), 'GRTR');
  assert.equal(view.getUint32(4, true), 1, 'version');
  assert.equal(view.getUint32(8, true), 1 << 20, 'capacity');
  assert.equal(view.getUint32(12, true), 0, 'mode: stream');
  assert.equal(Number(view.getBigUint64(16, true)), trace.length, 'write_pos: bytes since the start');
  assert.equal(Number(view.getBigUint64(24, true)), trace.length, 'read_pos: all read');
  assert.equal(Number(view.getBigUint64(32, true)), 0, 'lost');
  assert.equal(view.getUint32(44, true), 2, 'state: drained');
  assert.ok(view.getUint32(48, true) > 0, 'wake was bumped');
});
