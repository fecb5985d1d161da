// viewer-measure.mjs: what the viewer does in a real Chromium, measured: opening a file, panning and zooming, a
// live stream. tests/bench/viewer.mjs prints the table, viewer.test.mjs has a short version.
import { readFileSync } from 'node:fs';
import { ROOT } from '../lib/run.mjs';
import { launch, serve } from '../page/chromium.mjs';
import { oneRound, roundOf } from './long-trace.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** Bytes in use by all processes of the page, now; shared pages count in part. */
const MEMORY_EVERY_MS = 100;
/** Nobody drops a file sooner. */
const READY_MS = 1000;

/** @param {number[]} values @param {number} share @returns {number} */
export const quantile = (values, share) =>
  values.slice().sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

export class Measuring {
  /** @param {Parameters<typeof serve>[1]} [options] of the server */
  static async start(options = {}) {
    const server = await serve(ROOT, { isolated: true, ...options }), browser = await launch();
    return new Measuring(server, browser, await browser.newBrowserCDPSession());
  }

  /** @param {{url: string, close: () => Promise<void>}} server @param {import('playwright-core').Browser} browser
   * @param {import('playwright-core').CDPSession} devtools */
  constructor(server, browser, devtools) {
    this.server = server;
    this.browser = browser;
    this.devtools = devtools;
  }

  async close() {
    await Promise.all([this.browser.close(), this.server.close()]);
  }

