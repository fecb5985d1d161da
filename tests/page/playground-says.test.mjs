// Goal: what a playground says is so, and is said where it is looked for: in a real Chromium, where the editor or the
// program cannot be had, before a run and after it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toFragment } from '../../shell/playground/share.mjs';
import { ROOT, alike, madeKit } from '../lib/run.mjs';
import { chromiumPath, inPage, launch, playgroundRoutes, routesOf, serve } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../../shell/playground/api.d.mts').GoroscopePlayground} Playground */

const skip = !chromiumPath() && 'no Chromium';
const HEAD = '<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">'
  + '<script type="module" src="/shell/playground/playground.mjs"></script>';

/** @param {string} body @param {string} [attributes] */
const pageOf = (body, attributes = '') => `${HEAD}<goroscope-playground procs="1"${attributes}>
<script type="text/x-c">#include <goroscope.h>
#include <stdio.h>
int gr_main(int argc, char **argv) {
    (void)argc, (void)argv;
    ${body}
    return 0;
}
</script></goroscope-playground>`;

/** @type {Record<string, string>} */
const PAGES = {
  '/goal.html': pageOf('puts("54");', ' expect="55"'),
  '/slip.html': pageOf('').replace('(int argc, char **argv)', '()').replace('(void)argc, (void)argv;', ''),
  '/trap.html': pageOf('int *p = 0;\n    *p = 5;'),
  '/null.html': pageOf('int *volatile p = 0;\n    *p = 5;'),
  '/many.html': pageOf(Array.from({ length: 30 }, (_, i) => `x${i}();`).join('\n')),
  '/sieve.html': `${HEAD}<goroscope-playground src="/shell/demos/sieve.c" wasm="/build/demos/sieve.wasm" procs="2"
    args="200"></goroscope-playground>`,
};

/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */ let server;
/** Has the modules one by one, all but the editor's. @type {Awaited<ReturnType<typeof serve>>} */ let apart;

before(async () => {
  if (skip) return;
  await madeKit();
  const routes = await playgroundRoutes(PAGES);
  const without = routesOf(PAGES);
  without['/build/editor.mjs'] = (_, response) => void response.writeHead(404).end();
  [browser, server, apart] = await Promise.all([
    launch(), serve(ROOT, { isolated: true, routes }), serve(ROOT, { isolated: true, routes: without })]);
});
after(() => Promise.all([browser?.close(), server?.close(), apart?.close()]));

/** @param {string} path @param {(page: Page) => Promise<void>} body @param {{ url: string }} [from] */
const on = (path, body, { url } = server) => inPage(browser, async (page) => {
  /** @type {string[]} */ const complaints = [];
  page.on('pageerror', (e) => complaints.push(e.message));
  await page.goto(url + path);
  await body(page);
  assert.deepEqual(complaints, []);
});

/** The program is there, and so is what shows it. @param {Page} page */
const edited = (page) => page.locator('.cm-line').first().waitFor();

/** @param {Page} page */
const look = (page) => page.evaluate(() => {
  const { state, message } = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
  return { state, message };
});

test('without its editor the program shows as text, and that it does stays said', { skip }, () =>
  on('/sieve.html', async (page) => {
    const note = page.getByText('The editor could not be loaded: the program shows as text, and runs as it is.');
    const text = page.locator('[part=editor] pre');
    await note.waitFor();
    assert.match(await text.innerText(), /^\/\* sieve: .*\n[^]*int gr_main\(/);
    assert.equal(await page.getByText('The editor comes…').count(), 0);
    const { source, output } = await page.evaluate(async () => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      await p.run();
      return { source: p.source, output: p.output };
    });
    assert.match(output, /right: prime number 200 is 1223\n/);
    assert.equal(await text.evaluate((node) => node.textContent), source);
    assert.ok(await note.isVisible());
    assert.deepEqual(await look(page), { state: 'done', message: '' });
    // What leads to a line leads there; what a script puts in shows.
    await page.evaluate(() =>
      /** @type {any} */ (document.querySelector('goroscope-playground')).reach('sieve.c', 3));
    assert.equal(await page.locator('.reached').textContent(), `${source.split('\n')[2]}\n`);
    await page.evaluate(() => {
      /** @type {Playground} */ (document.querySelector('goroscope-playground')).source = 'int x;\n';
    });
    assert.equal(await text.textContent(), 'int x;\n');
    await page.getByRole('button', { name: 'Reset' }).click();
    assert.equal(await text.textContent(), source);
  }, apart));

