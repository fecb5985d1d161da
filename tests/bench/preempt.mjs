#!/usr/bin/env node
// preempt.mjs: what preemption points cost: `node tests/bench/preempt.mjs [ROUNDS]`, 15 unless given;
// `npm run bench:preempt`.
//
// tests/bench/kernels.c runs twice at the same time in this process, built without points and with them.
// Both wait for a line; in each round each kernel runs in the one, then in the other, and takes so
// much CPU time of the process. So other load on the machine matters little: what is not CPU time is not measured,
// and what slows both down cancels out. Each line of JSON is a way to run: for each kernel the median of the
// rounds' ratios to the build without points, and the median milliseconds without.
//
// `preempt.mjs ROUNDS FILE.wasm…` compares other builds of kernels.c, each with the first.
import { build } from '../lib/run.mjs';
import { compareKernels } from './kernels.mjs';

const [rounds = '15', ...files] = process.argv.slice(2);
const programs = files.length ? files : [
  await build('tests/bench/kernels.c', 'emscripten'),
  await build('tests/bench/kernels.c', 'emscripten', { preempt: true }),
];
for (const mode of /** @type {const} */ (['threads', 'sim'])) {
  const result = await compareKernels(programs, mode, Number(rounds));
  console.log(mode, JSON.stringify(result, (_, v) => typeof v === 'number' ? Number(v.toFixed(2)) : v));
}
