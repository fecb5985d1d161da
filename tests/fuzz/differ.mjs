// differ.mjs: the difference test: thousands of mutations (mutate.mjs) of real traces and our own, Go's verdict against ours.
//
// Compared are the reader's verdict with the text of its dump, and from Go 1.25 on the validator's: Go's validator, as asked here, refuses
// older traces for want of a clock snapshot. A process of Go judges one file; so Go's verdicts cost 5 ms each, ours less than one.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askGo, hashOf, isNew, oracle } from '../lib/verdicts.mjs';
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

/** The trace of Go 1.25 or older as 1.26 would have written it, as far as that is a matter of ends. @param {Uint8Array} bytes */
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
  return { reads: plain.ok, valid: strict && strict.ok, dump: plain.ok ? hashOf(plain.raw) : '', why: fault?.message ?? '', rule: fault?.rule };
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
 * Judges `count` mutations; the first seed of all decides them.
 * @param {number} count @param {number} seed
 * @param {(c: Case, known: string | null) => void} [each]
 * @returns {Promise<Tally>}
 */
export async function differ(count, seed, each = () => {}) {
  const all = bases();
  const next = random(seed);
  const scratch = mkdtempSync(join(tmpdir(), 'goroscope-differ-'));
  /** @type {Tally} */
  const tally = { accepted: 0, refused: 0, known: new Map(), unknown: [] };
  let left = count;
  const worker = async (/** @type {number} */ id) => {
    const file = join(scratch, `${id}.trace`);
    while (left-- > 0) {
      const base = all[next(all.length)];
      const one = next(2 ** 31);
      const { bytes, what } = mutate(base.bytes, one);
      const [go, we] = await Promise.all([askGo(file, bytes), weSay(bytes)]);
      const c = { name: base.name, seed: one, what, bytes, go, we };
      const differs = difference(go, we);
      const why = differs && (known.find((k) => k.applies(c))?.why ?? null);
      if (!differs) tally[go.valid ?? go.reads ? 'accepted' : 'refused']++;
      else if (why) tally.known.set(why, (tally.known.get(why) ?? 0) + 1);
      else tally.unknown.push(c);
      each(c, why);
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
export const told = (c) => `${difference(c.go, c.we)}: ${c.name}, seed ${c.seed} (${c.what}), ${c.bytes.length} bytes\n` +
  `    Go: ${c.go.why || 'accepts it'}\n    we: ${c.we.rule ? `${c.we.rule}: ` : ''}${c.we.why || 'accept it'}`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = '20000', seed = '1'] = process.argv.slice(2);
  if (!oracle) throw new Error('GOROSCOPE_ORACLE is not set');
  const from = performance.now();
  const { accepted, refused, known: found, unknown } = await differ(Number(count), Number(seed));
  for (const c of unknown) console.log(told(c));
  console.log(`seed ${seed}, ${count} mutations in ${((performance.now() - from) / 1e3).toFixed(0)} s: accepted by both ${accepted}, refused by both ${refused}, ` +
    `listed differences ${[...found.values()].reduce((a, b) => a + b, 0)}, others ${unknown.length}`);
  for (const [why, n] of found) console.log(`    ${n}: ${why}`);
  process.exitCode = unknown.length ? 1 : 0;
}
