/**
 * For tests that need a page: a real Chromium, and a small server for the files under a folder.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { chromium } from 'playwright-core';

/** What Stop may take, ms: the second that is promised, and one more for a machine that does more than this. */
export const STOP_MS = 2000;

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

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

/**
 * Starts Chromium. @param {import('playwright-core').LaunchOptions} [options]
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function launch(options = {}) {
  const executablePath = chromiumPath();
  if (!executablePath)
    throw new Error('No Chromium found: install it (apt install chromium) or name one in GOROSCOPE_CHROMIUM.');
  return chromium.launch({ executablePath, headless: true, args: FLAGS, ...options });
}

/**
 * Opens the demo page in a context of its own, ready for use; a script error there fails the test at its end.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {(page: import('playwright-core').Page) => Promise<void>} body
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function onDemoPage(browser, url, body, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true,
    ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (e) => complaints.push(e.message));
  page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
  try {
    await page.goto(url);
    await page.waitForFunction(() => document.documentElement.dataset.run !== undefined);
    await body(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

/**
 * The most CPU time that one task of a page's main thread took, ms. @param {Buffer} trace of Chromium
 */
export function longestTaskCpu(trace) {
  /** @type {Array<{name: string, ph: string, pid: number, tid: number, tdur?: number, args: {name?: string}}>} */
  const events = JSON.parse(trace.toString()).traceEvents;
  const mains = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain')
    .map((e) => `${e.pid}:${e.tid}`));
  const tasks = events.filter((e) => e.ph === 'X' && e.name.endsWith('RunTask') && mains.has(`${e.pid}:${e.tid}`));
  return Math.max(0, ...tasks.map((e) => (e.tdur ?? 0) / 1000));
}

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
  response.writeHead(200, { 'Content-Type': TYPES.get(extname(file)) ?? 'application/octet-stream',
    'Content-Length': found.size });
  createReadStream(file).pipe(response);
}
