// Goal: what Perfetto gets can be decoded by its .proto files, hangs together (tracks, slices, arrows, texts),
// and says what Go's events say: per goroutine as long in each state as `goroscope stat` finds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTION } from '../../viewer/trace/store.mjs';
import { read } from '../trace/reader.mjs';
import { read as decode } from './protobuf-reader.mjs';
import { RECORDED, exported } from './traces.mjs';

const CLEARED = 1, NEEDS = 2;
const BEGIN = 1, END = 2, INSTANT = 3, COUNTER = 4;

/**
 * Follows the packets as an importer does.
 * @param {Uint8Array} bytes
 */
function imported(bytes) {
  /** @type {Map<number, {name: string, parent: number, counter: boolean, open: any[], last: number}>} */
  const tracks = new Map();
  /** @type {Record<string, Map<number, string>>} */ let texts = {};
  /** @type {any[]} */ const slices = [], instants = [];
  /** @type {Set<number>} */ const flows = new Set(), ended = new Set();
  let last = -1, start = 0, cleared = 0, counters = 0;
  for (const packet of decode(Buffer.from(bytes), 'Trace').packet) {
    assert.equal(packet.trusted_packet_sequence_id, 1);
    if (packet.track_descriptor) {
      const { uuid, name, parent_uuid: parent = 0, counter } = packet.track_descriptor;
      assert.ok(!tracks.has(uuid) && name && (parent === 0 || tracks.has(parent)));
      tracks.set(uuid, { name, parent, counter: counter !== undefined, open: [], last: -1 });
      continue;
    }
    const { timestamp: t, sequence_flags: flags, track_event: ev, interned_data: news = {} } = packet;
    assert.ok(flags & NEEDS);
    if (flags & CLEARED) texts = {}, cleared++;
    for (const [kind, list] of Object.entries(news))
      for (const { iid, str } of /** @type {any} */ (list)) (texts[kind] ??= new Map()).set(iid, str ?? '');
    const text = (/** @type {string} */ kind, /** @type {number} */ iid) => {
      const found = texts[kind]?.get(iid);
      assert.notEqual(found, undefined, `${kind} ${iid} was never told`);
      return found;
    };
    const track = tracks.get(ev.track_uuid);
    assert.ok(track, `track ${ev.track_uuid} was never described`);
    // A status that comes late begins a track in the past; nothing else does.
    assert.ok(t >= last || track.last === -1 && t === start, 'time falls');
    assert.ok(t >= track.last, 'time falls on a track');
    track.last = t;
    if (last === -1) start = t;
    last = Math.max(last, t);
    if (ev.type === COUNTER) {
      assert.ok(track.counter && Number.isSafeInteger(ev.counter_value));
      counters++;
      continue;
    }
    if (ev.type === END) {
      const slice = track.open.pop();
      assert.ok(slice, 'an end without a begin');
      slice.end = t;
      continue;
    }
    const args = Object.fromEntries((ev.debug_annotations ?? []).map((/** @type {any} */ a) =>
      [text('debug_annotation_names', a.name_iid), 
        a.int_value ?? text('debug_annotation_string_values', a.string_value_iid)]));
    const categories = (ev.category_iids ?? []).map((/** @type {number} */ i) => text('event_categories', i));
    const one = { track: track.name, group: tracks.get(track.parent)?.name, name: text('event_names', ev.name_iid),
      args, start: t, category: categories[0] };
    for (const id of ev.flow_ids ?? []) { assert.ok(!flows.has(id)); flows.add(id); }
    for (const id of ev.terminating_flow_ids ?? []) { assert.ok(flows.has(id) && !ended.has(id)); ended.add(id); }
    if (ev.type === BEGIN) track.open.push(one), slices.push(one);
    else { assert.equal(ev.type, INSTANT); instants.push(one); }
  }
  for (const { open } of tracks.values()) assert.deepEqual(open, [], 'a slice does not end');
  assert.deepEqual(ended, flows, 'an arrow that comes nowhere');
  return { slices, instants, flows, counters, cleared, tracks };
}

