// The demo page in a real Chromium: a demo runs and is drawn while it runs,
// its trace is saved, judged and dropped back, a program that never yields is stopped, one's own text is counted,
// and without SharedArrayBuffer the page says so and still runs.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { serve } from '../../shell/serve.mjs';
import { judge } from '../lib/oracle.mjs';
import { ALL, LONG, OUT, build } from '../lib/run.mjs';
import { PATIENCE_MS, STOP_MS, lastFileKept, launch, onDemoPage, viewInAddress } from './chromium.mjs';
import { syntheticTrace } from './synthetic.mjs';

/** @typedef {import('playwright-core').Page} Page */

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
/** @type {Awaited<ReturnType<typeof serve>>} */
let bare;
const saved = join(OUT, 'page');

before(async () => {
  mkdirSync(saved, { recursive: true });
  [browser, server, bare] = await Promise.all([launch(), serve({ port: 0 }), serve({ port: 0, isolated: false })]);
});

after(async () => {
  await Promise.all([browser?.close(), server?.close(), bare?.close()]);
});

/**
 * @param {string} url @param {(page: Page) => Promise<void>} body
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
const onPage = (url, body, options) => onDemoPage(browser, url, body, options);

/** @param {Page} page @param {string} state @param {number} [timeout] */
async function untilRun(page, state, timeout = 30_000) {
  await page.waitForFunction((s) => document.documentElement.dataset.run === s, state, { timeout }).catch(async (e) => {
    throw new Error(`the run did not come to "${state}": ${await page.textContent('#status')} | ${
      await page.textContent('#output')}`, { cause: e });
  });
}

/**
 * What the viewer knows and what its canvas shows: lanes, events, and how many of the lanes' pixels are coloured.
 * @param {Page} page
 */
function look(page) {
  return page.evaluate(() => {
    const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
    const canvas = viewer.shadowRoot.querySelector('canvas.lanes');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) {
      const spread = Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]);
      if (spread > 40) coloured++;
      sum = (Math.imul(sum, 31) + data[i] + (data[i + 1] << 8) + (data[i + 2] << 16)) | 0;
    }
    return {
      coloured, sum, pixels: data.length / 4, events: viewer.info?.events ?? 0, state: viewer.info?.state ?? 'empty',
      lanes: viewer.info?.lanes.map((/** @type {{name: string}} */ l) => l.name) ?? [],
    };
  });
}

/** Until the viewer has read all of the trace: a program's end is known before that. @param {Page} page */
function untilRead(page) {
  return page.waitForFunction(() =>
    /** @type {any} */ (document.querySelector('goroscope-viewer')).info?.state === 'done');
}

/** Until there is more to see than lines and words. @param {Page} page */
async function untilColoured(page) {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    const { coloured, pixels } = await look(page);
    if (coloured > pixels / 200) return;
    assert.ok(Date.now() < end, `${coloured} of ${pixels} pixels`);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

/** @param {Page} page @param {string} part */
const status = (page, part) => page.textContent(`#status [data-part="${part}"]`).then((text) => text ?? '');

/** @param {Page} page @param {string} name @returns {Promise<string>} path of the saved trace */
async function saveTrace(page, name) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  const path = join(saved, name);
  await download.saveAs(path);
  return path;
}

/**
 * Drops a file on the timeline, so many times at once.
 * @param {Page} page @param {string} name @param {Buffer} bytes @param {number} [times]
 */
function drop(page, name, bytes, times = 1) {
  return page.evaluate(({ name, base64, times }) => {
    const data = new DataTransfer();
    for (let i = 0; i < times; i++)
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    const target = /** @type {Element} */ (document.querySelector('goroscope-viewer'));
    for (const type of ['dragenter', 'dragover', 'drop']) {
      target.dispatchEvent(new DragEvent(type,
        { dataTransfer: data, bubbles: true, composed: true, cancelable: true }));
    }
  }, { name, base64: bytes.toString('base64'), times });
}

