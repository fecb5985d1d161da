// How long one waits in a playground: node tests/bench/playground-element.mjs [--json]. In Chromium, files from this
// machine: from a click to the first lane, of a program as it came, the pointer half a second over the element before;
// edited, with nothing cached, and again with the compiler warm, of a program of 220 lines; how much of that is clang;
// the memory of the page's process.
import { availableParallelism, loadavg } from 'node:os';
import { Measuring } from './viewer-measure.mjs';

/** @typedef {import('../../shell/playground/api.d.mts').GoroscopePlayground} Playground */

const ROUNDS = 9;
/** From when the pointer is over the element until it clicks. */
const NEAR_MS = 500;
/** From the end of a run until the edited program's: nobody edits faster. */
const EDIT_MS = 1500;
const PAGE = `<!doctype html><title>x</title><link rel="icon" href="data:,">
<script type="module" src="/shell/playground/playground.mjs"></script>
<goroscope-playground src="/shell/demos/philosophers.c" wasm="/build/demos/philosophers.wasm" args="5 1" procs="2">
</goroscope-playground>`;

const routes = { '/x.html': (/** @type {unknown} */ _, /** @type {import('node:http').ServerResponse} */ response) =>
  void response.setHeader('Content-Type', 'text/html').end(PAGE) };
const measuring = await Measuring.start({ routes });
const { browser, server } = measuring, page = await browser.newPage();

/** From the click until the program runs, and until a lane of it is drawn, in ms. @param {string} edit */
const clicked = (edit) => page.evaluate(async (edit) => {
  const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
  p.source += edit;
  /** @type {(state: string) => Promise<number>} */
  const reached = (state) => new Promise((resolve) => p.addEventListener('statechange', function look() {
    if (p.state !== state) return;
    p.removeEventListener('statechange', look);
    resolve(performance.now());
  }));
  const begun = performance.now(), running = reached('running');
  const lane = running.then(() => new Promise((resolve) => p.viewer.addEventListener('info', function look({ detail }) {
    if (!detail.events || !detail.lanes.some((l) => l.kind === 'proc')) return;
    p.viewer.removeEventListener('info', look);
    requestAnimationFrame(() => resolve(performance.now()));
  })));
  p.shadowRoot?.querySelector('button')?.click();
  const times = { running: await running - begun, lane: Number(await lane) - begun };
  p.stop();
  await reached('done');
  return times;
}, edit);

/** What of a build is clang, and what is not. @param {number} i */
const built = (i) => page.evaluate(async (i) => {
  const compiler = '/shell/playground/compiler.mjs', { compile } = await import(compiler);
  const p = /** @type {Playground} */ (document.querySelector('goroscope-playground')), begun = performance.now();
  const { steps } = await compile({ 'philosophers.c': `${p.source}// ${i}\n` }, { warnings: ['all'] });
  const all = performance.now() - begun;
  const clang = steps.find((/** @type {{ name: string }} */ s) => s.name === 'compile').ms;
  return { clang, rest: all - clang };
}, i);

/** @param {number[]} values */
const median = (values) => Math.round([...values].sort((a, b) => a - b)[values.length >> 1]);

async function open() {
  await page.goto(`${server.url}/x.html`);
  await page.mouse.move(0, 0);
  await page.waitForFunction(() =>
    document.querySelector('goroscope-playground')?.shadowRoot?.querySelector('.cm-content'));
  await page.locator('goroscope-playground button.run').hover();
  await page.waitForTimeout(NEAR_MS);
}

/** @type {number[]} */ const unedited = [];
for (let i = 0; i < 5; i++) {
  await open();
  unedited.push((await clicked('')).lane);
}
const first = await clicked('\n');
/** @type {{ running: number, lane: number }[]} */ const warm = [];
/** @type {{ clang: number, rest: number }[]} */ const parts = [];
for (let i = 0; i < ROUNDS; i++) {
  await page.waitForTimeout(EDIT_MS);
  warm.push(await clicked(`// ${i}\n`));
  await page.waitForTimeout(EDIT_MS);
  parts.push(await built(i));
}
const late = warm.slice(3), lateParts = parts.slice(3);
const figures = {
  uneditedToFirstLane: median(unedited), firstEditedToFirstLane: Math.round(first.lane),
  editedToRunning: median(late.map((w) => w.running)), editedToFirstLane: median(late.map((w) => w.lane)),
  clang: median(lateParts.map((p) => p.clang)), buildWithoutClang: median(lateParts.map((p) => p.rest)),
  memoryMB: Math.round(await measuring.memory()),
};
await measuring.close();
if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else {
  console.log(`${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)}; milliseconds, medians`);
  console.log(`as it came: click to first lane        ${figures.uneditedToFirstLane} (goal 500)`);
  console.log(`first edited run, with fetching        ${figures.firstEditedToFirstLane}`);
  console.log(`edited, warm: to running               ${figures.editedToRunning}`);
  console.log(`edited, warm: to first lane            ${figures.editedToFirstLane} (goal 700)`);
  console.log(`  of a build: clang, all else          ${figures.clang}, ${figures.buildWithoutClang} (goal 200)`);
  console.log(`memory of the page, compiler warm      ${figures.memoryMB} MB (goal 600)`);
}
