// The benchmark table, once with small numbers: every program runs, finds its own results right,
// and makes its rows. Not how fast: a machine that runs tests is no place to measure on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROWS, RUNS } from './rows.mjs';
import { markdown, measureAll } from './table.mjs';
import { alike } from '../lib/run.mjs';

test('rows and runs belong together', () => {
  const ids = RUNS.map((r) => r.id);
  assert.equal(new Set(ids).size, ids.length);
  const used = new Set(ROWS.flatMap((row) => row.runs));
  assert.deepEqual([...used].filter((id) => !ids.includes(id)), []);
  assert.deepEqual(ids.filter((id) => !used.has(id)), []);
  for (const row of ROWS) assert.equal(row.value.length <= row.runs.length, true, row.name);
});

test('a part of the table, by name', {
  skip: process.platform !== 'linux' && 'resident memory is read from /proc',
}, async () => {
  const table = await measureAll({ rounds: 2, scale: 0.001, only: ['mutex'] });
  const rows = ROWS.filter((r) => /mutex/i.test(r.name));
  assert.deepEqual(table.results.map((r) => r.row), rows);
  for (const { ours } of table.results) assert.ok(ours.min <= ours.median && ours.median <= ours.max);
  await assert.rejects(measureAll({ rounds: 1, scale: 1, only: ['no such row'] }),
    /no row's name contains no such row/);
});

test('the whole table', {
  skip: process.platform === 'linux' ? alike : 'resident memory is read from /proc',
}, async () => {
  const table = await measureAll({ rounds: 1, scale: 0.002, only: [] });
  assert.deepEqual(table.results.map((r) => r.row), ROWS);
  for (const { row, ours, go, js, ratio, met } of table.results) {
    assert.ok(Number.isFinite(ours.median), row.name);
    const beside = RUNS.filter((r) => row.runs.includes(r.id));
    assert.equal(go !== undefined, table.machine.go !== null && beside.every((r) => r.beside.includes('go')), row.name);
    assert.ok(js === undefined || beside.every((r) => r.beside.includes('js')), row.name);
    assert.equal(met === null, !row.goal || ('times' in row.goal && !ratio), row.name);
  }
  const lines = markdown(table).trimEnd().split('\n');
  const head = lines.findIndex((l) => l.startsWith('| row |'));
  const groups = new Set(ROWS.map((r) => r.group)).size;
  assert.equal(lines.length, head + 2 + ROWS.length + groups);
  for (const line of lines.slice(head)) assert.equal(line.split('|').length, 9, line);
  if (!table.machine.go) assert.match(lines[head + 3], /not installed/);
});
