// match.mjs: does an item of a lane fit a query? Yes, no, or not to be told from the tiles.
import { FIELDS, KINDS } from './fields.mjs';
import { parseQuery } from './parse.mjs';

/** @typedef {import('./fields.mjs').View} View */
/** @typedef {import('./fields.mjs').Field} Field */
/** @typedef {import('./parse.mjs').Node} Node */
/** @typedef {import('../types.mjs').LaneTiles} LaneTiles */
/** @typedef {import('../types.mjs').SpanDetail} SpanDetail */
/** @typedef {{kind: string, id: number, name: string, fn?: string}} LaneOf */

/** Answers. MAYBE: spans summed up in an aggregate may fit, or a column is missing that only details tell. */
export const NO = 0;
export const YES = 1;
export const MAYBE = 2;

/** @typedef {(view: View, i: number) => 0 | 1 | 2} Test */

/** Lanes whose spans add up to what ran, and those with spans at all. */
const ON_PS = new Set(['proc', 'stw']);
const SEARCHED = new Set(KINDS);

/** Kinds that show a second time what goroutines' own lanes show. */
const TOLD_BY_GO = new Set(['proc', 'm']);

/** Whether a term that is asked for, not one that is ruled out, is such. @param {Node} node
 * @param {(term: Extract<Node, {type: 'term'}>) => boolean} such @returns {boolean} */
function asks(node, such) {
  if (node.type === 'all' || node.type === 'any') return node.of.some((inner) => asks(inner, such));
  return node.type === 'term' && such(node);
}

/** @param {string[]} names @returns {(term: Extract<Node, {type: 'term'}>) => boolean} */
const of = (...names) => ({ field }) => names.includes(field.name);

export class Query {
  /** @param {string} text @throws {import('./parse.mjs').QueryError} */
  constructor(text) {
    this.text = text;
    const tree = parseQuery(text);
    /** Nothing is asked: everything fits. */
    this.empty = tree === null;
    /** @type {Test} */
    this.test = tree ? compile(tree) : () => YES;
    /** It names lanes that are not those of Ps. */
    this.namesLanes = tree !== null && asks(tree, of('kind', 'lane', 'm'));
    this.namesPs = tree !== null && asks(tree, of('p'));
    /** A reason is one of waiting, unless the query says of what else. */
    const isOfWaits = tree !== null && !this.namesPs && asks(tree, of('reason')) && !asks(tree, of('state'));
    /** It asks for what only a goroutine's own lane shows, or names lanes. */
    this.wantsOwnLanes = this.namesLanes || isOfWaits || (tree !== null && asks(tree, ({ field, values }) =>
      field.name === 'state' && values.some(({ text }) => 'runnable waiting'.includes(text))));
  }

  /**
   * From now on it is looked for on all lanes: of a trace that is whole those of Ps have nothing that fits.
   * @returns {boolean} that is news
   */
  widen() {
    const { wantsOwnLanes } = this;
    this.wantsOwnLanes = true;
    return !wantsOwnLanes;
  }

  /**
   * The lanes to look through. What runs is found once: on its P, or where waits are asked for, too, on the lane of its
   * goroutine, unless the query names Ps or lanes.
   * @template {LaneOf} T @param {ReadonlyArray<T>} lanes @returns {T[]}
   */
  lanesOf(lanes) {
    if (!this.wantsOwnLanes) return lanes.filter(({ kind }) => ON_PS.has(kind));
    const isTwice = !this.namesLanes && !this.namesPs && lanes.some(({ kind }) => kind === 'go');
    return lanes.filter(({ kind }) => SEARCHED.has(kind) && !(isTwice && TOLD_BY_GO.has(kind)));
  }

  /** False: nothing on the lane can fit, whatever is there. @param {LaneOf} lane */
  mayFit(lane) {
    if (!SEARCHED.has(lane.kind)) return false;
    const view = viewOf({
      lane: -1, index: -1, goid: 0, fn: '', start: -Infinity, end: Infinity, open: false, state: 0, startReason: '',
      endReason: '', site: null, createdBy: null, unblockedBy: null,
    }, lane);
    delete view.items.reason;
    view.bucket = Infinity;
    return this.test(view, 0) !== NO;
  }

  /**
   * Which items fit, as they are drawn: an aggregate counts as its longest span.
   * @param {Omit<View, 'rough'>} view @returns {Uint8Array} 0 = does not
   */
  mask(view) {
    const rough = { ...view, rough: true };
    const mask = new Uint8Array(view.items.n);
    for (let i = 0; i < mask.length; i++) mask[i] = this.test(rough, i);
    return mask;
  }

  /** One span in full. @param {SpanDetail} span @param {LaneOf} lane */
  fits(span, lane) {
    const reasons = [span.startReason, span.endReason].filter(Boolean);
    const view = viewOf(span, lane);
    // Either reason may be meant. A query that forbids one is broken by either, hence by both joined.
    view.strings[2] = reasons.join(' | ');
    return this.test(view, 0) === YES;
  }
}

/** @param {SpanDetail} span @param {LaneOf} lane @returns {View} */
function viewOf(span, lane) {
  return {
    items: {
      lane: span.lane, n: 1, start: Float64Array.of(span.start), end: Float64Array.of(span.end),
      goid: Float64Array.of(span.goid), state: Uint8Array.of(span.state), index: Int32Array.of(span.index),
      busy: Float32Array.of(1), fn: Uint32Array.of(1), reason: Uint32Array.of(2),
    },
    strings: { 1: span.fn, 2: '' },
    lane,
    bucket: 0,
    rough: false,
  };
}

