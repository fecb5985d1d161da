#!/usr/bin/env node
// run.mjs: `npm run fuzz -- [SECONDS] [--mutations N] [--seed S]` looks for what is wrong with the trace reader, in
// two ways.
//
// First 20,000 mutations of traces are judged by Go and by us (differ.mjs; Go: GOROSCOPE_ORACLE). Any difference
// that known.mjs does not list is a finding. Without Go the mutations kept in judged.br are read, with what Go said
// of them.
//
// Then libFuzzer (reader.c) runs for SECONDS, an hour if nothing is said; 0: not at all. It starts from corpus.gz
// and the recorded traces, keeps what it finds worth keeping in build/fuzz/corpus for the next time, and says
// executions, coverage and findings. Exit code 1: a finding; its input then lies in build/fuzz. Move it to
// tests/fuzz/found, where the default tests try it forever after.
//
//     run.mjs --judge      writes judged.br anew: those of the mutations that are unlike the others
//     run.mjs --pack       writes corpus.gz anew: the smallest part of build/fuzz/corpus with the same coverage
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { oracle } from '../lib/verdicts.mjs';
import { readerIncludes, readerSources } from '../trace/sources.mjs';
import { counted, differ, differFromKept, keepCases, told } from './differ.mjs';

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
  const out = join(dir, 'reader');
  mkdirSync(dir, { recursive: true });
  execFileSync('clang', ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-fsanitize=fuzzer,address,undefined',
    '-fno-sanitize-recover=undefined', ...readerIncludes, join(here, 'reader.c'), ...readerSources,
    '-lm', '-o', out], { stdio: ['ignore', 'inherit', 'inherit'] });
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
  const child = spawn(program, [`-max_total_time=${seconds}`, '-timeout=60', '-rss_limit_mb=1500',
    `-max_len=${LONGEST}`, `-seed=${seed}`, '-print_final_stats=1', `-artifact_prefix=${dir}/`, corpus],
    { stdio: ['ignore', 'ignore', 'pipe'] });
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
    execFileSync(program, ['-merge=1', `-max_len=${LONGEST_KEPT}`, least, corpus],
      { stdio: ['ignore', 'ignore', 'pipe'], maxBuffer: 1 << 28 });
    const inputs = readdirSync(least).map((f) => readFileSync(join(least, f)))
      .sort((a, b) => a.length - b.length || Buffer.compare(a, b));
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

/**
 * The difference test.
 * @param {number} mutations @param {number} seed @returns {Promise<boolean>} nothing new was found
 */
async function judged(mutations, seed) {
  const from = performance.now();
  const tally = oracle ? await differ(mutations, seed) : await differFromKept();
  for (const c of tally.unknown) console.log(told(c));
  const what = oracle ? `${mutations} mutations, seed ${seed}`
    : 'Go was not asked (GOROSCOPE_ORACLE is not set): mutations it judged before';
  console.log(`${what}: ${counted(tally)}; ${((performance.now() - from) / 1e3).toFixed(0)} s`);
  for (const [why, n] of tally.known) console.log(`    ${n}: ${why}`);
  return tally.unknown.length === 0;
}

/** @param {string[]} args @returns {Promise<number>} exit code */
async function main(args) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true,
    options: { pack: { type: 'boolean' }, judge: { type: 'boolean' },
      mutations: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 1e6) } } });
  const [mutations, seed, seconds] = [Number(values.mutations), Number(values.seed), Number(positionals[0] ?? 3600)];
  if (!(seconds >= 0 && mutations >= 0 && seed >= 0)) {
    console.error('fuzz: SECONDS, --mutations and --seed must be numbers from 0 on');
    return 1;
  }
  if (values.judge) {
    console.log(await keepCases(mutations, seed));
    return 0;
  }
  if (!values.pack && mutations && !(await judged(mutations, seed))) return 1;
  if (!values.pack && seconds === 0) return 0;
  const why = missing();
  if (why) {
    console.error(`fuzz: ${why}`);
    return 1;
  }
  const dir = join(root, 'build/fuzz');
  const corpus = join(dir, 'corpus');
  const program = build(dir);
  if (existsSync(packed)) unpack(corpus);
  if (values.pack) {
    pack(program, corpus);
    return 0;
  }
  const { ok, executions, coverage, seconds: took } = await fuzz(program, corpus, dir, seconds, { echo: true });
  console.log(`${executions} executions in ${took.toFixed(0)} s, ${coverage} edges covered, ${
    ok ? 'nothing found' : `a finding: see above, its input is in ${dir}`}`);
  return ok ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
