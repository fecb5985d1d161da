// The playground in a real Chromium: three lines on somebody's page, with and without shared memory, under a strict
// content security policy; programs edited, built and run there, stopped, failing, limited, judged.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { toFragment } from '../../shell/playground/share.mjs';
import { LONG, ROOT, alike, madeKit } from '../lib/run.mjs';
import { STOP_MS, chromiumPath, fromClick, inPage, launch, playgroundRoutes, serve } from './chromium.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('../../shell/playground/api.d.mts').GoroscopePlayground} Playground */

const skip = !chromiumPath() && 'no Chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The one that README names for a playground. */
const CSP = /playground runs under `([^`]+)`/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1];

/** A page of somebody's own. @param {string} body */
const pageOf = (body) => `<!doctype html><html lang="en"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/shell/page/icon.svg">
<script type="module" src="/shell/playground/playground.mjs"></script><main><h1>A page</h1>${body}</main></html>`;

const SIEVE = '<goroscope-playground src="/shell/demos/sieve.c" wasm="/build/demos/sieve.wasm" procs="4" args="200">' +
  '</goroscope-playground>';
const HELLO = `#include <goroscope.h>
#include <stdio.h>

int gr_main(int argc, char **argv) {
    printf("hello from %d\\n", argc);
    return 0;
}
`;
/** @param {string} body @param {string} [top] */
const program = (body, top = '') =>
  `#include <goroscope.h>\n#include <stdio.h>\n#include <stdlib.h>\n${top}int gr_main(int c, char **v) {\n` +
  `    (void)c, (void)v;\n${body}    return 0;\n}\n`;

/** @type {Record<string, string>} */
const PAGES = {
  '/three.html': pageOf(SIEVE),
  '/several.html': pageOf(`
<goroscope-playground id="one" procs="2">
${HELLO}</goroscope-playground>
<goroscope-playground id="two" procs="1" layout="stack"><script type="text/x-c">
  #include "ring.h"
  #include <stdio.h>
  int gr_main(int argc, char **argv) {
      for (int i = 0; i < ROUNDS && argc > 0; i++) printf("%s %d\\n", argv[0] ? "round" : "", i);
      return 0;
  }
</script><script type="text/x-c" name="ring.h">#define ROUNDS 3
</script></goroscope-playground>`),
  '/lost.html': pageOf(`<goroscope-playground src="/shell/demos/nothing.c"></goroscope-playground>
<goroscope-playground id="tag">int gr_main(void) { for (int i = 0; i<n; i++) f(i > 3); }</goroscope-playground>`),
  '/locked.html': pageOf('<goroscope-playground readonly="1-4, 6-7"><script type="text/x-c">' +
    `${HELLO}</script></goroscope-playground>`),
  '/exercises.html': pageOf(`<goroscope-playground id="one"></goroscope-playground>
<goroscope-playground id="two" readonly="1-4, 6-7"><script type="text/x-c">${HELLO}</script></goroscope-playground>
<goroscope-playground class="third"></goroscope-playground>`),
  '/own.html': pageOf(SIEVE.replace(' src', ' autorun src')),
  '/whole.html': pageOf(SIEVE.replace(' src', ' readonly src')),
  '/empty.html': pageOf(''),
};

/** @type {import('playwright-core').Browser} */ let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */ let isolated;
/** @type {Awaited<ReturnType<typeof serve>>} */ let bare;

before(async () => {
  if (skip) return;
  await madeKit();
  const routes = await playgroundRoutes(PAGES);
  [browser, isolated, bare] = await Promise.all([
    launch(), serve(ROOT, { isolated: true, routes, csp: CSP }), serve(ROOT, { routes, csp: CSP }),
  ]);
});
after(() => Promise.all([browser?.close(), isolated?.close(), bare?.close()]));

/**
 * A page whose playgrounds have their editors; what breaks the policy or throws fails the test.
 * @param {string} url @param {(page: Page) => Promise<void>} body
 * @param {import('playwright-core').BrowserContextOptions & { breaks?: RegExp }} [options] breaks: such errors belong
 *   to what is tested
 */
async function on(url, body, { breaks, ...options } = {}) {
  await inPage(browser, async (page) => {
    /** @type {string[]} */ const complaints = [];
    page.on('pageerror', (e) => complaints.push(e.message));
    page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
    await page.goto(url);
    await page.waitForFunction(() => [...document.querySelectorAll('goroscope-playground')]
      .every((p) => p.shadowRoot?.querySelector('.cm-content')));
    await body(page);
    assert.deepEqual(complaints.filter((c) => !breaks?.test(c)), []);
  }, options);
}

