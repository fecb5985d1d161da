// figures.mjs: our figures of a trace in the form in which Go's are recorded (summaries.json, analysis.json): what the
// tests compare, and beside-go.mjs prints.
import { hashOf } from '../lib/verdicts.mjs';
import { CLASS } from '../../viewer/trace/kinds.mjs';
import { Rows } from '../../viewer/trace/rows.mjs';
import { readProfile } from './profile.mjs';

/** What `go tool trace -pprof=` calls them. */
export const PROFILES = { net: CLASS.network, sync: CLASS.sync, syscall: CLASS.syscall, sched: CLASS.scheduler };
/** Lengths of the windows that the Go program asks about. */
export const WINDOWS = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/** What both have: the last life of each goroutine, in order. @param {any[]} list */
export function comparable(list) {
  const last = new Map(list.map((g) => [g.id, g]));
  return [...last.values()].sort((a, b) => a.id - b.id).map(({ waiting_ns, ...g }) => g);
}

/** A hash of figures that does not depend on the order of their names. @param {any} value */
export const hashOfFigures = (value) => hashOf(JSON.stringify(value,
  (_, v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort()) : v)));

/** A table as objects. @param {import('../../viewer/trace/analysis.mjs').Tables} tables @param {string} name */
export function objects(tables, name) {
  const rows = new Rows(tables, name);
  return Array.from({ length: rows.n }, (_, i) => /** @type {Record<string, any>} */ (Object.fromEntries(rows.columns
    .map((c) => [c, rows.texts.has(c) ? rows.text(i, c) : Number.isNaN(rows.get(i, c)) ? null : rows.get(i, c)]))));
}

/** A profile with its stacks hashed: what is recorded. @param {Uint8Array} bytes */
export function hashed(bytes) {
  return Object.fromEntries(Object.entries(readProfile(bytes).stacks)
    .map(([stack, values]) => [hashOf(stack), values]).sort());
}

/**
 * Regions and tasks of ours, as the Go program tells them.
 * @param {import('../../viewer/trace/analysis.mjs').Tables} tables
 */
export function marks(tables) {
  const gos = new Rows(tables, 'goroutines');
  return {
    regions: objects(tables, 'regions').map(({ go, node, ...x }) => ({ g: gos.get(go, 'id'), ...x })),
    tasks: objects(tables, 'tasks')
      .map(({ goid, regions, ...x }) => ({ ...x, parent: x.parent < 0 ? null : x.parent })),
  };
}

/** @param {any[]} list */
export const ordered = (list) => list.map((x) => JSON.stringify(Object.fromEntries(Object.entries(x).sort()))).sort();
