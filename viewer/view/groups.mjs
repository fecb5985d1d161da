/**
 * Which rows there are, from top to bottom: lanes in groups that open and close, filtered, pinned, hidden, reordered.
 *
 * Lanes go by their keys, never by their place, so an arrangement outlives a trace that grows, and a reload.
 */
import { KINDS } from './kinds.mjs';

/**
 * What the view needs to know of a lane; the trace's types.mjs says what it is.
 * @typedef {object} LaneInfo
 * @property {number} index
 * @property {string} kind
 * @property {number} id
 * @property {string} key
 * @property {string} name
 * @property {string} [fn]
 * @property {string | null} [parent]
 * @property {number} [depth]
 */

/**
 * A lane or a heading.
 * @typedef {object} Row
 * @property {string} kind     of KINDS; 'head'
 * @property {number} index    the lane's, for queries; -1: a heading
 * @property {string} key      of the lane or of the group
 * @property {string} name
 * @property {number | 'share'} height
 * @property {number} depth    how far it is indented
 * @property {number} count    lanes below a heading
 * @property {boolean} open    of a heading
 * @property {LaneInfo | null} lane
 */

/** @type {ReadonlyArray<{id: string, title: string}>} */
export const GROUPS = [
  { id: 'pinned', title: 'Pinned' },
  { id: 'curves', title: 'Curves' },
  { id: 'ps', title: 'Ps' },
  { id: 'ms', title: 'Ms (threads)' },
  { id: 'tasks', title: 'Tasks' },
  { id: 'go', title: 'Goroutines' },
];

/** How goroutines are put together. @typedef {'fn' | 'family' | 'none'} GoOrder */

/** Open unless it was closed; all others are closed unless they were opened. */
const OPEN_AT_FIRST = new Set(['pinned', 'ps']);

/**
 * What the user did to the lanes. Plain data: it can be kept in a URL.
 * @typedef {object} Arrangement
 * @property {string[]} toggled   groups that are not as they were at first
 * @property {string[]} pinned    keys, in order
 * @property {string[]} hidden    keys
 * @property {Record<string, number>} moved  key → by how many lanes
 * @property {string} filter
 * @property {GoOrder} by
 */

/** @returns {Arrangement} */
export function freshArrangement() {
  return { toggled: [], pinned: [], hidden: [], moved: {}, filter: '', by: 'fn' };
}

/** @param {Arrangement} a @param {string} group */
export function isOpen(a, group) {
  // While one looks for something, what was found shows.
  if (a.filter && group !== 'curves') return true;
  return OPEN_AT_FIRST.has(group) !== a.toggled.includes(group);
}

/** @param {LaneInfo} lane */
export function nameOf(lane) {
  if (lane.kind === 'go') return `G${lane.id}`;
  if (lane.kind === 'm') return `M ${lane.id}`;
  if (lane.kind === 'gc') return 'GC';
  if (lane.kind === 'region') return lane.depth ? '' : 'regions';
  if (lane.kind === 'range') return 'for GC';
  if (lane.kind === 'task') return `Task ${lane.id}`;
  return lane.name;
}