/** @param {Page} page @param {string} state @param {string} [which] */
const until = (page, state, which = 'goroscope-playground') => page.waitForFunction(([which, state]) =>
  /** @type {Playground} */ (document.querySelector(which)).state === state, [which, state]);

/** @param {Page} page @param {string} [which] */
const look = (page, which = 'goroscope-playground') => page.evaluate((which) => {
  const { state, output, message, diagnostics } = /** @type {Playground} */ (document.querySelector(which));
  return { state, output, message, diagnostics };
}, which);

/**
 * Runs a text in a playground to its end.
 * @param {Page} page @param {string} source @param {Record<string, string>} [attributes] set before
 */
const runIn = (page, source, attributes = {}) => page.evaluate(async ([source, attributes]) => {
  const one = /** @type {Playground} */ (document.querySelector('#one'));
  for (const name of ['expect', 'timeout', 'memory', 'check', 'readonly', 'input']) one.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  one.source = source;
  const result = await one.run().catch((e) => ({ error: /** @type {string} */ (e.message) }));
  return { result, state: one.state, output: one.output, message: one.message, diagnostics: one.diagnostics };
}, /** @type {const} */ ([source, attributes]));

/** @param {string} path of a page @param {Record<string, unknown>} settings that a link to it brings */
const linked = async (path, settings) => `${isolated.url}${path}${await toFragment({ settings })}`;

for (const mode of /** @type {const} */ (['threads', 'sim'])) {
  test(`three lines of HTML, ${mode}: a program runs at once, without the compiler, and is watched`, { skip }, () =>
    on(`${(mode === 'threads' ? isolated : bare).url}/three.html`, async (page) => {
      /** @type {string[]} */ const asked = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await until(page, 'done');
      assert.match((await look(page)).output, /right: prime number 200 is 1223\n/);
      assert.deepEqual(asked.filter((url) => /clang|binaryen|kit/.test(url)), []);
      await page.getByText(/^Done in [\d.]+ s$/).waitFor();
      await page.waitForFunction(() => document.querySelector('goroscope-playground')?.viewer.info?.state === 'done');
      const { lanes, rt } = await page.evaluate(() => {
        const { viewer, runtime } = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
        return { lanes: viewer.info?.lanes.filter((l) => l.kind === 'proc').length, rt: runtime?.mode };
      });
      assert.deepEqual([lanes, rt], [4, mode]);
      const words = page.locator('.mode summary');
      if (mode === 'threads') return assert.equal(await words.textContent(), 'Real threads, 4 Ps');
      assert.equal(await words.textContent(), 'Simulated, 4 Ps: no threads in this page. What to do?');
      await words.click();
      assert.ok(await page.getByText('Cross-Origin-Embedder-Policy: require-corp').isVisible());
      // It promises no more than one thread can give.
      assert.ok(await page.getByText('while a goroutine computes without calling the runtime, no other').isVisible());
    }));
}

