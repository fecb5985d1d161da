#!/usr/bin/env node
// record.mjs: records the traces of real Go programs that the tests compare with Go's own reading of them.
//
//     record.mjs record GO DIR [--scale N] [NAME…]   builds tests/trace/go/*.go with this go command, runs
//                                                    each, its trace into DIR
//     record.mjs expect DIR                          writes DIR/expected.json: the SHA-256 of Go's dump of
//                                                    every trace there
//     record.mjs compare FILE…                       our dump and Go's, by hash; exit code 1 if one differs
//
// expect and compare ask Go through the program named in GOROSCOPE_ORACLE (`dump FILE`), else `go tool trace
// -d=parsed FILE`.
// What is committed: record with Go 1.23 and Go 1.27 at scale 1 into tests/trace/recorded, then expect. A trace
// over 100 MB: record GO DIR --scale 6000 channels.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const programs = fileURLToPath(new URL('go/', import.meta.url));
const cli = fileURLToPath(new URL('../../shell/cli.mjs', import.meta.url));

/** The programs that take more than a name. @type {Record<string, {source: string, env: Record<string, string>}>} */
const variants = { allocfree: { source: 'tasks', env: { GODEBUG: 'traceallocfree=1' } } };

/** @param {string} go @param {string} dir @param {number} scale @param {string[]} names */
function record(go, dir, scale, names) {
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '', GO111MODULE: 'off',
    GOROOT: dirname(dirname(resolve(go))) };
  const version = /go(1\.\d+)/.exec(execFileSync(go, ['version'], { env, encoding: 'utf8' }))?.[1] ?? 'unknown';
  const all = readdirSync(programs).filter((f) => f.endsWith('.go') && f !== 'record.go').map((f) => f.slice(0, -3));
  const scratch = mkdtempSync(join(tmpdir(), 'goroscope-record-'));
  mkdirSync(dir, { recursive: true });
  try {
    for (const name of names.length ? names : [...all, ...Object.keys(variants)]) {
      const { source, env: more } = variants[name] ?? { source: name, env: {} };
      if (source === 'flight' && Number(version.slice(2)) < 25) continue;
      const program = join(scratch, source);
      execFileSync(go, ['build', '-trimpath', '-o', program, 'record.go', `${source}.go`],
        { cwd: programs, env, stdio: 'inherit' });
      const out = join(dir, `go${version}-${name}.trace`);
      execFileSync(program, [out, String(scale)],
        { env: { ...process.env, ...more }, stdio: 'inherit', timeout: 300_000 });
      console.log(`${out}: ${statSync(out).size} bytes`);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/**
 * The SHA-256 of what a command prints, and how many lines.
 * @param {string} command @param {string[]} args @returns {Promise<{sha256: string, bytes: number}>}
 */
export function hashOf(command, args) {
  return new Promise((done, fail) => {
    const hash = createHash('sha256');
    let bytes = 0;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (d) => {
      bytes += d.length;
      hash.update(d);
    });
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done({ sha256: hash.digest('hex'), bytes })
      : fail(new Error(`${command} ${args.join(' ')}: exit code ${code}`))));
  });
}

/** Go's dump of a file. @param {string} file */
function byGo(file) {
  const oracle = process.env.GOROSCOPE_ORACLE;
  return oracle ? hashOf(oracle, ['dump', file]) : hashOf('go', ['tool', 'trace', '-d=parsed', file]);
}

/** @param {string} dir */
async function expect(dir) {
  /** @type {Record<string, string>} */
  const hashes = {};
  for (const file of readdirSync(dir).filter((f) => f.endsWith('.trace')).sort())
    hashes[file] = (await byGo(join(dir, file))).sha256;
  writeFileSync(join(dir, 'expected.json'), `${JSON.stringify(hashes, null, 2)}\n`);
  console.log(`${Object.keys(hashes).length} traces`);
}

/** @param {string[]} files @returns {Promise<number>} exit code */
async function compare(files) {
  let different = 0;
  for (const file of files) {
    const go = await byGo(file);
    const we = await hashOf(process.execPath, [cli, 'dump', file]);
    const same = go.sha256 === we.sha256;
    if (!same) different++;
    console.log(`${same ? 'same     ' : 'DIFFERENT'}  ${we.sha256.slice(0, 16)}  ${basename(file)}: ` +
      `${statSync(file).size} bytes, dump ${we.bytes} bytes`);
  }
  return different ? 1 : 0;
}

const [verb, ...args] = process.argv.slice(2);
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (verb === 'record' && args.length >= 2) {
    const at = args.indexOf('--scale');
    const scale = at < 0 ? 1 : Number(args.splice(at, 2)[1]);
    record(args[0], resolve(args[1]), scale, args.slice(2));
  } else if (verb === 'expect' && args.length === 1) await expect(args[0]);
  else if (verb === 'compare' && args.length) process.exitCode = await compare(args);
  else {
    console.error('usage: record.mjs record GO DIR [--scale N] [NAME…] | expect DIR | compare FILE…');
    process.exitCode = 1;
  }
}
