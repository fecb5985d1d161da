// blocking.mjs: blocking profiles and CPU samples out of an analysis: by stack, as a flame graph's tree, as pprof.
import { CLASS } from './kinds.mjs';
import { encodeProfile } from './pprof.mjs';
import { Rows } from './rows.mjs';

/** @typedef {import('./analysis.mjs').Tables} Tables */
/** @typedef {import('./analysis.mjs').Frame} Frame */

/**
 * A function at a place in the stacks: what its callers' boxes are made of.
 * @typedef {object} FlameNode
 * @property {string} name
 * @property {string} file
 * @property {number} line
 * @property {number} ns       in it and in what it called
 * @property {number} count
 * @property {number} own      ns of which it was the innermost
 * @property {FlameNode[]} children the widest first
 */

/** What a profile may be asked for: everything, one goroutine (its row) or one start function (its string's id). */
/** @typedef {{row?: number, fn?: number}} Whose */

/**
 * Count and time by stack node. @param {Tables} tables @param {number} cls of CLASS @param {Whose} [whose]
 * @returns {Map<number, {count: number, ns: number}>}
 */
export function byNode(tables, cls, { row, fn } = {}) {
  const rows = new Rows(tables, 'blocking');
  const gos = new Rows(tables, 'goroutines');
  /** @type {Map<number, {count: number, ns: number}>} */
  const sums = new Map();
  for (let i = 0; i < rows.n; i++) {
    if (rows.get(i, 'class') !== cls) continue;
    const go = rows.get(i, 'go');
    if ((row !== undefined && go !== row) || (fn !== undefined && gos.get(go, 'fn') !== fn)) continue;
    const node = rows.get(i, 'node');
    const sum = sums.get(node) ?? { count: 0, ns: 0 };
    sum.count += rows.get(i, 'count');
    sum.ns += rows.get(i, 'ns');
    sums.set(node, sum);
  }
  return sums;
}

/** The frames of a stack node, the innermost first. @param {Tables} tables @param {number} node @returns {Frame[]} */
export function stackOf(tables, node) {
  const nodes = new Rows(tables, 'nodes');
  const frames = [];
  for (let at = node; at > 0 && at < nodes.n; at = nodes.get(at, 'parent'))
    frames.push({ func: nodes.text(at, 'func'), file: nodes.text(at, 'file'), line: nodes.get(at, 'line') });
  return frames;
}

/**
 * The tree of a profile. Samples have a count and no time: there `ns` is the count.
 * @param {Tables} tables @param {number} cls of CLASS @param {Whose} [whose] @returns {FlameNode}
 */
export function flameTree(tables, cls, whose) {
  const nodes = new Rows(tables, 'nodes');
  /** @type {Map<number, FlameNode>} */
  const made = new Map();
  const root = { name: 'all', file: '', line: 0, ns: 0, count: 0, own: 0, children: [] };
  made.set(0, root);
  const make = (/** @type {number} */ at) => {
    let node = made.get(at);
    if (!node) {
      node = { name: nodes.text(at, 'func'), file: nodes.text(at, 'file'), line: nodes.get(at, 'line'),
        ns: 0, count: 0, own: 0, children: [] };
      made.set(at, node);
      make(nodes.get(at, 'parent')).children.push(node);
    }
    return node;
  };
  for (const [at, { count, ns }] of byNode(tables, cls, whose)) {
    const weight = cls === CLASS.cpu ? count : ns;
    make(at).own += weight;
    for (let up = at; ; up = nodes.get(up, 'parent')) {
      const node = make(up);
      node.ns += weight;
      node.count += count;
      if (up === 0) break;
    }
  }
  for (const node of made.values()) node.children.sort((a, b) => b.ns - a.ns);
  return root;
}

/**
 * A profile as pprof has it: as `go tool trace -pprof` writes it, CPU samples as a count.
 * @param {Tables} tables @param {number} cls of CLASS @param {Whose} [whose] @returns {Uint8Array}
 */
export function profileOf(tables, cls, whose) {
  const cpu = cls === CLASS.cpu;
  const samples = [...byNode(tables, cls, whose)].map(([node, { count, ns }]) => ({
    stack: stackOf(tables, node), values: cpu ? [count] : [count, ns] }));
  return encodeProfile({
    types: cpu ? [['samples', 'count']] : [['contentions', 'count'], ['delay', 'nanoseconds']],
    samples,
    durationNs: Math.round(tables.window ? tables.window.t1 - tables.window.t0 : tables.last),
  });
}
