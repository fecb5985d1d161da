#!/usr/bin/env node
// run.mjs: fuzzes the trace reader (reader.c) with libFuzzer: `npm run fuzz -- [SECONDS]`, an hour if nothing is said.
//
// Starts from corpus.gz and the recorded traces, keeps what it finds worth keeping in build/fuzz/corpus for the next time, and says
// executions, coverage and findings. Exit code 1: a finding; its input then lies in build/fuzz. Move it to tests/fuzz/found, where the
// default tests try it forever after.
//
//     run.mjs --pack       writes corpus.gz anew: the smallest part of build/fuzz/corpus with the same coverage
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
const packed = join(here, 'corpus.gz');
const recorded = join(root, 'tests/trace/recorded');

/** Bytes of the longest input tried, and of the longest that is committed. */
const LONGEST = 16384;
const LONGEST_KEPT = 1500;

/** Why there is no fuzzing here, or null. @returns {string | null} */
export function missing() {
  if (spawnSync('clang', ['--version']).status !== 0) return 'no clang here';
  const probe = spawnSync('clang', ['-fsanitize=fuzzer', '-x', 'c', '-', '-o', '/dev/null'],
    { input: 'int LLVMFuzzerTestOneInput(const unsigned char *p, unsigned long n) { return p && n ? 0 : 0; }' });
  return probe.status === 0 ? null : 'this clang has no libFuzzer (Debian: libclang-rt-14-dev)';
}

/** Compiles the fuzzer. @param {string} dir @returns {string} the program */
export function build(dir) {
  const reader = join(root, 'viewer/reader');
  const sources = readdirSync(reader).filter((f) => f.endsWith('.c')).map((f) => join(reader, f));
  const out = join(dir, 'reader');
  mkdirSync(dir, { recursive: true });
  execFileSync('clang', ['-std=c11', '-g', '-O1', '-Wall', '-Wextra', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=undefined',
    `-I${reader}`, `-I${join(root, 'runtime/format')}`, join(here, 'reader.c'), ...sources, '-lm', '-o', out], { stdio: ['ignore', 'inherit', 'inherit'] });
  return out;
}

/** The committed seeds as files: each its length (u32) and its bytes. @param {string} dir */
export function unpack(dir) {
  mkdirSync(dir, { recursive: true });
  const all = gunzipSync(readFileSync(packed));
  for (let at = 0; at < all.length;) {
    const n = all.readUInt32LE(at);
    const bytes = all.subarray(at + 4, at + 4 + n);
    writeFileSync(join(dir, createHash('sha1').update(bytes).digest('hex')), bytes);
    at += 4 + n;
  }
  for (const f of readdirSync(recorded).filter((name) => name.endsWith('.trace'))) {
    const bytes = readFileSync(join(recorded, f));
    if (bytes.length < LONGEST) writeFileSync(join(dir, f), bytes);
  }
}

/**
 * @typedef {object} Fuzzed
 * @property {boolean} ok
 * @property {number} executions
 * @property {number} coverage edges reached
 * @property {number} seconds
 * @property {string} log
 */

/**
 * Runs the fuzzer for a while.
 * @param {string} program @param {string} corpus @param {string} dir where a finding goes @param {number} seconds
 * @param {{seed?: string, echo?: boolean}} [options]
 * @returns {Promise<Fuzzed>}
 */
export function fuzz(program, corpus, dir, seconds, { seed = '0', echo = false } = {}) {
  const from = performance.now();
  const child = spawn(program, [`-max_total_time=${seconds}`, '-timeout=60', '-rss_limit_mb=1500', `-max_len=${LONGEST}`, `-seed=${seed}`,
    '-print_final_stats=1', `-artifact_prefix=${dir}/`, corpus], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log = (log + text).slice(-200_000);
    if (echo) process.stderr.write(text);
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({
      ok: code === 0,
      executions: Number(/number_of_executed_units: *(\d+)/.exec(log)?.[1] ?? 0),
      coverage: Number([...log.matchAll(/ cov: (\d+)/g)].at(-1)?.[1] ?? 0),
      seconds: (performance.now() - from) / 1e3,
      log,
    }));
  });
}

/** @param {string} program @param {string} corpus */
function pack(program, corpus) {
  const least = mkdtempSync(join(tmpdir(), 'goroscope-corpus-'));
  try {
    execFileSync(program, ['-merge=1', `-max_len=${LONGEST_KEPT}`, least, corpus], { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 28 });
    const inputs = readdirSync(least).map((f) => readFileSync(join(least, f))).sort((a, b) => a.length - b.length || Buffer.compare(a, b));
    const parts = inputs.flatMap((bytes) => {
      const n = Buffer.alloc(4);
      n.writeUInt32LE(bytes.length);
      return [n, bytes];
    });
    writeFileSync(packed, gzipSync(Buffer.concat(parts), { level: 9 }));
    console.log(`${packed}: ${inputs.length} inputs, ${readFileSync(packed).length} bytes`);
  } finally {
    rmSync(least, { recursive: true });
  }
}

/** @param {string[]} args @returns {Promise<number>} exit code */
async function main(args) {
  const why = missing();
  if (why) {
    console.error(`fuzz: ${why}`);
    return 1;
  }
  const dir = join(root, 'build/fuzz');
  const corpus = join(dir, 'corpus');
  const program = build(dir);
  if (existsSync(packed)) unpack(corpus);
  if (args[0] === '--pack') {
    pack(program, corpus);
    return 0;
  }
  const seconds = Number(args[0] ?? 3600);
  if (!(seconds >= 1)) {
    console.error(`fuzz: SECONDS must be a number from 1 on, not "${args[0]}"`);
    return 1;
  }
  const { ok, executions, coverage, seconds: took } = await fuzz(program, corpus, dir, seconds, { echo: true });
  console.log(`${executions} executions in ${took.toFixed(0)} s, ${coverage} edges covered, ${ok ? 'nothing found' : `a finding: see above, its input is in ${dir}`}`);
  return ok ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
