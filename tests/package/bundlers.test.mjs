/**
 * Each bundler with its example of shell/examples and the package installed: the page that comes out runs a program on
 * threads and shows its lanes. And the oldest TypeScript. All of it is installed by `npm run test:package`.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../lib/run.mjs';
import { launch } from '../page/chromium.mjs';
import { Projects, opened, openedAt } from './project.mjs';
import { typesHold } from './types.mjs';

const skip = process.env.TESTS === 'package' ? false : 'npm run test:package installs what it takes';
const OUTPUT = '1\n4\n9\n16\n25\nexit code 0, threads\n';

/** @type {[name: string, packages: string[], made: string][]} */
const BUNDLERS = [
  ['vite', ['vite'], 'dist'],
  ['webpack', ['webpack', 'webpack-cli'], 'public'],
  ['rspack', ['@rspack/core', '@rspack/cli'], 'public'],
  ['rollup', ['rollup', '@rollup/plugin-node-resolve'], 'public'],
];

/** @type {Projects} */ let projects;
/** @type {import('playwright-core').Browser} */ let browser;
before(async () => {
  if (skip) return;
  projects = new Projects();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  projects?.close();
});

for (const [name, packages, made] of BUNDLERS) {
  test(name, { skip }, async (t) => {
    const folder = projects.example(name), begun = performance.now();
    projects.build(folder, packages);
    t.diagnostic(`built in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    const { output, requests } = await opened(browser, join(folder, made));
    assert.equal(output, OUTPUT);
    t.diagnostic(`${requests.length} requests`);
    if (name === 'vite') await onDevServer(folder);
  });
}

/** Vite's other half, which bundles nothing but packages. @param {string} folder */
async function onDevServer(folder) {
  const vite = spawn(process.execPath, ['node_modules/vite/bin/vite.js', '--port', '0', '--host', '127.0.0.1'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let said = '';
    for await (const piece of vite.stdout.setEncoding('utf8')) {
      said += piece.replace(/\x1b\[[\d;]*m/g, '');
      const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? [];
      if (!url) continue;
      assert.equal((await openedAt(browser, url)).output, OUTPUT);
      return;
    }
    assert.fail(said);
  } finally {
    vite.kill();
    if (vite.exitCode === null && vite.signalCode === null) await once(vite, 'exit');
  }
}

test('TypeScript 5.0, strict, bundler and node16, libraries checked too', { skip }, () =>
  typesHold(projects.empty('typed'), join(ROOT, 'tests/package/node_modules/typescript/bin/tsc')));
