// verdicts.mjs: what Go says of a trace: asked where Go is at hand (GOROSCOPE_ORACLE), else as it was recorded.
//
// tests/trace/verdicts.json holds the recorded ones, by the trace's hash. A trace that is made anew the same way
// each time has its verdict there; where Go is asked, what it says must be what is recorded. RECORD_VERDICTS=1
// writes down what is new.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Verdict what one side says of a trace
 * @property {boolean} reads the reader accepts it
 * @property {boolean | null} valid the validator does; null before Go 1.25: Go's, as asked here, wants a clock
 * snapshot of every trace
 * @property {string} dump hash of the dump of a trace that is read, else ""
 * @property {string} why what is said against it
 */

const file = fileURLToPath(new URL('../trace/verdicts.json', import.meta.url));
export const oracle = process.env.GOROSCOPE_ORACLE ?? '';
const record = process.env.RECORD_VERDICTS === '1' && oracle !== '';

/** @param {Uint8Array | string} text */
export const hashOf = (text) => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Whether traces of this version have clock snapshots. @param {Uint8Array} bytes */
export const isNew = (bytes) => Number(Buffer.from(bytes.subarray(5, 7)).toString('latin1')) >= 25;

/** @param {string[]} args @returns {Promise<{ code: number | null, hash: string, out: string, err: string }>} */
function ask(args) {
  return new Promise((done, fail) => {
    const child = spawn(oracle, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const hash = createHash('sha256');
    let [out, err] = ['', ''];
    child.stdout.on('data', (part) => {
      hash.update(part);
      if (out.length < 4000) out += part;
    });
    child.stderr.setEncoding('utf8').on('data', (part) => (err = (err + part).slice(0, 4000)));
    child.on('error', fail);
    child.on('close', (code) => done({ code, hash: hash.digest('hex').slice(0, 16), out, err }));
  });
}

/**
 * Asks Go.
 * @param {string} path where the trace is written for it @param {Uint8Array} bytes @returns {Promise<Verdict>}
 */
export async function askGo(path, bytes) {
  writeFileSync(path, bytes);
  const dump = await ask(['dump', path]);
  const strict = isNew(bytes) ? await ask(['validate', path]) : null;
  const error = /"Error": "((?:[^"\\]|\\.)*)"/.exec(strict?.out ?? '')?.[1] ?? strict?.err ?? '';
  const why = (dump.err || error).split('\n').find((line) => line.trim()) ?? '';
  return { reads: dump.code === 0, valid: strict && strict.code === 0, dump: dump.code === 0 ? dump.hash : '', why };
}

/** @type {Record<string, Verdict> | undefined} */
let recorded;

/**
 * Go's verdict on a trace that is the same in every run.
 * @param {Uint8Array} bytes
 * @returns {Promise<Verdict>}
 */
export async function goSays(bytes) {
  recorded ??= /** @type {Record<string, Verdict>} */ (JSON.parse(readFileSync(file, 'utf8')));
  const key = hashOf(bytes);
  const was = recorded[key];
  if (!oracle) {
    if (!was) throw new Error(
      'what Go says of this trace is not recorded: run this test with GOROSCOPE_ORACLE and RECORD_VERDICTS=1 set');
    return was;
  }
  const dir = mkdtempSync(join(tmpdir(), 'goroscope-verdict-'));
  const now = await askGo(join(dir, 'a.trace'), bytes).finally(() => rmSync(dir, { recursive: true }));
  if (record) {
    recorded[key] = now;
    const lines = Object.keys(recorded).sort().map((k) => `  ${JSON.stringify(k)}: ${JSON.stringify(recorded?.[k])}`);
    writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
    return now;
  }
  if (!was) throw new Error('what Go says of this trace is not recorded: run this test with RECORD_VERDICTS=1');
  if (was.reads !== now.reads || was.valid !== now.valid || was.dump !== now.dump)
    throw new Error(`Go says ${JSON.stringify(now)}, recorded is ${JSON.stringify(was)}`);
  return now;
}

/** One line that says whether Go was asked here. */
export const asked = oracle ? `Go was asked: ${oracle}`
  : 'Go was not asked: its verdicts are those recorded in tests/trace/verdicts.json';
