// The README's program compiles as it stands there and prints what the README says.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { load } from '../../wasm/host/loader.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-readme-'));
after(() => rmSync(scratch, { recursive: true }));

test("the README's program, by the README's commands", async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, program] = /```c\n(.*?)```/s.exec(readme) ?? [];
  const [, session] = /```console\n(.*?)```/s.exec(readme) ?? [];
  writeFileSync(join(scratch, 'squares.c'), program);
  let said = '';
  for (const line of session.split('\n').filter((l) => l.startsWith('$ '))) {
    const [command, script, ...args] = line.slice(2).split(' ');
    assert.equal(command, 'node');
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, script), ...args], { cwd: scratch });
    said += `${line}\n${stdout}`;
  }
  assert.equal(said, session);
  assert.match(readFileSync(join(scratch, 'squares.trace')).toString('latin1', 0, 16), /^go 1\.2\d trace/);
});

test('load() has the types that shell/goroscope.d.mts declares', () => {
  /** @type {typeof import('../../shell/goroscope.d.mts').load} */
  const declared = load; // checked by tsc
  assert.equal(typeof declared, 'function');
});