test('the first visit explains itself and Run runs', async () => {
  await onPage(server.url, async (page) => {
    assert.match(await page.textContent('.lead') ?? '', /Goroutines written in C, running in this page\. Press Run/);
    assert.equal(await page.locator('#cards button').count(), 9);
    assert.ok(await page.isDisabled('#stop') && await page.isDisabled('#save'));
    assert.equal(await page.isVisible('#isolation'), false);
    await page.click('#run');
    await untilRun(page, 'done');
    assert.equal(await page.isVisible('#hero'), false);
    assert.equal(await status(page, 'state'), 'Word count ended with exit code 0');
    assert.match(await page.textContent('#output') ?? '', /the/);
  });
});

test('a demo is drawn while it runs: lanes, pixels, picture, status', async () => {
  await onPage(`${server.url}?demo=mandelbrot&procs=2`, async (page) => {
    await page.click('#run');
    await untilRun(page, 'running');
    await page.waitForFunction(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).info?.lanes.length === 2);
    /** @type {Awaited<ReturnType<typeof look>>[]} */
    const looks = [];
    const picture = new Set();
    while (await page.evaluate(() => document.documentElement.dataset.run) === 'running') {
      looks.push(await look(page));
      picture.add(await page.evaluate(() => {
        const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('canvas'));
        const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        let sum = 0;
        for (let i = 0; i < data.length; i += 16) sum = (Math.imul(sum, 31) + data[i]) | 0;
        return sum;
      }));
      if (looks.length === 1) assert.match(await status(page, 'state'), /^Running Mandelbrot set$/);
      await page.waitForTimeout(60);
    }
    const live = looks.filter((l) => l.state === 'live');
    assert.ok(live.length >= 3, `only ${live.length} looks while it was live`);
    assert.deepEqual(live[0].lanes, ['P 0', 'P 1']);
    assert.ok(new Set(live.map((l) => l.sum)).size >= 3, 'the pixels of the lanes did not change while it ran');
    assert.ok(live[live.length - 1].coloured > live[0].pixels / 100, 'hardly a pixel of the lanes is coloured');
    assert.ok(picture.size >= 3, 'the picture did not change while it was drawn');
    await untilRun(page, 'done');
    assert.equal(await status(page, 'state'), 'Mandelbrot set ended with exit code 0');
    assert.match(await status(page, 'events'), /^[\d\u202f]+ events, [\d\u202f]+ per second on average$/);
    assert.equal(await status(page, 'lost'), 'none dropped');
    assert.equal(await status(page, 'mode'), 'threads, 2 Ps');
    assert.match(await status(page, 'reason'), /\w+ \w+/);
  });
});

test('the saved trace is a Go trace, and dropped back it is drawn again', async () => {
  let bytes = Buffer.alloc(0);
  await onPage(`${server.url}?demo=wordcount&procs=2`, async (page) => {
    await page.click('#run');
    await untilRun(page, 'done');
    await untilRead(page);
    const events = (await look(page)).events;
    const path = await saveTrace(page, 'wordcount.trace');
    bytes = readFileSync(path);
    assert.match(bytes.toString('latin1', 0, 16), /^go 1\.2\d trace\0\0\0$/);
    assert.equal(await judge(path), null);
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.run === 'idle');
    await drop(page, 'again.trace', bytes);
    await untilRead(page);
    await page.waitForFunction(() => {
      const { timeline } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      const tiles = timeline.session?.source.tiles;
      return tiles?.lanes.some((/** @type {any} */ l) => l.n > 0) && !timeline.view.glide && !timeline.frames.handle;
    });
    const again = await look(page);
    assert.deepEqual(again.lanes, ['P 0', 'P 1']);
    assert.equal(again.events, events);
    assert.ok(again.coloured > again.pixels / 100, 'hardly a pixel of the lanes is coloured');
    assert.equal(await status(page, 'state'), 'Trace again.trace');
  });
});

