/**
 * `goroscope export NAME.html` in a real Chromium, from file://: the trace is drawn, nothing is asked of any
 * network, a file's name is only text.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { makeTrace } from '../bench/made-trace.mjs';
import { exported } from '../export/traces.mjs';
import { rarely } from '../lib/run.mjs';
import { launch, routesOf, serve } from './chromium.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** A page of somebody's who has told the viewer of no page. */
const BARE = '<!doctype html><script type="module" src="/viewer/app/element.mjs"></script>' +
  '<goroscope-viewer></goroscope-viewer>';
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-page-'));
/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(async () => {
  await browser?.close();
  rmSync(scratch, { recursive: true });
});

/** Opens the page made of a file. @param {string} file */
async function opened(file) {
  const out = join(scratch, 'out.html');
  execFileSync(process.execPath, [join(root, 'shell/cli.mjs'), 'export', out, file]);
  return shown(out);
}

/**
 * What a page shows, opened from the disk.
 * @param {string} out @param {(page: import('playwright-core').Page) => Promise<void>} [more] to do there
 * @returns {Promise<{title: string, info: any}>}
 */
async function shown(out, more = async () => {}) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 600 } });
  /** @type {string[]} */ const wrong = [];
  page.on('pageerror', (e) => wrong.push(e.message));
  page.on('console', (m) => { if (m.type() === 'error') wrong.push(m.text()); });
  page.on('request', (r) => { if (/^(https?|wss?):/.test(r.url())) wrong.push(`asks for ${r.url()}`); });
  page.on('dialog', (d) => { wrong.push(`a script ran: ${d.message()}`); void d.dismiss(); });
  await page.goto(pathToFileURL(out).href);
  const viewer = await page.waitForSelector('goroscope-viewer');
  await page.waitForFunction((v) => /** @type {any} */ (v).info?.state === 'done', viewer);
  const info = await viewer.evaluate((v) => /** @type {any} */ (v).info), title = await page.title();
  const left = await page.locator('script[type="application/x-goroscope-trace"]').count();
  assert.equal(left, 0, 'the text of the trace stays in the page');
  await more(page);
  assert.deepEqual(wrong, []);
  await page.close();
  return { title, info };
}

test('a trace of Go, with a name that is markup', async () => {
  const file = join(scratch, '"><img src=x onerror=alert(1)>&amp;.trace');
  copyFileSync(join(root, 'tests/trace/recorded/go1.27-gc.trace'), file);
  const { title, info } = await opened(file);
  assert.equal(info.name, '"><img src=x onerror=alert(1)>&amp;.trace');
  assert.match(title, /^"><img src=x onerror=alert\(1\)>&amp;\.trace/);
  assert.equal(info.events, 31_251);
  assert.equal(info.error, null);
});

test('a trace of several generations, which workers read side by side: its lanes are all there', async () => {
  const bytes = makeTrace(600_000, { perGeneration: 100_000 }), plain = join(scratch, 'several.trace');
  assert.ok(bytes.length > 2e6, `${bytes.length} bytes`);
  writeFileSync(plain, bytes);
  const out = join(scratch, 'several.html');
  execFileSync(process.execPath, [join(root, 'shell/cli.mjs'), 'export', out, plain]);
  const { info } = await shown(out, async (page) => {
    await page.waitForFunction(() => {
      const { info } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      return info.lanesDone || info.error;
    });
    const viewer = page.locator('goroscope-viewer');
    assert.equal(await viewer.locator('.message').isHidden(), true, await viewer.locator('.message').innerText());
    const lanes = await viewer.evaluate((v) => /** @type {any} */ (v).info.moreLanes);
    assert.ok(lanes > 10, `${lanes} lanes`);
  });
  assert.ok(info.generations > 3, `${info.generations} generations`);
});

/** Saves what a page shows as a page, by hand. @param {import('playwright-core').Page} page @param {string} out */
async function savePage(page, out) {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /^One page to mail/ }).click()]);
  await download.saveAs(out);
  return download.suggestedFilename();
}

