// What is written in a playground, in a real Chromium: the way back to the program as it came, what outlives a reload
// and what does not, and keys that meet what is read-only.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { toFragment } from '../../shell/playground/share.mjs';
import { ROOT, alike, madeKit } from '../lib/run.mjs';
import { chromiumPath, inPage, launch, playgroundRoutes, serve } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../../shell/playground/api.d.mts').GoroscopePlayground} Playground */

const skip = !chromiumPath() && 'no Chromium';
const HELLO = `#include <stdio.h>

int gr_main(int argc, char **argv) {
    (void)argv;
    printf("hello from %d\\n", argc);
    return 0;
}
`;
/** The one line that is free. */
const TYPED = HELLO.replace('argc);\n', 'argc); // mine\n');
const MODULE = '<script type="module" src="/shell/playground/playground.mjs"></script>';
/** @param {string} attributes @param {string} [source] */
const element = (attributes, source = HELLO) =>
  `<goroscope-playground ${attributes}><script type="text/x-c">${source}</script></goroscope-playground>`;
/** @param {string} body */
const pageOf = (body) =>
  `<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">${MODULE}${body}`;

/** @type {Record<string, string>} */
const PAGES = {
  '/locked.html': pageOf(element('readonly="1-4, 6-7"')),
  '/own.html': pageOf(element('autorun procs="1"')),
  '/whole.html': pageOf(element('readonly')),
  '/two.html': pageOf(element('id="a"') + element('')),
  '/set.html': pageOf(`${element('')}
<script type="module">document.querySelector('goroscope-playground').source = 'int set;\\n';</script>`),
  '/none.html': pageOf('<goroscope-playground></goroscope-playground>'),
};

/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */ let server;

before(async () => {
  if (skip) return;
  await madeKit();
  const routes = await playgroundRoutes(PAGES);
  [browser, server] = await Promise.all([launch(), serve(ROOT, { isolated: true, routes })]);
});
after(() => Promise.all([browser?.close(), server?.close()]));

/** Editors are there. @param {Page} page */
const edited = (page) => page.waitForFunction(() => [...document.querySelectorAll('goroscope-playground')]
  .every((p) => p.shadowRoot?.querySelector('.cm-line')));

/** @param {string} path @param {(page: Page) => Promise<void>} body */
const on = (path, body) => inPage(browser, async (page) => {
  /** @type {string[]} */ const complaints = [];
  page.on('pageerror', (e) => complaints.push(e.message));
  page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
  // Who types will want to compile, says the page, and makes 100 MB ready each time. Nobody does here.
  await page.route(/@yowasp\/clang/, () => {});
  await page.goto(server.url + path);
  await edited(page);
  await body(page);
  assert.deepEqual(complaints, []);
});

/** @param {Page} page @param {string} [which] */
const source = (page, which = 'goroscope-playground') => page.evaluate((which) =>
  /** @type {Playground} */ (document.querySelector(which)).source, which);

/** At the end of the line that is free. @param {Page} page @param {string} text @param {string} [which] */
async function type(page, text, which = 'goroscope-playground') {
  await page.locator(`${which} .cm-line`).nth(4).click();
  await page.keyboard.press('End');
  await page.keyboard.type(text);
}

/** @param {Page} page */
async function reload(page) {
  await page.reload();
  await edited(page);
}

/** Another one in its place, as a reload would make it. @param {Page} page */
async function anew(page) {
  await page.evaluate(() => {
    const one = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
    one.replaceWith(one.cloneNode(true));
  });
  await edited(page);
}

/** @param {Page} page @returns {Promise<Record<string, string>>} */
const kept = (page) => page.evaluate(() => ({ ...sessionStorage }));

