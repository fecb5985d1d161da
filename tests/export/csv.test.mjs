// Goal: tables are CSV as RFC 4180 has it, nothing in them is a formula to a spreadsheet, and their figures are
// those of `goroscope stat`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cell, row } from '../../viewer/trace/csv.mjs';
import { OPTION } from '../../viewer/trace/store.mjs';
import { read } from '../trace/reader.mjs';
import { RECORDED, eventsOf, exported } from './traces.mjs';

/** Reads CSV by the RFC's grammar. @param {string} text @returns {string[][]} */
function parse(text) {
  const rows = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  for (let cells = [], m; (m = field.exec(text));) {
    cells.push(m[1]?.replaceAll('""', '"') ?? m[2]);
    if (m[3] === '\r\n') rows.push(cells), cells = [];
  }
  assert.equal(rows.map((r) => row(r.map((c) => c.replace(/^'(?=[=+\-@\t\r])/, '')))).join(''), text);
  return rows;
}

test('cells', () => {
  assert.equal(row(['a,b', 'say "no"', 'x\ny', 5, null, undefined, '']), '"a,b","say ""no""","x\ny",5,,,\r\n');
  for (const evil of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])
    assert.match(cell(evil), /^"?'/, evil);
  assert.equal(cell(-5), '-5');
});

for (const name of ['go1.27-gc.trace', 'go1.27-syscalls.trace', 'go1.23-callbacks.trace', 'go1.27-mixed.trace']) {
  test(`tables of ${name}`, async () => {
    const bytes = RECORDED[name], text = new TextDecoder();
    const table = async (/** @type {string} */ of) => {
      const [head, ...rows] = parse(text.decode(await exported(bytes, 'csv', { table: of })));
      return rows.map((r) => Object.fromEntries(r.map((c, i) => [head[i], c])));
    };
    const stat = (await read(bytes, { options: OPTION.NO_INDEX | OPTION.STAT })).store.stat();
    const sum = (/** @type {any[]} */ rows, /** @type {string} */ of) =>
      rows.reduce((n, r) => n + Number(r[of]), 0);
    const goroutines = await table('goroutines'), spans = await table('spans');
    for (const state of ['running', 'runnable', 'waiting']) {
      assert.equal(sum(goroutines, `${state}_ns`), sum(stat.by_goroutine, `${state}_ns`), state);
      assert.equal(sum(spans.filter((s) => s.state === state), 'duration_ns'),
        sum(stat.by_goroutine, `${state}_ns`));
    }
    const events = await table('events');
    assert.deepEqual(events.map((e) => e.event), (await eventsOf(bytes)).map((e) => e.event));
    await assert.rejects(table('sums'), /no table "sums"; there are spans, goroutines, events/);
  });
}
