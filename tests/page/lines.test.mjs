// A program that dies in a page shows its functions with file and line: the stack is Chromium's there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../lib/run.mjs';
import { buildMerged } from '../passes/merged.mjs';
import { chromiumPath, launch, serve } from './chromium.mjs';

const SOURCE = 'tests/passes/programs/dying.c';
const skip = !chromiumPath() && 'no Chromium';
/** @type {import('playwright-core').Browser} */ let browser;
/** @type {string} */ let program;
before(async () => {
  if (skip) return;
  ({ path: program } = await buildMerged([SOURCE], { flags: ['-O2'], name: 'dying-page' }));
  browser = await launch();
});
after(() => browser?.close());

/** @param {string} label */
const lineOf = (label) =>
  readFileSync(join(ROOT, SOURCE), 'utf8').split('\n').findIndex((l) => l.includes(`/* ${label} */`)) + 1;

for (const [isolated, mode] of /** @type {const} */ ([[true, 'threads'], [true, 'sim'], [false, 'sim']])) {
  test(`${mode}${isolated ? '' : ', memory is not shared'}`, { skip }, async () => {
    const { url, close } = await serve(ROOT, { isolated });
    try {
      const page = await browser.newPage();
      await page.goto(`${url}/package.json`);
      for (const [kind, functions] of /** @type {[string, string[]][]} */ ([
        ['division', ['ratio', 'half_ratio', 'divides', 'division']],
        ['panic', ['complains', 'calls_it', 'in_goroutine']]])) {
        const text = await page.evaluate(async ([address, kind, mode]) => {
          const loader = '/wasm/host/loader.mjs', { load } = await import(loader);
          let stderr = '';
          const rt = await load(address, { args: [kind], mode, procs: 2, stdout: () => {},
            stderr: (/** @type {string} */ s) => { stderr += s; } });
          const { exitCode } = await rt.run();
          return `${exitCode}\n${stderr}`;
        }, [`/${relative(ROOT, program)}`, kind, mode]);
        const frames = functions.map((f) => `${f}(...)\n\t${SOURCE}:${lineOf(`${kind}: ${f}`)}\n`).join('');
        assert.ok(text.startsWith('2\n') && text.includes(` [running]:\n${frames}`), text);
      }
      await page.close();
    } finally {
      await close();
    }
  });
}
