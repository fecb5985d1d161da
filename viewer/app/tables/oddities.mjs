/** What should not be: ranked by the time it cost, each with a sentence that says what it means. */
import { stackOf } from '../../trace/blocking.mjs';
import { count, percent, plural } from '../../view/numbers.mjs';
import { shortTime } from '../../view/time.mjs';
import { ownFrame, siteText } from '../words.mjs';
import { Grid } from './grid.mjs';

/** @typedef {import('./registry.mjs').Desk} Desk */
/** @typedef {{kind: string, t0: number, t1: number, cost: number, goid: number, sentence: string,
 *   at?: number}} Oddity   at: the worst moment of a long stretch */

/** Mirrors enum odd_kind in viewer/reader/analyse/analyse.h. */
const KIND = Object.freeze({ wait: 0, idle: 1, convoy: 2, assist: 3, leak: 4 });
/** Starved is who was runnable this many times as long as it ran … */
const STARVED_TIMES = 10;
/** … and so long altogether, ns. */
const STARVED_NS = 1e6;
/** A goroutine whose one wait was this share of that is told of as this wait. */
const ONE_WAIT = 0.9;
/** Stops of the world are told of from this share of a wait on. */
const STOPPED = 0.1;
/** An assist that ran for less than this share of its time has waited. */
const RAN = 0.9;
/** Who kept a lock for this share of a convoy is told of. */
const HELD = 0.25;
/** Of each kind, the most that are shown. */
const SHOWN = 30;

/** @param {number} n @param {string} one */
const upTo = (n, one) => `${n > 1 ? 'up to ' : ''}${plural(n, one)}`;

/** @param {Desk} desk @returns {Oddity[]} */
function kept(desk) {
  const rows = desk.rows('oddities'), gos = desk.rows('goroutines'), { window } = desk.tables;
  return Array.from({ length: rows.n }, (_, i) => {
    const get = (/** @type {string} */ key) => rows.get(i, key);
    const [t0, t1, goid, a, b] = ['start', 'end', 'goid', 'a', 'b'].map(get);
    const fn = goid > 0 ? gos.text(desk.goroutineRow(goid), 'fn') : '';
    const who = goid > 0 ? `G${goid}${fn ? ` (${fn})` : ''}` : 'A goroutine';
    const site = siteText(placeOf(desk, get('node')));
    const took = shortTime(t1 - t0);
    /** What the rest of the tables tells of it is all of it. */
    const isInside = !window || (t0 >= window.t0 && t1 <= window.t1);
    switch (get('kind')) {
      case KIND.wait: return { kind: 'Scheduler wait', t0, t1, cost: t1 - t0, goid, sentence: a
        ? `${who} has been runnable for ${took} when the trace ends and no P has run it.`
        : `${who} was runnable for ${took} before a P ran it: ${
          waitWords(isInside ? stopped(desk, t0, t1) : 0, t1 - t0)}.` };
      case KIND.idle: return { kind: 'Idle Ps, queued work', t0, t1, cost: (t1 - t0) * Math.min(a, b), goid: -1,
        sentence: `For ${took} ${upTo(b, 'P')} idled while ${upTo(a, 'goroutine')} could have run: ` +
          'waking a P took that long, or work was not found.' };
      case KIND.convoy: return { kind: 'Lock convoy', t0, t1, cost: get('rank'), goid: holderOf(get),
        at: (t0 + t1) / 2, sentence: convoyWords(desk, get, site || 'an unknown place') };
      case KIND.leak: return { kind: 'Leak?', t0, t1, cost: get('rank'), goid,
        sentence: `${plural(a, 'goroutine')}${fn && ` of ${fn}`} wait for ${rows.text(i, 'reason')}${
          site && ` at ${site}`}, the first for ${took}; none went on: do they leak?` };
      default: return { kind: 'GC assist', t0, t1, cost: t1 - t0, goid,
        sentence: `${who} had to mark for the collector before it could allocate${
          site ? ` at ${site}` : ''}: that took ${took}${isInside && a < RAN * (t1 - t0)
          ? `, of which it ran for ${shortTime(a)} and waited else` : ''}.` };
    }
  });
}

/** How long of that the world was stopped, ns. @param {Desk} desk @param {number} t0 @param {number} t1 */
function stopped(desk, t0, t1) {
  const rows = desk.rows('stw');
  let ns = 0;
  for (let i = 0; i < rows.n; i++) {
    const start = rows.get(i, 'start'), end = rows.get(i, 'end');
    ns += Math.max(0, Math.min(t1, Number.isNaN(end) ? t1 : end) - Math.max(t0, start));
  }
  return ns;
}