test('every demo (or every second), run in both modes (by turns, or all), leaves a trace that Go accepts', async () => {
  const short = {
    wordcount: 'input.txt 2', mandelbrot: '160 120 300', sieve: '100', pipeline: '2000', philosophers: '5 1',
    coroutines: '4 1000 200', syscalls: '5 300', fetch: '2', garbage: '60',
  };
  for (const [i, [demo, args]] of Object.entries(short).filter((_, i) => ALL || i % 2 === 0).entries()) {
    for (const mode of LONG ? ['threads', 'sim'] : [i % 2 ? 'sim' : 'threads']) {
      await onPage(`${server.url}?demo=${demo}&mode=${mode}&procs=4&args=${
        encodeURIComponent(args)}&run=1`, async (page) => {
        await untilRun(page, 'done');
        assert.match(await status(page, 'state'), / ended with exit code 0$/);
        await untilRead(page);
        assert.equal(await status(page, 'lost'), 'none dropped');
        assert.equal((await look(page)).lanes.length, 4);
        assert.equal(await judge(await saveTrace(page, `${demo}-${mode}.trace`)), null);
      });
    }
  }
});

test("a trace opened by the viewer's own button ends the run and is what the page shows", async () => {
  await onPage(`${server.url}?demo=philosophers`, async (page) => {
    await page.click('#run');
    await untilRun(page, 'running');
    await page.waitForFunction(() => /** @type {any} */ (document.querySelector('goroscope-viewer')).info?.events > 0);
    await page.locator('goroscope-viewer input[type=file]').setInputFiles(join(saved, 'wordcount.trace'));
    await page.locator('#status [data-part="state"]', { hasText: 'Trace wordcount.trace' }).waitFor();
    await untilRun(page, 'done');
    // What is printed last shows with the next frame.
    await page.locator('#output', {
      hasText: /Dining philosophers was stopped: the trace in wordcount\.trace is shown in its place\./,
    }).waitFor();
    await page.click('#run');
    await untilRun(page, 'running');
    assert.equal(await status(page, 'state'), 'Running Dining philosophers');
    const beside = await page.textContent('#watch');
    await page.selectOption('#demo', 'sieve');
    assert.equal(await page.textContent('#watch'), `${beside} (Run starts Prime sieve, which is chosen now.)`);
    await page.click('#tab-source');
    await page.waitForFunction(() => /philosoph/.test(document.getElementById('source')?.textContent ?? ''));
    await page.click('#run');
    await page.waitForFunction(() => /sieve/i.test(document.getElementById('source')?.textContent ?? ''));
    assert.equal(/Run starts/.test(await page.textContent('#watch') ?? ''), false);
  });
});

test('an address that names no demo says which there are, and starts none', async () => {
  await onPage(`${server.url}?demo=seive&run=1`, async (page) => {
    const sentence = await page.locator('#missing').innerText();
    assert.match(sentence, /^There is no demo “seive”, so none was started: there are .*\bsieve\b/);
    assert.ok(await page.isVisible('#cards'));
    assert.equal(await page.evaluate(() => document.documentElement.dataset.run), 'idle');
  });
});

