// Goal: `goroscope/trace` yields typed events from any source, and another C program can link the reader by its header.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readTrace, TraceError } from 'goroscope/trace';
import { assemble, events } from './assemble.mjs';
import { dumped } from './reader.mjs';
import { busy, go126, oneM, twoGenerations } from './samples.mjs';
import { readerDir, readerIncludes, readerSources } from './sources.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const recorded = join(root, 'tests/trace/recorded/go1.27-tasks.trace');
const scratch = mkdtempSync(join(tmpdir(), 'goroscope-module-'));
after(() => rmSync(scratch, { recursive: true }));

/**
 * @param {import('goroscope/trace').TraceSource} source
 * @param {import('goroscope/trace').ReadTraceOptions} [options]
 */
async function all(source, options) {
  const list = [];
  for await (const ev of readTrace(source, options)) list.push(ev);
  return list;
}

test('for await over a file, a stream, a blob, chunks, bytes: the same events, as many as Go counts', async () => {
  const bytes = readFileSync(recorded);
  const want = await all(bytes);
  assert.equal(want.length, (await dumped(bytes)).store.events);
  assert.deepEqual([want[0].event, want[0].time, want.at(-1)?.event], ['Sync', 0, 'Sync']);
  for (let i = 1; i < want.length; i++) assert.ok(want[i].time > want[i - 1].time);
  const pieces = [bytes.subarray(0, 3), bytes.subarray(3, 1000), bytes.subarray(1000)];
  for (const source of [createReadStream(recorded), Readable.toWeb(Readable.from(pieces)), new Blob([bytes]),
    new Response(bytes), pieces, bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)]) {
    assert.deepEqual(await all(/** @type {import('goroscope/trace').TraceSource} */ (source)), want);
  }
});

test('events carry their arguments by name, strings and stacks resolved', async () => {
  let region = '';
  /** @type {string[]} */
  const logs = [];
  for await (const ev of readTrace(createReadStream(recorded), { validate: true })) {
    // The types narrow here: npm run check would refuse another argument.
    if (ev.event === 'UserRegionBegin') region ||= `${ev.name} ${ev.stack?.[0].func}`;
    else if (ev.event === 'UserLog') logs.push(`${ev.key}=${ev.value}`);
  }
  assert.match(region, /^outer |^inner |^open /);
  assert.ok(logs.includes('kind=an "odd" one\n'));
  assert.ok(logs.some((l) => /^=step \d+ ünïcode 日本$/.test(l)));
});

test('times far from zero stay exact', async () => {
  /** @param {number} base */
  const from = (base) => all(assemble(busy.replaceAll(/time=(\d+)$/gm, (_, t) => `time=${base + Number(t)}`)));
  const [near, late] = [await from(1000), await from(9_000_000_000_000_000)];
  assert.deepEqual(late.map((e) => e.time), near.map((e) => e.time));
});

test('damage: everything before it, then one TraceError that says where', async () => {
  const bytes = assemble(twoGenerations);
  const seen = [];
  await assert.rejects(async () => {
    for await (const ev of readTrace([bytes.subarray(0, -30)])) seen.push(ev);
  }, (error) => error instanceof TraceError && error.fault.rule === 'truncated'
    && /byte \d+, generation 2/.test(error.message));
  assert.ok(seen.length > 5);
  await assert.rejects(all(assemble(oneM('GoLabel dt=1 label=0')), { validate: true }), /validate-label/);
  await assert.rejects(all(/** @type {any} */ ('text')), /not a string/);
});

test('leaving the loop early ends the source', async () => {
  let cancelled = false;
  const stream = new ReadableStream({
    pull(controller) { controller.enqueue(assemble(go126)); },
    cancel() { cancelled = true; },
  });
  for await (const ev of readTrace(stream)) if (ev.event === 'GoLabel') break;
  assert.ok(cancelled);
});

test('the types name every timed event of the table', () => {
  const types = readFileSync(join(root, 'viewer/trace/index.d.mts'), 'utf8');
  const named = new Set([...types.matchAll(/^ {2}(\w+): (?:\{|object)/gm)].map((m) => m[1]));
  for (const [name, { args }] of events)
    if (args[0] === 'dt' && name !== 'ClockSnapshot') assert.ok(named.has(name), name);
});

const cc = ['clang', 'gcc', 'cc'].find((c) => spawnSync(c, ['--version']).status === 0);

test('a C program of somebody else links the reader by goroscope_trace.h alone', {
  skip: cc ? false : 'no C compiler here',
}, () => {
  writeFileSync(join(scratch, 'count.c'), `#include <goroscope_trace.h>
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
    FILE *f = fopen(argv[argc - 1], "rb");
    gt_reader *r = gt_open(GT_OPT_VALIDATE | GT_OPT_STAT);
    int status = GT_WANT;
    while (f && r && (status = gt_run(r, 1000)) < GT_DONE) {
        if (status == GT_MORE)
            continue;
        uint8_t *room = gt_room(r, 4096);
        size_t n = room ? fread(room, 1, 4096, f) : 0;
        gt_feed(r, (uint32_t)n);
        if (!n)
            gt_end(r);
    }
    printf("%.0f events, status %d, lanes %s\\n", gt_events(r), status,
        gt_info_json(r) && strstr(gt_text(r), "P 0") ? "yes" : "no");
    gt_close(r);
    fclose(f);
    return status != GT_DONE;
}
`);
  const include = join(scratch, 'include');
  execFileSync('mkdir', [include]);
  // nothing else is to be seen
  writeFileSync(join(include, 'goroscope_trace.h'), readFileSync(join(readerDir, 'goroscope_trace.h')));
  const program = join(scratch, 'count');
  const objects = readerSources.map((source) => {
    const object = join(scratch, basename(source).replace(/c$/, 'o'));
    execFileSync(/** @type {string} */ (cc), ['-std=gnu11', '-O1', ...readerIncludes, '-c', source, '-o', object]);
    return object;
  });
  execFileSync(/** @type {string} */ (cc), ['-std=c11', '-Wall', '-Wextra', '-Werror', '-pedantic', `-I${include}`,
    join(scratch, 'count.c'), ...objects, '-lm', '-o', program]);
  assert.match(execFileSync(program, [recorded], { encoding: 'utf8' }), /^\d+ events, status 2, lanes yes\n$/);
});
