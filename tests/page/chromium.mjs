/**
 * For tests that need a page: a real Chromium, and a small server for the files under a folder.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, normalize, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { ADDRESS } from '../../shell/bundle/inlined.mjs';
import { ROOT } from '../lib/run.mjs';

/** What Stop may take, ms: the second that is promised, and one more for a machine that does more than this. */
export const STOP_MS = 2000;

/** First the one that draws none of the browser's own windows: they are a third of the time of these tests. */
const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome'];

/** No background traffic, no GPU: what a test sees is what the page does. */
const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-quic',
];

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.mjs', 'text/javascript; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.wasm', 'application/wasm'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.txt', 'text/plain; charset=utf-8'],
]);

/** The Chromium to test with: $GOROSCOPE_CHROMIUM, else the distribution's; null when there is none. */
export function chromiumPath() {
  const named = process.env.GOROSCOPE_CHROMIUM;
  if (named) return named;
  return PLACES.find((path) => existsSync(path)) ?? null;
}

/** Of anything a test waits for. A first build in a page has a compiler of 100 MB to fetch, on a busy machine too. */
export const PATIENCE_MS = 120_000;

/**
 * Starts Chromium. @param {import('playwright-core').LaunchOptions} [options]
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launch(options = {}) {
  const executablePath = chromiumPath();
  if (!executablePath)
    throw new Error('No Chromium found: install it (apt install chromium) or name one in GOROSCOPE_CHROMIUM.');
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS, ...options });
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (own) => { // newPage() too has one from here
    const context = await newContext(own);
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  };
  return browser;
}

/** What a page listens to for a test. */
const EVENTS = /** @type {const} */ (['console', 'dialog', 'download', 'pageerror', 'request', 'requestfailed',
  'requestfinished', 'response', 'worker']);

/** The page that the last test has left, as if nobody had been there. @type {WeakMap<object, Page>} */
const kept = new WeakMap();

/** @typedef {import('playwright-core').Page} Page */

/** Of a page in a process of its own, where no task has to clear up what tests before have left. */
export const OWN = { viewport: { width: 1280, height: 800 } };

/**
 * A page for one test. A context of its own is a process and an empty cache, half of what it costs to open one: tests
 * that want nothing special follow each other in one page, from which everything of the test before is taken.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options] with any the context is its own
 * @returns {Promise<{ page: Page, release: (isFine?: boolean) => Promise<void> }>}
 */
export async function takePage(browser, options = {}) {
  const isOwn = Object.keys(options).length > 0;
  const left = isOwn ? undefined : kept.get(browser);
  if (!isOwn) kept.delete(browser); // a test beside this one gets another
  const page = left ?? await (await browser.newContext({ ...OWN, colorScheme: 'light',
    acceptDownloads: true, ...options })).newPage();
  return { page, async release(isFine = true) {
    const isClean = !isOwn && isFine && await cleaned(page).then(() => true, () => false);
    if (isClean && !kept.has(browser)) kept.set(browser, page);
    else await page.context().close();
  } };
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {(page: Page) => Promise<void>} body
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function inPage(browser, body, options) {
  const { page, release } = await takePage(browser, options);
  let isFine = false;
  try {
    await body(page);
    isFine = true;
  } finally {
    await release(isFine);
  }
}

/** @param {Page} page */
async function cleaned(page) {
  const context = page.context();
  for (const event of EVENTS) page.removeAllListeners(event);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await Promise.all(context.pages().filter((other) => other !== page).map((other) => other.close()));
  let nowhere = 'about:blank';
  if (/^https?:/.test(page.url())) {
    const { origin } = new URL(page.url());
    await page.evaluate(() => sessionStorage.clear());
    const cdp = await context.newCDPSession(page);
    await cdp.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' });
    await cdp.detach();
    // A page of the same server, with the same headers: the next of its pages needs no process of its own.
    nowhere = `${origin}/of-no-test`;
  }
  await page.goto(nowhere);
  await Promise.all([page.mouse.move(0, 0), page.setViewportSize(OWN.viewport),
    page.emulateMedia({ colorScheme: 'light', reducedMotion: null, media: null, forcedColors: null }),
    context.setOffline(false)]);
}

/**
 * Opens the demo page, ready for use; a script error there fails the test at its end.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {(page: import('playwright-core').Page) => Promise<void>} body
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function onDemoPage(browser, url, body, options = {}) {
  await inPage(browser, async (page) => {
    /** @type {string[]} */
    const complaints = [];
    page.on('pageerror', (e) => complaints.push(e.message));
    page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
    await page.goto(url);
    await page.waitForFunction(() => document.documentElement.dataset.run !== undefined);
    await body(page);
    assert.deepEqual(complaints, []);
  }, options);
}

