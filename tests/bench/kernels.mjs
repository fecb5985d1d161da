// Runs tests/bench/kernels.c in this process, a kernel whenever it is asked. So builds of it can take turns, and each
// run is measured in the processor's time: other load on the machine matters little.
import { readFileSync } from 'node:fs';
import { load } from '../../wasm/host/loader.mjs';

const KERNELS = ['sieve', 'nbody', 'fib', 'matmul', 'chain'];
const WARM = 5; // runs before anything counts: the engine compiles what is hot a second time, on threads of its own

/** A program that runs a kernel whenever it is asked. */
class Kernels {
  /** @param {string} program @param {'threads' | 'sim'} mode */
  static async start(program, mode) {
    const k = new Kernels();
    const stdin = new ReadableStream({ start: (c) => { k.#input = c; } });
    const rt = await load(readFileSync(program), {
      mode, procs: 1, trace: false, stdin,
      stdout: (/** @type {string} */ s) => k.#heard(s),
      stderr: (/** @type {string} */ s) => void process.stderr.write(s),
    });
    k.#ended = rt.run();
    return k;
  }

  /** @type {ReadableStreamDefaultController | undefined} */ #input;
  /** @type {Promise<{exitCode: number}> | undefined} */ #ended;
  #said = '';
  #answer = (/** @type {string} */ _) => {};

  /** @param {string} text */
  #heard(text) {
    this.#said += text;
    if (!this.#said.endsWith('\n')) return;
    this.#answer(this.#said.trim());
    this.#said = '';
  }

  /**
   * Runs a kernel.
   * @param {string} name @returns {Promise<{ms: number, sum: string}>} CPU time of this process and the checksum
   */
  async run(name) {
    const before = process.cpuUsage();
    const sum = await new Promise((resolve) => {
      this.#answer = resolve;
      this.#input?.enqueue(new TextEncoder().encode(`${name}\n`));
    });
    const { user, system } = process.cpuUsage(before);
    return { ms: (user + system) / 1000, sum };
  }

  async end() {
    this.#input?.close();
    const { exitCode } = await /** @type {Promise<{exitCode: number}>} */ (this.#ended);
    if (exitCode !== 0) throw new Error(`kernels ended with code ${exitCode}`);
  }
}

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/**
 * @param {string[]} programs builds of kernels.c
 * @param {'threads' | 'sim'} mode
 * @param {number} rounds
 * @returns {Promise<{[kernel: string]: {ms: number, ratios: number[]}}>} milliseconds with the first;
 *   how many times that the others take
 */
export async function compareKernels(programs, mode, rounds) {
  const builds = await Promise.all(programs.map((p) => Kernels.start(p, mode)));
  /** @type {{[kernel: string]: {ms: number, ratios: number[]}}} */
  const result = {};
  for (const kernel of KERNELS) {
    /** @type {number[][]} */
    const taken = builds.map(() => []);
    /** @type {Set<string>} */
    const sums = new Set();
    for (let round = -WARM; round < rounds; round++) {
      for (const [i, b] of builds.entries()) {
        const { ms, sum } = await b.run(kernel);
        sums.add(sum);
        if (round >= 0) taken[i].push(ms);
      }
    }
    if (sums.size !== 1) throw new Error(`${kernel}: the builds disagree: ${[...sums].join(', ')}`);
    const ratios = taken.slice(1).map((ms) => median(ms.map((t, round) => t / taken[0][round])));
    result[kernel] = { ms: median(taken[0]), ratios };
  }
  for (const b of builds) await b.end();
  return result;
}