test('Reset brings the program back as it came, read-only lines too; undo brings back what was there', { skip }, () =>
  on('/locked.html', async (page) => {
    const reset = page.getByRole('button', { name: 'Reset' }), locked = page.locator('.cm-locked');
    assert.ok(await reset.isHidden());
    await type(page, ' // mine');
    assert.equal(await source(page), TYPED);
    assert.equal(await reset.getAttribute('title'), 'Back to the program as it came');
    await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      Object.assign(window, { changes: [] });
      p.addEventListener('sourcechange', (e) => /** @type {any} */ (window).changes.push(e.detail));
    });
    await reset.click();
    assert.equal(await source(page), HELLO);
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).changes),
      [{ name: 'prog.c', source: HELLO }]);
    assert.ok(await reset.isHidden());
    assert.ok(await page.locator('.run').evaluate((run) => run.matches(':focus')));
    assert.equal(await locked.count(), 6);
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+z');
    assert.deepEqual([await source(page), await locked.count()], [TYPED, 6]);
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('x');
    assert.equal(await source(page), TYPED);
    await page.keyboard.press('Control+Shift+z');
    assert.deepEqual([await source(page), await locked.count()], [HELLO, 6]);
    // What a script puts in its place has lines of its own.
    await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.settings = { source: 'int a;\nint b;\n', name: 'b.c', files: { 'b.h': '' }, readonly: '2' };
    });
    assert.deepEqual([await locked.count(), await page.locator('.files button').count()], [1, 2]);
    assert.deepEqual(await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.reset();
      return [p.source, p.settings.name, p.settings.files, p.settings.readonly];
    }), [HELLO, 'prog.c', undefined, '1-4, 6-7']);
    assert.equal(await locked.count(), 6);
  }));

test('Reset leads back from a link; there is none where the page has no program, or all is read-only', { skip },
  async () => {
    await on(`/locked.html${await toFragment({ settings: { source: 'int linked;\n' } })}`, async (page) => {
      await page.waitForFunction(() => document.querySelector('goroscope-playground')?.source === 'int linked;\n');
      await page.getByRole('button', { name: 'Reset' }).click();
      assert.equal(await source(page), HELLO);
      assert.equal(await page.locator('.cm-locked').count(), 6);
      assert.deepEqual(await kept(page), {}, 'a link\'s program is no draft');
    });
    for (const path of ['/none.html', '/whole.html']) await on(path, async (page) => {
      await page.evaluate(() => {
        /** @type {Playground} */ (document.querySelector('goroscope-playground')).source = 'int x;\n';
      });
      assert.ok(await page.locator('[part=reset]').isHidden());
      if (path === '/whole.html') assert.deepEqual(await kept(page), {});
    });
  });

test('what was written outlives a reload, in its own playground, and does not run by itself', { skip }, async () => {
  await on('/locked.html', async (page) => {
    await type(page, ' // mine\nputs("");');
    const text = await source(page);
    await reload(page);
    assert.equal(await source(page), text);
    assert.deepEqual(await page.evaluate(() => document.querySelector('goroscope-playground')?.settings.readonly),
      '1-4, 7-8');
    assert.equal(await page.locator('.cm-locked').count(), 6);
    await page.goto(`${server.url}/none.html`);
    await page.goBack();
    await edited(page);
    assert.equal(await source(page), text);
    // A link of settings alone takes nothing of it.
    await page.goto('about:blank');
    await page.goto(`${server.url}/locked.html${await toFragment({ settings: { seed: '2' } })}`);
    await edited(page);
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.seed === '2');
    assert.deepEqual([await source(page), await page.evaluate(() =>
      document.querySelector('goroscope-playground')?.settings.readonly)], [text, '1-4, 7-8']);
    await page.getByRole('button', { name: 'Reset' }).click();
    assert.deepEqual(await kept(page), {});
    await reload(page);
    assert.equal(await source(page), HELLO);
  });
  await on('/own.html', async (page) => {
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.state !== 'idle');
    await type(page, ' // mine');
    await reload(page);
    assert.equal(await source(page), TYPED);
    // It would have begun before the next thing that anybody asks of it has an answer.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    assert.equal(await page.evaluate(() => document.querySelector('goroscope-playground')?.state), 'idle');
  });
  await on('/two.html', async (page) => {
    await type(page, ' // mine', '#a');
    await type(page, ' // other', 'goroscope-playground:not([id])');
    await reload(page);
    assert.equal(await source(page, '#a'), TYPED);
    assert.match(await source(page, 'goroscope-playground:not([id])'), /\/\/ other/);
  });
});

