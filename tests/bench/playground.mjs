// The playground's figures beside their goals: npm run bench:playground [-- --json] [--rounds N]. Real Chromium,
// files from this machine, which the browser may keep; medians. A click is the call, half a second after the element
// has been told that somebody comes near; a lane is there when it has been painted.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, build, madeKit } from '../lib/run.mjs';
import { until } from '../page/chromium.mjs';
import { Figures } from './figures.mjs';
import { compareKernels } from './kernels.mjs';
import { Measuring, quantile } from './viewer-measure.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../page/chromium.mjs').serve} serve */
/** @typedef {import('../../wasm/cc/program.mjs').Step[]} Steps */
/** @typedef {{ ms: number, came: number, steps: Steps }} Edited came: when the last of the compiler was there, ms */

/** A program of some 200 lines, and what is edited in it. */
const PROGRAM = 'shell/demos/philosophers', EDITED = 'int gr_main(';
/** Builds before those that count: V8 is at clang in the background for so long. */
const WARM = 8;
const SPEED_ROUNDS = 9;
/** From when the pointer is over the element until it clicks. */
const NEAR_MS = 500;
/** From the end of a run until the edited program's: nobody edits faster. */
const EDIT_MS = 1500;

const { values } = parseArgs({ options: {
  json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '9' },
} });
const rounds = Number(values.rounds);
const median = (/** @type {number[]} */ all) => quantile(all, 0.5);
const words = (/** @type {Steps} */ steps) => steps.map((s) => `${s.name} ${Math.round(s.ms)}`).join(', ');

await Promise.all([madeKit(), build(`${PROGRAM}.c`, 'emscripten')]);
const source = readFileSync(join(ROOT, `${PROGRAM}.c`), 'utf8');
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-playground-'));
/** As static hosts do: else each worker of each run would fetch its modules. @type {Parameters<serve>[1]} */
const host = {
  first(_, response) {
    response.setHeader('Cache-Control', 'max-age=600');
    return false;
  },
};
const measuring = await Measuring.start(host);
const figures = new Figures(measuring.browser.version(), values.json);

/** Puts into the page what is called there. @param {Page} page */
const prepare = (page) => page.evaluate(async () => {
  const here = /** @type {any} */ (globalThis);
  const paths = ['/shell/playground/compiler.mjs', '/wasm/host/loader.mjs', '/shell/playground/runner.mjs'];
  const [compiler, { load }, { prepareRun }] = await Promise.all(paths.map((path) => import(path)));
  here.compiler = compiler;
  here.prepareRun = () => prepareRun({ procs: 2, mode: 'auto' });
  /** From `begun` until the first lane of a program has been painted; the program ends then. */
  here.firstLane = async (/** @type {any} */ program, /** @type {number} */ begun) => {
    const { viewer } = here;
    const rt = await load(program, { procs: 2, trace: { mode: 'stream' }, stdout() {}, stderr() {} });
    viewer.attach(rt);
    const painted = new Promise((resolve) => {
      const look = () => {
        if (!viewer.info.lanes.some((/** @type {any} */ l) => l.spans > 0)) return;
        viewer.removeEventListener('info', look);
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - begun)));
      };
      viewer.addEventListener('info', look);
    });
    const ended = rt.run();
    const ms = await painted;
    await rt.stop();
    await ended;
    here.prepareRun();
    return ms;
  };
  here.edited = async (/** @type {string} */ source) => {
    const begun = performance.now();
    here.prepareRun();
    let came = 0;
    const onProgress = (/** @type {any} */ p) => { if ('fetched' in p) came = performance.now() - begun; };
    const { wasm, text, steps } = await compiler.compile({ 'program.c': source }, {}, { onProgress });
    if (!wasm) throw new Error(text);
    return { ms: await here.firstLane(wasm, begun), came, steps };
  };
});

/** @param {Page} page @returns {Promise<number>} ms */
const unedited = (page) => page.evaluate(async ({ path, near }) => {
  const { firstLane, prepareRun } = /** @type {any} */ (globalThis);
  prepareRun();
  await new Promise((resolve) => { setTimeout(resolve, near); });
  return firstLane(path, performance.now());
}, { path: `/build/${PROGRAM.replace('shell/', '')}.wasm`, near: NEAR_MS });

