// Goal: the viewer's measurements run, and nothing has become ten times as slow or large: a small trace, generous
// limits.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { goJudges } from '../lib/oracle.mjs';
import { check } from '../../viewer/trace/report.mjs';
import { longTrace } from './long-trace.mjs';
import { Measuring } from './viewer-measure.mjs';
import { viewerSize } from './viewer-size.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-viewer-'));
/** @type {Measuring} */
let measuring;
before(async () => { measuring = await Measuring.start(); });
after(async () => {
  await measuring?.close();
  rmSync(scratch, { recursive: true });
});

test('a trace repeated is one that Go accepts, as long as was asked for', async () => {
  for (const goroutines of [80, 10_000]) {
    const path = await longTrace(6e6, { goroutines, path: join(scratch, `${goroutines}.trace`) });
    assert.ok(existsSync(path));
    assert.equal(await goJudges(path), null);
    const { ok, error, generations } = await check(path);
    assert.ok(ok && generations > 1, error ?? `${generations} generations`);
  }
});

test('3 MB: opened, panned, zoomed', async () => {
  const path = await longTrace(3e6, { path: join(scratch, 'small.trace') });
  const { page, empty } = await measuring.page();
  await page.evaluate(() => {
    /** @type {any} */ const all = globalThis, { viewer } = all;
    all.axis = [];
    viewer.addEventListener('info', () => all.axis.push(viewer.timeline.view.t1));
  });
  const opened = await measuring.open(page, path, empty);
  assert.equal(opened.error, null);
  assert.ok(opened.events > 500_000);
  const axis = /** @type {number[]} */ (await page.evaluate(() => /** @type {any} */ (globalThis).axis));
  assert.ok(axis.length > 1 && axis[0] > 0.9 * /** @type {number} */ (axis.at(-1)), `the axis grew: ${axis}`);
  // Here 0.1 s, 0.3 s, 80 MB.
  assert.ok(opened.first > 0 && opened.first < 3000, `first lanes after ${opened.first} ms`);
  assert.ok(opened.indexed < 6000, `indexed after ${opened.indexed} ms`);
  assert.ok(opened.memory < 400, `${opened.memory} MB`);
  assert.ok(opened.longest < 500, `main thread blocked for ${opened.longest} ms`);
  const { p50 } = await measuring.frames(page, 60);
  assert.ok(p50 < 170, `a frame takes ${p50} ms`);
  await page.context().close();
});

test('a live stream is followed', async () => {
  const { page, empty } = await measuring.page();
  const live = await measuring.live(page, { perSecond: 500_000, seconds: 2, empty });
  assert.equal(live.error, null);
  assert.ok(live.events >= live.given, `${live.events} of ${live.given}`);
  await page.context().close();
});

test('the pages made of the viewer are under 300 kB packed; the modules as they are written under 430 kB', async () => {
  const { files, packed, page, site } = await viewerSize();
  assert.ok(files.some((f) => f.file === 'build/reader.wasm') && files.length > 20);
  assert.ok(packed < 430_000, `${packed} bytes gzipped`);
  assert.ok(page < 300_000, `${page} bytes as one page`);
  assert.ok(site > 150_000 && site < 300_000, `${site} bytes as the page that is served`);
});