/**
 * Until the view in the page's address is one whose JSON has this: it had another one before, of the whole trace.
 * @param {Page} page @param {string} text
 */
export const viewInAddress = (page, text) => page.waitForFunction((text) => location.hash.startsWith('#view=')
  && atob(location.hash.slice(6).replaceAll('-', '+').replaceAll('_', '/')).includes(text), text);

/**
 * Clicks, and waits for what the page has left in `window.ended`.
 * @param {import('playwright-core').Locator} button
 * @returns {Promise<{ ended: unknown, ms: number }>} ms: since the browser was told of the click, however long the page
 *   had no time for it; before that the driver asks the page many things, each of which waits for its turn
 */
export async function fromClick(button) {
  await button.evaluate((node) => {
    const page = /** @type {any} */ (window);
    page.fromClick = new Promise((resolve) => node.addEventListener('click', ({ timeStamp }) => page.ended.then(
      (/** @type {unknown} */ ended) => resolve({ ended, ms: performance.now() - timeStamp })), { once: true }));
  });
  await button.click();
  return button.page().evaluate(() => /** @type {any} */ (window).fromClick);
}

/** The most CPU time that one task of a page's main thread took, ms. @param {Buffer} trace of Chromium */
function longestTaskCpu(trace) {
  /** @type {Array<{name: string, ph: string, pid: number, tid: number, tdur?: number, args: {name?: string}}>} */
  const events = JSON.parse(trace.toString()).traceEvents;
  const mains = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain')
    .map((e) => `${e.pid}:${e.tid}`));
  const tasks = events.filter((e) => e.ph === 'X' && e.name.endsWith('RunTask') && mains.has(`${e.pid}:${e.tid}`));
  return Math.max(0, ...tasks.map((e) => (e.tdur ?? 0) / 1000));
}

/**
 * What a page's tasks do, in small: objects made and sorted, numbers read in no order, elements laid out, a picture
 * drawn.
 */
function mixedWork() {
  const many = Array.from({ length: 12_000 }, (_, i) => ({ key: (i * 7919) % 12_007, name: `g${i}` }));
  many.sort((a, b) => a.key - b.key);
  const numbers = new Float64Array(1 << 19).fill(1.5);
  let sum = 0;
  for (let i = 0, at = 0; i < 400_000; i++, at = (at + 104_729) & (numbers.length - 1)) sum += numbers[at];
  const box = document.createElement('div');
  const line = (/** @type {string} */ name) => Object.assign(document.createElement('p'), { textContent: name });
  box.append(...many.slice(0, 400).map(({ name }) => line(name)));
  document.body.append(box);
  sum += box.getBoundingClientRect().height;
  box.remove();
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (new OffscreenCanvas(600, 300).getContext('2d'));
  for (let i = 0; i < 3000; i++) pen.fillRect(i % 600, i % 300, 3, 9);
  return sum;
}

/** CPU time of mixedWork, ms: Chromium 156, the least of 40, 2 cores of an AMD EPYC with nothing else on them. */
const MIXED_WORK_MS = 27;

/**
 * The most CPU time that one task of a page's main thread takes while `work` runs there. CPU time too is more where
 * other programs make caches cold or the machine is a slow one: `quiet` is what it would be where mixedWork takes
 * MIXED_WORK_MS, by what that takes here, before and after.
 * @template T @param {import('playwright-core').Browser} browser @param {Page} page @param {() => T | Promise<T>} work
 * @returns {Promise<{ result: T, cpu: number, quiet: number }>} ms
 */
export async function longestTask(browser, page, work) {
  const traced = async (/** @type {() => any} */ body) => {
    await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
    const result = await page.evaluate(body);
    return { result, cpu: longestTaskCpu(await browser.stopTracing()) };
  };
  await page.evaluate(mixedWork); // compiled from now on
  const before = await traced(mixedWork), { result, cpu } = await traced(work), after = await traced(mixedWork);
  const slowness = Math.max(1, (before.cpu + after.cpu) / 2 / MIXED_WORK_MS);
  return { result, cpu, quiet: cpu / slowness };
}

/**
 * Modules as one file each, by path: 170 requests are most of what it costs to open a page.
 * tests/page/firefox.test.mjs loads module by module.
 * @param {string[]} entries below the root @returns {Promise<Record<string, string>>}
 */
