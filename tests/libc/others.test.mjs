// Goal: the C library holds while other goroutines run: files that are not closed at the end, folders read while
// files go, stdio in system calls beside others. Each was wrong once, with nothing but a second goroutine.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { OUT, ROOT, build, exec, slot, told } from '../lib/run.mjs';

const dir = join(OUT, 'others');
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

/** @type {Record<string, string>} */
const programs = {};
before(async () => {
  for (const target of /** @type {const} */ (['emscripten', 'wasi']))
    programs[target] = await build('tests/libc/others.c', target);
});

const ways = /** @type {const} */ ([
  ['threads, 3 P', 'emscripten', ['--mode', 'threads', '--procs', '3']],
  ['sim, 4 P, virtual', 'emscripten', ['--mode', 'sim', '--procs', '4', '--clock', 'virtual', '--seed', '3']],
  ['sim, 4 P', 'emscripten', ['--mode', 'sim', '--procs', '4']],
  ['wasi, 4 P', 'wasi', ['--procs', '4']],
]);
for (const [name, target, options] of ways) {
  for (const end of ['returns', 'panics']) {
    test(`${name}, ${end}`, async () => {
      const left = join(dir, `${name} ${end}.txt`);
      const args = ['shell/cli.mjs', 'run', programs[target], ...options, '--file-out', `left.txt=${left}`,
        '--', ...end === 'panics' ? ['panic'] : []];
      const r = await slot(() => exec(process.execPath, ['--no-warnings', ...args], { cwd: ROOT, timeoutMs: 60_000 }));
      assert.equal(r.exitCode, end === 'panics' ? 2 : 0, told(r).slice(-2000));
      assert.equal(readFileSync(left, 'utf8'), 'not closed, others run\n');
      assert.equal(r.stdout.split('\n').length - 1, 20 * 50 + 2 * 2000);
    });
  }
}
