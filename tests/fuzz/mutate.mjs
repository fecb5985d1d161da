// mutate.mjs: a trace taken apart into batches, events and table entries, changed a little, and put together again.
//
// What a change leaves alone still fits: sizes are counted anew, so that a mutation reaches the rule it is about
// and does not end at the first wrong length. Everything is decided by the seed: the same trace and the same seed
// give the same bytes.
import { events, varint } from '../trace/assemble.mjs';
import { random } from '../trace/reader.mjs';

/** @typedef {(below: number) => number} Next */
/**
 * @typedef {{ id: number, args: bigint[], bytes?: Uint8Array, frames?: bigint[][] }} Item bytes: a string's, or
 *   what could not be decoded (id -1)
 */
/**
 * @typedef {{ kind: number, exp: number, gen: bigint, m: bigint, time: bigint, lead: number[], items: Item[],
 *   size?: bigint }} Batch kind: 1, 49 or 52
 */
/** @typedef {{ header: Uint8Array, batches: Batch[], rest: Uint8Array }} Model */

const HEADER = 16;
const NONE = (1n << 64n) - 1n;
const BATCH = 1, STACKS = 2, STACK = 3, STRINGS = 4, STRING = 5, SAMPLES = 6, SAMPLE = 7, FREQUENCY = 8,
  EXPERIMENTAL = 49, SYNC = 50, CLOCK = 51, END = 52;
const numbers = new Map([...events].map(([name, e]) => [e.id, { name, args: e.args }]));
/** Events that stand in a thread's batch. */
const timed = [...numbers].filter(([, e]) => e.args[0] === 'dt' && e.name !== 'ClockSnapshot').map(([id]) => id);

class Bytes {
  /** @param {Uint8Array} p @param {number} [at] */
  constructor(p, at = 0) {
    this.p = p;
    this.at = at;
  }

  /** @returns {bigint} the number here; throws when there is none */
  number() {
    let v = 0n;
    for (let i = 0n; i < 10n; i++) {
      if (this.at >= this.p.length) throw new RangeError('the bytes end');
      const b = this.p[this.at++];
      v |= BigInt(b & 127) << (7n * i);
      if (b < 128) return BigInt.asUintN(64, v);
    }
    throw new RangeError('over 64 bits');
  }

  /** @param {number} n */
  take(n) {
    if (n > this.p.length - this.at) throw new RangeError('the bytes end');
    return this.p.subarray(this.at, (this.at += n));
  }
}

/** @param {Bytes} b @returns {Item} */
function item(b) {
  const id = b.take(1)[0];
  const known = numbers.get(id);
  if (!known || id === BATCH) throw new RangeError('no such event');
  /** @type {Item} */
  const it = { id, args: known.args.map(() => b.number()) };
  if (id === STRING) it.bytes = b.take(Number(b.number()));
  if (id === STACK)
    it.frames = Array.from({ length: Number(it.args[1]) }, () => [b.number(), b.number(), b.number(), b.number()]);
  return it;
}

/**
 * @param {Uint8Array} body
 * @returns {{ lead: number[], items: Item[] }} lead: the byte that says what a batch of entries holds
 */
function contents(body) {
  const lead = [STACKS, STRINGS, SAMPLES, SYNC].includes(body[0]) ? [body[0]] : [];
  const b = new Bytes(body, lead.length);
  /** @type {Item[]} */
  const items = [];
  while (b.at < body.length) {
    const from = b.at;
    try {
      items.push(item(b));
    } catch {
      items.push({ id: -1, args: [], bytes: body.subarray(from) });
      break;
    }
  }
  return { lead, items };
}

/** @param {Uint8Array} bytes @returns {Model} */
export function takeApart(bytes) {
  /** @type {Batch[]} */
  const batches = [];
  const b = new Bytes(bytes, HEADER);
  let from = HEADER;
  try {
    for (; b.at < bytes.length; from = b.at) {
      const kind = b.take(1)[0];
      if (kind === END) {
        batches.push({ kind, exp: 0, gen: 0n, m: NONE, time: 0n, lead: [], items: [] });
        continue;
      }
      if (kind !== BATCH && kind !== EXPERIMENTAL) break;
      const exp = kind === EXPERIMENTAL ? b.take(1)[0] : 0;
      const [gen, m, time, size] = [b.number(), b.number(), b.number(), b.number()];
      const body = b.take(Number(size));
      batches.push({
        kind, exp, gen, m, time,
        ...(exp ? { lead: [], items: [{ id: -1, args: [], bytes: body }] } : contents(body)),
      });
    }
  } catch {
    // what is left does not make a batch
  }
  return { header: bytes.subarray(0, HEADER), batches, rest: bytes.subarray(from) };
}

