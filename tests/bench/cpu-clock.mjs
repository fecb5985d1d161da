// Makes the clocks of the loader in this process, and in its workers, those of the processor: a program then measures
// how long it has run, whatever else the machine does. `node --import=…/cpu-clock.mjs`. Not for programs that sleep:
// while they do, no time passes.
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';

const microseconds = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
performance.now = () => microseconds() / 1000;
process.hrtime.bigint = () => BigInt(microseconds()) * 1000n;

/** The loader gives its workers no options of node's. */
const { Worker } = threads;
threads.Worker = class extends Worker {
  /** @param {string | URL} file @param {import('node:worker_threads').WorkerOptions} [options] */
  constructor(file, options) {
    super(file, { ...options, execArgv: ['--no-warnings', `--import=${import.meta.url}`] });
  }
};
syncBuiltinESMExports();