test('Save makes such a page, of a page from a server and of such a page; not where none is at hand', async (t) => {
  const server = await serve(root, { routes: routesOf({ '/bare.html': BARE }) }), page = await browser.newPage();
  t.after(async () => {
    await page.close();
    await server.close();
  });
  const once = join(scratch, 'once.html'), twice = join(scratch, 'twice.html');
  await page.goto(`${server.url}/viewer/index.html?trace=/tests/trace/recorded/go1.27-gc.trace`);
  await page.waitForFunction(() =>
    /** @type {any} */ (document.querySelector('goroscope-viewer')).info?.state === 'done');
  assert.equal(await savePage(page, once), 'go1.27-gc.html');
  const first = await shown(once, async (page) => {
    await page.keyboard.press('q'); // what is open in the page does not go along
    assert.equal(await savePage(page, twice), 'go1.27-gc.html');
  });
  assert.equal(first.info.events, 31_251);
  assert.equal(first.info.name, 'go1.27-gc.trace');
  assert.match(first.title, /^go1\.27-gc\.trace/);
  const second = await shown(twice);
  for (const what of ['name', 'events', 'bytes', 't1', 'error'])
    assert.equal(second.info[what], first.info[what], what);
  // The same page but for what gzip made of it.
  const bare = (/** @type {string} */ path) =>
    readFileSync(path, 'utf8').replace(/(x-goroscope-trace"[^>]*>)[^<]*/g, '$1');
  const [a, b] = [once, twice].map(bare);
  assert.ok(Math.abs(a.length - b.length) < 200, `${a.length} and ${b.length} letters`);
  await page.goto(`${server.url}/bare.html`);
  await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
    .open('/tests/trace/recorded/go1.27-gc.trace'));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('menuitem', { name: /^Trace file/ }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: /^One page to mail/ }).count(), 0);
});

test('a page exports in a worker: the same bytes as anywhere, errors too', async () => {
  const server = await serve(root), page = await browser.newPage();
  await page.goto(`${server.url}/viewer/index.html`);
  const [bytes, error, part] = await page.evaluate(async () => {
    const path = '/viewer/trace/export/client.mjs', { exportInWorker } = await import(path);
    const blob = await (await fetch('/tests/trace/recorded/go1.27-gc.trace')).blob();
    const made = await exportInWorker(blob, 'go', { from: 10e6, to: 20e6 });
    const failed = await exportInWorker(blob, 'csv', { from: 1e12 }).catch((/** @type {Error} */ e) => e.message);
    const cut = await exportInWorker(blob.slice(0, blob.size - 100), 'csv').catch((/** @type {any} */ e) => e);
    return [[...new Uint8Array(await made.arrayBuffer())], failed, [cut.message, cut.part?.size]];
  });
  const trace = new Uint8Array(readFileSync(join(root, 'tests/trace/recorded/go1.27-gc.trace')));
  assert.equal(Buffer.compare(Buffer.from(bytes), await exported(trace, 'go', { from: 10e6, to: 20e6 })), 0);
  assert.match(String(error), /No event of the trace is (between|at) 1000 s/);
  assert.match(String(part[0]), /; what comes before has been exported\.$/);
  assert.ok(Number(part[1]) > 0, 'the head of the table');
  await page.close();
  await server.close();
});

test('a damaged page says so', async () => {
  const out = join(scratch, 'damaged.html');
  execFileSync(process.execPath, [join(root, 'shell/cli.mjs'), 'export', out,
    join(root, 'tests/trace/recorded/go1.27-gc.trace')]);
  const html = readFileSync(out, 'utf8');
  const [element, begin] = /(<script type="application\/x-goroscope-trace"[^>]*>)[^<]*/.exec(html) ?? [];
  assert.ok(element && begin);
  for (const [text, said] of [
    ['no base64 at all', 'go1.27-gc.trace: the trace in this page is damaged'],
    [element.slice(begin.length, begin.length + 4000), 'The gzipped file is damaged or cut off'],
  ]) {
    writeFileSync(out, html.replace(element, () => begin + text));
    const page = await browser.newPage();
    /** @type {string[]} */ const wrong = [];
    page.on('pageerror', (e) => wrong.push(e.message));
    await page.goto(pathToFileURL(out).href);
    await page.getByText(said).first().waitFor();
    assert.deepEqual(wrong, []);
    await page.close();
  }
});

test('a long one in several pieces, and a gzipped one', { skip: rarely }, async () => {
  const bytes = makeTrace(3_000_000), plain = join(scratch, 'long.trace');
  writeFileSync(plain, bytes);
  const long = await opened(plain);
  assert.equal(long.info.bytes, bytes.length);
  assert.ok(statSync(join(scratch, 'out.html')).size < bytes.length, 'it is packed');
  writeFileSync(plain, gzipSync(bytes));
  assert.equal((await opened(plain)).info.events, long.info.events);
});
