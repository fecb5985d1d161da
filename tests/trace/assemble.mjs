// assemble.mjs: text to trace. One event a line, arguments by name in any order;
// the event table is the project's own header.
//
//     Trace Go1.23
//     EventBatch gen=1 m=0 time=0            m=- is "no thread"; the size is counted, unless size= says otherwise
//     ProcStatus dt=1 p=0 pstatus=1
//     EventBatch gen=1 m=- time=0
//     Strings
//     String id=1 data="chan send"
//     Stacks
//     Stack id=1                             the number of frames is counted, unless nframes= says otherwise
//     Frame pc=1 func=1 file=1 line=7
//     Bytes 00 ff                            as they are
//
// Blank lines and what follows a # are passed over.
import { readFileSync } from 'node:fs';

const header = readFileSync(new URL('../../runtime/format/trace_events.h', import.meta.url), 'utf8');

/** @type {Map<string, string>} */
const argNames = new Map([...header.matchAll(/A\((\w+), "(\w*)", \w+\)/g)].map(([, id, name]) => [id, name]));

/** @type {Map<string, {id: number, args: string[]}>} */
export const events = new Map([...header.matchAll(
  /^ {4}X\((\w+), (\d+), (\w+), (\d+), (\w+), (\w+), (\d+), ([\w, ]+)\)/gm)].map(
  ([, , id, name, , , , n, args]) =>
    [name, { id: Number(id), args: args.split(', ').slice(0, Number(n)).map((a) => argNames.get(a) ?? a) }]));

/** @param {bigint | number} value @returns {number[]} unsigned LEB128 */
export function varint(value) {
  const out = [];
  let v = BigInt(value);
  for (; v >= 128n; v >>= 7n) out.push(Number(v & 127n) | 128);
  return [...out, Number(v)];
}

const NO_M = (1n << 64n) - 1n;

/** @param {string} line @returns {Record<string, string>} */
function fields(line) {
  return Object.fromEntries([...line.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S+)/g)]
    .map(([, name, value]) => [name, value]));
}

/** @param {string | undefined} text @param {string} line @returns {bigint} */
function number(text, line) {
  if (text === undefined) throw new Error(`assemble: an argument is missing in "${line}"`);
  return text === '-' ? NO_M : BigInt(text);
}

/** @param {string} line */
function clean(line) {
  return line.replace(/(^|\s)#.*$/, '').trim();
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
export function assemble(text) {
  const lines = text.split('\n').map(clean).filter(Boolean);
  /** @type {number[]} */
  const out = [];
  for (let i = 0; i < lines.length;) {
    const line = lines[i++];
    const [word] = line.split(' ');
    if (word === 'Trace') out.push(...Buffer.from(`go ${line.slice(8)} trace\0\0\0`, 'latin1'));
    else if (word === 'Bytes') out.push(...line.slice(6).split(' ').map((b) => parseInt(b, 16)));
    else if (word === 'EndOfGeneration') out.push(52);
    else if (word === 'EventBatch' || word === 'ExperimentalBatch') {
      const body = [];
      while (i < lines.length && !/^(EventBatch|ExperimentalBatch|EndOfGeneration)\b/.test(lines[i])) {
        const frames = [];
        const entry = lines[i++];
        while (/^Stack\b/.test(entry) && /^Frame\b/.test(lines[i] ?? '')) frames.push(lines[i++]);
        body.push(...encode(entry, frames));
      }
      out.push(...batch(line, word, body));
    } else throw new Error(`assemble: "${line}" stands outside a batch`);
  }
  return Uint8Array.from(out);
}

/** @param {string} line @param {string} word @param {number[]} body */
function batch(line, word, body) {
  const f = fields(line);
  const head = word === 'EventBatch' ? [1] : [49, Number(f.exp)];
  const size = f.size === undefined ? body.length : BigInt(f.size);
  return [...head, ...varint(number(f.gen, line)), ...varint(number(f.m, line)), ...varint(number(f.time, line)),
    ...varint(size), ...body];
}

/** @param {string} line @param {string[]} frames @returns {number[]} */
function encode(line, frames) {
  const [word] = line.split(' ');
  if (word === 'Bytes') return line.slice(6).split(' ').map((b) => parseInt(b, 16));
  const event = events.get(word);
  if (!event) throw new Error(`assemble: no event "${word}"`);
  const f = fields(line);
  if (word === 'String') {
    const data = Buffer.from(JSON.parse(f.data));
    return [5, ...varint(number(f.id, line)),
      ...varint(f.length === undefined ? data.length : BigInt(f.length)), ...data];
  }
  if (word === 'Stack') {
    const n = f.nframes === undefined ? frames.length : Number(f.nframes);
    return [3, ...varint(number(f.id, line)), ...varint(n), ...frames.flatMap((frame) => {
      const g = fields(frame);
      return ['pc', 'func', 'file', 'line'].flatMap((name) => varint(number(g[name], frame)));
    })];
  }
  return [event.id, ...event.args.flatMap((name) =>
    varint(number(f[name] ?? f[name.replace(/_(string|value)$/, '')], line)))];
}
