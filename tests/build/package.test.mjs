// The package as npm packs it, in a project of its own, with Node alone: what package.json lists is all that building
// and running take, and nothing is written beside it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { COMPILER } from '../../shell/cli/compiler.mjs';
import { ROOT } from '../lib/run.mjs';

const project = mkdtempSync(join(tmpdir(), 'goroscope-package-'));
after(() => rmSync(project, { recursive: true }));
const modules = join(project, 'node_modules');

const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' });
/** @type {{ path: string }[]} */
const files = JSON.parse(packed.stdout)[0].files;
for (const { path } of files) cpSync(join(ROOT, path), join(modules, 'goroscope', path));
const link = (/** @type {string} */ name) => {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
};
link('binaryen');

/** @param {string[]} args of node @param {NodeJS.ProcessEnv} [more] */
function node(args, more = {}) {
  const env = { PATH: '/nowhere', XDG_CACHE_HOME: join(project, 'cache'), ...more };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}
const goroscope = (/** @type {string[]} */ ...args) => node(['node_modules/goroscope/shell/cli.mjs', ...args]);

writeFileSync(join(project, 'sums.c'), '#include <goroscope.h>\n#include <stdio.h>\n'
  + 'static void send(void *c) { for (int i = 1; i <= 4; i++) gr_chan_send(c, &i); gr_chan_close(c); }\n'
  + 'int gr_main(int argc, char **argv) {\n  (void)argv;\n  gr_chan *c = gr_chan_make(sizeof(int), 0);\n'
  + '  gr_go(send, c);\n  int sum = argc > 1 ? 2147483647 : 0;\n  for (int n; gr_chan_recv(c, &n);) {\n'
  + '    sum += n;\n  }\n  printf("%d\\n", sum);\n  return 0;\n}\n');

test('without the compiler and a network one sentence says what to install', () => {
  const args = ['node_modules/goroscope/shell/cli.mjs', 'build', 'sums.c'];
  const { status, stderr } = node(args, { npm_config_registry: 'http://127.0.0.1:1' });
  assert.equal(status, 1);
  assert.match(stderr, /^goroscope: the compiler is not on .* npm install @yowasp\/clang@\S+ installs it, .*\n$/);
});

test('a damaged compiler in the cache is named', () => {
  const folder = join(project, 'damaged/goroscope', `clang-${COMPILER.version}`);
  mkdirSync(join(folder, 'gen'), { recursive: true });
  writeFileSync(join(folder, 'gen/bundle.js'), 'export const run');
  const { status, stderr } = node(['node_modules/goroscope/shell/cli.mjs', 'build', 'sums.c'],
    { XDG_CACHE_HOME: join(project, 'damaged') });
  assert.equal(status, 1);
  assert.match(stderr, /^goroscope: the compiler in .*damaged.goroscope.clang-\S+ is damaged \(.*\): delete that /);
});

test('build, run, --check, traces, and load() in a script', () => {
  link('@yowasp/clang');
  const before = readdirSync(modules, { recursive: true });
  assert.deepEqual(goroscope('build', 'sums.c'), { status: 0, stdout: '', stderr: '' });
  assert.deepEqual(goroscope('run', 'sums.wasm', '--trace', 'sums.trace'), { status: 0, stdout: '10\n', stderr: '' });
  assert.deepEqual(goroscope('run', 'sums.c'), { status: 0, stdout: '10\n', stderr: '' });
  const checked = goroscope('run', 'sums.c', '--check', '--', 'overflow');
  assert.equal(checked.status, 2);
  assert.match(checked.stderr, /^panic: runtime error: integer overflow: 2147483647 \+ 1 .*\n\n.*\n\tsums\.c:10\n/);
  assert.match(goroscope('validate', 'sums.trace').stdout, /^sums\.trace: valid, \d+ events/);
  assert.match(goroscope('stat', 'sums.trace').stdout, /\nchan send +/);
  writeFileSync(join(project, 'own.mjs'), `
    import { load } from 'goroscope';
    import { readTrace } from 'goroscope/trace';
    const rt = await load('sums.wasm', { mode: 'sim', procs: 2, stdout: (text) => process.stdout.write(text),
      trace: { mode: 'stream' } });
    const blocked = (async () => {
      let n = 0;
      for await (const { event } of readTrace(rt.trace.readable)) n += event === 'GoBlock';
      return n > 0;
    })();
    console.log(await rt.run(), await blocked);
  `);
  assert.deepEqual(node(['own.mjs']), { status: 0, stdout: '10\n{ exitCode: 0 } true\n', stderr: '' });
  assert.deepEqual(readdirSync(modules, { recursive: true }), before);
});
