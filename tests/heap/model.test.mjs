// The collector's idea as a model (runtime/heap/cycle.c, invariant 1): blocks are nodes with a few fields, goroutines
// have registers. The world stops once, all fields and registers are copied, and the copy is marked while goroutines
// go on; what is allocated meanwhile is born marked. Nothing that can be reached is lost, under any schedule.
//
// And of what was not done, how it loses blocks: copying piece by piece with the world running in between; blocks
// born unmarked; marking the blocks themselves without a barrier.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONG } from '../lib/run.mjs';

/** @typedef {'copy' | 'pieces' | 'born unmarked' | 'in place'} How */

/**
 * @typedef {object} World
 * @property {(number | null)[][]} fields by block; what is freed has none
 * @property {(number | null)[][]} registers by goroutine
 * @property {(number | null)[][]} copy of fields, as far as it has been made
 * @property {number} copied pieces: blocks; registers are one more, copied first
 * @property {number[]} grey @property {Set<number>} marked
 * @property {'off' | 'copying' | 'marking'} phase
 */

const FIELDS = 2;

/** One choice of the schedule: n of them. @typedef {(n: number) => number} Choose */

/** @param {World} w @param {Choose} choose @param {How} how one operation of a goroutine */
function mutate(w, choose, how) {
  const regs = w.registers[choose(w.registers.length)];
  const r = choose(regs.length), from = regs[choose(regs.length)];
  switch (choose(4)) {
    case 0: { // allocate
      w.fields.push(Array(FIELDS).fill(null));
      const made = w.fields.length - 1;
      regs[r] = made;
      if (w.phase !== 'off' && how !== 'born unmarked') w.marked.add(made);
      break;
    }
    case 1: // load
      if (from !== null) regs[r] = w.fields[from][choose(FIELDS)];
      break;
    case 2: // store
      if (from !== null) w.fields[from][choose(FIELDS)] = regs[r];
      break;
    default: // forget
      regs[r] = null;
  }
}

/** @param {World} w @param {number | null} to */
function shade(w, to) {
  if (to === null || w.marked.has(to)) return;
  w.marked.add(to);
  w.grey.push(to);
}

/** One step of the collector. @param {World} w @param {How} how @returns {boolean} the cycle is over */
function collect(w, how) {
  if (w.phase === 'off') {
    w.marked = new Set();
    w.grey = [];
    w.copy = [];
    w.phase = 'copying';
    w.copied = 0;
    for (const regs of w.registers) for (const to of regs) shade(w, to);
    if (how !== 'pieces') { // all in one stop
      w.copy = how === 'in place' ? w.fields : w.fields.map((f) => [...f]);
      w.phase = 'marking';
    }
    return false;
  }
  if (w.phase === 'copying') {
    w.copy.push([...w.fields[w.copied++]]);
    if (w.copied === w.fields.length) w.phase = 'marking';
    return false;
  }
  const at = w.grey.pop();
  if (at !== undefined) {
    for (const to of w.copy[at] ?? []) shade(w, to);
    return false;
  }
  w.phase = 'off';
  return true;
}

/** @param {World} w @returns {number | undefined} a block that can be reached and would be freed */
function lost(w) {
  const seen = new Set(), todo = w.registers.flat();
  for (let at; (at = todo.pop()) !== undefined;) {
    if (at === null || seen.has(at)) continue;
    if (!w.marked.has(at)) return at;
    seen.add(at);
    todo.push(...w.fields[at]);
  }
  return undefined;
}

/** @returns {World} a chain of three, and a block alone */
const begin = () => ({
  fields: [[1, null], [2, null], [null, null], [null, null]], registers: [[0, null], [3, null]],
  copy: [], copied: 0, grey: [], marked: new Set(), phase: 'off',
});

/** One cycle with operations in between. @param {Choose} choose @param {How} how @param {number} most operations */
function run(choose, how, most) {
  const w = begin();
  for (let n = 0; ;) {
    if (n < most && choose(2)) {
      n++;
      mutate(w, choose, how);
    } else if (collect(w, how)) {
      return lost(w);
    }
  }
}

/** @param {number} seed @returns {Choose} */
function random(seed) {
  let s = seed >>> 0;
  return (n) => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ s >>> 15, 1 | s);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) % n;
  };
}

/**
 * All schedules of so many operations. @param {How} how @param {number} most
 * @returns {{ runs: number, lost: number }}
 */
function all(how, most) {
  /** @type {{ n: number, at: number }[]} */ const path = [];
  let runs = 0, found = 0;
  for (;;) {
    let depth = 0;
    found += run((n) => {
      if (depth === path.length) path.push({ n, at: 0 });
      return path[depth++].at;
    }, how, most) === undefined ? 0 : 1;
    runs++;
    while (path.length && ++path[path.length - 1].at === path[path.length - 1].n) path.pop();
    if (path.length === 0) return { runs, lost: found };
  }
}

/** @param {How} how @param {number} runs */
function many(how, runs) {
  let found = 0;
  for (let seed = 1; seed <= runs; seed++) found += run(random(seed), how, 12) === undefined ? 0 : 1;
  return found;
}

const SCHEDULES = 200_000;

test(`a copy of one stop, and blocks born marked: ${SCHEDULES} schedules lose nothing`, () => {
  assert.equal(many('copy', SCHEDULES), 0);
});

test('all schedules of two operations lose nothing', (t) => {
  const r = all('copy', LONG ? 3 : 2);
  t.diagnostic(`${r.runs} schedules`);
  assert.ok(r.runs > 10_000);
  assert.equal(r.lost, 0);
});

for (const how of /** @type {const} */ (['pieces', 'born unmarked', 'in place'])) {
  test(`${how}: the model finds the lost block`, (t) => {
    const found = many(how, SCHEDULES / 2);
    t.diagnostic(`${found} of ${SCHEDULES / 2} schedules`);
    assert.ok(found > 0);
  });
}