test('while a recorded trace is shown, nothing of a demo is', async () => {
  const demos = JSON.parse(readFileSync(new URL('../../shell/demos/demos.json', import.meta.url), 'utf8'));
  await onPage(`${server.url}?demo=wordcount&args=input.txt+1`, async (page) => {
    const beside = async () => ({
      watch: await page.textContent('#watch'), input: await page.isVisible('#input'),
      picture: await page.isVisible('#picture'), output: await page.textContent('#output'),
      source: await page.textContent('#source-lines'), edit: await page.isVisible('#edit'),
      goroutines: await page.locator('#goroutines-list li').count(),
    });
    const nothing = {
      watch: 'The recorded trace own.trace.', input: false, picture: false, output: '', edit: false, goroutines: 0,
      source: 'This trace was recorded before; the source of its program is not here.',
    };
    assert.ok(await page.isVisible('#input'));
    await page.click('#run');
    await untilRun(page, 'done');
    await page.click('#tab-source');
    await page.waitForFunction(() => document.querySelectorAll('#source-lines > div').length > 20);
    await drop(page, 'own.trace', readFileSync(join(saved, 'wordcount.trace')));
    await page.waitForFunction(() =>
      /** @type {any} */ (document.querySelector('goroscope-viewer')).info?.name === 'own.trace');
    assert.deepEqual(await beside(), nothing);
    await page.selectOption('#demo', 'mandelbrot'); // chosen, but not yet what is shown
    await page.click('#tab-output');
    await page.click('#tab-source');
    assert.deepEqual(await beside(), nothing);
    await drop(page, 'broken.trace', Buffer.from('go 1.25 trace\0\0\0nothing that could be read'));
    await page.waitForFunction(() =>
      document.querySelector('goroscope-viewer')?.shadowRoot?.textContent?.includes('broken.trace:'));
    assert.deepEqual(await beside(), nothing);
    assert.equal(await status(page, 'state'), 'Trace own.trace');
    await page.fill('#args', '64 48 50');
    await page.click('#run');
    await untilRun(page, 'done');
    assert.equal(await page.textContent('#watch'),
      demos.find((/** @type {{name: string}} */ d) => d.name === 'mandelbrot').what);
    await page.waitForFunction(() => document.querySelector('#source')?.textContent?.includes('gr_framebuffer'));
    await page.selectOption('#demo', 'wordcount');
    assert.ok(await page.isVisible('#input'));
  });
});

test('what a program prints is shown as it wrote it: marks, NULs and halves of characters', async () => {
  await build('tests/host/bytes.c', 'emscripten');
  for (const [url, mode] of [[server.url, 'threads'], [server.url, 'sim'], [bare.url, 'sim']]) {
    await onPage(`${url}?program=/build/tests/host/bytes.wasm&mode=${mode}&args=text&run=1`, async (page) => {
      await untilRun(page, 'done');
      const lines = await page.evaluate(() => ['div:not(.err)', 'div.err'].map((which) =>
        [...document.querySelectorAll(`#output > ${which}`)].map((line) => line.textContent)));
      const written = ['\ufeffa;b\0c', 'ä € 🐹', '\ufffd \ufffd', '\ufeffend\ufffd'];
      assert.deepEqual(lines, [written, written]);
    });
  }
});

for (const mode of ['threads', 'sim']) {
  test(`Stop ends a program that never yields at once, and it can be run again, ${mode}`, async () => {
    await build('tests/programs/spin.c', 'emscripten');
    await onPage(`${server.url}?program=/build/tests/programs/spin.wasm&procs=2&mode=${mode}`, async (page) => {
      for (let round = 0; round < 2; round++) {
        await page.click('#run');
        await page.waitForFunction(() => document.getElementById('output')?.textContent?.includes('spinning'));
        await page.waitForTimeout(300);
        assert.equal(await status(page, 'state'), 'Running spin.wasm');
        await page.click('#stop');
        await untilRun(page, 'done', STOP_MS);
        assert.equal(await status(page, 'state'), 'Stopped spin.wasm');
        assert.ok(await page.isDisabled('#stop'));
        await untilRead(page);
      }
    });
  });
}

test("one's own text is counted: dropped, it chooses the word count and runs it", async () => {
  await onPage(`${server.url}?demo=sieve`, async (page) => {
    await drop(page, 'own.txt', Buffer.from('zebra apple zebra\n'.repeat(2000)));
    await untilRun(page, 'done');
    assert.equal(await status(page, 'state'), 'Word count ended with exit code 0');
    assert.match(await page.textContent('#output') ?? '', /zebra/);
    assert.equal(await page.textContent('#input-name'), 'own.txt, 36.0 kB');
    await page.click('#input-reset');
    assert.equal(await page.textContent('#input-name'), 'devils dictionary');
  });
});

