// Goal: any stretch of any trace is a trace that Go's reader and validator accept, with just the events of that
// stretch.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { goDumps, goJudges } from '../lib/oracle.mjs';
import { LONG, alike } from '../lib/run.mjs';
import { isNew } from '../lib/verdicts.mjs';
import { random } from '../trace/reader.mjs';
import { oneRound, roundOf } from '../bench/long-trace.mjs';
import { repeated } from '../bench/repeat.mjs';
import { RECORDED, eventsOf, exported } from './traces.mjs';

const INDEX = new URL('../../viewer/trace/export/index.mjs', import.meta.url).href;
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-export-'));
after(() => rmSync(scratch, { recursive: true }));

/** @typedef {import('../../viewer/trace/index.mjs').TraceEvent} TraceEvent */

/** Says how things stand, so a cut may add or drop it. @param {TraceEvent} e */
const isStatus = ({ event }) => /Status|Active$|^Sync$/.test(event);
/** @param {TraceEvent} e */
const isStop = ({ event }) => event === 'STWBegin' || event === 'STWEnd';
/** Counts without what statuses become. @param {TraceEvent[]} events */
const counted = (events) => {
  /** @type {Record<string, number>} */ const counts = {};
  for (const e of events) if (!isStatus(e)) counts[e.event] = (counts[e.event] ?? 0) + 1;
  return counts;
};

/**
 * Go's judgement. Its validator takes only traces with clock snapshots. @param {Uint8Array} bytes
 * @param {string} name
 */
async function judged(bytes, name) {
  const file = join(scratch, name);
  writeFileSync(file, bytes);
  if (isNew(bytes)) assert.equal(await goJudges(file), null, name);
  else await goDumps(file);
  rmSync(file);
}

/**
 * @param {string} name @param {Uint8Array} bytes @param {TraceEvent[]} events of it @param {number} from
 * @param {number} to @returns {Promise<boolean>} something is there
 */
async function checkCut(name, bytes, events, from, to) {
  const want = events.filter((e) => e.time >= from && e.time < to && e.event !== 'CPUSample');
  let part;
  try {
    part = await exported(bytes, 'go', { from, to });
  } catch (e) {
    assert.match(/** @type {Error} */ (e).message, /^No event of the trace is (between|before|at) /);
    assert.deepEqual(counted(want), {});
    return false;
  }
  const got = await eventsOf(part, { validate: isNew(part) });
  const counts = counted(want), mine = counted(got.filter((e) => e.event !== 'CPUSample'));
  // A world that is stopped at the cut is said to begin to stop there.
  const stopped = counts.STWEnd > (counts.STWBegin ?? 0) ? 1 : 0;
  if (stopped || mine.STWBegin !== counts.STWBegin) counts.STWBegin = (counts.STWBegin ?? 0) + 1;
  assert.deepEqual(mine, counts, `${name} from ${from} to ${to}`);
  await judged(part, `${name}-${from}-${to}`);
  return true;
}

for (const [name, bytes] of Object.entries(RECORDED)) {
  test(`stretches of ${name}`, { skip: !/^go1\.27-/.test(name) && alike }, async () => {
    const events = await eventsOf(bytes), end = events[events.length - 1].time, below = random(name.length * 7919);
    let n = 0;
    for (let i = 0; i < (LONG ? 5 : 2); i++) {
      const from = i === 0 ? 0 : below(end), to = i === 1 ? Infinity : from + 1 + below(end - from);
      n += Number(await checkCut(name, bytes, events, from, to));
    }
    assert.ok(n > 0);
  });
}