test('edited, built and run in the page; stopped; failing; limited; judged', { skip }, () =>
  on(`${isolated.url}/several.html`, async (page) => {
    const editor = page.locator('#one .cm-content'), run = page.locator('#one .run');
    await page.evaluate(() => {
      const told = document.querySelector('#one')?.shadowRoot?.querySelector('.fetching span');
      /** @type {string[]} */ const all = Object.assign(window, { told: [] }).told;
      if (told) new MutationObserver(() => all.push(told.textContent ?? '')).observe(told, { childList: true });
    });
    // As text inside the tag, includes and all; edited by keys.
    assert.equal(await page.evaluate(() => document.querySelector('goroscope-playground')?.source), HELLO);
    await editor.click();
    await page.keyboard.press('Control+Home');
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Home');
    await page.keyboard.type('printf("typed\\n");\n');
    await page.keyboard.press('Control+Enter');
    await until(page, 'done', '#one');
    assert.equal((await look(page, '#one')).output, 'typed\nhello from 1\n');
    const told = await page.evaluate(() => /** @type {any} */ (window).told);
    assert.match(told.join(), /Fetching the compiler: \d+ of \d+ MB/);
    assert.ok(await page.locator('#one .fetching').isHidden());
    await editor.click();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    assert.ok(await run.evaluate((button) => button.matches(':focus')));

    // Two of them at a time, each with its own program, one compiler.
    const both = await page.evaluate(() => {
      const [one, two] = ['#one', '#two'].map((id) => /** @type {Playground} */ (document.querySelector(id)));
      return Promise.all([one, two].map(async (p) => ({ ...await p.run(), output: p.output })));
    });
    assert.deepEqual(both, [{ exitCode: 0, output: 'typed\nhello from 1\n' },
      { exitCode: 0, output: 'round 0\nround 1\nround 2\n' }]);
    assert.equal(await page.locator('#two .files button').count(), 2);

    const wrong = await runIn(page, HELLO.replace('0;', '0'));
    assert.equal(wrong.state, 'failed');
    assert.deepEqual(wrong.result, { error: "Not built: prog.c:6: expected ';' after return statement" });
    assert.deepEqual(wrong.diagnostics.map((d) => [d.file, d.line, d.severity]), [['prog.c', 6, 'error']]);
    await page.locator('#one .cm-lint-marker-error').waitFor();
    await page.locator('#one .problems .link').click();
    assert.match(await page.locator('#one .cm-reached').textContent() ?? '', /return 0/);

    await stopsALoop(page);

    const panic = await runIn(page, program('    gr_panic("oh no");\n'));
    assert.deepEqual([panic.result, panic.state], [{ exitCode: 2 }, 'done']);
    assert.deepEqual(panic.diagnostics.map((d) => [d.line, d.text]), [[6, 'panic: oh no']]);
    await page.locator('#one .output .link', { hasText: 'prog.c:6' }).click();
    assert.match(await page.locator('#one .cm-reached').textContent() ?? '', /gr_panic/);

    const lock = await runIn(page, program('    gr_chan_recv(gr_chan_make(4, 0), &(int){0});\n'));
    assert.match(lock.diagnostics[0]?.text, /all goroutines are asleep/);
    assert.equal(lock.diagnostics[0]?.line, 6);

    await keepsLimits(page);

    const right = await runIn(page, program('    puts("a");\n    puts("b");\n'), { expect: 'a\nb' });
    assert.equal(right.state, 'done');
    assert.equal(await page.locator('#one .goal').textContent(), '✓ As expected');
    await runIn(page, program('    puts("a");\n    puts("c");\n'), { expect: 'a\nb' });
    assert.equal(await page.locator('#one .goal pre').innerText(), '  a\n− c\n+ b');

    const read = await runIn(page, program('    char s[9];\n    puts(fgets(s, 9, stdin));\n'), { input: 'typed' });
    assert.equal(read.output, 'typed\n');

    await showsAsATerminal(page);

    const given = await page.evaluate(async (source) => {
      const one = /** @type {Playground} */ (document.querySelector('#one'));
      one.source = `${source}// once more`;
      const ended = one.run();
      one.stop();
      return { ...await ended, state: one.state };
    }, HELLO);
    assert.deepEqual(given, { exitCode: 130, stopped: true, state: 'done' });
  }));

/** A line that has no end yet, a line written over, colours. @param {Page} page */
async function showsAsATerminal(page) {
  const lines = page.locator('#one .output > div');
  await page.evaluate((source) => {
    const one = /** @type {Playground} */ (document.querySelector('#one'));
    one.source = source;
    void one.run();
  }, program('    printf("one\\n 50 %%");\n    fflush(stdout);\n    gr_sleep(600 * GR_SECOND);\n'));
  await lines.filter({ hasText: '50 %' }).waitFor();
  assert.deepEqual(await lines.allInnerTexts(), ['one', ' 50 %']);
  await page.locator('#one .stop').click();
  await page.waitForFunction(() => /** @type {Playground} */ (document.querySelector('#one')).state === 'done');

  const printed = String.raw`\r 50 %%\r100 %% \033[1;31mred\033[0m <b>\n`;
  const shown = await runIn(page, program(`    printf("${printed}");\n`));
  assert.equal(shown.output, '\r 50 %\r100 % \x1b[1;31mred\x1b[0m <b>\n');
  assert.deepEqual(await lines.allInnerTexts(), ['100 % red <b>']);
  assert.deepEqual(await lines.locator('span').evaluateAll((nodes) => nodes.map((node) =>
    [node.textContent, node.className, getComputedStyle(node).fontWeight])), [['red', 'ansi bold', '700']]);
}

/** @param {Page} page */
async function stopsALoop(page) {
  const loop = program('    gr_go(waits, gr_chan_make(4, 0));\n    puts("begun");\n    fflush(stdout);\n'
    + '    gr_sleep(1000000);\n    for (volatile int i = 0;; i++) {}\n',
  'static void waits(void *channel) { gr_chan_recv(channel, &(int){0}); }\n');
  await page.evaluate((loop) => {
    const one = /** @type {Playground} */ (document.querySelector('#one'));
    one.source = loop;
    Object.assign(window, { ended: one.run() });
  }, loop);
  await page.waitForFunction(() => document.querySelector('goroscope-playground')?.output === 'begun\n');
  // Where the goroutine waits is marked in the margin.
  await page.locator('#one .cm-goroutines span[title*="waits: chan receive"]').waitFor();
  const { ended, ms } = await fromClick(page.locator('#one .stop'));
  assert.deepEqual(ended, { exitCode: 130, stopped: true });
  assert.ok(ms < STOP_MS, `${ms} ms`);
  assert.equal((await look(page, '#one')).state, 'done');
  await page.locator('#one .cm-goroutines span[title*="chan receive"]').waitFor({ state: 'detached' });
}