test('`state` is the run\'s, also where the program that `src` names by now cannot be fetched', { skip }, () =>
  on('/sieve.html', async (page) => {
    await edited(page);
    /** Another address, until what comes of it is said. */
    const turn = (/** @type {string} */ src, /** @type {RegExp} */ said) => page.evaluate(async ([src, said]) => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.setAttribute('src', src);
      const is = () => new RegExp(said).test(p.message), seen = [p.state];
      const node = /** @type {Element} */ (p.shadowRoot?.querySelector('[part=message]'));
      if (!is()) await new Promise((done) => new MutationObserver((_, observer) => {
        seen.push(p.state);
        if (is()) done(observer.disconnect());
      }).observe(node, { subtree: true, childList: true, attributes: true }));
      return p.state;
    }, /** @type {const} */ ([src, said.source]));
    const lost = /^The program nothing\.c could not be fetched: the server answered 404\.$/;
    // While it runs: it does not end, and goes on to be what runs.
    await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.args = '100000';
      Object.assign(window, { ended: p.run() });
    });
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.state === 'running');
    assert.equal(await turn('/nothing.c', lost), 'running');
    await page.evaluate(() => {
      document.querySelector('goroscope-playground')?.stop();
      return /** @type {any} */ (window).ended;
    });
    assert.equal((await look(page)).state, 'done');
    assert.match((await look(page)).message, lost);
    assert.equal(await turn('/shell/demos/sieve.c', /^$/), 'done');
    // While nothing runs there is none to run, until there is.
    assert.equal(await turn('/nothing.c', lost), 'failed');
    assert.equal(await turn('/shell/demos/sieve.c', /^$/), 'done');
    await page.reload();
    await edited(page);
    assert.equal(await turn('/nothing.c', lost), 'failed');
    assert.equal(await turn('/shell/demos/sieve.c', /^$/), 'idle');
  }));

/** Runs it, whatever comes of it. @param {Page} page */
const run = (page) => page.evaluate(() =>
  document.querySelector('goroscope-playground')?.run().then(() => '', (e) => e.message));

test('a goal stands there before the first run; then what was printed instead, in signs', { skip: skip || alike }, () =>
  on('/goal.html', async (page) => {
    const goal = page.locator('[part=goal]');
    const set = (/** @type {string | null} */ expect) => page.evaluate((expect) => {
      /** @type {Playground} */ (document.querySelector('goroscope-playground')).expect = expect;
    }, expect);
    await edited(page);
    assert.equal(await goal.textContent(), 'Goal: print 55');
    await set(Array.from({ length: 9 }, (_, i) => `line ${i}`).join('\n'));
    assert.equal(await goal.innerText(), `Goal: print\n\n${[0, 1, 2, 3, 4, 5].map((i) => `line ${i}\n`).join('')}`
      + '… 3 more lines');
    await set(null);
    assert.ok(await goal.isHidden());
    await set('55');
    await run(page);
    assert.equal(await goal.innerText(),
      'Not as expected: − was printed and should not be, + is missing\n\n− 54\n+ 55');
    const colors = await goal.locator('pre div').evaluateAll((rows) => rows.map((row) => getComputedStyle(row).color));
    const [alarm, good] = await page.evaluate(() => {
      const style = getComputedStyle(/** @type {Element} */ (document.querySelector('goroscope-playground')));
      return ['alarm', 'good'].map((name) => style.getPropertyValue(`--goroscope-${name}`).trim());
    });
    const hex = (/** @type {string} */ rgb) =>
      `#${(rgb.match(/\d+/g) ?? []).map((n) => Number(n).toString(16).padStart(2, '0')).join('')}`;
    assert.deepEqual(colors.map(hex), [alarm, good]);
    // Other settings leave the result; another goal is one that was not missed yet.
    const status = page.locator('[part=status]');
    await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.settings = { ...p.settings, procs: '3' };
    });
    assert.match(await goal.innerText(), /^Not as expected/);
    await set('  42');
    assert.equal(await goal.textContent(), 'Goal: print   42');
    assert.doesNotMatch(await status.innerText(), /Not as expected/);
  }));

test('a null write that has no line: a build with checks finds it, one click away', { skip: skip || alike }, () =>
  on('/null.html', async (page) => {
    await edited(page);
    await run(page);
    assert.equal(await page.locator('[part=hint]').innerText(), 'Where address 0 was written to is not known. '
      + 'Run it with checks: slower, but they find the line.');
    await page.getByRole('button', { name: 'Run it with checks' }).click();
    await page.waitForFunction(() =>
      document.querySelector('goroscope-playground')?.diagnostics.some(({ severity }) => severity === 'error'));
    const { lines, hint } = await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      return { lines: p.diagnostics.map(({ line }) => line), hint: p.shadowRoot?.querySelector('.hint')?.textContent };
    });
    assert.deepEqual([lines, hint], [[6], '']);
  }));