/** Each time another program. */
let edits = 0;
/** @param {Page} page @returns {Promise<Edited>} */
const edited = (page) => page.evaluate((text) => /** @type {any} */ (globalThis).edited(text),
  source.replace(EDITED, `int edit_${++edits}(void) { return ${edits}; }\n${EDITED}`));

try {
  /** @type {number[]} */ const clicks = [];
  /** @type {Edited[]} */ const first = [], kept = [];
  for (let i = 0; i < Math.max(1, rounds / 3); i++) {
    const { page } = await measuring.page();
    await prepare(page);
    clicks.push(await unedited(page));
    first.push(await edited(page));
    // All that was fetched has been kept by now, or will be in a moment.
    await until(page, async () => {
      const [name] = (await caches.keys()).filter((n) => n.startsWith('goroscope-compiler '));
      return name && (await (await caches.open(name)).keys()).length === 5;
    });
    await page.reload();
    await page.evaluate(async () => {
      await customElements.whenDefined('goroscope-viewer');
      /** @type {any} */ (globalThis).viewer = document.querySelector('goroscope-viewer');
    });
    await prepare(page);
    kept.push(await edited(page));
    await page.context().close();
  }
  figures.note('unedited program: click to first lane', 's', median(clicks) / 1000, 0.5);
  figures.note('first edited run, empty cache, without the download', 's',
    median(first.map(({ ms, came }) => ms - came)) / 1000, 4);
  figures.say(`  with the download from this machine ${Math.round(median(first.map((f) => f.ms)))} ms; ` +
    words(first[0].steps));
  figures.note('first edited run, compiler kept from another visit', 's', median(kept.map((f) => f.ms)) / 1000, 4);
  figures.say(`  ${words(kept[0].steps)}`);

  const { page } = await measuring.page();
  await prepare(page);
  /** @type {Edited[]} */ const later = [];
  /** @type {Edited[]} */ const atOnce = [];
  for (let i = 0; i < WARM + 2 * rounds; i++) {
    const isEdited = i >= WARM + rounds;
    if (isEdited) await page.waitForTimeout(EDIT_MS);
    const run = await edited(page);
    if (i >= WARM) (isEdited ? later : atOnce).push(run);
    figures.say(`  run ${String(i + 1).padStart(2)} ${Math.round(run.ms)} ms: ${words(run.steps)}`);
  }
  const clang = (/** @type {Edited} */ { steps }) => steps.find((s) => s.name === 'compile')?.ms ?? NaN;
  figures.note('later edited runs of 220 lines: to first lane', 's', median(later.map((f) => f.ms)) / 1000, 0.7);
  figures.note('  of which all but clang', 's', median(later.map((f) => f.ms - clang(f))) / 1000, 0.2);
  figures.note('the same, each right behind the one before', 's', median(atOnce.map((f) => f.ms)) / 1000, 0.7);
  figures.note('memory of the page, compiler warm', 'MB', await measuring.memory(), 600);

  // What is built here, and how fast it is: beside the whole program by build.sh, by turns in node.
  const bytes = await page.evaluate(async (source) => {
    const { wasm, text } = await /** @type {any} */ (globalThis).compiler.compile({ 'kernels.c': source });
    if (!wasm) throw new Error(text);
    return Array.from(/** @type {Uint8Array} */ (wasm));
  }, readFileSync(join(ROOT, 'tests/bench/kernels.c'), 'utf8'));
  await page.context().close();
  const here = join(scratch, 'kernels.wasm');
  writeFileSync(here, Uint8Array.from(bytes));
  const whole = await build('tests/bench/kernels.c', 'emscripten', { by: 'build.sh' });
  const kernels = Object.entries(await compareKernels([whole, here], 'threads', SPEED_ROUNDS));
  figures.say(`  ${kernels.map(([name, { ratios }]) => `${name} ${ratios[0].toFixed(3)}`).join(', ')}`);
  const mean = Math.exp(kernels.reduce((sum, [, { ratios }]) => sum + Math.log(ratios[0]), 0) / kernels.length);
  figures.note('compute time of what is built here to the whole program', 'x', mean, 1.05);
} finally {
  await measuring.close();
  rmSync(scratch, { recursive: true });
}
figures.end();
