// Goal: inputs that once broke the reader do so no more, a short stretch of fuzzing finds nothing new, and we judge
// mutations as Go does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LONG } from '../lib/run.mjs';
import { asked, oracle } from '../lib/verdicts.mjs';
import { OPTION, STATUS } from '../../viewer/trace/store.mjs';
import { assemble } from '../trace/assemble.mjs';
import { read } from '../trace/reader.mjs';
import { go126 } from '../trace/samples.mjs';
import { counted, differ, differFromKept, told } from './differ.mjs';
import { changes, mutate, putTogether, takeApart } from './mutate.mjs';
import { build, fuzz, missing, unpack } from './run.mjs';

const found = fileURLToPath(new URL('found/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-fuzz-'));
after(() => rmSync(scratch, { recursive: true }));

const why = missing();
if (why) console.log(`no fuzzing: ${why}`);
const seconds = Number(process.env.FUZZ_SECONDS ?? (LONG ? 60 : 3));
const seed = process.env.SEED ?? '0';

test('what was found before, in wasm: an end, and answers', async () => {
  for (const name of readdirSync(found)) {
    for (let options = 0; options < 32; options++) {
      if (options % 4 === 3) continue; // two dumps at once
      const { status, store } = await read(readFileSync(join(found, name)), { options });
      assert.ok(status === STATUS.DONE || status === STATUS.FAILED, name);
      const info = store.info();
      store.query({ t0: 0, t1: info.t1 + 1, px: 30, lanes: info.lanes.map((l) => l.index) });
      assert.ok(options & OPTION.STAT ? store.stat().by_goroutine : store.stat());
    }
  }
});

test(`what was found before, natively under the sanitizers, and ${seconds} s of fuzzing`, {
  skip: why ?? false, timeout: (seconds + 120) * 1000,
}, async () => {
  const program = build(scratch);
  const old = spawnSync(program, readdirSync(found).map((f) => join(found, f)), { encoding: 'utf8' });
  assert.equal(old.status, 0, old.stderr.slice(-4000));
  const corpus = join(scratch, 'corpus');
  unpack(corpus);
  const { ok, executions, coverage, log } = await fuzz(program, corpus, scratch, seconds, { seed });
  console.log(`seed ${seed}: ${executions} executions, ${coverage} edges covered`);
  assert.ok(ok, log.slice(-6000));
  assert.ok(executions > 1000, `${executions} executions`);
});

test('mutations that Go has judged are judged alike, but for what is listed', async () => {
  const tally = await differFromKept();
  console.log(`mutations kept with Go's verdict: ${counted(tally)}`);
  assert.deepEqual(tally.unknown.map(told), []);
  assert.ok(tally.accepted >= 60 && tally.refused >= 150 && tally.known.size >= 3, counted(tally));
});

test('new mutations are judged as Go judges them', { skip: oracle ? false : asked }, async () => {
  const tally = await differ(Number(process.env.MUTATIONS ?? (LONG ? 300 : 120)), Number(seed));
  console.log(`seed ${seed}: ${counted(tally)}`);
  assert.deepEqual(tally.unknown.map(told), []);
  assert.ok(tally.accepted && tally.refused);
});

test('a trace taken apart and put together again is the same trace; each kind of change changes it', async () => {
  const bytes = assemble(go126);
  assert.deepEqual(putTogether(takeApart(bytes)), bytes);
  const made = new Set(Array.from({ length: 2000 }, (_, i) => mutate(bytes, i).what)
    .flatMap((what) => what.split(', ')));
  for (const name of [...Object.keys(changes), 'bytes', 'cut']) assert.ok(made.has(name), `"${name}" never happens`);
  assert.deepEqual(mutate(bytes, 7), mutate(bytes, 7));
});
