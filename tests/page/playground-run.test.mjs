// How a run of the playground begins and ends, in a real Chromium: with workers that were ready, or could not be had;
// before the page is there; what is known of it the moment it has ended; stopped while it prints without end; what
// shows of it when the program is another one by now.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROOT, alike, madeKit } from '../lib/run.mjs';
import { STOP_MS, chromiumPath, fromClick, launch, playgroundRoutes, serve, until } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../../shell/playground/api.d.mts').GoroscopePlayground} Playground */

const skip = !chromiumPath() && 'no Chromium';
const HELLO = `#include <stdio.h>
int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    printf("hello\\n");
    return 0;
}
`;
const HEAD = '<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">';
const SIEVE = '<goroscope-playground src="/shell/demos/sieve.c" wasm="/build/demos/sieve.wasm" procs="2" args="200">'
  + '</goroscope-playground>';
/** @param {string} source */
const pageOf = (source) => `${HEAD}<script type="module" src="/shell/playground/playground.mjs"></script>
<goroscope-playground procs="2"><script type="text/x-c">${source}</script></goroscope-playground>`;

/** @type {Record<string, string>} */
const PAGES = {
  '/sieve.html': `${HEAD}<script type="module" src="/shell/playground/playground.mjs"></script>${SIEVE}`,
  '/hello.html': pageOf(HELLO),
  '/prints.html': pageOf(HELLO.replace('printf("hello\\n")',
    'for (unsigned i = 0;; i++) printf("line %u\\n", i)')),
  '/spins.html': pageOf(HELLO.replace('printf("hello\\n")', 'for (volatile int x = 0;;) x++')),
  '/spins-sim.html': pageOf(HELLO.replace('printf("hello\\n")', 'for (volatile int x = 0;;) x++'))
    .replace('procs="2"', 'procs="2" mode="sim"'),
  '/warns.html': pageOf(HELLO.replace('printf("hello\\n")', 'int n = 3; if (n = 4) printf("%ld\\n", n)')),
  '/ticks.html': pageOf(HELLO.replace('<stdio.h>', '<goroscope.h>').replace('printf("hello\\n")',
    'for (;;) gr_sleep(1000000)')),
  '/reads.html': pageOf(HELLO.replace('printf("hello\\n")',
    'int n; if (scanf("%d", &n) == 1) printf("%d\\n", n); else puts("nothing")')),
};

/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */ let isolated;
/** @type {Awaited<ReturnType<typeof serve>>} */ let bare;

/** The rest of this page comes when somebody asks for it. @type {() => void} */
let goOn = () => {};
before(async () => {
  if (skip) return;
  await madeKit();
  const routes = await playgroundRoutes(PAGES);
  routes['/slow.html'] = (_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    const module = '<script async type="module" src="/shell/playground/playground.mjs"></script>';
    response.write(`${HEAD}${module}${SIEVE}${' '.repeat(4096)}`);
    goOn = () => void response.end('<p>The rest.</p>');
  };
  [browser, isolated, bare] = await Promise.all([
    launch(), serve(ROOT, { isolated: true, routes }), serve(ROOT, { routes })]);
});
after(() => Promise.all([browser?.close(), isolated?.close(), bare?.close()]));

/** @param {string} url @param {(page: Page) => Promise<void>} body */
async function on(url, body) {
  const page = await browser.newPage();
  /** @type {string[]} */ const complaints = [];
  page.on('pageerror', (e) => complaints.push(e.message));
  try {
    await page.goto(url);
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.shadowRoot
      ?.querySelector('.cm-content'));
    await body(page);
    assert.deepEqual(complaints, []);
  } finally {
    await page.close();
  }
}

/** Runs it to its end. @param {Page} page */
const run = (page) => page.evaluate(async () => {
  const one = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
  return { ...await one.run(), output: one.output };
});

test('workers are ready when somebody comes near, and again after a run; each serves one', { skip }, () =>
  on(`${isolated.url}/sieve.html`, async (page) => {
    const count = () => page.workers().length;
    const ready = async (/** @type {number} */ n) => {
      for (let i = 0; count() !== n && i < 100; i++) await page.waitForTimeout(50);
      assert.equal(count(), n);
    };
    await ready(2); // the viewer's: a session of the reader, and a reader
    await page.locator('goroscope-playground .run').hover();
    await ready(6); // two Ps and one more worker, and what the session has for its lanes
    for (let i = 0; i < 2; i++) {
      assert.match((await run(page)).output, /200 is 1223/);
      await ready(9); // those of the trace that is shown stay
    }
  }));

