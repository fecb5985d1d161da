/**
 * Engines besides the node that runs the tests: Deno, with the right to read and no other, and Bun run a program on
 * threads and simulated, and read its trace. `npm run test:package` installs both; other versions of node are those of
 * whoever runs the tests.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../lib/run.mjs';
import { Projects, run } from './project.mjs';

const skip = process.env.TESTS === 'package' ? false : 'npm run test:package installs them';
const BIN = join(ROOT, 'tests/package/node_modules/.bin');

/** @type {[name: string, command: string[]][]} */
const ENGINES = [['deno', ['run', '--allow-read', '--no-prompt']], ['bun', ['run']]];

const SCRIPT = `
import { load } from 'goroscope';
import { load as loadAlone } from 'goroscope/standalone';
import { readTrace } from 'goroscope/trace';
for (const [load_, options] of [[load, { mode: 'threads' }], [load, { mode: 'sim', clock: 'virtual', seed: 3 }],
  [loadAlone, {}]]) {
  let text = '', events = 0;
  const rt = await load_('squares.wasm', { procs: 2, ...options, stdout: (piece) => { text += piece; } });
  const reading = (async () => { for await (const _ of readTrace(rt.trace.readable)) events++; })();
  const { exitCode } = await rt.run();
  await reading;
  console.log(JSON.stringify([rt.mode, exitCode, text, events > 20]));
}
`;

/** @type {Projects} */ let projects;
/** @type {string} */ let project;
before(() => {
  if (skip) return;
  projects = new Projects();
  project = projects.empty('engines');
  copyFileSync(projects.program, join(project, 'squares.wasm'));
  writeFileSync(join(project, 'run.mjs'), SCRIPT);
});
after(() => projects?.close());

for (const [name, args] of ENGINES) {
  test(name, { skip: skip || (existsSync(join(BIN, name)) ? false : `${name} has no build for this machine`) }, () => {
    const said = (/** @type {string} */ mode) => JSON.stringify([mode, 0, '1\n4\n9\n16\n25\n', true]);
    assert.equal(run(join(BIN, name), [...args, 'run.mjs'], project),
      `${said('threads')}\n${said('sim')}\n${said('threads')}\n`);
  });
}