/** @param {number[]} out @param {Item} it */
function putItem(out, it) {
  if (it.id >= 0) out.push(it.id);
  for (const a of it.args) out.push(...varint(a));
  if (it.id === STRING && it.bytes) out.push(...varint(it.bytes.length));
  if (it.bytes) for (const byte of it.bytes) out.push(byte);
  for (const f of it.frames ?? []) for (const v of f) out.push(...varint(v));
}

/** @param {Model} model @returns {Uint8Array} */
export function putTogether({ header, batches, rest }) {
  /** @type {number[]} */
  const out = [...header];
  for (const b of batches) {
    out.push(b.kind);
    if (b.kind === END) continue;
    /** @type {number[]} */
    const body = [...b.lead];
    for (const it of b.items) putItem(body, it);
    if (b.kind === EXPERIMENTAL) out.push(b.exp);
    out.push(...varint(b.gen), ...varint(b.m), ...varint(b.time), ...varint(b.size ?? BigInt(body.length)));
    for (const byte of body) out.push(byte);
  }
  for (const byte of rest) out.push(byte);
  return Uint8Array.from(out);
}

// ---- the changes ----

/** @template T @param {Next} next @param {T[]} of @returns {T} */
const pick = (next, of) => of[next(of.length)];

/** Numbers at which something may change. */
const EDGES = [0n, 1n, 2n, 3n, 4n, 5n, 127n, 128n, 255n, 256n, 257n, 258n, 260n, 1024n, 65535n, 1n << 31n,
  1n << 32n, (1n << 53n) + 1n, (1n << 62n), (1n << 63n) - 1n, 1n << 63n, NONE - 1n, NONE];

/** @param {Next} next @param {bigint} v a number a little beside v, or at an edge */
function other(next, v) {
  switch (next(5)) {
    case 0: return BigInt.asUintN(64, v + 1n);
    case 1: return BigInt.asUintN(64, v - 1n);
    case 2: return BigInt(next(12));
    case 3: return pick(next, EDGES);
    default: return BigInt.asUintN(64, v + BigInt(next(2000)) - 1000n);
  }
}

/** @param {Model} model @returns {Batch[]} batches of a thread's events */
const ofThreads = (model) => model.batches.filter(
  (b) => b.kind === BATCH && b.lead.length === 0 && b.items.length && b.items[0].id !== FREQUENCY);
/** @param {Model} model @param {number} lead @returns {Batch[]} */
const ofKind = (model, lead) => model.batches.filter(
  (b) => b.kind === BATCH && (b.lead[0] === lead || (lead === SYNC && b.items[0]?.id === FREQUENCY)));

/**
 * @param {Next} next @param {Model} model @param {number} [id]
 * @returns {{ b: Batch, i: number, it: Item } | null} an event; of that kind if there is one
 */
function anEvent(next, model, id) {
  const all = ofThreads(model);
  if (!all.length) return null;
  if (id !== undefined) {
    const fit = all.flatMap((b) => b.items.flatMap((it, i) => (it.id === id ? [{ b, i, it }] : [])));
    if (fit.length) return pick(next, fit);
  }
  const b = pick(next, all);
  const i = next(b.items.length);
  return { b, i, it: b.items[i] };
}

/**
 * A value that this argument has elsewhere in the trace.
 * @param {Next} next @param {Model} model @param {string} name
 */
function elsewhere(next, model, name) {
  const kind = name.replace(/^new_/, '');
  const values = ofThreads(model).flatMap((b) => b.items.flatMap((it) =>
    (numbers.get(it.id)?.args ?? []).flatMap((a, k) => (a.replace(/^new_/, '') === kind ? [it.args[k]] : []))));
  return values.length ? pick(next, values) : BigInt(next(5));
}

/** @param {Next} next @param {Model} model @returns {Item} an event of any kind with arguments that fit */
function made(next, model) {
  const id = pick(next, timed);
  const args = (numbers.get(id)?.args ?? []).map(
    (name) => (name === 'dt' ? BigInt(next(20)) : next(4) ? elsewhere(next, model, name) : other(next, 1n)));
  return { id, args };
}

/** @param {Item} it @returns {Item} */
const copyItem = (it) => ({ ...it, args: [...it.args], frames: it.frames?.map((f) => [...f]) });
/** @param {Batch} b @returns {Batch} */
const copyBatch = (b) => ({ ...b, lead: [...b.lead], items: b.items.map(copyItem) });

