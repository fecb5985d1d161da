#!/usr/bin/env node
// parked.mjs: what a parked goroutine costs, in memory and time: `node tests/bench/parked.mjs [N…]`,
// 100,000 and 1,000,000 unless given.
//
// Each line of JSON is what tests/bench/parked.c says of one run in a process of its own,
// and how much more resident memory that process had at most, for each goroutine (bytes_each).
// Go 1.27 on the same machine: 2,760 bytes, 2,340 ns to start, 543 ns to wake.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from '../../wasm/host/loader.mjs';
import { build } from '../lib/run.mjs';

const self = fileURLToPath(import.meta.url);

/** @type {['emscripten' | 'wasi', 'threads' | 'sim', number][]} */
export const WAYS = [
  ['emscripten', 'threads', 1], ['emscripten', 'threads', 2], ['emscripten', 'sim', 2], ['wasi', 'sim', 2],
];

/**
 * @param {typeof WAYS[number]} way
 * @param {number} n goroutines
 * @returns {Promise<{procs: number, n: number, spawn_ns: number, wake_ns: number, memory: number, bytes_each: number}>}
 */
export async function measure([target, mode, procs], n) {
  const program = await build('tests/bench/parked.c', target);
  const { stdout } = await promisify(execFile)(process.execPath,
    [self, 'child', program, mode, String(procs), String(n)]);
  return JSON.parse(stdout);
}

/** Resident bytes of this process. @param {'VmRSS' | 'VmHWM'} which now, or at most so far */
const resident = (which) =>
  Number(new RegExp(`^${which}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;

/** @param {string[]} args */
async function child([program, mode, procs, n]) {
  const run = async (/** @type {string} */ count) => {
    let text = '';
    const rt = await load(readFileSync(program), {
      mode: /** @type {'threads' | 'sim'} */ (mode), procs: Number(procs), trace: false, args: [count],
      stdout: (/** @type {string} */ s) => { text += s; },
      stderr: (/** @type {string} */ s) => void process.stderr.write(s),
    });
    const { exitCode } = await rt.run();
    if (exitCode !== 0) process.exit(exitCode);
    return JSON.parse(text);
  };
  await run('1000'); // what the engine and the loader need themselves
  const before = resident('VmRSS');
  const said = await run(n);
  console.log(JSON.stringify({ ...said, mode, bytes_each: Math.round((resident('VmHWM') - before) / Number(n)) }));
}

const [, main, ...args] = process.argv;
if (main === self && args[0] === 'child') await child(args.slice(1));
else if (main === self) {
  for (const n of args.length ? args : ['100000', '1000000'])
    for (const way of WAYS) console.log(way[0], JSON.stringify(await measure(way, Number(n))));
}
