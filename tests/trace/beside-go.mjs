// Our figures beside those of Go's own tools, for the recorded traces of real programs:
//
//     node tests/trace/beside-go.mjs [PART…]      those whose name has a PART; by default all of Go 1.27
//
// Go's are those that tests/trace/summaries.json (goroutines, from internal/trace's summary, as a hash) and
// analysis.json (go tool trace -pprof, its MMU, regions and tasks) have; the tests ask Go anew where it is at hand.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Analysis } from '../../viewer/trace/analysis.mjs';
import { profileOf } from '../../viewer/trace/blocking.mjs';
import { mmu, utilization } from '../../viewer/trace/mmu.mjs';
import { OPTION, compileReader } from '../../viewer/trace/store.mjs';
import { PROFILES, WINDOWS, comparable, hashOfFigures, hashed, marks, objects, ordered } from './figures.mjs';
import { read } from './reader.mjs';

const STATES = ['running', 'runnable', 'waiting', 'syscall'];
/** The flags of the MMU that are shown; all sets are compared. */
const FLAGS = 'stw background assist';
const SHOWN = [1e5, 1e6, 1e7];

const recorded = fileURLToPath(new URL('recorded/', import.meta.url));
const parse = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
const summaries = parse('summaries.json'), analyses = parse('analysis.json');
const module = await compileReader();

const ms = (/** @type {number} */ ns) => (ns / 1e6).toFixed(2);
const yes = (/** @type {boolean} */ so) => (so ? 'equal' : 'DIFFERENT');
/** Goroutine ids of callbacks from C come back: of those Go's profiles have the last life only. */
const KNOWN = 'other: ids come back';

/** @param {Record<string, [number, number]>} stacks @returns {[number, number]} times, ns */
const total = (stacks) => Object.values(stacks).reduce(([n, ns], [k, t]) => [n + k, ns + t], [0, 0]);

/** @param {Record<string, [number, number]>} a @param {Record<string, [number, number]>} b */
const sameProfile = (a, b) => Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([stack, [n, ns]]) => b[stack]?.[0] === n && Math.abs(b[stack][1] - ns) <= 1);

/** Rows of one trace's table: what, ours, Go's, verdict. @param {string} name @returns {Promise<string[][]>} */
async function compare(name) {
  const bytes = new Uint8Array(readFileSync(recorded + name));
  const theirs = analyses[name];
  const analysis = await Analysis.read(module, (async function* () { yield bytes; })(), {});
  const tables = analysis.tables();
  analysis.close();
  const stat = (await read(bytes, { options: OPTION.STAT | OPTION.NO_INDEX })).store.stat();
  const gos = objects(tables, 'goroutines');
  const sums = STATES.map((state) => `${state} ${ms(gos.reduce((n, g) => n + g[state], 0))}`);
  const same = hashOfFigures([stat.events, comparable(stat.by_goroutine)]) === summaries[name];
  const rows = [[`${gos.length} goroutines, ms`, sums.join(', '), same ? 'the same of each' : 'others', yes(same)]];
  for (const [kind, cls] of Object.entries(PROFILES)) {
    const ours = hashed(profileOf(tables, cls)), go = theirs.profiles[kind];
    const [[n, ns], [m, nsOfGo]] = [total(ours), total(go)];
    rows.push([`blocking: ${kind}, ms`, `${ms(ns)} in ${n}, ${Object.keys(ours).length} stacks`,
      `${ms(nsOfGo)} in ${m}, ${Object.keys(go).length} stacks`,
      !sameProfile(ours, go) && name.includes('callbacks') ? KNOWN : yes(sameProfile(ours, go))]);
  }
  let allMmu = true;
  /** @type {string[][]} */
  const shown = [];
  for (const [set, go] of Object.entries(theirs.mmu)) {
    if (!go) continue;
    const flags = Object.fromEntries(set.split(' ').map((flag) => [flag, true]));
    const ours = mmu(utilization(tables.tables.ops, flags, tables.last), WINDOWS);
    allMmu &&= ours.every((value, i) => Math.abs(value - go[i]) < 1e-6);
    if (set !== FLAGS) continue;
    const at = (/** @type {number[]} */ list) =>
      SHOWN.map((w) => `${(100 * list[WINDOWS.indexOf(w)]).toFixed(2)} %`).join(', ');
    shown.push(['MMU at 0.1, 1, 10 ms', at(ours), at(go)]);
  }
  rows.push(...shown.map((row) => [...row, yes(allMmu)]));
  const own = marks(tables);
  for (const what of /** @type {const} */ (['regions', 'tasks'])) {
    const [a, b] = [ordered(own[what]), ordered(theirs[what])];
    rows.push([what, String(a.length), String(b.length), yes(a.join('\n') === b.join('\n'))]);
  }
  return rows;
}

const parts = process.argv.slice(2);
const wanted = readdirSync(recorded).filter((f) => f.endsWith('.trace') && (parts.length ? parts : ['go1.27'])
  .some((part) => f.includes(part)));
let different = 0, known = 0;
console.log('| trace | figure | ours | Go\'s | |\n|---|---|---|---|---|');
for (const name of wanted) {
  const rows = await compare(name);
  known += rows.filter((row) => row[3] === KNOWN).length;
  different += rows.filter((row) => row[3] === 'DIFFERENT').length;
  rows.forEach((row, i) => console.log(`| ${[i ? '' : name.replace('.trace', ''), ...row].join(' | ')} |`));
}
const but = known ? `, but ${known} for that known reason` : '';
const all = different ? `${different} figures differ` : `All figures are equal${but}`;
console.log(`\n${all} in ${wanted.length} traces.`);
process.exitCode = different ? 1 : 0;
