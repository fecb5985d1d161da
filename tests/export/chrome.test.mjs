// Goal: the JSON is what Chrome's trace event format asks for: every B has its E, time never falls, every process
// and thread has a name, every arrow its two ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECORDED, exported } from './traces.mjs';

/** What each phase must have besides ph and pid. @type {Record<string, string[]>} */
const FIELDS = {
  B: ['tid', 'ts', 'name', 'cat', 'args'], E: ['tid', 'ts'], i: ['tid', 'ts', 'name', 's', 'args'],
  s: ['tid', 'ts', 'name', 'cat', 'id'], f: ['tid', 'ts', 'name', 'cat', 'id', 'bp'],
  C: ['tid', 'ts', 'name', 'args'], M: ['tid', 'name', 'args'],
};

for (const [name, bytes] of Object.entries(RECORDED)) {
  test(`${name} for Chrome`, async () => {
    const { traceEvents } = JSON.parse(new TextDecoder().decode(await exported(bytes, 'chrome')));
    const named = new Set(), open = new Map(), seen = new Map(), arrows = new Map();
    let last = 0, slices = 0;
    for (const e of traceEvents) {
      assert.ok(FIELDS[e.ph], `phase ${e.ph}`);
      for (const field of FIELDS[e.ph]) assert.ok(field in e, `${e.ph} without ${field}`);
      const thread = `${e.pid} ${e.tid}`;
      if (e.ph === 'M') {
        if (e.name.endsWith('_name')) named.add(e.name === 'process_name' ? `${e.pid}` : thread);
        continue;
      }
      // A status that comes late begins a thread in the past; nothing else does.
      assert.ok(e.ts >= last || !seen.has(thread), 'time falls');
      assert.ok(e.ts >= (seen.get(thread) ?? 0), 'time falls in a thread');
      if (e.ph !== 'C') seen.set(thread, e.ts);
      last = Math.max(last, e.ts);
      assert.ok(named.has(`${e.pid}`) && (e.ph === 'C' || named.has(thread)), `${thread} has no name`);
      if (e.ph === 'B') open.set(thread, (open.get(thread) ?? 0) + 1), slices++;
      if (e.ph === 'E') {
        assert.ok(open.get(thread) > 0);
        open.set(thread, open.get(thread) - 1);
      }
      if (e.ph === 's') arrows.set(e.id, 1);
      if (e.ph === 'f') assert.ok(arrows.delete(e.id), 'an arrow ends that did not begin');
    }
    assert.ok(slices > 0);
    assert.deepEqual([...open.values()].filter(Boolean), []);
    assert.equal(arrows.size, 0);
  });
}