for (const [name, bytes] of Object.entries(RECORDED)) {
  test(`${name} for Perfetto`, async () => {
    const { slices, flows, tracks } = imported(await exported(bytes, 'perfetto'));
    assert.ok(slices.length > 0 && flows.size > 0);
    const stat = (await read(bytes, { options: OPTION.NO_INDEX | OPTION.STAT })).store.stat();
    /** @type {Record<string, Record<string, number>>} */ const sums = {};
    for (const { group, track, category, start, end } of slices) if (group === 'Goroutines')
      (sums[track.split(' ')[1]] ??= {})[category] = (sums[track.split(' ')[1]]?.[category] ?? 0) + end - start;
    // A thread of C that calls Go has the same goroutine again and again.
    for (const id of new Set(stat.by_goroutine.map((/** @type {any} */ g) => g.id))) {
      const own = stat.by_goroutine.filter((/** @type {any} */ g) => g.id === id);
      const sum = (/** @type {string} */ of) =>
        own.reduce((/** @type {number} */ n, /** @type {any} */ g) => n + g[of], 0);
      // Go's summary, which ours follows, counts a system call without a P at the trace's end twice.
      if (['running', 'runnable', 'waiting', 'syscall', 'syscall_blocked'].reduce((n, of) => n + sum(`${of}_ns`), 0)
        > sum('total_ns')) continue;
      const { running = 0, runnable = 0, waiting = 0, syscall = 0 } = sums[id] ?? {};
      assert.deepEqual({ running, runnable, waiting, syscall }, { running: sum('running_ns'),
        runnable: sum('runnable_ns'), waiting: sum('waiting_ns'),
        syscall: sum('syscall_ns') + sum('syscall_blocked_ns') }, `goroutine ${id}`);
    }
    assert.ok([...tracks.values()].filter((t) => /^P \d+$/.test(t.name)).length > 0);
  });
}

test('reasons, stacks, tasks, regions, logs, counters, stopped worlds are there', async () => {
  const tasks = imported(await exported(RECORDED['go1.27-tasks.trace'], 'perfetto'));
  const inGroup = (/** @type {string} */ group) => tasks.slices.filter((s) => s.group === group);
  assert.ok(inGroup('Tasks').length > 0 && inGroup('Regions').length > 0);
  assert.ok(tasks.instants.some((i) => 'value' in i.args));
  const gc = imported(await exported(RECORDED['go1.27-gc.trace'], 'perfetto'));
  assert.ok(gc.counters > 0);
  assert.ok(gc.slices.some((s) => s.track === 'GC') && gc.slices.some((s) => s.track === 'Stopped world'));
  const channels = imported(await exported(RECORDED['go1.27-channels.trace'], 'perfetto'));
  const waits = channels.slices.filter((s) => s.name === 'chan receive');
  assert.ok(waits.length > 0 && waits.every((s) => s.category === 'waiting' && s.args.reason === 'chan receive'));
  assert.ok(waits.some((s) => /main\.\S+ \S+\.go:\d+/.test(s.args.stack)), waits[0].args.stack);
});

test('a stretch has the times of the whole', async () => {
  const bytes = RECORDED['go1.27-gc.trace'];
  const all = imported(await exported(bytes, 'perfetto')).slices.filter((s) => s.group === 'Ps');
  const [from, to] = [12e6, 18e6];
  const part = imported(await exported(bytes, 'perfetto', { from, to })).slices.filter((s) => s.group === 'Ps');
  const inside = all.filter((s) => s.start > from && s.end < to).map((s) => `${s.track} ${s.start} ${s.end}`);
  assert.ok(inside.length > 10);
  const mine = part.map((s) => `${s.track} ${s.start} ${s.end}`);
  assert.deepEqual(inside.filter((s) => !mine.includes(s)), []);
});
