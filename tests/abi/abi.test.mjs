// What programs and hosts agree on: the imports and exports of the built demos against the lists beside this file,
// and the layouts in shared memory: as C has them, as JS has them, as they are found in a running program.
// UPDATE_ABI=1 writes the lists anew.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { docs, javascript } from '../../runtime/format/generate.mjs';
import { FILES, HOST, MEMORY_INITIAL, PAGE, REGION } from '../../wasm/host/abi.mjs';
import { load } from '../../wasm/host/loader.mjs';
import { demos } from '../lib/demos.mjs';
import { ALL, ROOT, alike, build, buildTogether, exec } from '../lib/run.mjs';

/** @param {string} path */
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const demoSources = demos.map((d) => `shell/demos/${d.name}.c`);
/** @param {'emscripten' | 'wasi'} target */
const modules = async (target) => {
  const paths = target === 'wasi' ? [await buildTogether('demos', demoSources)]
    : await Promise.all(demoSources.map((s) => build(s, target)));
  return Promise.all(paths.map((path) => WebAssembly.compile(readFileSync(path))));
};

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
  test(`imports and exports of the demos, ${target}`, { skip: target === 'wasi' && alike }, async () => {
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

test('a wasi program asks for nothing but WASI', { skip: alike }, async () => {
  for (const m of await modules('wasi'))
    for (const i of WebAssembly.Module.imports(m)) assert.equal(i.module, 'wasi_snapshot_preview1');
});

test('a wasi program has no atomic operation, whatever its sources have', { skip: alike }, async () => {
  const program = await build('tests/unit/atomics.c', 'wasi');
  const { stdout } = await exec('wasm-dis',
    ['--enable-bulk-memory', '--enable-sign-ext', '--enable-nontrapping-float-to-int', program]);
  assert.match(stdout, /\(i32\.load8_u/);
  assert.doesNotMatch(stdout, /\((i32|i64|memory)\.atomic\.|\(atomic\.fence/);
});

test('an import nobody offers is refused by name', async () => {
  const text = (/** @type {string} */ s) => [s.length, ...Buffer.from(s)];
  const body = [1, ...text('env'), ...text('launch_missiles'), 0, 0];
  const exported = [1, ...text('gr_boot'), 0, 0];
  const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, body.length, ...body, 7,
    exported.length, ...exported]);
  await assert.rejects(async () => {
    const rt = await load(bytes, { mode: 'sim', trace: false });
    await rt.run();
  }, /launch_missiles/);
});

test('what JavaScript and the docs know of numbers and layouts is what the headers say', () => {
  assert.equal(read('wasm/host/format.mjs'), javascript(), 'run npm run format');
  assert.equal(read('docs/format.md'), docs(), 'run npm run format');
});

test('the trace region lies as the contract says', () => {
  assert.deepEqual(REGION, {
    MAGIC: Buffer.from('GRTR').readUInt32LE(), ABI: 1,
    magic: 0, abi: 4, capacity: 8, mode: 12, writePos: 16, readPos: 24, lost: 32, generation: 40, state: 44,
    wake: 48, clockStepNs: 52, clockReadNs: 56, clockPerSecond: 60, data: 64,
  });
});

/**
 * Offsets that C asserts: `offsetof(TYPE, field) == N`, which the compiler has looked at.
 * @param {string} text @param {string} type
 */
const asserted = (text, type) => [...text.matchAll(new RegExp(`offsetof\\(${type}, (\\w+)\\) == (\\d+)`, 'g'))]
  .map((m) => /** @type {const} */ ([m[1], Number(m[2])]));

test('the offsets made for JavaScript are those the compiler finds', () => {
  const camel = (/** @type {string} */ name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
  for (const [file, type, layout] of /** @type {[string, string, any][]} */ ([
    ['runtime/format/host_block.h', 'HostBlock', HOST],
    ['runtime/format/trace_region.h', 'TraceRegion', { ...REGION, lostGenerations: REGION.lost }],
    ['wasm/libc/files.c', 'RtFile', FILES],
  ])) {
    const found = asserted(read(file), type);
    assert.ok(found.length > 3, file);
    for (const [field, offset] of found) assert.equal(layout[camel(field)], offset, `${type}.${field}`);
  }
});

test('the first KiB of memory is nobody\'s: what is there has been written through a null pointer', async () => {
  const bytes = Number(/#define NULL_PAGE (\d+)/.exec(read('runtime/format/limits.h'))?.[1]);
  assert.ok(bytes >= 16);
  for (const target of /** @type {const} */ (['emscripten', 'wasi'])) {
    if (target === 'wasi' && !ALL) continue;
    const program = await (target === 'wasi' ? buildTogether('demos', demoSources)
      : build('shell/demos/sieve.c', target));
    const { stdout } = await promisify(execFile)('wasm-dis', ['-all', program],
      { maxBuffer: 1 << 28 });
    const starts = [...stdout.matchAll(/\(data (?:\$\S+ )?\(i32\.const (\d+)\)/g)].map((m) => Number(m[1]));
    // passive segments (threads) are put to their places by a function
    starts.push(...[...stdout.matchAll(/\(memory\.init \S+\s+\(i32\.const (\d+)\)/g)].map((m) => Number(m[1])));
    assert.ok(starts.length > 0, target);
    assert.ok(Math.min(...starts) >= bytes, `${target}: ${starts}`);
  }
});

test('a merged program exports what one that was linked whole does', async () => {
  const module = new WebAssembly.Module(readFileSync(await build('tests/unit/yield.c', 'emscripten')));
  assert.deepEqual(WebAssembly.Module.exports(module).map((e) => `${e.kind} ${e.name}`).sort(),
    read('tests/abi/emscripten.exports.txt').trim().split('\n').sort());
});

test('build.sh links with the memory the loader makes', () => {
  assert.equal(Number(/-sINITIAL_MEMORY=(\d+)/.exec(read('build.sh'))?.[1]), MEMORY_INITIAL);
  assert.equal(MEMORY_INITIAL % PAGE, 0);
});

test('a running program shows the region, and what it says comes true', async () => {
  const bytes = readFileSync(await build('shell/demos/sieve.c', 'emscripten'));
  const rt = await load(bytes,
    { mode: 'threads', procs: 2, args: ['60'], stdout: () => {}, trace: { mode: 'stream', ringBytes: 1 << 20 } });
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
