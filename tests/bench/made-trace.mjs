// made-trace.mjs: a long trace made here, for measurements where no recorded one is at hand: on each P goroutines
// wake each other in turn.
import { varint } from '../trace/assemble.mjs';

const HEADER = Buffer.from('go 1.23 trace\0\0\0', 'latin1');
const BATCH = 60_000;
const NO_M = (1n << 64n) - 1n;

/** @param {number} gen @param {bigint | number} m @param {number} time @param {number[]} body */
const batch = (gen, m, time, body) =>
  Buffer.from([1, ...varint(gen), ...varint(m), ...varint(time), ...varint(body.length), ...body]);

/** @param {string} s */
const string = (s) => [...varint(s.length), ...Buffer.from(s)];

/** Strings, two stacks, frequency. @param {number} gen */
function tables(gen) {
  const strings = ['chan receive', 'main.worker', 'main.main', 'main.go'].flatMap((s, i) => [5, i + 1, ...string(s)]);
  const stacks = [3, 1, 2, ...varint(4096), 2, 4, 42, ...varint(4100), 3, 4, 7, 3, 2, 1, ...varint(4104), 2, 4, 10];
  return [
    batch(gen, NO_M, 0, [4, ...strings]), batch(gen, NO_M, 0, [2, ...stacks]),
    batch(gen, NO_M, 0, [8, ...varint(1_000_000_000)]),
  ];
}

/**
 * About so many events, three bytes or more each, in generations of about perGeneration events.
 * @param {number} events
 * @param {{procs?: number, perProc?: number, perGeneration?: number}} [options]
 * @returns {Buffer}
 */
export function makeTrace(events, { procs = 4, perProc = 20, perGeneration = 1_200_000 } = {}) {
  const parts = [HEADER];
  const generations = Math.max(1, Math.round(events / perGeneration));
  const turns = Math.floor(events / generations / procs / 3);
  /** The goroutine running on each P. */
  const running = new Array(procs).fill(0);
  let time = 1000;
  for (let gen = 1; gen <= generations; gen++) {
    const start = time;
    for (let p = 0; p < procs; p++) {
      const first = 1 + p * perProc;
      const seq = new Array(perProc).fill(0);
      let at = start;
      let from = at;
      /** @type {number[]} */
      let body = [13, 1, ...varint(p), 1];
      for (let i = 0; i < perProc; i++)
        body.push(48, 1, ...varint(first + i), ...(i === running[p] ? [...varint(p), 2] : [...varint(NO_M), 4]), 1);
      at += 1 + perProc;
      for (let i = 0; i < turns; i++) {
        const next = (running[p] + 1) % perProc;
        const dt = 20 + (i * 7919) % 90;
        body.push(21, dt, ...varint(first + next), ...varint(++seq[next]), 1, 20, dt, 1, 1,
          16, 30, ...varint(first + next), ...varint(++seq[next]));
        at += 2 * dt + 30;
        running[p] = next;
        if (body.length > BATCH) {
          parts.push(batch(gen, p, from, body));
          body = [];
          from = at;
        }
      }
      if (body.length) parts.push(batch(gen, p, from, body));
      time = Math.max(time, at + 1000);
    }
    parts.push(...tables(gen));
  }
  return Buffer.concat(parts);
}