  /** @returns {Promise<number>} MB of all renderers: proportional set size */
  async memory() {
    const { processInfo } = await this.devtools.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { id }) => {
      try {
        return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))?.[1]) / 1000;
      } catch {
        return sum; // it has just ended
      }
    }, 0);
  }

  /**
   * The largest memory while something goes on, over what an empty viewer has.
   * @template T @param {number} empty MB @param {Promise<T>} going @returns {Promise<{result: T, most: number}>}
   */
  async watching(empty, going) {
    let most = 0, on = true;
    const watch = (async () => {
      while (on) {
        most = Math.max(most, await this.memory());
        await new Promise((next) => { setTimeout(next, MEMORY_EVERY_MS); });
      }
    })();
    const result = await going.finally(() => { on = false; });
    await watch;
    return { result, most: Math.max(0, most - empty) };
  }

  /** A page with an empty viewer that notes long tasks. @returns {Promise<{page: Page, empty: number}>} */
  async page() {
    const context = await this.browser.newContext({ viewport: { width: 1500, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${this.server.url}/viewer/index.html`);
    await page.evaluate(async () => {
      await customElements.whenDefined('goroscope-viewer');
      /** @type {any} */ const all = globalThis;
      all.viewer = document.querySelector('goroscope-viewer');
      all.longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) all.longest = Math.max(all.longest, duration);
      }).observe({ entryTypes: ['longtask'] });
    });
    // What it loads beforehand, in its own time, is there: so it is for who looks for a file.
    await new Promise((next) => { setTimeout(next, READY_MS); });
    return { page, empty: await this.memory() };
  }

  /**
   * A file, as if chosen by hand. first: lanes are seen; indexed: all of it was read; whole: lanes of goroutines are
   * there, too, which a large file does without.
   * @param {Page} page @param {string} path @param {number} empty
   */
  async open(page, path, empty) {
    await page.evaluate(() => {
      /** @type {any} */ const all = globalThis, { viewer } = all;
      let begun = 0;
      all.whole = new Promise((resolve) => {
        viewer.addEventListener('info', () => {
          if (viewer.info.state === 'done' && viewer.info.lanesDone) resolve(performance.now() - begun);
        });
      });
      all.opened = new Promise((resolve) => {
        let first = 0;
        const painted = (/** @type {() => void} */ then) =>
          requestAnimationFrame(() => requestAnimationFrame(then));
        viewer.shadowRoot.querySelector('input[type=file]').addEventListener('change', () => {
          begun = performance.now();
        }, { capture: true });
        viewer.addEventListener('info', () => {
          const { info } = viewer;
          // What is known now is drawn with the next frame.
          if (!first && info.lanes.some((/** @type {any} */ l) => l.spans > 0))
            first = -1, painted(() => { first = performance.now() - begun; });
          if (info.state === 'done') painted(() => resolve({
            first, indexed: performance.now() - begun, events: info.events, bytes: info.bytes, error: info.error }));
        });
      });
    });
    await page.locator('goroscope-viewer input[type=file]').setInputFiles(path);
    const { result, most } = await this.watching(empty, page.evaluate(() => /** @type {any} */ (globalThis).opened));
    const longest = await this.longest(page);
    const { result: whole, most: mostWhole } = await this.watching(empty,
      page.evaluate(() => /** @type {Promise<number>} */ (/** @type {any} */ (globalThis).whole)));
    return { .../** @type {{first: number, indexed: number, events: number, bytes: number, error: string | null}} */ (
      result), memory: most, longest, whole, wholeMemory: Math.max(most, mostWhole),
    wholeLongest: await this.longest(page) };
  }

  /** The longest task since the last call, ms; 0: none over 50. @param {Page} page @returns {Promise<number>} */
  longest(page) {
    return page.evaluate(() => {
      /** @type {any} */ const all = globalThis, { longest } = all;
      all.longest = 0;
      return longest;
    });
  }

  /**
   * Panning and zooming by the wheel, a step in each frame; the time between frames.
   * @param {Page} page @param {number} frames
   */
  async frames(page, frames) {
    const gaps = await page.evaluate((frames) => new Promise((/** @type {(gaps: number[]) => void} */ resolve) => {
      const root = /** @type {any} */ (globalThis).viewer.shadowRoot;
      // The largest canvas is that of the lanes.
      const canvas = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('canvas')])
        .sort((a, b) => b.clientWidth * b.clientHeight - a.clientWidth * a.clientHeight)[0];
      const { left, top, width, height } = canvas.getBoundingClientRect();
      /** @type {number[]} */ const gaps = [];
      let last = 0, n = 0;
      const step = (/** @type {number} */ now) => {
        if (last) gaps.push(now - last);
        last = now;
        if (++n > frames) { resolve(gaps); return; }
        // In for a third, to and fro for a third, out for a third.
        const third = Math.floor(3 * n / frames), zoom = third !== 1;
        canvas.dispatchEvent(new WheelEvent('wheel', { bubbles: true, composed: true, cancelable: true,
          clientX: left + width * 0.6, clientY: top + height / 2, ctrlKey: zoom, shiftKey: !zoom,
          deltaY: third === 0 ? -60 : third === 2 ? 60 : n % 40 < 20 ? 90 : -90 }));
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    }), frames);
    return { p50: quantile(gaps, 0.5), p95: quantile(gaps, 0.95), longest: await this.longest(page) };
  }

  /**
   * A stream as of a running program: so many events a second, for so long. It waits when the viewer takes no more.
   * @param {Page} page @param {{perSecond: number, seconds: number, empty: number}} how
   */
  async live(page, { perSecond, seconds, empty }) {
    const events = 100_000, { all, length } = await roundOf(oneRound(80, events));
    const round = all.map((g) => ({ ...g, bytes: [...g.bytes], header: [] }));
    const asked = /** @type {const} */ ([round, length, events, perSecond, seconds]);
    const { result, most } = await this.watching(empty, page.evaluate(async (asked) => {
      const [round, length, events, perSecond, seconds] = asked;
      const path = '/tests/bench/repeat.mjs', { repeated } = await import(path);
      const { viewer } = /** @type {any} */ (globalThis);
      const pieces = repeated(round.map((g) => ({ ...g, bytes: Uint8Array.from(g.bytes) })), length);
      let given = 0, stopped = false;
      const begun = performance.now(), until = begun + seconds * 1000;
      const readable = new ReadableStream({
        async pull(controller) {
          const due = begun + given / perSecond * 1000, now = performance.now();
          if (now >= until) { stopped = true; controller.close(); return; }
          if (due > now) await new Promise((next) => { setTimeout(next, due - now); });
          const generation = pieces.next().value;
          const bytes = new Uint8Array(await new Blob(generation).arrayBuffer());
          controller.enqueue(bytes);
          if (given || bytes.length > 16) given += events;
        },
      }, { highWaterMark: 4 });
      viewer.attach({ trace: { region: null, readable } });
      await new Promise((done) => viewer.addEventListener('info', () => {
        if (stopped && viewer.info.state === 'done') done(0);
      }));
      return { given, took: performance.now() - begun, events: viewer.info.events, full: viewer.info.full,
        error: viewer.info.error };
    }, asked));
    return { ...result, memory: most, longest: await this.longest(page) };
  }
}
