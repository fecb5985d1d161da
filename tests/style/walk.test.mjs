// Goal: the walk in HACKING.md leads somewhere: every file it names is there, and so is every name, in that file.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../lib/run.mjs';

const read = (/** @type {string} */ path) => readFileSync(join(ROOT, path), 'utf8');

test('the walk from a send to a pixel names files and functions that are there', () => {
  const section = /^## A walk:[^]*?(?=^## )/m.exec(read('HACKING.md'))?.[0] ?? '';
  const steps = [...section.matchAll(/^\| `([\w./]+)` \| (.*) \|$/gm)].map((m) => ({ file: m[1], what: m[2] }));
  assert.ok(steps.length > 20);
  const wrong = steps.flatMap(({ file, what }) => {
    if (!existsSync(join(ROOT, file))) return [file];
    const names = [...what.matchAll(/`(\w+)`/g)].map((m) => m[1]).filter((name) => name.length > 3);
    return names.filter((name) => !new RegExp(`\\b${name}\\b`).test(read(file))).map((name) => `${name} in ${file}`);
  });
  assert.deepEqual(wrong, []);
});