/** @param {Node} node @returns {Test} */
function compile(node) {
  switch (node.type) {
    case 'all': return every(node.of.map(compile));
    case 'any': return some(node.of.map(compile));
    case 'not': return not(compile(node.of));
    case 'word': return wordTest(node.text);
    case 'term': return termTest(node);
  }
}

/** @param {Test} test @returns {Test} */
function not(test) {
  return (view, i) => /** @type {const} */ ([YES, NO, MAYBE])[test(view, i)];
}

/** @param {Test[]} tests @returns {Test} */
function every(tests) {
  return (view, i) => {
    /** @type {0 | 1 | 2} */
    let all = YES;
    for (const test of tests) {
      const one = test(view, i);
      if (one === NO) return NO;
      if (one === MAYBE) all = MAYBE;
    }
    return all;
  };
}

/** @param {Test[]} tests @returns {Test} */
function some(tests) {
  return (view, i) => {
    /** @type {0 | 1 | 2} */
    let any = NO;
    for (const test of tests) {
      const one = test(view, i);
      if (one === YES) return YES;
      if (one === MAYBE) any = MAYBE;
    }
    return any;
  };
}

/** A bare word is looked for in all names; "G17" is a goroutine. @param {string} text @returns {Test} */
function wordTest(text) {
  const goid = /^g(\d+)$/i.exec(text)?.[1];
  const tests = FIELDS.filter((f) => f.type === 'text' || f.type === 'word').map((field) => textTest({
    ...field,
    // To ask for the details of every span in search of a word would take minutes.
    read: (view, i) => (field.name === 'reason' && !view.items.reason && view.lane.kind !== 'go' ? undefined
      : field.read(view, i)),
  }, [text], false));
  const go = FIELDS.find((f) => f.name === 'go');
  if (goid && go) tests.push(numberTest(go, ':', [{ number: Number(goid), to: Number(goid) }]));
  return some(tests);
}

/** @param {Extract<Node, {type: 'term'}>} term @returns {Test} */
function termTest({ field, op, values }) {
  const whole = op !== ':' || field.type === 'word';
  const test = field.type === 'text' || field.type === 'word'
    ? textTest(field, values.map((v) => v.text), whole) : numberTest(field, op, values);
  return op === '!=' ? not(test) : test;
}

/**
 * Does the text have these parts, one after the other? Case does not matter.
 * @param {string} text @param {string[]} parts what stands between the stars @param {boolean} whole from end to end
 */
function glob(text, parts, whole) {
  let at = 0;
  for (let k = 0; k < parts.length; k++) {
    const last = whole && k > 0 && k === parts.length - 1;
    const found = last ? text.length - parts[k].length : text.indexOf(parts[k], at);
    if (found < at || (whole && k === 0 && found > 0) || !text.startsWith(parts[k], found)) return false;
    at = found + parts[k].length;
  }
  return !whole || parts.length > 1 || at === text.length;
}

/**
 * @param {Field} field @param {string[]} wanted any of these @param {boolean} whole not only a part of the text
 * @returns {Test}
 */
function textTest({ read }, wanted, whole) {
  const globs = wanted.map((w) => w.toLowerCase().split('*'));
  // Few different texts, many items.
  /** @type {Map<string, 0 | 1>} */
  const seen = new Map();
  return (view, i) => {
    const text = read(view, i);
    if (text === undefined) return NO;
    if (text === null) return MAYBE;
    const key = String(text);
    let fits = seen.get(key);
    if (fits === undefined)
      seen.set(key, fits = key.toLowerCase().split('\n').some((name) =>
        globs.some((parts) => glob(name, parts, whole))) ? YES : NO);
    return fits;
  };
}

/**
 * @param {Field} field @param {import('./parse.mjs').Op} op @param {Array<{number: number, to: number}>} values
 * @returns {Test}
 */
function numberTest({ read, touches = false }, op, values) {
  return (view, i) => {
    const value = read(view, i);
    if (value === undefined) return NO;
    if (value === null) return MAYBE;
    const [low, high] = Array.isArray(value) ? value : [Number(value), Number(value)];
    /** @type {0 | 1 | 2} */
    let any = NO;
    for (const { number, to } of values) {
      const one = compare(low, high, op, number, to);
      if (one === YES || (touches && one === MAYBE)) return YES;
      if (one === MAYBE) any = MAYBE;
    }
    return any;
  };
}

/**
 * A value known to be from low to high. @param {number} low @param {number} high
 * @param {import('./parse.mjs').Op} op @param {number} number @param {number} to
 * @returns {0 | 1 | 2}
 */
function compare(low, high, op, number, to) {
  switch (op) {
    case '>': return low > number ? YES : high > number ? MAYBE : NO;
    case '>=': return low >= number ? YES : high >= number ? MAYBE : NO;
    case '<': return high < number ? YES : low < number ? MAYBE : NO;
    case '<=': return high <= number ? YES : low <= number ? MAYBE : NO;
    default: return low >= number && high <= to ? YES : high < number || low > to ? NO : MAYBE;
  }
}
