// Stop pressed at random moments after Run in a real Chromium: the page says that the run has ended
// within a second, whatever it was at, and no worker is left; a page closed at any moment takes its program along.
// STOPS says how often, SETTLE_SEED which moments.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serve } from '../../shell/serve.mjs';
import { LONG } from '../lib/run.mjs';
import { STOP_MS, launch, onDemoPage } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */

const STOPS = Number(process.env.STOPS ?? (LONG ? 200 : 5));
const SEED = Number(process.env.SETTLE_SEED ?? Date.now() % 1e6);

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {Awaited<ReturnType<typeof serve>>} */
let bare;

before(async () => {
  [browser, server, bare] = await Promise.all([launch(), serve({ port: 0 }), serve({ port: 0, isolated: false })]);
});
after(async () => {
  await Promise.all([browser?.close(), server?.close(), bare?.close()]);
});

/**
 * Presses Run and, after each of these times, Stop; what was wrong with it, and how long the slowest took.
 * @param {Page} page @param {number[]} delays ms @param {number} limit ms
 */
function pressStop(page, delays, limit) {
  return page.evaluate(async ({ delays, limit }) => {
    const [run, stop] = ['run', 'stop'].map((id) => /** @type {HTMLButtonElement} */ (document.getElementById(id)));
    const state = () => document.documentElement.dataset.run ?? '';
    const wait = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));
    /** @type {{[state: string]: number}} */ const pressedIn = {};
    let slowest = 0;
    /** @type {string[]} */ const wrong = [];
    for (const ms of delays) {
      run.click();
      if (ms >= 1) await wait(ms);
      const was = state();
      pressedIn[was] = (pressedIn[was] ?? 0) + 1;
      stop.click();
      const at = performance.now();
      while (state() !== 'done' && performance.now() < at + 4 * limit) await wait(1);
      const took = performance.now() - at;
      slowest = Math.max(slowest, took);
      const words = document.querySelector('#status [data-part="state"]')?.textContent ?? '';
      if (state() !== 'done' || took > limit || (was !== 'done' && !/^Stopped /.test(words)))
        wrong.push(`${ms.toFixed(1)} ms after Run (${was}): ${state()} after ${Math.round(took)} ms, "${words}"`);
      if (state() !== 'done') break;
    }
    return { wrong, slowest, pressedIn };
  }, { delays, limit });
}

/** mulberry32 @param {number} seed @returns {() => number} 0 to 1 */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let n = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n;
    return ((n ^ (n >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Milliseconds from Run to the program's start. @param {Page} page */
async function loadingTime(page) {
  const at = Date.now();
  await page.click('#run');
  await page.waitForFunction(() => document.documentElement.dataset.run === 'running');
  const ms = Date.now() - at;
  await page.click('#stop');
  await page.waitForFunction(() => document.documentElement.dataset.run === 'done');
  return ms;
}

/**
 * All workers of programs are gone, or go within the limit: the browser tells of a worker's start and of its end
 * a little later, so one may still be told of that was ended as it began.
 * @param {Page} page
 */
async function noneLeft(page) {
  const left = () => page.workers().filter((w) => w.url().includes('/wasm/host/'));
  const late = new Promise((resolve) => setTimeout(() => resolve(true), STOP_MS).unref());
  while (left().length) {
    const next = new Promise((resolve) => left().forEach((w) => w.once('close', () => resolve(false))));
    if (await Promise.race([next, late])) break;
  }
  assert.equal(left().length, 0, 'workers were left');
}

const ways = [
  { name: 'threads', query: 'mode=threads&procs=4', isolated: true, share: 0.5 },
  { name: 'sim', query: 'mode=sim&procs=4', isolated: true, share: 0.25 },
  { name: 'sim, memory not shared', query: 'procs=4', isolated: false, share: 0.25 },
];

for (const { name, query, isolated, share } of ways) {
  test(`Stop at random moments, ${name} (seed ${SEED})`, async () => {
    const random = generator(SEED);
    await onDemoPage(browser,
      `${(isolated ? server : bare).url}?demo=mandelbrot&${query}&args=1920+1080+10000`, async (page) => {
      // As many while it is fetched, compiled and started as when it runs.
      const loading = await loadingTime(page);
      const delays = Array.from({ length: Math.ceil(STOPS * share) }, () => 2 * loading * random());
      const { wrong, slowest, pressedIn } = await pressStop(page, delays, STOP_MS);
      console.log(`${delays.length} stops, ${name}: pressed while ${JSON.stringify(pressedIn)}, the slowest took ${
        Math.round(slowest)} ms`);
      assert.deepEqual(wrong, []);
      await noneLeft(page);
      await page.fill('#args', '64 48 50');
      await page.click('#run');
      await page.waitForFunction(() => document.documentElement.dataset.run === 'done');
      assert.equal(await page.textContent('#status [data-part="state"]'), 'Mandelbrot set ended with exit code 0');
    });
  });
}

test(`a page closed at random moments (seed ${SEED})`, async () => {
  const random = generator(SEED);
  for (let i = 0; i < (LONG ? 20 : 3); i++) {
    const page = await browser.newPage();
    await page.goto(`${server.url}?demo=mandelbrot&mode=threads&procs=4&args=1920+1080+10000`);
    await page.waitForFunction(() => document.documentElement.dataset.run !== undefined);
    await page.evaluate(() => document.getElementById('run')?.click());
    await new Promise((resolve) => setTimeout(resolve, 400 * random()));
    const workers = page.workers();
    const at = Date.now();
    const gone = Promise.all(workers.map((w) => new Promise((resolve) => w.once('close', resolve))));
    await page.close();
    await gone;
    assert.ok(Date.now() - at < STOP_MS, `it took ${Date.now() - at} ms`);
  }
});