/** @param {Model} model @returns {Batch[][]} the batches by generation, in their order */
function generations(model) {
  /** @type {Batch[][]} */
  const out = [];
  let gen = -1n;
  let ended = true;
  for (const b of model.batches) {
    if (b.kind === END) {
      (out.at(-1) ?? (out[0] = [])).push(b);
      ended = true;
      continue;
    }
    if (ended || b.gen !== gen) out.push([]);
    ended = false;
    gen = b.gen;
    out[out.length - 1].push(b);
  }
  return out;
}

/** @typedef {(next: Next, model: Model) => void} Change */

/** @type {Record<string, Change>} */
export const changes = {
  'an event left out': (next, model) => {
    const e = anEvent(next, model);
    e?.b.items.splice(e.i, 1);
  },
  'an event twice': (next, model) => {
    const e = anEvent(next, model);
    e?.b.items.splice(e.i, 0, copyItem(e.it));
  },
  'two events in the other order': (next, model) => {
    const e = anEvent(next, model);
    if (e && e.i > 0) e.b.items.splice(e.i - 1, 2, e.it, e.b.items[e.i - 1]);
  },
  'an event on another thread': (next, model) => {
    const e = anEvent(next, model);
    const to = anEvent(next, model);
    if (!e || !to) return;
    e.b.items.splice(e.i, 1);
    to.b.items.splice(Math.min(to.i, to.b.items.length), 0, e.it);
  },
  'an event put in': (next, model) => {
    const e = anEvent(next, model);
    e?.b.items.splice(e.i + next(2), 0, made(next, model));
  },
  'an event in place of another': (next, model) => {
    const e = anEvent(next, model);
    if (e) e.b.items[e.i] = made(next, model);
  },
  'an event of another kind with the same arguments': (next, model) => {
    const e = anEvent(next, model);
    if (!e || e.it.id < 0) return;
    e.it.id = pick(next, timed.filter((id) => numbers.get(id)?.args.length === e.it.args.length));
  },
  'a number that no event has': (next, model) => {
    const e = anEvent(next, model);
    if (e) e.it.id = next(256);
  },
  'an argument': (next, model) => {
    const e = anEvent(next, model, pick(next, timed));
    if (!e || e.it.args.length < 2) return;
    const k = 1 + next(e.it.args.length - 1);
    e.it.args[k] = next(2) ? other(next, e.it.args[k]) : elsewhere(next, model, numbers.get(e.it.id)?.args[k] ?? '');
  },
  'an argument of a status': (next, model) => {
    const e = anEvent(next, model, pick(next, [13, 25, 48]));
    if (e && e.it.args.length > 2)
      e.it.args[1 + next(e.it.args.length - 1)] = next(3) ? BigInt(next(7)) : other(next, 1n);
  },
  'the time of an event': (next, model) => {
    const e = anEvent(next, model);
    if (e && e.it.args.length) e.it.args[0] = other(next, e.it.args[0]);
  },
  'no time passes in a batch': (next, model) => {
    const b = pick(next, ofThreads(model).concat(model.batches.slice(0, 1)));
    for (const it of b.items) if (it.args.length) it.args[0] = 0n;
  },
  'everything at once': (next, model) => {
    const at = ofThreads(model)[0]?.time ?? 0n;
    for (const b of ofThreads(model)) {
      b.time = next(8) ? at : b.time;
      for (const it of b.items) if (it.args.length) it.args[0] = next(50) ? 0n : 1n;
    }
  },
  'times that lie': (next, model) => {
    for (const b of ofThreads(model))
      if (next(2)) b.time = BigInt.asUintN(64, b.time + BigInt(next(100_000)) - 50_000n);
  },
  'a batch left out': (next, model) => void model.batches.splice(next(model.batches.length), 1),
  'a batch twice': (next, model) => {
    const i = next(model.batches.length);
    model.batches.splice(next(2) ? i : next(model.batches.length), 0, copyBatch(model.batches[i]));
  },
  'two batches in the other order': (next, model) => {
    const [i, k] = [next(model.batches.length), next(model.batches.length)];
    [model.batches[i], model.batches[k]] = [model.batches[k], model.batches[i]];
  },
  'a batch in two': (next, model) => {
    const e = anEvent(next, model);
    if (!e) return;
    const second = { ...copyBatch(e.b), items: e.b.items.splice(e.i) };
    model.batches.splice(model.batches.indexOf(e.b) + 1, 0, second);
  },
  'an empty batch': (next, model) => {
    const b = pick(next, model.batches);
    const m = next(2) ? b.m : BigInt(next(9));
    model.batches.splice(next(model.batches.length + 1), 0, {
      kind: BATCH, exp: 0, gen: b.gen, m, time: b.time, lead: [], items: [],
    });
  },
  'the time of a batch': (next, model) => {
    const b = pick(next, model.batches);
    b.time = other(next, b.time);
  },
  'the thread of a batch': (next, model) => {
    const b = pick(next, model.batches);
    b.m = next(2) ? pick(next, model.batches).m : other(next, b.m);
  },
  'the generation of a batch': (next, model) => {
    const b = pick(next, model.batches);
    b.gen = other(next, b.gen);
  },
  'the size of a batch': (next, model) => {
    const b = pick(next, model.batches);
    b.size = other(next, BigInt(b.items.length * 5));
  },
  'the kind of a batch': (next, model) => {
    const b = pick(next, model.batches);
    b.kind = next(4) ? (b.kind === BATCH ? EXPERIMENTAL : BATCH) : END;
    b.exp = next(3);
  },
  'the kind of entries': (next, model) => {
    const b = pick(next, model.batches);
    b.lead = next(4) ? [pick(next, [STACKS, STRINGS, SAMPLES, FREQUENCY, SYNC, CLOCK, END, EXPERIMENTAL])] : [];
  },
  'an end of generation': (next, model) => {
    const ends = model.batches.flatMap((b, i) => (b.kind === END ? [i] : []));
    const end = { kind: END, exp: 0, gen: 0n, m: NONE, time: 0n, lead: [], items: [] };
    if (ends.length && next(2)) model.batches.splice(pick(next, ends) + next(2), next(2), end);
    else if (ends.length && next(2)) model.batches.splice(pick(next, ends), 1);
    else model.batches.splice(next(4) ? next(model.batches.length + 1) : model.batches.length, 0, end);
  },
  'an end of generation as a batch': (next, model) => {
    const b = pick(next, model.batches);
    const made = {
      kind: BATCH, exp: 0, gen: b.gen, m: b.m, time: b.time, lead: [END], items: next(2) ? [] : b.items.slice(0, 1),
    };
    const ends = model.batches.flatMap((x, i) => (x.kind === END ? [i] : []));
    if (ends.length && next(2)) model.batches.splice(pick(next, ends), 1, made);
    else model.batches.splice(next(model.batches.length + 1), 0, made);
  },
  'a generation again': (next, model) => {
    const all = generations(model);
    const again = pick(next, all).map(copyBatch);
    const up = BigInt(next(4)) - 1n;
    if (next(2)) for (const b of again) if (b.kind !== END) b.gen = BigInt.asUintN(64, b.gen + up);
    all.splice(next(2) ? all.length : next(all.length + 1), 0, again);
    model.batches = all.flat();
  },
  'a generation left out': (next, model) => {
    const all = generations(model);
    all.splice(next(all.length), 1);
    model.batches = all.flat();
  },
  'numbers of generations': (next, model) => {
    const up = next(2) ? BigInt(next(5)) : other(next, 0n);
    const only = next(2) ? null : pick(next, model.batches).gen;
    for (const b of model.batches)
      if (b.kind !== END && (only === null || b.gen === only)) b.gen = BigInt.asUintN(64, b.gen + up);
  },
  'a string': (next, model) => {
    const b = pick(next, ofKind(model, STRINGS).concat(model.batches.slice(0, 1)));
    const i = next(b.items.length || 1);
    const it = b.items[i];
    if (!it) return;
    if (next(3) === 0) b.items.splice(i, 1);
    else if (next(3) === 0) b.items.splice(i, 0, copyItem(it));
    else if (next(2) && it.args.length) it.args[0] = other(next, it.args[0]);
    else it.bytes = new Uint8Array(pick(next, [0, 1, 1024, 1025])).fill(97 + next(3));
  },
  'a stack': (next, model) => {
    const b = pick(next, ofKind(model, STACKS).concat(model.batches.slice(0, 1)));
    const i = next(b.items.length || 1);
    const it = b.items[i];
    if (!it) return;
    if (next(5) === 0) b.items.splice(i, 1);
    else if (next(5) === 0) b.items.splice(i, 0, copyItem(it));
    else if (it.frames?.length && next(3)) {
      const f = pick(next, it.frames);
      f[next(4)] = next(2) ? 0n : other(next, 3n);
    } else if (it.args.length) it.args[next(it.args.length)] = other(next, it.args[0]);
  },
  'the clock': (next, model) => {
    const b = pick(next, ofKind(model, SYNC).concat(model.batches.slice(0, 1)));
    const i = next(b.items.length || 1);
    const it = b.items[i];
    if (!it) return;
    const wide = [0n, 1n, NONE, BigInt.asUintN(64, -62135596800n), 1n << 63n,
      BigInt.asUintN(64, -1n - BigInt(next(1e9))), BigInt(next(2 ** 31)) * BigInt(next(2 ** 31))];
    if (next(5) === 0) b.items.splice(i, 1);
    else if (next(5) === 0) b.items.splice(i, 0, copyItem(it));
    else if (it.args.length) it.args[next(it.args.length)] = next(2) ? pick(next, wide) : other(next, 10n);
  },
  'a CPU sample': (next, model) => {
    const all = ofKind(model, SAMPLES);
    if (!all.length || next(4) === 0) {
      const e = anEvent(next, model);
      const g = generations(model).find((batches) => e && batches.includes(e.b));
      if (!e || !g) return;
      const items = Array.from({ length: 1 + next(40) }, () => ({
        id: SAMPLE, args: [e.b.time + BigInt(next(6)), e.b.m, BigInt(next(3)), BigInt(next(9)), BigInt(next(3))],
      }));
      model.batches.splice(model.batches.indexOf(g[0]), 0, {
        kind: BATCH, exp: 0, gen: g[0].gen, m: NONE, time: e.b.time, lead: [SAMPLES], items,
      });
      return;
    }
    const it = pick(next, pick(next, all).items);
    if (it?.args.length) it.args[next(it.args.length)] = other(next, it.args[0]);
  },
  'many threads at the same time': (next, model) => {
    const e = anEvent(next, model);
    if (!e) return;
    const at = model.batches.indexOf(e.b);
    for (let i = 0, n = 4 + next(30); i < n; i++) {
      model.batches.splice(at, 0, {
        kind: BATCH, exp: 0, gen: e.b.gen, m: BigInt(100 + i), time: e.b.time, lead: [], items: [
          { id: 13, args: [BigInt(next(3)), BigInt(100 + i), 2n] },
          { id: 10, args: [BigInt(next(3)), BigInt(100 + (next(4) ? i : next(n))), 1n] },
          { id: 11, args: [BigInt(next(3))] },
        ],
      });
    }
  },
  'the version': (next, model) => {
    const header = Uint8Array.from(model.header);
    header.set(Buffer.from(pick(next, ['22', '23', '24', '25', '26', '26', '25', '27', '21', '11'])), 5);
    model.header = header;
  },
  'only the header': (next, model) => {
    model.batches = model.batches.filter((b) => next(3) === 0 && b.lead.length > 0);
  },
};

