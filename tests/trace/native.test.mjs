// Goal: the reader, compiled for this machine with the address and undefined-behaviour sanitizers,
// survives spoiled traces.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ALL, LONG } from '../lib/run.mjs';
import { assemble } from './assemble.mjs';
import { busy, go126, oneM, twoGenerations } from './samples.mjs';
import { readerIncludes, readerSources } from './sources.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-native-'));
after(() => rmSync(scratch, { recursive: true }));

const seed = process.env.SEED ?? '1';
const rounds = process.env.ROUNDS ?? (LONG ? '400' : ALL ? '150' : '60');
const cc = ['clang', 'gcc', 'cc'].find((c) => spawnSync(c, ['--version']).status === 0);

test('spoiled, cut and repeated bytes, in any chunks, with little memory', {
  skip: cc ? false : 'no C compiler here',
}, () => {
  const program = join(scratch, 'hostile');
  execFileSync(/** @type {string} */ (cc), ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror',
    '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', ...readerIncludes,
    join(root, 'tests/trace/hostile.c'), ...readerSources, '-lm', '-o', program]);
  const files = Object.entries({ busy, twoGenerations, go126, one: oneM('') }).map(([name, text]) => {
    const path = join(scratch, `${name}.trace`);
    writeFileSync(path, assemble(text));
    return path;
  });
  const run = spawnSync(program, [seed, rounds, ...files], { encoding: 'utf8', timeout: 300_000 });
  assert.equal(run.status, 0, `seed ${seed}: ${run.stderr.slice(0, 4000)}`);
  console.log(`seed ${seed}: ${run.stdout.trim()}`);
});
