// The demo programs with arguments that make them short: what the tests of traces and of sim run.
import { join } from 'node:path';
import { ROOT } from './run.mjs';

const TEXT = join(ROOT, 'shell/demos/text/devils-dictionary.txt');

/**
 * @typedef {object} Demo
 * @property {string} name
 * @property {(port: import('./run.mjs').Port) => string[]} args
 * @property {(port: import('./run.mjs').Port) => Record<string, string>} files
 */

const none = () => ({});

/** @type {Demo[]} */
export const demos = [
  {
    name: 'wordcount', // the loader hands a file over by name, the other ports open it
    args: (port) => [port.target === 'emscripten' ? 'input.txt' : TEXT, '1'],
    files: (port) => ({ [port.target === 'emscripten' ? 'input.txt' : TEXT]: TEXT }),
  },
  { name: 'mandelbrot', args: () => ['160', '120', '300'], files: none },
  { name: 'sieve', args: () => ['150'], files: none },
  { name: 'pipeline', args: () => ['2000'], files: none },
  { name: 'philosophers', args: () => ['5', '1'], files: none },
  { name: 'coroutines', args: () => ['4', '1000', '200'], files: none },
  { name: 'syscalls', args: () => ['5', '300'], files: none },
];
