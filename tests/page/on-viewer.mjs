/**
 * For tests of the viewer's element: a page with the stand-alone viewer, or with any markup, on traces made for the
 * test; where its lanes are; what it says.
 */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { bundledViewer, inPage, launch, routesOf, serve } from './chromium.mjs';
import { syntheticTrace } from './synthetic.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** 2 Ps, 20 slices of 60 µs each followed by 40 µs of idle time; 3 goroutines take turns on each P. */
export const small = syntheticTrace({ procs: 2, slices: 20, busyNs: 60_000, idleNs: 40_000 });
/** The middle of slice s. @param {number} s */
export const middle = (s) => s * 100_000 + 30_000;

/** What `default-src 'self'` leaves to a page that hosts the viewer; blob: for workers is for pages in one file. */
export const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
  + "worker-src 'self' blob:; img-src 'self' data:; object-src 'none'; base-uri 'none'";

/** @typedef {import('playwright-core').Page} Page */

export class ViewerPages {
  /**
   * @param {Record<string, Uint8Array | string>} files what the server hands out, by path: traces, pages of the test
   * @param {{csp?: string, modules?: boolean}} [options] modules: each module is a file
   */
  static async start(files = {}, { csp, modules = false } = {}) {
    const routes = routesOf({ '/traces/small.trace': small.bytes, ...modules ? {} : await bundledViewer(), ...files });
    const server = await serve(root, { isolated: true, routes, csp });
    return new ViewerPages(server, await launch());
  }

  /** @param {{url: string, close: () => Promise<void>}} server @param {import('playwright-core').Browser} browser */
  constructor(server, browser) {
    this.server = server;
    this.browser = browser;
  }

  async close() {
    await this.browser.close();
    await this.server.close();
  }

  /**
   * A page for `body`; errors of the page and of its console fail the test.
   * @param {(page: Page) => Promise<void>} body
   * @param {import('playwright-core').BrowserContextOptions & {path?: string, breaks?: RegExp}} [options]
   *   path: instead of the viewer on the small trace; breaks: what the console may complain of
   */
  async on(body, { path = '/viewer/index.html?trace=/traces/small.trace', breaks, ...options } = {}) {
    await inPage(this.browser, async (page) => {
      /** @type {string[]} */
      const errors = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
      await page.goto(this.server.url + path);
      if (path.includes('trace=')) await drawn(page);
      await body(page);
      assert.deepEqual(errors.filter((error) => !breaks?.test(error)), []);
    }, options);
  }
}

/** Until a trace and its lanes are read to their end and the view stands still. @param {Page} page */
export async function drawn(page) {
  await page.waitForFunction(() => {
    const { info, session } = /** @type {any} */ (document.querySelector('goroscope-viewer')) ?? {};
    return info?.state === 'done' && info.lanesDone !== false && (!info.moreLanes || session.lanes.whole);
  }).catch(async (error) => {
    error.message += `\n${await page.evaluate(howFar)}`; // seen once in some hundred runs, never alone
    throw error;
  });
  await settled(page);
}

/** What a viewer that does not come to an end knows, for who looks for the reason. Runs in the page. */
function howFar() {
  const { info, pending, session } = /** @type {any} */ (document.querySelector('goroscope-viewer')) ?? {};
  return JSON.stringify({
    page: location.href, isPending: Boolean(pending), info: info && { ...info, lanes: info.lanes.length },
    lanes: session && { whole: session.lanes.whole, busy: session.lanes.busy, more: session.lanes.more.length },
    asked: session?.client.asked.size,
    loaded: performance.getEntriesByType('resource').map(({ name, duration }) => [name.split('/').pop(), duration]),
  });
}

/** Until the view stands still and every question to the reader is answered. @param {Page} page */
export function settled(page) {
  return page.waitForFunction(() => {
    const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    return !timeline.frames.handle && !timeline.session?.client.asked.size && !timeline.view.glide;
  });
}

/** The window shown, and where its lanes are on the page. @param {Page} page */
export function geometry(page) {
  return page.evaluate(() => {
    const { timeline, shadowRoot } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const box = shadowRoot.querySelector('.lanes').getBoundingClientRect();
    const { gutter, plot, laneHeight, lanes } = timeline.layout;
    return {
      t0: timeline.view.t0, t1: timeline.view.t1, mode: timeline.view.mode, left: box.left + gutter,
      ruler: box.top + 10, top: box.top + 26, plot, laneHeight, lanes, scrollY: timeline.scrollY,
    };
  });
}

/** @param {Page} page @param {number} lane @param {number} t */
export async function placeOf(page, lane, t) {
  const { t0, t1, left, top, plot, laneHeight, scrollY } = await geometry(page);
  return { x: left + ((t - t0) / (t1 - t0)) * plot, y: top + (lane + 0.5) * laneHeight - scrollY };
}

/** @param {Page} page @returns {Promise<any>} what the address would hold */
export function stateOf(page) {
  return page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).state);
}

/** A part of the element. @param {Page} page @param {string} selector */
export function part(page, selector) {
  return page.locator(`goroscope-viewer ${selector}`);
}

/** Text of a part, its narrow spaces made plain. @param {Page} page @param {string} selector */
export async function text(page, selector) {
  return (await part(page, selector).innerText()).replaceAll('\u202f', ' ');
}

/**
 * From one moment of a lane to another, with the button held.
 * @param {Page} page @param {[number, number]} from lane, moment @param {[number, number]} to
 * @param {'left' | 'middle'} [button]
 */
export async function drag(page, from, to, button = 'left') {
  const a = await placeOf(page, ...from);
  const b = await placeOf(page, ...to);
  await page.mouse.move(a.x, a.y);
  await page.mouse.down({ button });
  await page.mouse.move(b.x, b.y, { steps: 6 });
  await page.mouse.up({ button });
  await settled(page);
}
