// differ.mjs: the difference test: thousands of mutations (mutate.mjs) of real traces and our own,
// Go's verdict against ours.
//
// Compared are the reader's verdict with the text of its dump, and from Go 1.25 on the validator's: Go's validator,
// as asked here, refuses older traces for want of a clock snapshot. A process of Go judges one file;
// so Go's verdicts cost 5 ms each, ours less than one.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { askGo, hashOf, isNew } from '../lib/verdicts.mjs';
import { assemble } from '../trace/assemble.mjs';
import { dumped, random, validated } from '../trace/reader.mjs';
import { busy, go126, oneM, twoGenerations } from '../trace/samples.mjs';
import { known } from './known.mjs';
import { mutate, putTogether, takeApart } from './mutate.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const recorded = join(here, '../trace/recorded');

/** Larger traces make Go's processes slow and a mutation rare. */
const LARGEST = 13_000;

/** @typedef {import('../lib/verdicts.mjs').Verdict & { rule?: string }} Verdict rule: ours, which one broke */
/** @typedef {{ name: string, seed: number, what: string, bytes: Uint8Array, go: Verdict, we: Verdict }} Case */

/**
 * The trace of Go 1.25 or older as 1.26 would have written it, as far as that is a matter of ends.
 * @param {Uint8Array} bytes
 */
function withEnds(bytes) {
  const model = takeApart(bytes);
  const end = { kind: 52, exp: 0, gen: 0n, m: 0n, time: 0n, lead: [], items: [] };
  model.batches = model.batches.flatMap((b, i, all) => (i && b.gen !== all[i - 1].gen ? [end, b] : [b])).concat([end]);
  model.header = Uint8Array.from(Buffer.from('go 1.26 trace\0\0\0', 'latin1'));
  return putTogether(model);
}

/** What is mutated. @returns {{ name: string, bytes: Uint8Array }[]} */
export function bases() {
  const out = [];
  for (const [dir, prefix] of [[recorded, ''], [join(here, 'own'), 'own/']]) {
    for (const f of readdirSync(dir).filter((name) => name.endsWith('.trace')).sort()) {
      const bytes = readFileSync(join(dir, f));
      if (bytes.length > LARGEST) continue;
      const name = prefix + f.replace('.trace', '');
      out.push({ name, bytes });
      if (prefix) out.push({ name: `${name}, 1.26`, bytes: withEnds(bytes) });
    }
  }
  const samples = { busy, twoGenerations, go126, one: oneM('') };
  return out.concat(Object.entries(samples).map(([name, text]) => ({ name: `sample ${name}`, bytes: assemble(text) })));
}

/** @param {Uint8Array} bytes @returns {Promise<Verdict>} */
export async function weSay(bytes) {
  const plain = await dumped(bytes);
  const strict = isNew(bytes) ? await validated(bytes) : null;
  const fault = plain.fault ?? strict?.fault;
  return {
    reads: plain.ok, valid: strict && strict.ok, dump: plain.ok ? hashOf(plain.raw) : '',
    why: fault?.message ?? '', rule: fault?.rule,
  };
}

/** What differs, in words, or null. @param {Verdict} go @param {Verdict} we @returns {string | null} */
export function difference(go, we) {
  if (go.reads !== we.reads) return go.reads ? 'Go reads it' : 'only we read it';
  if (go.valid !== we.valid) return go.valid ? 'Go finds it valid' : 'only we find it valid';
  return go.dump === we.dump ? null : 'the dumps differ';
}

/**
 * @typedef {object} Tally
 * @property {number} accepted by both
 * @property {number} refused by both
 * @property {Map<string, number>} known differences, by the reason in known.mjs
 * @property {Case[]} unknown
 */

/**
 * Counts a case; returns the reason that is listed for its difference.
 * @param {Tally} tally @param {Case} c @returns {string | null}
 */
function count(tally, c) {
  const why = difference(c.go, c.we) && (known.find((k) => k.applies(c))?.why ?? null);
  if (why) tally.known.set(why, (tally.known.get(why) ?? 0) + 1);
  else if (difference(c.go, c.we)) tally.unknown.push(c);
  else tally[c.go.valid ?? c.go.reads ? 'accepted' : 'refused']++;
  return why;
}

/**
 * Judges `many` mutations; the first seed of all decides them.
 * @param {number} many @param {number} seed
 * @param {(c: Case, known: string | null) => void} [each]
 * @returns {Promise<Tally>}
 */
export async function differ(many, seed, each = () => {}) {
  const all = bases();
  const next = random(seed);
  const scratch = mkdtempSync(join(tmpdir(), 'goroscope-differ-'));
  /** @type {Tally} */
  const tally = { accepted: 0, refused: 0, known: new Map(), unknown: [] };
  let left = many;
  const worker = async (/** @type {number} */ id) => {
    const file = join(scratch, `${id}.trace`);
    while (left-- > 0) {
      const base = all[next(all.length)];
      const one = next(2 ** 31);
      const { bytes, what } = mutate(base.bytes, one);
      const [go, we] = await Promise.all([askGo(file, bytes), weSay(bytes)]);
      const c = { name: base.name, seed: one, what, bytes, go, we };
      each(c, count(tally, c));
    }
  };
  try {
    await Promise.all([0, 1].map(worker)); // two of Go's processes at a time: the reader here wants a processor too
  } finally {
    rmSync(scratch, { recursive: true });
  }
  return tally;
}

