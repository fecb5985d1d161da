// The pacer alone, on heaps that are only numbers: Go's own scenarios and bounds.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { OUT, ROOT } from '../lib/run.mjs';

const cc = ['clang', 'gcc', 'cc'].find((name) => spawnSync(name, ['--version']).status === 0);

test('the pacer keeps what Go asks of its own', { skip: cc ? false : 'no C compiler here' }, (t) => {
  const dir = join(OUT, 'heap');
  mkdirSync(dir, { recursive: true });
  const program = join(dir, 'pacer');
  const made = spawnSync(cc ?? '', ['-O1', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-iquote', 'runtime',
    'tests/heap/pacer.c', 'runtime/heap/pacer.c', '-lm', '-o', program], { cwd: ROOT, encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  const { status, stdout } = spawnSync(program, { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  t.diagnostic(stdout);
});
