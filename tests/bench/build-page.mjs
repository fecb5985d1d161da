// How long building takes in a page: node tests/bench/build-page.mjs [ROUNDS]. In Chromium, files from this machine:
// the builder's start (compiler fetched, compiled, a first small program), then builds of a demo that differs each
// time; step by step, with the memory of the page's process.
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../lib/run.mjs';
import { launch, serve } from '../page/chromium.mjs';

/** @typedef {import('../../wasm/cc/program.mjs').Step[]} Steps */

const ROUNDS = Number(process.argv[2] ?? 8);
const ADDRESSES = {
  clang: '/node_modules/@yowasp/clang/gen/bundle.js', binaryen: '/node_modules/binaryen/index.js',
  kit: '/build/kit', manual: '/runtime/include',
};
const words = (/** @type {Steps} */ steps) => steps.map((s) => `${s.name} ${Math.round(s.ms)}`).join(', ');

const [browser, server] = await Promise.all([launch(), serve(ROOT, { isolated: true })]);
const page = await browser.newPage();
await page.goto(`${server.url}/package.json`);
const devtools = await browser.newBrowserCDPSession();

/** @returns {Promise<string>} memory of the largest renderer: now and at most */
async function memory() {
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    const kB = (/** @type {string} */ name) => Number(RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
    return ['VmRSS', 'VmHWM'].map((name) => Math.round(kB(name) / 1000));
  });
  const [now, most] = sizes.sort((a, b) => b[1] - a[1])[0];
  return `${now} MB (at most ${most})`;
}

console.log(`${browser.version()}, ${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)}`);
const start = await page.evaluate(async (addresses) => {
  const client = '/wasm/cc/client.mjs', { Builder } = await import(client);
  const builder = (/** @type {any} */ (globalThis)).builder = new Builder(addresses);
  const begun = performance.now();
  const steps = /** @type {Steps} */ (await builder.start());
  return { ms: performance.now() - begun, steps };
}, ADDRESSES);
console.log(`start      ${Math.round(start.ms)} ms: ${words(start.steps)}; ${await memory()}`);
const source = readFileSync(join(ROOT, 'shell/demos/sieve.c'), 'utf8');
for (let i = 1; i <= ROUNDS; i++) {
  const { ms, steps } = await page.evaluate(async ([source, i]) => {
    const begun = performance.now();
    const { wasm, steps, text } = await (/** @type {any} */ (globalThis)).builder.build(
      { 'sieve.c': `${source}\nint changed(void) { return ${i}; }\n` });
    if (!wasm) throw new Error(text);
    return { ms: performance.now() - begun, steps: /** @type {Steps} */ (steps) };
  }, /** @type {const} */ ([source, i]));
  console.log(`build ${String(i).padStart(3)}  ${Math.round(ms)} ms: ${words(steps)}; ${await memory()}`);
}
await Promise.all([browser.close(), server.close()]);
