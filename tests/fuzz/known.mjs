// known.mjs: where our verdict on a trace differs from Go's, and why it stays so.
// The difference test (differ.mjs) knows no other.
//
// Each entry says exactly which traces it is about, by looking at the trace where a fault of Go's reader is at
// play: a reason that fits too much would hide what is new.
import { events } from '../trace/assemble.mjs';

/** @typedef {import('./differ.mjs').Case} Case */

const HEADER = 16;
const [STACKS, STACK, STRINGS, STRING, SAMPLES, SAMPLE, FREQUENCY, SYNC, CLOCK] = [
  'Stacks', 'Stack', 'Strings', 'String', 'CPUSamples', 'CPUSample', 'Frequency', 'Sync', 'ClockSnapshot',
].map((name) => events.get(name)?.id ?? -1);

/**
 * @param {Uint8Array} p @param {number} at
 * @returns {[value: bigint, next: number] | null} the number there; null: it is cut off
 */
function number(p, at) {
  let v = 0n;
  for (let i = 0n; i < 10n && at < p.length; i++) {
    const b = p[at++];
    v |= BigInt(b & 127) << (7n * i);
    if (b < 128) return [v, at];
  }
  return null;
}

/**
 * The batches of a trace, up to what is none.
 * @param {Uint8Array} p @returns {Generator<{ exp: number, body: Uint8Array }>}
 */
function* batches(p) {
  for (let at = HEADER; at < p.length;) {
    if (p[at] === 52) {
      at++;
      continue;
    }
    if (p[at] !== 1 && p[at] !== 49) return;
    const exp = p[at] === 49 ? p[at + 1] : 0;
    at += p[at] === 49 ? 2 : 1;
    let size = 0n;
    for (let i = 0; i < 4; i++) {
      const n = number(p, at);
      if (!n) return;
      [size, at] = n;
    }
    if (size > 65536n || at + Number(size) > p.length) return;
    yield { exp, body: p.subarray(at, (at += Number(size))) };
  }
}

/**
 * Whether a batch of table entries ends where an argument of an entry should begin.
 * @param {Uint8Array} body @param {boolean} old before 1.25
 */
function endsBetweenArguments(body, old) {
  /** @type {Map<number, number>} entry: arguments before what Go's reader tells from the end of the trace */
  const kinds = new Map(body[0] === STRINGS ? [[STRING, 2]] : body[0] === STACKS ? [[STACK, 2]]
    : body[0] === SAMPLES ? [[SAMPLE, 5]] : body[0] === SYNC && !old ? [[FREQUENCY, 1], [CLOCK, 4]]
    : body[0] === FREQUENCY && old ? [[FREQUENCY, 1]] : []);
  if (!kinds.size) return false;
  for (let at = body[0] === FREQUENCY ? 0 : 1; at < body.length;) {
    const kind = body[at++];
    let v = 0n;
    for (let i = kinds.get(kind) ?? -1; i !== 0; i--) {
      if (i < 0) return false; // another entry
      if (at === body.length) return true;
      const n = number(body, at);
      if (!n) return false;
      [v, at] = n;
    }
    if (kind === STRING) at += Number(v);
    for (let left = kind === STACK ? 4n * v : 0n; left > 0n; left--) {
      const n = number(body, at);
      if (!n) return false;
      at = n[1];
    }
  }
  return false;
}

/** @type {{ why: string, applies: (c: Case) => boolean }[]} */
export const known = [
  {
    why: 'a header with other white space, or with zeros before the version: Go scans it with Fscanf, ' +
      'which is lenient; no Go writes one',
    applies: ({ go, we, bytes }) => go.reads && we.rule === 'header'
      && /^go[^\S\n]+1\.[^\S\n]*0*2[2356][^\S\n]+trace\0\0\0/.test(Buffer.from(bytes.subarray(0, 64)).toString()),
  },
  {
    why: 'the old format, up to Go 1.21: Go still converts it; we read the one that our own traces are in, ' +
      'and say which version it is',
    applies: ({ go, we }) => go.reads && we.rule === 'version',
  },
  {
    why: 'a status of a P that is 4 only in its lowest byte: Go cuts it to a byte where the P is in a ' +
      'system call, and falls over it elsewhere',
    applies: ({ go, we }) => go.reads && we.rule === 'proc-status'
      && Number(/status (\d+), which does not exist/.exec(we.why)?.[1]) % 256 === 4,
  },
  {
    why: 'a frequency of 0: Go reads on with every time at infinity; nothing that follows could be drawn or added up',
    applies: ({ go, we }) => go.reads && we.rule === 'frequency' && /is 0/.test(we.why),
  },
  {
    why: 'a time beyond 63 bits of nanoseconds: Go\'s reader wraps around, and its validator refuses what does; ' +
      'the index needs times that grow',
    applies: ({ go, we }) => go.reads && !go.valid && we.rule === 'time',
  },
  {
    why: 'more than 1,024 ranges open at once on one G or P: a real one has a handful, ' +
      'and each event would search them all',
    applies: ({ go, we }) => go.reads && we.rule === 'range' && /more than/.test(we.why),
  },
  {
    why: 'a generation over 1 GiB: places in it are kept in 32 bits; Go\'s runtime ends one every second',
    applies: ({ go, we }) => go.reads && we.rule === 'generation-size',
  },
  {
    why: 'a table entry that is cut off between two of its arguments: Go\'s reader takes that for the end of ' +
      'the trace and drops the rest without a word',
    applies: ({ go, we, bytes }) => go.reads && !we.reads && [...batches(bytes)].some(({ exp, body }) =>
      !exp && endsBetweenArguments(body, bytes[5] === 0x32 && bytes[6] < 0x35)),
  },
  {
    why: 'a batch of an experiment that Go 1.27 does not know: its own validator falls over ' +
      '(index out of range); newer experiments are not damage',
    applies: ({ go, we, bytes }) => !go.reads && we.reads && /index out of range/.test(go.why)
      && [...batches(bytes)].some(({ exp }) => exp > 1),
  },
];