/** @param {Page} page */
async function keepsLimits(page) {
  const long = await runIn(page, program('    for (;;) gr_yield();\n'), { timeout: '0.3' });
  assert.deepEqual(long.result, { exitCode: 130, stopped: true });
  assert.deepEqual([long.state, long.message],
    ['failed', 'The program was ended after 0.3 seconds, the longest it may run here.']);
  const large = await runIn(page, program('    while ((kept = malloc(1 << 18))) {}\n    return 3;\n',
    'static void *volatile kept;\n'), { memory: '64', timeout: '20' });
  assert.deepEqual([large.result, large.state, large.message], [{ exitCode: 3 }, 'failed',
    'The program used up the 64 MiB of memory it may have here, and failed.']);
}

test('under the policy that README names what the compiler says has its marks, and nothing is blocked', { skip }, () =>
  on(`${isolated.url}/several.html`, async (page) => {
    assert.match(CSP ?? '', /^default-src 'self'; /);
    await page.evaluate(() => {
      /** @type {string[]} */ const blocked = Object.assign(window, { blocked: [] }).blocked;
      document.addEventListener('securitypolicyviolation', (e) =>
        blocked.push(`${e.effectiveDirective} ${e.blockedURI}`));
    });
    await runIn(page, HELLO.replace('argc);', '"text");').replace('0;', 'none;'));
    for (const severity of ['error', 'warning']) {
      const mark = page.locator(`#one .cm-lint-marker-${severity}`).first();
      await mark.waitFor();
      const looks = await mark.evaluate((node) => [getComputedStyle(node).content, node.clientWidth]);
      assert.deepEqual(looks, ['normal', 0]);
      const { width = 0, height = 0 } = await mark.boundingBox() ?? {};
      assert.ok(width >= 6 && height >= 6 && width === height, `${severity}: ${width} x ${height}`);
      const under = await page.locator(`#one .cm-lintRange-${severity}`).first().evaluate((node) => {
        const { backgroundImage, textDecorationStyle } = getComputedStyle(node);
        return [backgroundImage, textDecorationStyle];
      });
      assert.deepEqual(under, ['none', 'wavy']);
    }
    assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).blocked), []);
  }));

test('lines that are read-only stay, by keys; a script may set them', { skip }, () =>
  on(`${bare.url}/locked.html`, async (page) => {
    const source = () => page.evaluate(() => document.querySelector('goroscope-playground')?.source);
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('x');
    await page.keyboard.press('Control+End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    assert.equal(await source(), HELLO);
    await page.keyboard.press('Control+Home');
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.type(' // mine');
    assert.equal(await source(), HELLO.replace(');\n', '); // mine\n'));
    assert.equal(await page.locator('.cm-locked').count(), 6);
    await page.evaluate(() => {
      /** @type {Playground} */ (document.querySelector('goroscope-playground')).source = 'int x;\n';
    });
    assert.equal(await source(), 'int x;\n');
  }));

test('Embed and `settings` have the lines that are read-only where they are by now', { skip }, () =>
  on(`${bare.url}/locked.html`, async (page) => {
    const locked = () => page.evaluate(() => document.querySelector('goroscope-playground')?.settings.readonly);
    const embedded = async () => {
      await page.getByRole('button', { name: 'Embed' }).click();
      const html = await page.locator('dialog[open] textarea').inputValue();
      await page.getByRole('button', { name: 'Close' }).click();
      return / readonly="(.*?)"/.exec(html)?.[1];
    };
    await page.locator('.cm-line').nth(4).click();
    await page.keyboard.press('Home');
    await page.keyboard.type('puts("one");\nputs("two");\n');
    assert.deepEqual([await locked(), await embedded()], ['1-4, 8-9', '1-4, 8-9']);
    // What is put in takes the numbers as they are given.
    const source = await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.settings = { ...p.settings, seed: '3' };
      return p.source;
    });
    assert.deepEqual([await locked(), await page.locator('.cm-locked').count()], ['1-4, 8-9', 6]);
    await page.evaluate((source) => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.settings = { source: source.replace('    puts("one");\n', ''), readonly: '7-8' };
    }, source);
    assert.deepEqual([await locked(), await page.locator('.cm-locked').count(), await embedded()], ['7-8', 2, '7-8']);
  }));

