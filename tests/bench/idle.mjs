#!/usr/bin/env node
// idle.mjs: how much processor time goroutines cost that all sleep: `node tests/bench/idle.mjs [N] [MS]`, 100,000
// and 5,000 unless given.
//
// tests/bench/timers.c prints a line when all sleep and another MS milliseconds later; between the two the host
// looks at what the process used: its workers, the engine and this thread.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from '../../wasm/host/loader.mjs';
import { build } from '../lib/run.mjs';

const self = fileURLToPath(import.meta.url);

/**
 * @param {number} n goroutines
 * @param {number} ms
 * @returns {Promise<{n: number, ms: number, cpu_share: number}>} cpu_share: of one processor
 */
export async function measureIdle(n, ms) {
  const program = await build('tests/bench/timers.c', 'emscripten');
  const { stdout } = await promisify(execFile)(process.execPath, [self, 'child', program, String(n), String(ms)]);
  return JSON.parse(stdout);
}

/** @param {string[]} args */
async function child([program, n, ms]) {
  /** @type {{ time: number, cpu: NodeJS.CpuUsage }[]} */
  const seen = [];
  const rt = await load(readFileSync(program), {
    mode: 'threads', procs: 1, trace: false, args: [n, 'idle', ms],
    stdout: (/** @type {string} */ s) => {
      for (const line of s.trim().split('\n'))
        if (JSON.parse(line).bench) seen.push({ time: performance.now(), cpu: process.cpuUsage() });
    },
    stderr: (/** @type {string} */ s) => void process.stderr.write(s),
  });
  const { exitCode } = await rt.run();
  if (exitCode !== 0 || seen.length !== 2) throw new Error(`exit code ${exitCode}, ${seen.length} lines`);
  const [asleep, awake] = seen;
  const passed = awake.time - asleep.time;
  const used = (awake.cpu.user + awake.cpu.system - asleep.cpu.user - asleep.cpu.system) / 1000;
  console.log(JSON.stringify({ n: Number(n), ms: Math.round(passed), cpu_share: Number((used / passed).toFixed(5)) }));
}

const [, main, ...args] = process.argv;
if (main === self && args[0] === 'child') await child(args.slice(1));
else if (main === self)
  console.log(JSON.stringify(await measureIdle(Number(args[0] ?? 100_000), Number(args[1] ?? 5000))));