test('what is dropped and cannot be used is refused in a sentence that is seen, and ends nothing', async () => {
  await onPage(server.url, async (page) => {
    const trace = readFileSync(join(saved, 'wordcount.trace'));
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]);
    const seen = (/** @type {RegExp} */ sentence) => page.getByText(sentence).first().waitFor();
    await drop(page, 'picture.png', png);
    await seen(/^picture\.png is neither a Go trace, nor a wasm program, nor a text/);
    await drop(page, 'packed.trace.gz', gzipSync(trace));
    await page.waitForFunction(() => document.getElementById('watch')?.textContent?.includes('packed.trace.gz'));
    await page.click('#tab-goroutines');
    for (const [name, bytes, times, sentence] of /** @type {Array<[string, Buffer, number, RegExp]>} */ ([
      ['image.png', png, 1, /image\.png is neither a Go trace, nor a wasm program, nor a text/],
      ['empty.trace', Buffer.alloc(0), 1, /empty\.trace: .*empty/],
      ['chrome.json', Buffer.from('{"traceEvents":[]}'), 1, /chrome\.json: .*Chrome's JSON format/],
      ['two.trace', trace, 2, /Drop one file at a time: of these 2 none was opened/],
    ])) {
      await drop(page, name, bytes, times);
      await seen(sentence);
      assert.equal(await page.textContent('#watch'), 'The recorded trace packed.trace.gz.');
    }
    await page.selectOption('#demo', 'mandelbrot');
    await page.selectOption('#mode', 'sim');
    await page.fill('#args', '1920 1080 10000');
    await page.click('#run');
    await untilRun(page, 'running');
    await drop(page, 'own.txt', Buffer.from('zebra'));
    await seen(/own\.txt is a text, for the word count: stop the program that runs, then take it again/);
    assert.equal(await status(page, 'state'), 'Running Mandelbrot set');
    await page.click('#stop');
    await untilRun(page, 'done');
  });
});

test('what a program prints goes to the page as text, stderr told apart, a failure in the status', async () => {
  await build('tests/programs/deadlock.c', 'emscripten');
  await onPage(`${server.url}?program=/build/tests/programs/deadlock.wasm&run=1`, async (page) => {
    await untilRun(page, 'done');
    assert.equal(await status(page, 'state'), 'deadlock.wasm ended with exit code 2');
    assert.match(await page.textContent('#output .err') ?? '', /^fatal error: all goroutines are asleep - deadlock!$/);
  });
});

test('a program that prints without end: the newest lines are kept, as text, ' +
  'and the page says how many are gone', async () => {
  await build('tests/page/flood.c', 'emscripten');
  await onPage(`${server.url}?program=/build/tests/page/flood.wasm&run=1`, async (page) => {
    await untilRun(page, 'done');
    assert.equal(await page.locator('#output > div').count(), 500);
    assert.equal(await page.locator('#output > div').last().textContent(),
      'line 200000 <b>bold</b> & <script>alert(1)</script>');
    assert.equal(await page.locator('#output > div').first().textContent(),
      'line 199501 <b>bold</b> & <script>alert(1)</script>');
    assert.equal(await page.textContent('#output-note'), '199\u202f500 earlier lines are not shown any more');
    const atEnd = await page.evaluate(() => {
      const box = /** @type {HTMLElement} */ (document.getElementById('output'));
      return box.scrollHeight - box.scrollTop - box.clientHeight;
    });
    assert.ok(atEnd < 5, `the output is ${atEnd} pixels away from its end`);
  });
});