/** @param {Case} c */
export const told = (c) =>
  `${difference(c.go, c.we)}: ${c.name}, seed ${c.seed} (${c.what}), ${c.bytes.length} bytes\n` +
  `    Go: ${c.go.why || 'accepts it'}\n    we: ${c.we.rule ? `${c.we.rule}: ` : ''}${c.we.why || 'accept it'}`;

// ---- the mutations that are kept, with what Go said of them ----

const kept = join(here, 'judged.br');

/**
 * @typedef {{ name: string, seed: number, what: string, keep: number, drop: number, put: number, go: Verdict }}
 *   Kept a base with `drop` bytes behind the first `keep` replaced by `put` others
 */

/** What a case is an example of. @param {Case} c @param {string | null} why */
function kindOf({ we, go, what, bytes }, why) {
  const said = we.why.replace(/\d+/g, 'N').replace(/\b(M|P|goroutine) none/g, '$1 N');
  return [go.reads, go.valid, isNew(bytes), why ?? '', said || what].join('|');
}

/** Those of equal times are kept more often: each is another run of a sort. @param {Case} c */
const wanted = (c) => (c.go.reads && /same time|at once|CPU sample|clock/.test(c.what) ? 3 : 1);

/**
 * Writes judged.br: a head in JSON, its length before it, then the bases and what is put into them.
 * @param {Case[]} cases
 */
function writeKept(cases) {
  const plain = new Map(bases().map(({ name, bytes }) => [name, Buffer.from(putTogether(takeApart(bytes)))]));
  const used = [...new Set(cases.map((c) => c.name))]
    .map((name) => ({ name, bytes: plain.get(name) ?? Buffer.alloc(0) }));
  /** @type {Buffer[]} */
  const puts = [];
  /** @type {Kept[]} */
  const list = cases.map(({ name, seed, what, bytes, go }) => {
    const from = plain.get(name) ?? Buffer.alloc(0);
    const most = Math.min(from.length, bytes.length);
    let keep = 0;
    while (keep < most && from[keep] === bytes[keep]) keep++;
    let tail = 0;
    while (tail < most - keep && from[from.length - 1 - tail] === bytes[bytes.length - 1 - tail]) tail++;
    const put = bytes.subarray(keep, bytes.length - tail);
    puts.push(Buffer.from(put));
    return { name, seed, what, keep, drop: from.length - keep - tail, put: put.length, go };
  });
  const head = Buffer.from(JSON.stringify({ bases: used.map(({ name, bytes }) => [name, bytes.length]), cases: list }));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(head.length);
  const all = Buffer.concat([size, head, ...used.map(({ bytes }) => bytes), ...puts]);
  writeFileSync(kept, brotliCompressSync(all, {
    params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: all.length },
  }));
  return `${kept}: ${cases.length} mutations of ${used.length} traces, ${readFileSync(kept).length} bytes`;
}

/**
 * Judges mutations and writes those that are unlike the others to judged.br.
 * @param {number} many @param {number} seed
 * @returns {Promise<string>} what to say of it
 */
export async function keepCases(many, seed) {
  /** @type {Map<string, Case[]>} */
  const kinds = new Map();
  const { unknown } = await differ(many, seed, (c, why) => {
    const kind = kindOf(c, why);
    const have = kinds.get(kind) ?? [];
    if (have.length < wanted(c)) kinds.set(kind, [...have, c]);
  });
  if (unknown.length) throw new Error(unknown.map(told).join('\n'));
  return writeKept([...kinds.values()].flat());
}

/** @returns {Case[]} the mutations that were kept; `we` is not known yet */
export function keptCases() {
  const all = brotliDecompressSync(readFileSync(kept));
  let at = 4 + all.readUInt32LE(0);
  const head = /** @type {{ bases: [string, number][], cases: Kept[] }} */ (JSON.parse(all.subarray(4, at).toString()));
  const take = (/** @type {number} */ n) => all.subarray(at, (at += n));
  const from = new Map(head.bases.map(([name, n]) => [name, take(n)]));
  return head.cases.map(({ name, seed, what, keep, drop, put, go }) => {
    const base = from.get(name) ?? Buffer.alloc(0);
    return {
      name, seed, what, bytes: Buffer.concat([base.subarray(0, keep), take(put), base.subarray(keep + drop)]),
      go, we: go,
    };
  });
}

/** Go's verdicts as they were recorded, ours anew. @returns {Promise<Tally>} */
export async function differFromKept() {
  /** @type {Tally} */
  const tally = { accepted: 0, refused: 0, known: new Map(), unknown: [] };
  for (const c of keptCases()) count(tally, { ...c, we: await weSay(c.bytes) });
  return tally;
}

/** @param {Tally} tally */
export const counted = ({ accepted, refused, known: found, unknown }) =>
  `accepted by both ${accepted}, refused by both ${refused}, ` +
  `listed differences ${[...found.values()].reduce((a, b) => a + b, 0)}, others ${unknown.length}`;
