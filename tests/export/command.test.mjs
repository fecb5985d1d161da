// Goal: `goroscope export` writes what was asked for, says in one sentence what it cannot do, and one HTML file
// opens from disk in Chromium with its trace, without a server, a network or a complaint.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../lib/run.mjs';
import { RECORDED, eventsOf, exported } from './traces.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-export-'));
after(() => rmSync(scratch, { recursive: true }));
const trace = fileURLToPath(new URL('../trace/recorded/go1.27-gc.trace', import.meta.url));

/** @param {string[]} args @returns {Promise<{code: number, out: Buffer, err: string}>} */
const cli = (...args) => new Promise((resolve) => {
  execFile(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'export', ...args],
    { encoding: 'buffer', maxBuffer: 1 << 28, cwd: scratch }, (e, out, err) =>
      resolve({ code: Number(e?.code ?? 0), out, err: err.toString() }));
});

test('to a file and to a pipe', async () => {
  const bytes = RECORDED['go1.27-gc.trace'];
  const toPipe = await cli(trace, '--format=go', '--from', '10ms', '--to=20ms');
  assert.equal(toPipe.err, '');
  assert.equal(Buffer.compare(toPipe.out, await exported(bytes, 'go', { from: 10e6, to: 20e6 })), 0);
  assert.deepEqual(await cli(trace, '--format=csv', '--table=goroutines', '-o', 'g.csv'),
    { code: 0, out: Buffer.alloc(0), err: '' });
  assert.match(readFileSync(join(scratch, 'g.csv'), 'utf8'), /^goroutine,function,.*\r\n(\d+,.*\r\n)+$/);
});

test('mistakes are told in one line', async () => {
  writeFileSync(join(scratch, 'cut.trace'), RECORDED['go1.27-gc.trace'].subarray(0, 100_000));
  writeFileSync(join(scratch, 'words.txt'), 'Nothing but words.');
  for (const [args, said] of /** @type {[string[], RegExp][]} */ ([
    [[trace], /needs --format: go, perfetto, chrome, csv or html/],
    [[trace, '--format=mp3'], /--format must be go, perfetto, chrome, csv or html, not "mp3"/],
    [['--format=go'], /needs one trace file, it has none/],
    [[trace, '--format=go', '--from=later'], /--from must be a time such as 1s, 2.5ms or 300us, not "later"/],
    [[trace, '--format=go', '--from=2s', '--to=1s'], /from 2 s to 1 s is empty/],
    [[trace, '--format=go', '--from=100s'], /No event of the trace is between 100 s and/],
    [[trace, '--format=go', '--table=spans'], /--table is for --format=csv/],
    [['a.html', trace, '--format=go'], /a\.html is a page/],
    [['words.txt', '--format=go'], /is no Go trace/],
    [['x.html', 'words.txt'], /is not a Go execution trace/],
    [['cut.trace', '--format=perfetto', '-o', 'cut.pb'], /batch|truncated|ends/],
    [[trace, '--format=go', '-o', 'no/such'], /no\/such could not be written: there is no such file/],
  ])) {
    const { code, err } = await cli(...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(err, said);
    assert.equal(err.trim().split('\n').length, 1, err);
  }
});

test('what stands before damage is exported', async () => {
  const bytes = RECORDED['go1.23-mixed.trace'];
  writeFileSync(join(scratch, 'damaged.trace'), bytes.subarray(0, bytes.length - 20));
  const { code, err } = await cli('damaged.trace', '--format=go', '-o', 'before.trace');
  assert.equal(code, 1);
  assert.match(err, /in the middle of a batch \(byte \d+\); what comes before has been exported/);
  assert.ok((await eventsOf(new Uint8Array(readFileSync(join(scratch, 'before.trace'))))).length > 10);
});