/** Whether a lane answers to every word of the filter. @param {LaneInfo} lane @param {string[]} words */
function fits(lane, words) {
  const text = `${lane.key} ${lane.name} ${nameOf(lane)} ${lane.fn ?? ''}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Each lane moved by so many places. @param {LaneInfo[]} lanes @param {Record<string, number>} moved */
function reordered(lanes, moved) {
  if (!lanes.some((lane) => moved[lane.key])) return lanes;
  return lanes.map((lane, i) => ({ lane, at: i + (moved[lane.key] ?? 0) * 1.5 }))
    .sort((a, b) => a.at - b.at).map(({ lane }) => lane);
}

/** @param {LaneInfo} lane @param {number} depth @returns {Row} */
function laneRow(lane, depth) {
  return {
    kind: lane.kind, index: lane.index, key: lane.key, name: nameOf(lane), height: KINDS[lane.kind].height,
    depth, count: 0, open: false, lane,
  };
}

/** @param {string} key @param {string} name @param {number} count @param {boolean} open @param {number} depth */
function headRow(key, name, count, open, depth) {
  const height = KINDS.head.height;
  return { kind: 'head', index: -1, key, name, height, depth, count, open, lane: null };
}

/**
 * @param {ReadonlyArray<LaneInfo>} lanes @param {Arrangement} a
 * @param {(key: string) => LaneInfo | null} find of all lanes, those too that do not show: names of tasks that others
 *   are part of
 * @returns {Row[]}
 */
export function rowsOf(lanes, a, find) {
  const hidden = new Set(a.hidden);
  const words = a.filter.toLowerCase().split(/\s+/).filter(Boolean);
  /** @type {Map<string, LaneInfo[]>} regions and the like by their goroutine's key */
  const below = new Map();
  /** @type {Map<string, LaneInfo[]>} */
  const groups = new Map(GROUPS.map(({ id }) => [id, []]));
  /** @type {Row[]} */
  const rows = [];
  for (const lane of lanes) {
    const { group } = KINDS[lane.kind];
    if (group === 'top') rows.push(laneRow(lane, 0));
    else if (lane.parent && (lane.kind === 'region' || lane.kind === 'range')) push(below, lane.parent, lane);
    else if (!hidden.has(lane.key)) groups.get(group)?.push(lane);
  }
  const pinned = new Set(a.pinned);
  const byKey = pinned.size ? new Map(lanes.map((lane) => [lane.key, lane])) : null;
  groups.set('pinned', a.pinned.flatMap((key) => byKey?.get(key) ?? []));
  const only = [...groups.values()].filter((list) => list.length).length === 1;
  for (const { id, title } of GROUPS) {
    let list = groups.get(id) ?? [];
    if (id !== 'pinned' && pinned.size) list = list.filter((lane) => !pinned.has(lane.key));
    if (words.length && id !== 'pinned' && id !== 'curves')
      list = list.filter((lane) => fits(lane, words) || below.get(lane.key)?.some((l) => fits(l, words)));
    if (!list.length) continue;
    const open = isOpen(a, id);
    const count = id === 'ps' ? list.filter((lane) => lane.kind === 'proc').length : list.length;
    if (!only) rows.push(headRow(id, title, count, open, 0));
    if (!open && !only) continue;
    if (id === 'go') goRows(rows, reordered(list, a.moved), below, a);
    else if (id === 'tasks') taskRows(rows, list, below, a, find);
    else for (const lane of reordered(list, a.moved)) rows.push(laneRow(lane, 1), ...nested(lane, below));
  }
  return rows;
}

/** @template T @param {Map<string, T[]>} map @param {string} key @param {T} value */
function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** @param {LaneInfo} lane @param {Map<string, LaneInfo[]>} below @returns {Row[]} */
function nested(lane, below) {
  const list = below.get(lane.key);
  if (!list) return [];
  // Regions first, by depth; what was done for the GC last.
  return [...list].sort((a, b) => Number(a.kind === 'range') - Number(b.kind === 'range')
    || (a.depth ?? 0) - (b.depth ?? 0)).map((l) => laneRow(l, 2));
}

/** @param {Row[]} rows @param {LaneInfo[]} list @param {Map<string, LaneInfo[]>} below @param {Arrangement} a */
function goRows(rows, list, below, a) {
  if (a.by === 'family') {
    treeRows(rows, list, below, 1, a);
    return;
  }
  if (a.by === 'none') {
    for (const lane of list) rows.push(laneRow(lane, 1), ...nested(lane, below));
    return;
  }
  /** @type {Map<string, LaneInfo[]>} */
  const byFn = new Map();
  for (const lane of list) push(byFn, lane.fn ?? '', lane);
  for (const [fn, lanes] of [...byFn].sort((x, y) => x[0].localeCompare(y[0]))) {
    if (lanes.length === 1) {
      const row = laneRow(lanes[0], 1);
      rows.push({ ...row, name: fn ? `${row.name} ${fn.slice(fn.lastIndexOf('/') + 1)}` : row.name },
        ...nested(lanes[0], below));
      continue;
    }
    const key = `go/${fn}`;
    // A function of few goroutines is open at first: then one sees something.
    const open = a.filter !== '' || (lanes.length <= FEW) !== a.toggled.includes(key);
    rows.push(headRow(key, fn || 'unknown function', lanes.length, open, 1));
    if (open) for (const lane of lanes) rows.push(laneRow(lane, 2), ...nested(lane, below));
  }
}
const FEW = 16;

/** The subgroup of a lane, which may not be there: few in a group stand by themselves.
 * @param {LaneInfo} lane @param {(key: string) => LaneInfo | null} byKey */
export function subgroupOf(lane, byKey) {
  const { group } = KINDS[lane.kind];
  if (group === 'go') return `go/${lane.fn ?? ''}`;
  return group === 'tasks' ? `tasks/${rootOf(lane, byKey).name}` : null;
}

/** The outermost task that it is part of. @param {LaneInfo} lane @param {(key: string) => LaneInfo | null} byKey */
function rootOf(lane, byKey) {
  let root = lane;
  for (let deep = 0; root.parent && root.parent !== root.key && deep < DEEPEST_TASK; deep++) {
    const parent = byKey(root.parent);
    if (!parent) break;
    root = parent;
  }
  return root;
}
/** A trace may say that tasks are parts of each other. */
const DEEPEST_TASK = 1000;

/** Tasks of one name together, each with its parts, where there are many and several names.
 * @param {Row[]} rows @param {LaneInfo[]} list @param {Map<string, LaneInfo[]>} below @param {Arrangement} a
 * @param {(key: string) => LaneInfo | null} find */
function taskRows(rows, list, below, a, find) {
  if (list.length <= FEW) {
    treeRows(rows, list, below, 1, a);
    return;
  }
  const keys = new Set(list.map((lane) => lane.key));
  /** @type {Map<string, LaneInfo[]>} */
  const byName = new Map();
  for (const lane of list) push(byName, rootOf(lane, find).name, lane);
  for (const [name, lanes] of [...byName].sort((x, y) => x[0].localeCompare(y[0]))) {
    const roots = lanes.filter(({ key, parent }) => !parent || parent === key || !keys.has(parent)).length;
    if (roots === 1 || byName.size === 1) {
      treeRows(rows, lanes, below, 1, a);
      continue;
    }
    const key = `tasks/${name}`, open = a.filter !== '' || (lanes.length <= FEW) !== a.toggled.includes(key);
    rows.push(headRow(key, name || '(unnamed)', roots, open, 1));
    if (open) treeRows(rows, lanes, below, 2, a);
  }
}

/**
 * Each below its parent, deeper by one step; deeper than DEEPEST it stays in line.
 * @param {Row[]} rows @param {LaneInfo[]} list @param {Map<string, LaneInfo[]>} below @param {number} depth
 * @param {Arrangement} a
 */
function treeRows(rows, list, below, depth, a) {
  const here = new Set(list.map((lane) => lane.key));
  /** @type {Map<string, LaneInfo[]>} */
  const children = new Map();
  const roots = [];
  for (const lane of list) {
    if (lane.parent && lane.parent !== lane.key && here.has(lane.parent)) push(children, lane.parent, lane);
    else roots.push(lane);
  }
  // A stack, not a recursion: a chain of a million goroutines is a trace, too.
  const stack = reordered(roots, a.moved).reverse().map((lane) => ({ lane, depth }));
  for (let at = stack.pop(); at; at = stack.pop()) {
    const row = laneRow(at.lane, at.depth);
    if (at.lane.fn) row.name += ` ${at.lane.fn.slice(at.lane.fn.lastIndexOf('/') + 1)}`;
    else if (at.lane.kind === 'task') row.name += ` ${at.lane.name}`;
    rows.push(row, ...nested(at.lane, below));
    const next = Math.min(DEEPEST, at.depth + 1);
    const kids = children.get(at.lane.key) ?? [];
    for (let i = kids.length - 1; i >= 0; i--) stack.push({ lane: kids[i], depth: next });
  }
}
const DEEPEST = 8;