test('a change of what is read-only takes nothing away; nonsense is told once', { skip }, () =>
  on(`${bare.url}/locked.html`, async (page) => {
    /** @type {string[]} */ const warned = [];
    page.on('console', (m) => m.type() === 'warning' && warned.push(m.text()));
    const source = () => page.evaluate(() => document.querySelector('goroscope-playground')?.source);
    const set = (/** @type {Record<string, string>} */ all) => page.evaluate((all) => {
      const playground = document.querySelector('goroscope-playground');
      for (const [name, value] of Object.entries(all)) playground?.setAttribute(name, value);
    }, all);
    await page.locator('.cm-line').nth(4).click();
    await page.keyboard.press('End');
    await page.keyboard.type('//');
    await set({ readonly: '' });
    await page.keyboard.type('no');
    await set({ readonly: '1-3', timeout: 'never' });
    assert.equal(await page.locator('.cm-locked').count(), 3);
    assert.equal(await source(), HELLO.replace(');\n', ');//\n'));
    await page.keyboard.press('Control+z');
    assert.equal(await source(), HELLO);
    await set({ input: 'a' });
    await set({ input: 'ab' });
    assert.equal(warned.length, 1);
    assert.match(warned[0], /timeout="never" makes no sense/);
  }));

test('keys of the timeline work where a button of the playground has the focus, and not in its editor', { skip }, () =>
  on(`${bare.url}/three.html`, async (page) => {
    const isHelped = () => page.evaluate(() => document.querySelector('goroscope-playground')?.viewer.shadowRoot
      ?.querySelector('dialog.help')?.hasAttribute('open'));
    await page.locator('.cm-content').click();
    await page.keyboard.press('?');
    assert.equal(await isHelped(), false);
    await page.keyboard.press('Backspace');
    await page.locator('.run').click();
    await until(page, 'done');
    await page.keyboard.press('?');
    assert.equal(await isHelped(), true);
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.querySelector('goroscope-playground')?.viewer.focus());
    await page.keyboard.press('?');
    assert.equal(await isHelped(), true);
  }));

test('how a run ended: words and dot say the same', { skip }, () => on(`${bare.url}/three.html`, async (page) => {
  const ended = (/** @type {string} */ expect, isStopped = false) => page.evaluate(async ([expect, isStopped]) => {
    const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
    if (expect) p.setAttribute('expect', String(expect));
    const run = p.run();
    if (isStopped) p.stop();
    await run;
    p.setAttribute('seed', '2'); // another setting changes nothing of it
    const node = /** @type {Element} */ (p.shadowRoot?.querySelector('[part=status]'));
    return [node.textContent ?? '', getComputedStyle(node, '::before').backgroundColor];
  }, /** @type {const} */ ([expect, isStopped]));
  const done = await ended(''), missed = await ended('nothing'), stopped = await ended('', true);
  assert.match(done[0], /^Done in [\d.]+ s$/);
  assert.match(missed[0], /^Not as expected, after [\d.]+ s$/);
  assert.match(stopped[0], /^Stopped/);
  assert.equal(new Set([done, missed, stopped].map(([, color]) => color)).size, 3);
}));

test('Tab indents; after Escape it leaves the editor, forward and back', { skip }, () =>
  on(`${bare.url}/three.html`, async (page) => {
    const source = () => page.evaluate(() => document.querySelector('goroscope-playground')?.source ?? '');
    const focused = () => page.evaluate(() => {
      const at = document.querySelector('goroscope-playground')?.shadowRoot?.activeElement;
      return at?.closest('.code, .lower, .bar')?.className;
    });
    const before = await source(), editor = page.locator('.cm-content');
    await editor.click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Tab');
    assert.deepEqual([await source(), await focused()], [`    ${before}`, 'code']);
    await page.keyboard.press('Escape');
    assert.equal(await focused(), 'code');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'lower');
    // Back in, Tab indents again, and so it does where another key came between.
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+Tab');
    assert.deepEqual([await source(), await focused()], [before, 'code']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(), 'bar');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.deepEqual([await source(), await focused()], [`    ${before}`, 'code']);
    assert.match(await editor.getAttribute('aria-label') ?? '', /Escape, then Tab, leaves the editor/);
  }));

const REACHES = program('    gr_result r = {0};\n    gr_fetch("/package.json", NULL, &r);\n'
  + '    puts(r.error ? r.error : r.data ? "reached" : "");\n');