async function bundled(entries) {
  /** @type {import('esbuild').Plugin} */
  const addresses = {
    name: 'addresses',
    setup({ onLoad }) {
      onLoad({ filter: /\.mjs$/ }, async ({ path }) => ({ contents: (await readFile(path, 'utf8')).replace(ADDRESS,
        (_, to) => `new URL('/${relative(ROOT, join(dirname(path), to))}', import.meta.url)`) }));
    },
  };
  const files = await Promise.all(entries.map(async (entry) => {
    const { outputFiles } = await build({ entryPoints: [join(ROOT, entry)], bundle: true, write: false, format: 'esm',
      target: 'es2022', charset: 'utf8', plugins: [addresses] });
    return [`/${entry}`, outputFiles[0].text];
  }));
  return Object.fromEntries(files);
}

/** The stand-alone viewer's module and its worker's. */
export const bundledViewer = () => bundled(['viewer/app/page.mjs', 'viewer/trace/viewer-worker.mjs']);

/** The playground's module and those of the workers that it starts. */
const bundledPlayground = () => bundled(['shell/playground/playground.mjs', 'viewer/trace/viewer-worker.mjs',
  'wasm/host/program-worker.mjs', 'wasm/cc/build-worker.mjs']);

/** @param {string} path what ends in nothing is a page */
const typeOf = (path) => TYPES.get(extname(path) || '.html') ?? 'application/octet-stream';

/**
 * Answers with these files, as they are when asked for: for `routes`.
 * @param {Record<string, string | Uint8Array>} files by path @returns {Record<string, Route>}
 */
export const routesOf = (files) => Object.fromEntries(Object.keys(files).map((path) => [path, (_, response) =>
  void response.writeHead(200, { 'Content-Type': typeOf(path) }).end(files[path])]));

export const viewerRoutes = async () => routesOf(await bundledViewer());

/** The playground's modules, and pages that have it. @param {Record<string, string>} pages HTML by path */
export const playgroundRoutes = async (pages) => ({ ...routesOf(await bundledPlayground()), ...routesOf(pages) });

/**
 * @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void} Route
 */

/**
 * Serves the files under `root` on a free port.
 * @param {string} root
 * @param {{isolated?: boolean, routes?: Record<string, (request: import('node:http').IncomingMessage,
 *          response: import('node:http').ServerResponse) => void>, csp?: string,
 *          first?: (path: string, response: import('node:http').ServerResponse) => boolean}} [options]
 *   isolated: send the headers that allow SharedArrayBuffer; routes: answers that are not files, by path;
 *   csp: content security policy of every answer; first: is asked before all else, may set headers; true: it has
 *   answered
 * @returns {Promise<{url: string, close: () => Promise<void>}>} url without a slash at its end
 */
export async function serve(root, { isolated = false, routes = {}, csp, first = () => false } = {}) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    }
    response.setHeader('Cache-Control', 'no-store');
    if (csp) response.setHeader('Content-Security-Policy', csp);
    if (first(path, response)) return;
    const route = routes[path];
    if (route) route(request, response);
    else void sendFile(root, path, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The test server got no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param {string} root @param {string} path @param {import('node:http').ServerResponse} response */
async function sendFile(root, path, response) {
  const file = normalize(join(root, path.endsWith('/') ? `${path}index.html` : path));
  const inside = file.startsWith(normalize(root + sep));
  const found = inside ? await stat(file).catch(() => null) : null;
  if (!found?.isFile()) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end(`There is no ${path}.\n`);
    return;
  }
  response.writeHead(200, { 'Content-Type': typeOf(file),
    'Content-Length': found.size });
  createReadStream(file).pipe(response);
}

/** Between two looks at what a page comes to, ms. */
const LOOK_MS = 30;

/**
 * Until what is asked in the page, which may take its time there, is answered with something: page.waitForFunction()
 * takes a promise for an answer, whatever comes of it.
 * @template T, A
 * @param {Page} page @param {(arg: A) => Promise<T>} ask @param {A} [arg] @returns {Promise<T>}
 */
export async function until(page, ask, arg) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    const answer = await page.evaluate(/** @type {any} */ (ask), arg);
    if (answer) return /** @type {T} */ (answer);
    await new Promise((next) => { setTimeout(next, LOOK_MS); });
  }
  throw new Error(`never: ${ask}`);
}

/** Until the browser has a copy of what the tab shows. @param {Page} page @param {string} name */
export function lastFileKept(page, name) {
  return until(page, (name) => new Promise((resolve, reject) => {
    const opening = indexedDB.open('goroscope-viewer');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      if (!database.objectStoreNames.contains('files')) return resolve(database.close());
      const all = database.transaction('files').objectStore('files').getAll();
      all.onsuccess = () => resolve(all.result.some(({ file }) => file.name === name) || database.close());
    };
  }), name);
}