test('workers that could not be had before are asked for again, and what is wrong is told then', {
  skip: skip || alike,
}, () =>
  on(`${isolated.url}/sieve.html`, async (page) => {
    await page.route('**/program-worker.mjs', (route) => route.abort());
    const failed = page.waitForEvent('requestfailed');
    await page.locator('goroscope-playground .run').hover();
    await failed;
    const wrong = await page.evaluate(() => /** @type {Playground} */ (document.querySelector('goroscope-playground'))
      .run().catch((error) => error.message));
    assert.match(wrong, /^the worker of a program cannot be started/);
    await page.unroute('**/program-worker.mjs');
    assert.equal((await run(page)).exitCode, 0);
  }));

test('run() before the page is there waits for it', { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(`${isolated.url}/slow.html`, { waitUntil: 'commit' });
  await page.waitForFunction(() => document.readyState === 'loading' && customElements.get('goroscope-playground'));
  await page.evaluate(() => {
    const one = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
    Object.assign(window, { ended: one.run().then((result) => ({ ...result, output: one.output })) });
  });
  goOn();
  const ended = await page.evaluate(() => /** @type {any} */ (window).ended);
  assert.equal(ended.exitCode, 0);
  assert.match(ended.output, /200 is 1223/);
  await page.close();
});

test('a short run: its trace can be had at once, and shows at its size', { skip }, () =>
  on(`${isolated.url}/hello.html`, async (page) => {
    const { bytes, status } = await page.evaluate(async () => {
      const one = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      await one.run();
      const status = one.viewer.shadowRoot?.querySelector('.status')?.textContent ?? '';
      return { bytes: (await one.viewer.save()).size, status };
    });
    assert.ok(bytes > 100, `${bytes} bytes`);
    assert.doesNotMatch(status, /No trace yet/);
    // It ran for microseconds of a trace that began when it was loaded; on a busy machine for more than a part of it.
    await until(page, async () => {
      const { viewer } = /** @type {any} */ (document.querySelector('goroscope-playground'));
      const path = '/viewer/app/busy.mjs';
      if (viewer.info?.state !== 'done') return false;
      const { busyPart } = await import(path);
      const { view } = viewer.timeline, part = await busyPart(viewer.session);
      return part ? view.width < viewer.info.t1 / 2 : view.mode === 'all';
    });
    // Nobody has chosen that: a link has no such view.
    assert.equal(await page.evaluate(() => document.querySelector('goroscope-playground')?.viewer.state.t0), undefined);
  }));

test('output whose start does not show says so, be it lines or one long line', { skip }, () =>
  on(`${bare.url}/sieve.html`, async (page) => {
    const shown = (/** @type {string} */ text) => page.evaluate((text) => {
      const { pane } = /** @type {any} */ (document.querySelector('goroscope-playground'));
      pane.clear();
      pane.write('stdout', text);
      pane.flush();
      const { textContent } = pane.box;
      return [pane.note.hidden ? '' : pane.note.textContent, textContent.length, textContent.slice(-3)];
    }, text);
    assert.deepEqual(await shown(`${'x'.repeat(9_997)}end`), ['', 10_000, 'end']);
    assert.deepEqual(await shown(`${'x'.repeat(20_000)}end`), ['Earlier output is not shown any more', 10_000, 'end']);
    assert.deepEqual(await shown(`one\n${'.\n'.repeat(499)}end\n`),
      ['1 earlier line is not shown any more', 502, 'end']);
    assert.deepEqual(await shown('x\n'.repeat(502)), ['2 earlier lines are not shown any more', 500, 'xxx']);
  }));

test('without shared memory what prints without end is stopped at once', { skip: skip || alike }, () =>
  on(`${bare.url}/prints.html`, async (page) => {
    await page.evaluate(() => {
      const one = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      Object.assign(window, { ended: one.run() });
    });
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.output
      .includes('line 100000\n'));
    const { ended, ms } = await fromClick(page.locator('goroscope-playground .stop'));
    assert.deepEqual(ended, { exitCode: 130, stopped: true });
    assert.ok(ms < STOP_MS, `${ms} ms`);
  }));

for (const [where, at] of /** @type {const} */ ([['without shared memory', () => `${bare.url}/spins.html`],
  ['simulated', () => `${isolated.url}/spins-sim.html`]])) test(`${
  where} what does not give way: it is said why nothing shows, until it is stopped`, { skip }, () =>
  on(at(), async (page) => {
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('Running. It has not given way for 5 s: nothing is drawn until it does, as in gr_yield(). '
      + 'Stop ends it').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText(/^Stopped/).first().waitFor();
  }));