/** Why none ran it. @param {number} stop of that the world was stopped @param {number} ns */
function waitWords(stop, ns) {
  if (stop < STOPPED * ns) return 'the Ps were busy with others, or nobody looked';
  const rest = ns - stop >= STOPPED * ns ? '; for the rest the Ps were busy with others, or nobody looked' : '';
  return `for ${shortTime(stop)} of that the world was stopped${rest}`;
}

/**
 * All convoys of one place, and the worst of them.
 * @param {Desk} desk @param {(key: string) => number} get @param {string} site
 */
function convoyWords(desk, get, site) {
  const times = get('times'), most = get('a'), ns = get('end') - get('start'), by = holderOf(get);
  const whole = times > 1
    ? `At worst ${count(most)} queued for the lock at ${site} for ${shortTime(ns)}`
    : `Up to ${plural(most, 'goroutine')} queued for the lock at ${site} for ${shortTime(ns)}`;
  const unlock = by > 0 ? siteText(placeOf(desk, get('by_node'))) : '';
  const holder = unlock && `: nobody got it for ${shortTime(get('held'))}, until G${by} unlocked it at ${unlock}`;
  const often = times > 1 ? ` ${count(times)} times, ${shortTime(get('all'))} in all.` : '';
  return `${whole}${holder}.${often} It was handed on ${plural(get('b'), 'time')} with others still waiting.`;
}

/** Who kept the lock for a good part of a convoy's worst; -1: nobody is known to.
 * @param {(key: string) => number} get */
function holderOf(get) {
  return get('held') >= HELD * (get('end') - get('start')) && get('by') > 0 ? get('by') : -1;
}

/** @param {Desk} desk @param {number} node */
const placeOf = (desk, node) => ownFrame(stackOf(desk.tables, node));

/** @param {Desk} desk @param {Oddity[]} others where the worst of it was @returns {Oddity[]} */
function starved(desk, others) {
  const gos = desk.rows('goroutines');
  /** @type {Map<number, Oddity>} */
  const worst = new Map();
  for (const wait of others.filter(({ kind }) => kind === 'Scheduler wait'))
    if (wait.cost > (worst.get(wait.goid)?.cost ?? 0)) worst.set(wait.goid, wait);
  const list = [];
  for (let i = 0; i < gos.n; i++) {
    const running = gos.get(i, 'running'), runnable = gos.get(i, 'runnable');
    if (runnable < STARVED_NS || runnable < STARVED_TIMES * running) continue;
    const goid = gos.get(i, 'id'), fn = gos.text(i, 'fn'), ended = gos.get(i, 'ended');
    const wait = worst.get(goid);
    if (wait && wait.cost >= ONE_WAIT * runnable) continue;
    list.push({ kind: 'Starved', at: wait && (wait.t0 + wait.t1) / 2,
      t0: gos.get(i, 'created'), t1: Number.isNaN(ended) ? desk.tables.last : ended,
      cost: runnable - running, goid,
      sentence: `G${goid}${fn ? ` (${fn})` : ''} was ready to run for ${shortTime(runnable)} and ran for ${
        shortTime(running)}: it got ${percent(running / (running + runnable))} of what it asked for.` });
  }
  return list;
}

/** The oddest first, of each kind not too many. @param {Desk} desk @returns {Oddity[]} */
export function ranked(desk) {
  /** @type {Map<string, number>} */
  const shown = new Map();
  const others = kept(desk);
  return [...others, ...starved(desk, others)].sort((a, b) => b.cost - a.cost || a.t0 - b.t0).filter(({ kind }) => {
    const n = shown.get(kind) ?? 0;
    shown.set(kind, n + 1);
    return n < SHOWN;
  });
}

/** @type {import('./registry.mjs').Tab} */
export const oddities = {
  id: 'oddities',
  title: 'Oddities',
  make(desk) {
    const list = ranked(desk);
    const grid = new Grid({
      label: 'Oddities, the dearest first',
      n: list.length,
      columns: [
        { title: 'Cost', kind: 'time', hint: 'Time lost by all whom it held up', get: (i) => list[i].cost },
        { title: 'Oddity', kind: 'text', width: 160, get: (i) => list[i].kind },
        { title: 'From', kind: 'moment', get: (i) => list[i].t0 },
        { title: 'What it means', kind: 'text', min: 640, below: true, get: (i) => list[i].sentence },
      ],
      sort: 0,
      open: (i) => desk.navigate({ t0: list[i].t0, t1: list[i].t1,
        goid: list[i].goid > 0 ? list[i].goid : undefined, at: list[i].at }),
    });
    return { node: grid.node, filter: (text) => grid.filter(text), csv: () => grid.csv() };
  },
};