const structural = Object.keys(changes);

/** @param {Next} next @param {Uint8Array} bytes @returns {Uint8Array} */
function spoil(next, bytes) {
  const at = next(10) ? HEADER + next(Math.max(1, bytes.length - HEADER)) : next(bytes.length);
  switch (next(6)) {
    case 0: return bytes.map((b, i) => (i === at ? b ^ (1 << next(8)) : b));
    case 1: return bytes.map((b, i) => (i === at ? next(64) : b));
    case 2: return bytes.subarray(0, at);
    case 3: return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + next(4))]);
    case 4: return Uint8Array.from([...bytes.subarray(0, at),
      ...Array.from({ length: 1 + next(3) }, () => next(next(2) ? 256 : 60)), ...bytes.subarray(at)]);
    default: return Uint8Array.from([...bytes,
      ...Array.from({ length: 1 + next(3) }, () => pick(next, [1, END, EXPERIMENTAL, 0, next(256)]))]);
  }
}

/**
 * Cuts at the end of a batch, or a byte or so behind it.
 * @param {Next} next @param {Model} model @param {Uint8Array} bytes
 */
function cut(next, model, bytes) {
  const keep = model.batches.slice(0, next(model.batches.length + 1));
  const n = putTogether({ ...model, batches: keep, rest: new Uint8Array() }).length;
  return bytes.subarray(0, Math.min(bytes.length, n + (next(2) ? 0 : next(3))));
}

/**
 * One mutation of a trace.
 * @param {Uint8Array} bytes @param {number} seed
 * @returns {{ bytes: Uint8Array, what: string }}
 */
export function mutate(bytes, seed) {
  const next = random(seed);
  const model = takeApart(bytes);
  const what = [];
  const plain = next(8) === 0;
  if (!plain) {
    for (let n = 1 + (next(3) === 0 ? next(3) : 0); n > 0 && model.batches.length; n--) {
      const name = pick(next, structural);
      changes[name](next, model);
      what.push(name);
    }
  }
  let out = putTogether(model);
  if (plain || next(25) === 0) {
    out = spoil(next, out);
    what.push('bytes');
  }
  if (next(15) === 0) {
    out = cut(next, model, out);
    what.push('cut');
  }
  return { bytes: out, what: what.join(', ') };
}