test('a program that a link brings waits for a click and reaches nothing; the page has its own again', { skip },
  async () => {
    const files = { 'mine.h': '' };
    await on(await linked('/own.html', { source: REACHES, name: 'mine.c', files }), async (page) => {
      const settings = () => page.evaluate(() => {
        const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
        const { source, name, files } = p.settings;
        return { source, name, files };
      });
      await page.waitForFunction(() => document.querySelector('goroscope-playground')?.settings.name === 'mine.c');
      assert.deepEqual(await settings(), { source: REACHES, name: 'mine.c', files });
      assert.equal((await look(page)).state, 'idle');
      const outputs = await page.evaluate(async (source) => {
        const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
        p.fetch = [location.origin];
        await p.run();
        const all = [p.output];
        p.files = {};
        p.source = source; // before the page's own has come again
        await p.run();
        return [...all, p.output];
      }, REACHES);
      assert.match(outputs[0], /fetch/);
      assert.equal(outputs[1], 'reached\n');
    });
    await on(await linked('/own.html', { source: REACHES, name: 'mine.c', files }), async (page) => {
      await page.route(/@yowasp\/clang/, (route) => route.fulfill({ status: 403, contentType: 'text/javascript' }));
      await page.waitForFunction(() => document.querySelector('goroscope-playground')?.settings.name === 'mine.c');
      await page.locator('.run').click();
      await page.getByRole('button', { name: 'Run it as it came' }).click();
      await until(page, 'done');
      assert.match((await look(page)).output, /right: prime number 200 is 1223\n/);
      assert.deepEqual(await page.evaluate(() => {
        const { name, files } = /** @type {Playground} */ (document.querySelector('goroscope-playground')).settings;
        return [name, files];
      }), ['sieve.c', undefined]);
      // Where there is no clipboard the dialog says what to do.
      await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
      await page.getByRole('button', { name: 'Share' }).click();
      await page.getByRole('button', { name: 'Copy' }).click();
      await page.getByText('The browser does not let it be copied: press Ctrl+C (Cmd+C).').waitFor();
    }, { breaks: /403/ });
    await on(await linked('/whole.html', { source: REACHES, name: 'mine.c', files, procs: '3' }), async (page) => {
      await page.waitForFunction(() => document.querySelector('goroscope-playground')?.procs === '3');
      await page.waitForFunction(() => document.querySelector('goroscope-playground')?.source);
      const { name, source = '' } = await page.evaluate(() =>
        /** @type {Playground} */ (document.querySelector('goroscope-playground')).settings);
      assert.equal(name, 'sieve.c');
      assert.match(source, /sieve/);
    });
  });

test('what a script puts in at once is what runs, with the files inside the tag', { skip: skip || alike }, () =>
  on(`${isolated.url}/empty.html`, async (page) => {
    const output = await page.evaluate(async (source) => {
      const p = document.createElement('goroscope-playground');
      p.innerHTML = '<script type="text/x-c">int gr_main(void) { return 1; }</script>' +
        '<script type="text/x-plain" name="word.txt">inside</script>';
      document.body.append(p);
      p.settings = { source, name: 'other.c', files: { 'n.h': '#define N 9\n' } };
      await p.run();
      return p.output + p.settings.name;
    }, program('    char s[N];\n    puts(fgets(s, N, fopen("word.txt", "r")));\n', '#include "n.h"\n'));
    assert.equal(output, 'inside\n\nother.c');
    // A file that does not show changes as well.
    await page.locator('.cm-line').first().waitFor();
    const files = await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.settings = { ...p.settings, files: { 'n.h': '#define N 3\n' } };
      return p.settings.files;
    });
    assert.deepEqual(files, { 'n.h': '#define N 3\n' });
  }));

test('where the compiler cannot be had a sentence says so, and the program runs as it came', { skip }, () =>
  on(`${isolated.url}/three.html`, async (page) => {
    await page.route(/@yowasp\/clang/, (route) => route.fulfill({ status: 403, contentType: 'text/javascript' }));
    const said = await page.evaluate(async () => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.source += '\n// mine\n';
      return p.run().catch((e) => e.message);
    });
    assert.match(said, /^What is written here cannot be run: the compiler cannot .+: the server answered 403\.$/);
    assert.equal((await look(page)).state, 'failed');
    await page.getByRole('button', { name: 'Run it as it came' }).click();
    await until(page, 'done');
    assert.match((await look(page)).output, /right: prime number 200 is 1223\n/);
  }, { breaks: /403/ }));

