// docs/libc.md is what table.mjs says of the C library as it is linked now.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DOCS, wanted } from './table.mjs';

test('docs/libc.md lists the functions as they are', async () => {
  const there = readFileSync(DOCS, 'utf8').split('\n'), right = (await wanted()).split('\n');
  right.forEach((line, i) => assert.equal(there[i], line, 'run: node tests/libc/table.mjs'));
  assert.equal(there.length, right.length);
});