test('stretches of a trace in which the world is stopped from one generation to the next', async () => {
  const bytes = new Uint8Array(readFileSync(new URL('stopped-between.trace', import.meta.url)));
  const events = await eventsOf(bytes), end = events[events.length - 1].time, stops = events.filter(isStop);
  assert.deepEqual(stops.map((e) => e.event), ['STWBegin', 'STWEnd']);
  const second = events.findIndex((e) => e.event === 'Sync' && e.n === 2);
  assert.ok(events.indexOf(stops[0]) < second && second < events.indexOf(stops[1]), 'the second one begins between');
  assert.deepEqual(counted(await eventsOf(await exported(bytes, 'go'))), counted(events));
  const seen = new Set();
  for (let i = 0; i <= 20; i++) {
    const from = i === 20 ? stops[1].time : i * end / 21, part = await exported(bytes, 'go', { from, to: Infinity });
    // Where the stretch begins in the second generation, nobody knows why the world is stopped: that is left out.
    const got = (await eventsOf(part, { validate: true })).filter(isStop).map((e) => e.event);
    assert.ok(got.length === 0 || got.join() === 'STWBegin,STWEnd', `from ${from}: ${got}`);
    if (from <= stops[0].time) assert.ok(got.length > 0, `from ${from}`);
    seen.add(from <= stops[1].time ? got.length : 'after');
    await judged(part, `between-${i}`);
  }
  assert.deepEqual([...seen], [2, 0, 'after']);
});

/**
 * A trace of so many generations, each as the given one. @param {Awaited<ReturnType<typeof roundOf>>['all']} all
 * @param {number} length of it @param {number} generations
 */
function traceOf(all, length, generations) {
  const pieces = repeated(all, length);
  return new Uint8Array(Buffer.concat(Array.from({ length: generations + 1 }, () => pieces.next().value).flat()));
}

test('whole generations between are copied, times go on, and nothing but the stretch is decoded', async () => {
  const { all: round, length } = await roundOf(oneRound(80, LONG ? 1_000_000 : 50_000));
  const bytes = traceOf(round, length, 10);
  const all = await exported(bytes, 'go');
  assert.equal(Buffer.compare(all, bytes), 0);
  const part = await exported(bytes, 'go', { from: 3.5 * length, to: 6.5 * length });
  assert.ok(part.length < bytes.length / 2, `${part.length}`);
  await judged(part, 'made');
});

test('the memory an export takes does not grow with the trace', { skip: alike }, async () => {
  const { all, length } = await roundOf(oneRound(80, 100_000));
  const sizes = (LONG ? [3, 15] : [2, 6]).map((generations) => {
    const file = join(scratch, `${generations}.trace`);
    writeFileSync(file, traceOf(all, length, generations));
    const program = `const { exportTrace } = await import(${JSON.stringify(INDEX)});
      const { createReadStream } = await import('node:fs');
      for await (const _ of exportTrace(createReadStream(process.argv[1]), 'perfetto')) {}
      console.log(process.resourceUsage().maxRSS / 1000);`;
    return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program, file], { encoding: 'utf8' }));
  });
  assert.ok(sizes[1] < sizes[0] * 1.4 + 20, `${sizes.join(' and ')} MB`);
});

test('a stretch in which nothing happens has who waits', async () => {
  const bytes = RECORDED['go1.27-timers.trace'], events = await eventsOf(bytes);
  const gaps = events.slice(1).map((e, i) => ({ from: events[i].time, length: e.time - events[i].time }));
  const { from, length } = gaps.sort((a, b) => b.length - a.length)[0];
  const part = await exported(bytes, 'go', { from: from + length / 4, to: from + length / 2 });
  const kinds = new Set((await eventsOf(part, { validate: true })).map((e) => e.event));
  assert.ok([...kinds].every((k) => /Status|Active$|^Sync$/.test(k)), [...kinds].join());
  await judged(part, 'quiet');
});

test('a gzipped trace is the same, a broken one tells its place and leaves what is before', async () => {
  const bytes = RECORDED['go1.27-flight.trace'];
  const zipped = gzipSync(bytes);
  assert.equal(Buffer.compare(await exported(zipped, 'go'), bytes), 0);
  const inPieces = [zipped.subarray(0, 1), new Uint8Array(0), zipped.subarray(1)];
  assert.equal(Buffer.compare(await exported(inPieces, 'go'), bytes), 0);
  await assert.rejects(exported(bytes.subarray(0, bytes.length - 9), 'go'), /in the middle of a batch/);
  await assert.rejects(exported(bytes, 'go', { from: 5, to: 5 }), /is empty/);
  await assert.rejects(exported(bytes, 'mp3'), /no format "mp3"; there are go, perfetto, chrome, csv/);
});