test('a trap that says nothing: a build with checks is one click away', { skip: skip || alike }, () =>
  on('/trap.html', async (page) => {
    await edited(page);
    await run(page);
    await page.getByText('fatal error: unexpected trap: unreachable').first().waitFor();
    await page.getByRole('button', { name: 'Run it with checks' }).click();
    await page.locator('.problems', { hasText: 'nil pointer dereference' }).waitFor();
    assert.equal(await page.locator('[part=hint]').innerText(), '');
  }));

test('what the compiler says stands in one place, what helps below the error; from left to right in any page', { skip },
  () => on('/slip.html', async (page) => {
    await edited(page);
    await page.evaluate(() => { document.documentElement.dir = 'rtl'; });
    const error = await run(page) ?? '';
    assert.match(error, /^Not built: prog\.c:3: conflicting types for 'gr_main'/);
    assert.deepEqual(await look(page), { state: 'failed', message: error });
    assert.ok(await page.locator('[part=message]').isHidden());
    assert.equal(await page.locator('[part=status]').innerText(), 'Not built: 1 error');
    const rows = await page.locator('.problems li').allInnerTexts();
    assert.match(rows[0], /^prog\.c:3\s*error\s*conflicting types/);
    assert.match(rows[1], /^note\s*gr_main is written int gr_main\(int argc, char \*\*argv\)$/);
    // Without the editor there is no list.
    await page.evaluate(() => document.querySelector('goroscope-playground')?.setAttribute('show', 'output'));
    assert.equal(await run(page), error);
    assert.ok(await page.locator('[part=message]', { hasText: error }).isVisible());
    assert.equal(await page.locator('goroscope-playground').evaluate((p) => getComputedStyle(p).direction), 'ltr');
  }));

test('without a network that is said first, and what failed behind it', { skip }, () =>
  on('/sieve.html', async (page) => {
    await edited(page);
    await page.context().setOffline(true);
    try {
      await run(page);
      await page.getByText('The server cannot be reached (offline?): try again later. In detail: sieve.wasm could not '
        + 'be fetched: the server does not answer.').waitFor();
    } finally {
      await page.context().setOffline(false);
    }
    assert.equal(await run(page), '');
    assert.deepEqual(await look(page), { state: 'done', message: '' });
  }));

test('where the compiler gives up it is said', { skip: skip || alike }, () => on('/many.html', async (page) => {
  await edited(page);
  assert.match(await run(page) ?? '', /^Not built: prog\.c:5: .* \(and 18 more, where the compiler gave up\)$/);
  assert.match(await page.locator('.problems li').last().innerText(), /^error\s*too many errors emitted, stopping now/);
}));

test('whose program it is that a link has brought, until the page has its own again', { skip }, async () => {
  const link = await toFragment({ settings: { source: 'int gr_main(void) { return 1; }\n', name: 'prog.c' } });
  await on(`/goal.html${link}`, async (page) => {
    const note = page.locator('[part=origin]');
    const linked = page.getByText("This is the program from the link; Reset brings back the page's own.");
    await linked.waitFor();
    await page.getByRole('button', { name: 'Reset' }).click();
    assert.equal(await note.textContent(), '');
    await page.evaluate(() => {
      history.replaceState(null, '', location.pathname);
      /** @type {Playground} */ (document.querySelector('goroscope-playground')).source = 'int x;';
    });
    assert.equal(await note.textContent(), '', 'a script has put that there');
  });
});

test('the timeline that is still empty says what fills it', { skip }, () => on('/sieve.html', async (page) => {
  await edited(page);
  const words = page.locator('.empty p', { hasText: 'Run shows here what each goroutine did, and when.' });
  await words.waitFor();
  assert.ok(await page.getByRole('button', { name: 'Choose a file…' }).isHidden());
  // A viewer alone has its own words.
  assert.deepEqual(await page.evaluate(() => {
    const viewer = document.createElement('goroscope-viewer');
    document.body.append(viewer);
    const texts = () => viewer.shadowRoot?.querySelector('.empty')?.textContent ?? '';
    const own = texts();
    viewer.setAttribute('empty', 'Mine.');
    return [/^No trace yet\./.test(own), /^Mine\./.test(texts())];
  }), [true, true]);
  await run(page);
  await words.waitFor({ state: 'hidden' });
}));