test('what shows is what was run: emptied where there was no run, told where it was edited since', {
  skip: skip || alike,
}, () =>
  on(`${isolated.url}/sieve.html`, async (page) => {
    const status = async () => (await page.locator('goroscope-playground [part=status]').textContent() ?? '')
      .replace(/[\d.]+ s/, 'N s');
    await page.locator('.lower #tab-goroutines').click();
    await run(page);
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.viewer.info?.state === 'done');
    assert.equal(await status(), 'Done in N s');
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('x');
    assert.equal(await status(), 'Done in N s · edited since');
    await page.keyboard.press('Backspace');
    assert.equal(await status(), 'Done in N s');
    await page.keyboard.type('x');
    const said = await page.evaluate(() => /** @type {Playground} */ (document.querySelector('goroscope-playground'))
      .run().catch((error) => error.message));
    assert.match(said, /^Not built: /);
    assert.equal(await status(), 'Not built: 1 error');
    assert.deepEqual(await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      return [p.viewer.info, p.shadowRoot?.querySelectorAll('#goroutines li').length];
    }), [null, 0]);
    // While it is built, too; what is built is what stood there.
    await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.source = p.source.slice(1).replace('int gr_main', '// another\nint gr_main');
      Object.assign(window, { ended: p.run() });
    });
    await page.waitForFunction(() => /Compiling/.test(document.querySelector('goroscope-playground')?.shadowRoot
      ?.querySelector('[part=status]')?.textContent ?? ''));
    await page.keyboard.type('x');
    assert.match(await status(), /… · edited since$/);
    await page.evaluate(() => /** @type {any} */ (window).ended);
    assert.equal(await status(), 'Done in N s · edited since');
  }));

test('a program that finds its standard input empty is told where to write it', { skip: skip || alike }, () =>
  on(`${isolated.url}/reads.html`, async (page) => {
    const hint = page.locator('goroscope-playground [part=hint]');
    assert.equal((await run(page)).output, 'nothing\n');
    assert.equal(await hint.textContent(),
      'The program has read its standard input, which is empty: what it should read goes under Input.');
    await hint.getByRole('button', { name: 'Input' }).click();
    await page.keyboard.type('7');
    assert.equal((await run(page)).output, '7\n');
    assert.equal(await hint.textContent(), '');
    // Nor is it where nothing can be written, or nothing is read.
    await page.evaluate(() => Object.assign(/** @type {object} */ (document.querySelector('goroscope-playground')),
      { input: null, show: 'editor output' }));
    assert.equal((await run(page)).output, 'nothing\n');
    assert.equal(await hint.textContent(), '');
    await page.evaluate((source) => Object.assign(
      /** @type {object} */ (document.querySelector('goroscope-playground')), { source, show: null }), HELLO);
    assert.equal((await run(page)).output, 'hello\n');
    assert.equal(await hint.textContent(), '');
  }));

test('what the compiler warns of is said at each run, also where nothing is built anew', { skip }, () =>
  on(`${isolated.url}/warns.html`, async (page) => {
    const warned = async () => {
      const { diagnostics } = await page.evaluate(async () => {
        const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
        await p.run();
        return { diagnostics: p.diagnostics.filter(({ severity }) => severity === 'warning').length };
      });
      return [diagnostics, await page.locator('.problems .warning').count(),
        await page.locator('.cm-lint-marker-warning').count()];
    };
    await page.locator('.cm-line').first().waitFor();
    const first = await warned();
    assert.deepEqual(first, [2, 2, 1]);
    assert.deepEqual(await warned(), first, 'the same text');
  }));

test('the number of Ps that is said is the one that there is', { skip }, () =>
  on(`${isolated.url}/ticks.html`, async (page) => {
    const mode = page.locator('goroscope-playground .mode');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await mode.getByText('Real threads, 2 Ps', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'One P more' }).click();
    await mode.getByText('Real threads, 3 Ps', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
  }));

test('on a phone, where all stands below each other, lanes of a live trace have room', { skip }, () =>
  on(`${isolated.url}/ticks.html`, async (page) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Snapshot' }).waitFor();
    const lanes = await page.locator('goroscope-viewer .viewport').evaluate((node) => node.clientHeight);
    assert.ok(lanes > 250, `${lanes} px`);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
  }));
