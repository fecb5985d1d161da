// generate.mjs: makes wasm/host/format.mjs and docs/format.md from the headers beside it: `npm run format`.
// What JavaScript and readers of the docs know of numbers and layouts comes from the C that the runtime is compiled
// from; tests/abi looks that both are up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
/** @param {string} path */
const read = (path) => readFileSync(new URL(path, root), 'utf8');

// ---- reading C ------------------------------------------------------------------------------------------------------

/** @param {string} text without comments and what is for WASI alone */
const plain = (text) => text.replace(/\/\*[^]*?\*\//g, '')
  .replace(/#ifdef __wasi__\n[^]*?#else\n([^]*?)#endif\n/g, '$1');

/** @param {string} expression of numbers, shifts and parentheses @returns {number} */
function value(expression) {
  const m = /^\(?(0x[0-9a-f]+|\d+)u?(?: << (\d+))?\)?$/i.exec(expression.trim());
  if (!m) throw new Error(`not a number: ${expression}`);
  return Number(m[1]) * 2 ** Number(m[2] ?? 0);
}

/** The numbers a header defines. @param {string} text @returns {Map<string, number>} */
function defines(text) {
  return new Map([...plain(text).matchAll(
    /^#define (\w+) (\(?(?:0x[0-9a-f]+|\d+)u?(?: << \d+)?\)?)[ ]*$/gim)].map((m) => [m[1], value(m[2])]));
}

/**
 * The constants of an enum, in order, from its first value on.
 * @param {string} text @param {string} name @returns {Map<string, number>}
 */
function constants(text, name) {
  const body = new RegExp(`typedef enum ${name} \\{([^}]*)\\}`).exec(plain(text))?.[1];
  if (!body) throw new Error(`there is no enum ${name}`);
  let next = 0;
  return new Map([...body.matchAll(/(\w+)(?: = (\d+))?,/g)].map((m) => {
    next = m[2] ? Number(m[2]) : next;
    return [m[1], next++];
  }));
}

/**
 * The fields of a struct as wasm lays them out. @param {string} text @param {string} name
 * @returns {{ name: string, type: string, at: number, what: string }[]}
 */
function fields(text, name) {
  const body = new RegExp(`typedef struct ${name} \\{\\n([^]*?)\\n\\} ${name};`).exec(text)?.[1];
  if (!body) throw new Error(`there is no struct ${name}`);
  const found = [];
  let at = 0;
  for (const m of body.matchAll(
    /^ {4}((?:_Atomic |struct )?\w+) (\*?)([\w, ]+)(\[(\w*)\])?;(?: *\/\* ([^]*?) \*\/)?$/gm)) {
    const type = m[1].replace('_Atomic ', ''),
      bytes = m[2] ? 4 : { uint64_t: 8, uint32_t: 4, bool: 1, uint8_t: 1, int64_t: 8 }[type] ?? 0;
    for (const field of m[3].split(', ')) {
      at = Math.ceil(at / (bytes || 4)) * (bytes || 4);
      found.push({ name: field, type: m[2] ? 'address' : type, at, what: (m[6] ?? '').replace(/\s*\n\s*/g, ' ') });
      at += bytes * (m[4] && m[5] ? Number(m[5]) : 1);
    }
  }
  return found;
}

/**
 * The rows of an X-macro table, each with its arguments.
 * @param {string} text @param {string} name @returns {string[][]}
 */
function table(text, name) {
  const body = new RegExp(`#define ${name}\\(\\w\\)((?:.*\\\\\\n)+.*)`).exec(text)?.[1] ?? '';
  return [...body.matchAll(/^ {4}\w\((.*?)\)(?= *(?:\/\*.*?\*\/)? *\\?$)/gm)]
    .map((m) => [...m[1].matchAll(/"([^"]*)"|([\w.]+)/g)].map((a) => a[1] ?? a[2]));
}

/** @param {string} name as C spells it */
const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

// ---- what there is --------------------------------------------------------------------------------------------------

const limits = defines(read('runtime/format/limits.h'));
const blockText = read('runtime/format/host_block.h'), regionText = read('runtime/format/trace_region.h');
const block = fields(blockText, 'HostBlock'), config = fields(blockText, 'HostConfig'),
  region = fields(regionText, 'TraceRegion'), tail = fields(regionText, 'TraceTail');
const thread = fields(blockText, 'HostThread').length * 4 + 4; // its last field is two words
const requests = read('runtime/format/requests.h');
const files = fields(read('wasm/libc/files.h'), 'RtFile'), list = defines(read('wasm/libc/files.h'));

/** @param {Map<string, number>} map @param {string} prefix */
const object = (map, prefix) => `{ ${[...map].map(([name, n]) => `${name.replace(prefix, '')}: ${n}`).join(', ')} }`;
/** @param {{ name: string, at: number }[]} list @param {Record<string, string>} [names] */
const offsets = (list, names = {}) =>
  list.filter((f) => f.name !== 'pad').map((f) => `${names[f.name] ?? camel(f.name)}: ${f.at}`).join(', ');
const hex = (/** @type {number | undefined} */ n) => `0x${Number(n).toString(16)}`;

/** @returns {string} wasm/host/format.mjs */
export function javascript() {
  const inBlock = defines(blockText), inRegion = defines(regionText);
  return `// format.mjs: numbers and layouts that the program and the loader share. Made from
// runtime/format: \`npm run format\`.

/** Limits; see runtime/format/limits.h. */
export const LIMITS = ${object(limits, '')};

/** The host block: byte offsets; see HostBlock in runtime/format/host_block.h. */
export const HOST = {
  MAGIC: ${hex(inBlock.get('HOST_MAGIC'))}, ABI: ${inBlock.get('HOST_ABI')},
  OUT_BYTES: ${inBlock.get('HOST_OUT_BYTES')},
  OUT_REPORT: ${inBlock.get('HOST_OUT_REPORT')}, OUT_MARK: ${inBlock.get('HOST_OUT_MARK')},
  ${offsets(block)},
  THREAD_BYTES: ${thread}, THREADS: ${limits.get('HOST_THREADS')},
};

/** What gr_boot is given: 32-bit words in this order; see HostConfig there. */
export const CONFIG_WORDS = [${config.map((f) => `'${camel(f.name)}'`).join(', ')}];

/** What host_strings gives; see HostStrings there. */
export const STRINGS = ${object(constants(blockText, 'HostStrings'), 'HOST_')};

/** What a program asks its host for; see runtime/format/requests.h. */
export const ASK = ${object(constants(requests, 'PortRequest'), 'PORT_')};

/** What it is answered. */
export const ANSWER = ${object(constants(requests, 'PortAnswer'), 'PORT_')};

/** Ids of the host's own calls into the program begin here. */
export const HOST_CALLS = ${hex(defines(requests).get('HOST_CALLS'))};

/** The trace region: byte offsets; see runtime/format/trace_region.h. */
export const REGION = {
  MAGIC: ${hex(inRegion.get('RING_MAGIC'))}, ABI: ${inRegion.get('RING_ABI')},
  ${offsets(region, { abi_version: 'abi', lost_generations: 'lost' })},
};

/** Its mode that has no reader. */
export const FLIGHT = ${inRegion.get('RING_FLIGHT')};

/** What stands behind the ring's data: byte offsets from there; see TraceTail there. */
export const TAIL = { ${offsets(tail)}, BYTES: ${tail[tail.length - 1].at + 4} };

/** The program's files: what gr_files gives, and byte offsets in an entry; see RtFile in wasm/libc/files.h. */
export const FILES = {
  MAGIC: ${hex(list.get('RT_FILES_MAGIC'))}, VERSION: ${list.get('RT_FILES_VERSION')},
  first: 8, listed: 12,
  ${offsets(files.slice(0, files.findIndex((f) => f.name === 'host_name') + 1))},
};
`.replace(/^(?!\/\/).{121,}$/gm, (line) => wrapped(line));
}

/** A line broken at commas. @param {string} line */
function wrapped(line) {
  const indent = /^ */.exec(line)?.[0] ?? '', inner = `${indent}  `;
  const m = /^(.*?[{[])\s?(.*?)\s?([}\]];)$/.exec(line);
  const items = (m ? m[2] : line.trim().replace(/,$/, '')).split(', ');
  const lines = [''];
  for (const item of items) {
    if (lines[lines.length - 1].length + item.length > 112) lines.push('');
    lines[lines.length - 1] += `${lines[lines.length - 1] ? ' ' : ''}${item},`;
  }
  return m ? `${m[1]}\n${lines.map((l) => inner + l).join('\n')}\n${m[3]}` : lines.map((l) => indent + l).join('\n');
}

/** @param {string[]} head @param {string[][]} rows */
const markdown = (head, rows) => [head, head.map(() => '---'), ...rows]
  .map((row) => `| ${row.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');

/** @returns {string} docs/format.md */
export function docs() {
  const events = table(read('runtime/format/trace_events.h'), 'TRACE_EVENTS');
  const args = new Map(table(read('runtime/format/trace_events.h'), 'TRACE_ARGS').map(([id, name]) => [id, name]));
  return `# What the runtime and those who look at it share

Made from \`runtime/format\` by \`npm run format\`. What is said of protocols stands in
[wasm/host/abi.md](../wasm/host/abi.md).

## Limits

${markdown(['limit', 'value'], [...limits].map(([name, n]) => [`\`${name}\``, String(n)]))}

## States of a goroutine

${markdown(['number', 'shown as'],
    table(read('runtime/format/states.h'), 'G_STATES').map(([, text], i) => [String(i), text]))}

## What a goroutine can wait for

${markdown(['in dumps', 'in traces'], table(read('runtime/format/wait_reasons.h'), 'WAIT_REASONS')
    .filter(([, dump]) => dump).map(([, dump, trace]) => [dump, trace]))}

## Why the world is stopped

${markdown(['in traces'], table(read('runtime/format/stw_reasons.h'), 'STW_REASONS').map(([, text]) => [text]))}

## The trace's ring

${markdown(['offset', 'field', 'type', 'what'],
    region.filter((f) => f.name !== 'pad').map((f) => [String(f.at), f.name, f.type, f.what]))}

Behind its data:

${markdown(['offset', 'field', 'type', 'what'], tail.map((f) => [String(f.at), f.name, f.type, f.what]))}

## The host block

${markdown(['offset', 'field', 'type', 'what'], block.map((f) => [String(f.at), f.name, f.type, f.what]))}

## Trace events

${markdown(['number', 'event', 'since Go', 'arguments'], events.map(([, number, name, since, , , n, ...rest]) =>
    [number, name, `1.${since}`, rest.slice(0, Number(n)).map((a) => args.get(a) ?? a).join(', ')]))}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('wasm/host/format.mjs', root), javascript());
  writeFileSync(new URL('docs/format.md', root), docs());
}
