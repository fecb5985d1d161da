// The demo programs with arguments that make them short: what the tests of traces and of sim run.
import { join } from 'node:path';
import { ROOT } from './run.mjs';

/** What is fetched: address -> file. @type {Record<string, string>} */
const PAGES = Object.fromEntries([
  'demos/fetch.c', 'demos/text/devils-dictionary.txt', 'demos/demos.json', 'index.html',
].map((name) => [name, join(ROOT, 'shell', name)]));
const TEXT = join(ROOT, 'shell/demos/text/devils-dictionary.txt');

/**
 * @typedef {object} Demo
 * @property {string} name
 * @property {(port: import('./run.mjs').Port) => string[]} args
 * @property {(port: import('./run.mjs').Port) => Record<string, string>} files
 * @property {(port: import('./run.mjs').Port) => number} [exitCode] default: 0
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
  { name: 'garbage', args: () => ['60'], files: none },
  { // WASI and native programs can fetch nothing and say so
    name: 'fetch', args: () => ['3', '4', ...Object.keys(PAGES)],
    files: ({ target }) => (target === 'emscripten' ? PAGES : {}),
    exitCode: ({ target }) => (target === 'emscripten' ? 0 : 1),
  },
];