test('a draft gives way: to another program of the page\'s, to a link, to what a script sets', { skip }, async () => {
  await on('/locked.html', async (page) => {
    await type(page, ' // mine');
    const linked = await toFragment({ settings: { source: 'int linked;\n' } });
    await page.goto('about:blank');
    await page.goto(`${server.url}/locked.html${linked}`);
    await edited(page);
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.source === 'int linked;\n');
    await page.goto('about:blank');
    await page.goto(`${server.url}/locked.html`);
    await edited(page);
    assert.equal(await source(page), TYPED, 'it is there without the link');
    const before = PAGES['/locked.html'];
    PAGES['/locked.html'] = before.replace('hello from', 'hello to');
    try {
      await reload(page);
      assert.equal(await source(page), HELLO.replace('hello from', 'hello to'));
    } finally {
      PAGES['/locked.html'] = before;
    }
    await reload(page);
    assert.equal(await source(page), TYPED, 'nobody has written over it');
  });
  await on('/set.html', async (page) => {
    await page.locator('.cm-content').click();
    await page.keyboard.type('x');
    await reload(page);
    assert.equal(await source(page), 'int set;\n');
  });
});

test('a storage that holds rubbish, throws, or is full does no harm', {
  skip: skip || alike,
}, () => on('/own.html', async (page) => {
  await type(page, ' // mine');
  const [[key, text]] = Object.entries(await kept(page)), draft = JSON.parse(text);
  await anew(page);
  assert.equal(await source(page), TYPED, 'so rubbish would show');
  const rubbish = ['', 'x', 'null', '3', '[]', '{}', { texts: 3 }, { texts: [] }, { texts: [['prog.c']] },
    { texts: [['prog.c', 3]] }, { texts: [['../evil', 'int x;']] }, { locked: '' , of: '' }, { locked: 'all' },
    { locked: 7 }, { locked: ' ' }];
  for (const what of rubbish) {
    const value = typeof what === 'string' ? what : JSON.stringify({ ...draft, ...what });
    await page.evaluate(([key, value]) => sessionStorage.setItem(key, value), [key, value]);
    await anew(page);
    assert.equal(await source(page), HELLO, value);
  }
  await page.addInitScript(() => {
    Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } });
  });
  await reload(page);
  await type(page, ' // mine');
  assert.equal(await source(page), TYPED);
}));

test('keys that meet what is read-only: it is said, until a key does something', { skip: skip || alike }, async () => {
  await on('/locked.html', async (page) => {
    const said = page.locator('.refusal');
    assert.equal(await said.getAttribute('role'), 'status');
    await type(page, ' // mine');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab'); // there is nothing more to take away
    await page.keyboard.press('Control+Home');
    assert.equal(await said.textContent(), '');
    await page.keyboard.type('xy');
    assert.equal(await said.textContent(), 'This line is read-only here.');
    await page.keyboard.press('ArrowDown');
    assert.equal(await said.textContent(), '');
    await page.keyboard.press('Delete');
    assert.equal(await said.textContent(), 'This line is read-only here.');
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.shadowRoot
      ?.querySelector('.refusal')?.textContent === '');
  });
  await on('/whole.html', async (page) => {
    for (const [i, key] of ['x', 'Enter', 'Backspace'].entries()) {
      await page.locator('.cm-line').nth(i).click(); // a click elsewhere does something
      assert.equal(await page.locator('.refusal').textContent(), '');
      await page.keyboard.press(key);
      assert.equal(await page.locator('.refusal').textContent(), 'This program is read-only here.', key);
    }
    assert.equal(await source(page), HELLO);
  });
});