test('the source is there on a click, and a selected span marks its line', async () => {
  await onPage(`${server.url}?demo=sieve&args=50&run=1`, async (page) => {
    await untilRun(page, 'done');
    await page.click('#tab-source');
    await page.waitForFunction(() => document.querySelectorAll('#source-lines > div').length > 20);
    const source = readFileSync(new URL('../../shell/demos/sieve.c', import.meta.url), 'utf8').split('\n');
    assert.equal(await page.locator('#source-lines > div').nth(4).textContent(), source[4] || ' ');
    await page.evaluate(() => {
      const detail = { site: { func: 'filter', file: 'shell/demos/sieve.c', line: 12 } };
      document.querySelector('goroscope-viewer')?.dispatchEvent(new CustomEvent('select', { detail }));
    });
    assert.equal(await page.locator('#source .marked').textContent(), source[11] || ' ');
    await page.getByRole('button', { name: 'Edit and run it' }).click();
    await page.waitForURL(/\/shell\/playground\/#goroscope=1\./);
    await page.waitForFunction((text) =>
      /** @type {any} */ (document.querySelector('goroscope-playground'))?.source === text, source.join('\n'));
    assert.deepEqual(await page.evaluate(() => {
      const { args, procs, mode } = /** @type {any} */ (document.querySelector('goroscope-playground'));
      return [args, procs === null, mode];
    }), ['50', false, 'auto']);
  });
});

test('a program that a playground could not run as it runs here is not offered for editing', async () => {
  await onPage(`${server.url}?demo=fetch`, async (page) => {
    await page.click('#tab-source');
    await page.waitForFunction(() => document.querySelectorAll('#source-lines > div').length > 20);
    assert.equal(await page.getByRole('button', { name: 'Edit and run it' }).isVisible(), false);
  });
});

test('a program that is not there is said in one sentence', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${server.url}?program=/build/tests/nothing.wasm&run=1`);
  await untilRun(page, 'failed');
  assert.equal(await status(page, 'state'),
    'Not started: nothing.wasm is not on the server.');
  await context.close();
});

test('the address carries the settings both ways', async () => {
  await onPage(`${server.url}?demo=philosophers&procs=4&mode=sim&seed=9&clock=virtual`, async (page) => {
    assert.deepEqual(await page.evaluate(() => ['demo', 'procs', 'mode', 'seed', 'clock']
      .map((id) => /** @type {HTMLInputElement} */ (document.getElementById(id)).value)),
    ['philosophers', '4', 'sim', '9', 'virtual']);
    await page.fill('#seed', '11');
    await page.selectOption('#demo', 'sieve');
    assert.match(page.url(), /\/shell\/\?demo=sieve&procs=4&mode=sim&seed=11&clock=virtual$/);
    await page.fill('#args', '100');
    await page.click('#run');
    await untilRun(page, 'done');
    assert.equal(await status(page, 'mode'), 'sim, 4 Ps');
    await untilRead(page);
    assert.deepEqual((await look(page)).lanes, ['P 0', 'P 1', 'P 2', 'P 3']);
  });
});

test('after a reload it is said what the address shows a part of; run again, that part shows', async () => {
  await onPage(`${server.url}?demo=sieve&procs=2&mode=sim&clock=virtual&args=100`, async (page) => {
    await page.click('#run');
    await untilRun(page, 'done');
    await untilRead(page);
    await page.evaluate(() => {
      const viewer = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      viewer.state = { ...viewer.state, mode: 'free', t0: 1000, t1: 3000 };
    });
    await viewInAddress(page, '"t1":3000');
    await page.reload();
    await page.locator('#missing').waitFor();
    assert.equal(await page.textContent('#missing'),
      'This address is a view of a run of Prime sieve, which is not here: run it again.');
    await page.click('#run');
    await untilRun(page, 'done');
    await page.waitForFunction(() => {
      const { t0, t1 } = /** @type {any} */ (document.querySelector('goroscope-viewer')).timeline.view;
      return t0 === 1000 && t1 === 3000;
    });
    // Files of it are named after the program.
    await page.locator('#viewer').getByRole('button', { name: 'Save', exact: true }).click();
    const [download] = await Promise.all([page.waitForEvent('download'),
      page.locator('#viewer').getByRole('menuitem', { name: /^Trace file/ }).click()]);
    assert.equal(download.suggestedFilename(), 'sieve.trace');
  });
});

test('a recorded trace that was opened is there again after a reload', async () => {
  await onPage(server.url, async (page) => {
    const { bytes } = syntheticTrace({ procs: 2, slices: 20, busyNs: 60_000, idleNs: 40_000 });
    await page.setInputFiles('#input-file', { name: 'mine.trace', mimeType: '', buffer: Buffer.from(bytes) });
    await page.locator('#status [data-part="state"]', { hasText: 'Trace mine.trace' }).waitFor();
    await viewInAddress(page, '"trace":"mine.trace"');
    await lastFileKept(page, 'mine.trace');
    await page.reload();
    await page.locator('#status [data-part="state"]', { hasText: 'Trace mine.trace' }).waitFor();
    assert.equal(await page.locator('#hero').isVisible(), false);
  });
});

test('without SharedArrayBuffer the page says so in plain words and runs in sim', async () => {
  await onPage(`${bare.url}?demo=pipeline&procs=2&mode=threads&args=2000`, async (page) => {
    assert.match(await page.textContent('#isolation') ?? '',
      /No SharedArrayBuffer here, so programs run in sim mode\./);
    await page.click('#isolation summary');
    assert.ok(await page.isVisible('text=Cross-Origin-Opener-Policy: same-origin'));
    await page.click('#run');
    await untilRun(page, 'done');
    assert.equal(await status(page, 'mode'), 'sim, 2 Ps');
    assert.equal(await status(page, 'state'), 'Log pipeline ended with exit code 0');
    await untilColoured(page);
    assert.deepEqual((await look(page)).lanes, ['P 0', 'P 1']);
    const path = await saveTrace(page, 'bare.trace');
    assert.equal(await judge(path), null);
  });
});

test('light and dark: the system decides, the button overrules, the page remembers', async () => {
  await onPage(server.url, async (page) => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await theme(), 'dark');
    await page.click('#theme');
    assert.equal(await theme(), 'light');
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.run === 'idle');
    assert.equal(await theme(), 'light');
    assert.equal(await page.getAttribute('goroscope-viewer', 'theme'), 'light');
  }, { colorScheme: 'dark' });
});

test('a small window stacks the panes, and nothing sticks out', async () => {
  await onPage(`${server.url}?demo=sieve&args=50`, async (page) => {
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(await wide(), 0);
    await page.click('#run');
    await untilRun(page, 'done');
    assert.equal(await wide(), 0);
    const boxes = await Promise.all(['goroscope-viewer', '#output'].map((s) => page.locator(s).boundingBox()));
    assert.ok(boxes[0] && boxes[1] && boxes[1].y >= boxes[0].y + boxes[0].height,
      'the output is not below the timeline');
    await page.click('#more');
    assert.ok(await page.isVisible('#seed'));
    assert.equal(await wide(), 0);
  }, { viewport: { width: 420, height: 800 } });
});

test('a file that is no trace leaves the program and its timeline alone; tables wait for first events', async () => {
  await onPage(`${server.url}?demo=mandelbrot&mode=sim&args=1920+1080+10000`, async (page) => {
    await page.click('#run');
    await page.locator('#viewer').getByRole('button', { name: 'Tables', exact: true }).click();
    await page.locator('#viewer .drawer [role="row"]').first().waitFor();
    await page.setInputFiles('#input-file', { name: 'cut.trace', mimeType: 'application/octet-stream',
      buffer: Buffer.from('go 1.25 trace\0\0\0') });
    await page.locator('#viewer').getByText(/cut\.trace/).first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.run), 'running');
    await page.click('#stop');
    await untilRun(page, 'done');
  });
});
