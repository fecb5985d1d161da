// Goal: `goroscope export` writes what was asked for, says in one sentence what it cannot do, and one HTML file
// opens from disk in Chromium with its trace, without a server, a network or a complaint.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { mustBeTrace } from '../../shell/cli/args.mjs';
import { generations } from '../../viewer/trace/export/wire.mjs';
import { ROOT, alike } from '../lib/run.mjs';
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

/** @param {Uint8Array} bytes */
async function firstGeneration(bytes) {
  for await (const generation of generations((async function* () { yield bytes; })())) return generation;
  throw new Error('there is none');
}

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
    [[trace, '--format=go', '--from=100s'], /go1\.27-gc\.trace: No event of the trace is at 100 s or later$/],
    [[trace, '--format=go', '--table=spans'], /--table is for --format=csv/],
    [['a.html', trace, '--format=go'], /a\.html is a page/],
    [['words.txt', '--format=go'], /words\.txt: This is no trace of Go 1\.22 to 1\.27/],
    [['x.html', 'words.txt'], /is not a Go execution trace/],
    [['cut.trace', '--format=perfetto', '-o', 'cut.pb'], /batch|truncated|ends/],
    [[trace, '--format=go', '-o', 'no/such'], /no\/such could not be written: there is no such folder/],
    [[trace, '--format=go', '--from', '-1s'], /--from must be a time such as .*, not "-1s"/],
    [[trace, '--format=go', '--from', '--to'], /--from needs a value, and --to begins as an option does/],
  ])) {
    const { code, err } = await cli(...args);
    assert.equal(code, 1, args.join(' '));
    assert.match(err.trim(), said);
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

test('a file that is there stays, when nothing can be exported', { skip: alike }, async () => {
  const keep = join(scratch, 'keep.out'), before = 'kept '.repeat(1000);
  writeFileSync(join(scratch, 'prose.txt'), 'Nothing but words. '.repeat(100));
  writeFileSync(join(scratch, 'prose.gz'), gzipSync('Nothing but words. '.repeat(100)));
  for (const input of ['prose.txt', 'prose.gz']) {
    for (const format of ['go', 'perfetto', 'chrome', 'csv', 'html']) {
      writeFileSync(keep, before);
      const { code, err } = await cli(input, `--format=${format}`, '-o', keep);
      assert.equal(code, 1, format);
      assert.ok(err.includes(input) && !err.includes('has been exported'), err);
      assert.equal(readFileSync(keep, 'utf8'), before, format);
    }
  }
  assert.deepEqual(readdirSync(scratch).filter((name) => name.endsWith('.tmp')), []);
});

test('a damaged trace is told of in every format, and a cut gzip by its name', { skip: alike }, async () => {
  const bytes = RECORDED['go1.23-mixed.trace'].slice();
  const at = (await eventsOf(bytes)).length; // it is whole
  assert.ok(at > 0);
  const { batches, offset } = await firstGeneration(bytes);
  const thread = batches.find(({ kind, end, body }) => kind === 0 && end - body > 100);
  assert.ok(thread);
  bytes.fill(0xff, offset + thread.body + 40, offset + thread.body + 60);
  writeFileSync(join(scratch, 'corrupt.trace'), bytes);
  for (const format of ['go', 'perfetto', 'chrome', 'csv']) {
    const { code, err } = await cli('corrupt.trace', `--format=${format}`, '-o', `corrupt.${format}`);
    assert.equal(code, 1, format);
    assert.match(err, /^goroscope: corrupt\.trace: .*\(byte \d+, generation \d+/, format);
  }
  const packed = gzipSync(RECORDED['go1.27-gc.trace']);
  writeFileSync(join(scratch, 'cut.gz'), packed.subarray(0, packed.length - 2000));
  const { code, err } = await cli('cut.gz', '--format=csv', '-o', 'cut.csv');
  assert.equal(code, 1);
  assert.match(err, /^goroscope: cut\.gz: The gzipped file is damaged or cut off/);
});

test('a reader that has seen enough ends it without a word, as SIGPIPE does', async () => {
  for (const format of ['csv', 'chrome']) {
    const child = spawn(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'export', trace, `--format=${format}`]);
    let err = '';
    child.stderr.on('data', (text) => { err += text; });
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = await once(child, 'close');
    assert.deepEqual({ code, err }, { code: 141, err: '' });
  }
});

test('gzipped traces are read by every verb', { skip: alike }, async () => {
  writeFileSync(join(scratch, 'packed.gz'), gzipSync(readFileSync(trace)));
  for (const verb of ['stat', 'dump', 'validate']) {
    const run = (/** @type {string} */ file) => promisify(execFile)(process.execPath,
      [join(ROOT, 'shell/cli.mjs'), verb, file], { cwd: scratch, maxBuffer: 1 << 28 });
    const { stdout } = await run('packed.gz');
    assert.equal(stdout.replace('packed.gz', ''), (await run(trace)).stdout.replace(trace, ''), verb);
  }
  assert.deepEqual(mustBeTrace(join(scratch, 'packed.gz')), { isPacked: true });
  const packed = readFileSync(join(scratch, 'packed.gz'));
  writeFileSync(join(scratch, 'short.gz'), packed.subarray(0, packed.length - 2000));
  const short = await promisify(execFile)(process.execPath, [join(ROOT, 'shell/cli.mjs'), 'validate', 'short.gz'],
    { cwd: scratch }).catch((e) => e);
  assert.equal(short.code, 1);
  assert.match(short.stderr, /^goroscope: short\.gz: /);
});