test('what cannot be read is said in a sentence', { skip }, () => on(`${bare.url}/lost.html`, async (page) => {
  await until(page, 'failed');
  assert.equal((await look(page)).message,
    'The program nothing.c could not be fetched: the server answered 404.');
  assert.equal((await look(page, '#tag')).message, 'HTML takes <n;> in this program for a tag: put the program into ' +
    '<script type="text/x-c">, where < is <.');
  // Another program does for one that is lost: what fails now is another thing.
  await page.route(/@yowasp\/clang/, (route) => route.fulfill({ status: 403, contentType: 'text/javascript' }));
  const said = await page.evaluate((source) => {
    const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
    p.source = source;
    return p.run().catch((e) => e.message);
  }, HELLO);
  assert.match(said, /^What is written here cannot be run: the compiler/);
}, { breaks: /404|403/ }));

const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
for (const [name, options] of /** @type {Array<[string, object]>} */ ([
  ['light', {}], ['dark, 390 px, touch', { colorScheme: 'dark', ...PHONE }],
  ...LONG ? [['dark', { colorScheme: 'dark' }], ['390 px, touch', PHONE]] : [],
])) {
  test(`axe finds nothing, and nothing sticks out: ${name}`, { skip }, () =>
    on(`${bare.url}/three.html`, async (page) => {
      await page.evaluate(axe);
      await noFindings(page, 'the first sight');
      await page.locator('.run').click();
      await until(page, 'done');
      await page.locator('.settings summary').click();
      await page.locator('.mode summary').click();
      await noFindings(page, 'after a run');
      await page.keyboard.press('Escape');
      await page.locator('.tab-list #tab-goroutines').click();
      await noFindings(page, 'goroutines');
      await page.locator('.tab-list #tab-input').click();
      await noFindings(page, 'input');
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${wide} px stick out`);
    }, options));
}

/** @param {Page} page @param {string} where for the message */
async function noFindings(page, where) {
  const found = await page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run(document);
    return violations.flatMap((/** @type {any} */ rule) => rule.nodes.map(
      (/** @type {any} */ node) => `${rule.id}: ${node.target.flat().join(' ')}: ${node.failureSummary}`));
  });
  assert.deepEqual(found, [], where);
}

test('a link from Share brings program and settings back; Embed gives HTML', { skip }, () =>
  on(`${isolated.url}/three.html`, async (page) => {
    await page.evaluate(() => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      p.source += '// shared <b>\n';
      p.setAttribute('seed', '7');
    });
    const copied = page.locator('dialog[open] textarea');
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await copied.inputValue();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Embed' }).click();
    assert.match(await copied.inputValue(),
      /^<script type="module" src="http.*playground\.mjs"><\/script>\n<goroscope-playground/);
    await page.goto('about:blank');
    await page.goto(link);
    await page.waitForFunction(() => {
      const p = document.querySelector('goroscope-playground');
      return p?.source?.endsWith('// shared <b>\n') && p.seed === '7';
    });
  }));

/** Those of a page, by what a look at them tells. @param {Page} page */
const all = (page) => page.evaluate(() => [...document.querySelectorAll('goroscope-playground')].map((p) => ({
  source: p.source, seed: p.seed, message: p.message, state: p.state, locked: p.settings.readonly,
})));

/** @param {Page} page @param {string} which */
const linkOf = async (page, which) => {
  await page.locator(`${which} button`, { hasText: 'Share' }).click();
  const link = await page.locator('dialog[open] textarea').inputValue();
  await page.locator('dialog[open] button[aria-label="Close"]').click();
  return link;
};

test('a link goes to the playground that it was made in, by its id or number; one for none is told', {
  skip: skip || alike,
}, () =>
  on(`${bare.url}/exercises.html`, async (page) => {
    const [own] = await all(page);
    for (const [at, which] of [[1, '#two'], [2, '.third']]) {
      await page.evaluate(({ which }) => {
        const p = /** @type {Playground} */ (document.querySelector(String(which)));
        p.source = '// shared\n';
        p.setAttribute('seed', '7');
      }, { which });
      const link = await linkOf(page, String(which));
      await page.goto('about:blank');
      await page.goto(link);
      await page.waitForFunction((which) => document.querySelector(which)?.getAttribute('seed') === '7', String(which));
      await page.waitForFunction((which) => /** @type {any} */ (document.querySelector(which)).source === '// shared\n',
        String(which));
      const now = await all(page);
      assert.deepEqual(now.filter(({ seed }) => seed === '7'), [now[Number(at)]]);
      assert.deepEqual(now[0], own);
      await page.goto('about:blank');
      await page.goto(`${bare.url}/exercises.html`);
    }
    for (const [to, message, source] of [
      ['nobody', 'This link is for another playground, which this page does not have.', own.source],
      [undefined, '', '// old link\n'],
    ]) {
      const hash = await toFragment({ settings: { source: '// old link\n' }, to });
      await page.goto('about:blank');
      await page.goto(`${bare.url}/exercises.html${hash}`);
      await page.waitForFunction(([message, source]) => {
        const p = document.querySelector('goroscope-playground');
        return p?.message === message && p?.source === source;
      }, [message, source]);
      assert.deepEqual((await all(page)).slice(1).map((p) => [p.message, p.seed]), [['', null], ['', null]]);
    }
  }));

test('a link of a program with read-only lines brings the free ones, where those are the page\'s own', { skip }, () =>
  on(`${bare.url}/exercises.html`, async (page) => {
    await page.locator('#two .cm-line').nth(4).click();
    await page.keyboard.press('End');
    await page.keyboard.type('\nputs("mine");');
    const link = await linkOf(page, '#two'), mine = (await all(page))[1];
    assert.deepEqual([mine.locked, mine.source], ['1-4, 7-8', HELLO.replace(');\n', ');\n    puts("mine");\n')]);
    await page.goto('about:blank');
    await page.goto(link);
    await page.waitForFunction(() => document.querySelectorAll('goroscope-playground')[1].source?.includes('mine'));
    await page.locator('#two .cm-locked').nth(5).waitFor();
    assert.deepEqual((await all(page))[1], mine);
    assert.equal(await page.locator('#two .cm-locked').count(), 6);
    // It is stopped from running by itself, as any other.
    assert.equal(mine.state, 'idle');
    // Whose locked lines are others: its numbers say nothing here.
    const settings = { source: mine.source.replace('stdio', 'stdlib') };
    const hash = await toFragment({ settings, to: 'two', locked: mine.locked });
    await page.goto('about:blank');
    await page.goto(`${bare.url}/exercises.html${hash}`);
    await page.waitForFunction(() => document.querySelectorAll('goroscope-playground')[1].source?.includes('stdlib'));
    assert.equal((await all(page))[1].locked, '1-4, 6-7');
  }));

test('a link put into the address of an open page is opened; one that is in no page yet runs', { skip }, () =>
  on(`${bare.url}/three.html`, async (page) => {
    await page.evaluate(async () => {
      const module = '/shell/playground/share.mjs', { toFragment } = await import(module);
      location.hash = await toFragment({ settings: { source: '// linked\n' } });
    });
    await page.waitForFunction(() => document.querySelector('goroscope-playground')?.source === '// linked\n');
    const early = await page.evaluate(async () => {
      const p = /** @type {Playground} */ (document.createElement('goroscope-playground'));
      Object.assign(p, { src: '/shell/demos/sieve.c', wasm: '/build/demos/sieve.wasm', args: '20' });
      const { exitCode } = await p.run();
      return { exitCode, output: p.output };
    });
    assert.equal(early.exitCode, 0);
    assert.match(early.output, /prime number 20 is 71/);
  }));

test('the API is all there: what the types promise the element has', { skip }, () =>
  on(`${bare.url}/three.html`, async (page) => {
    const source = readFileSync(join(ROOT, 'shell/playground/api.d.mts'), 'utf8');
    const promised = /interface GoroscopePlaygroundApi \{([^]*?)\n\}/.exec(source)?.[1] ?? '';
    const names = [...promised.matchAll(/^ {2}(?:readonly |get |set )?(\w+)[(:]/gm)].map((m) => m[1]);
    assert.ok(names.length >= 30, names.join());
    const { missing, same } = await page.evaluate(async (names) => {
      const p = /** @type {Playground} */ (document.querySelector('goroscope-playground'));
      const other = document.createElement('goroscope-playground');
      document.body.append(other);
      p.source = '// other';
      other.settings = p.settings;
      await new Promise((resolve) => other.addEventListener('sourcechange', resolve, { once: true }));
      const { src, wasm, name, ...rest } = p.settings, { name: _, ...got } = other.settings;
      return { missing: names.filter((name) => !(name in p)), same: [rest, got, src, wasm, name] };
    }, names);
    assert.deepEqual(missing, []);
    assert.deepEqual(same[0], same[1]);
    assert.deepEqual(same.slice(2), ['/shell/demos/sieve.c', '/build/demos/sieve.wasm', 'sieve.c']);
    const styles = readFileSync(join(ROOT, 'shell/playground/styles.mjs'), 'utf8');
    for (const [, color] of styles.matchAll(/--goroscope-(?:code-)?([a-z]+):/g))
      assert.ok(source.includes(`-${color}`), color);
  }));
