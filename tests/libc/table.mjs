// table.mjs: what there is of the C library: every function its headers declare, linked, for the targets emscripten
// and wasi. Started by itself it writes docs/libc.md anew; table.test.mjs checks that this is what the file holds.
//
// A program that names all functions is linked as build.sh links programs, with what is missing left open. A
// function is not there if it, or one that it calls on the way, is missing. It only fails if all it does is to say
// so: to set errno, or to make a call that only does that.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { WASI_FUNCTIONS } from '../../wasm/host/wasi-shim.mjs';
import { ROOT, slot } from '../lib/run.mjs';

const exec = promisify(execFile);
export const DOCS = join(ROOT, 'docs/libc.md');
const FOLDER = join(ROOT, 'build/tests/libc-table');

/**
 * What programs include of musl's headers. Left out: what only a kernel can give, and threads other than
 * goroutines.
 */
const HEADERS = ['arpa/inet', 'assert', 'complex', 'ctype', 'dirent', 'err', 'errno', 'fcntl', 'fenv', 'fnmatch',
  'ftw', 'getopt', 'glob', 'grp', 'iconv', 'inttypes', 'langinfo', 'libgen', 'locale', 'malloc', 'math', 'monetary',
  'netdb', 'nl_types', 'poll', 'pwd', 'regex', 'sched', 'search', 'signal', 'spawn', 'stdio', 'stdio_ext', 'stdlib',
  'string', 'strings', 'sys/file', 'sys/ioctl', 'sys/mman', 'sys/random', 'sys/resource', 'sys/select',
  'sys/socket', 'sys/stat', 'sys/statvfs', 'sys/time', 'sys/timeb', 'sys/times', 'sys/uio', 'sys/utsname',
  'sys/wait', 'termios', 'time', 'uchar', 'unistd', 'utime', 'wchar', 'wctype', 'wordexp'];
/** No functions one can name: the compiler's, or whose address it refuses. */
const UNNAMEABLE =
  /^(alloca|setjmp|_?longjmp|sig(set|long)jmp|siglongjmp|static_assert|int|void|char|long|\w+_t|__\w*|_[A-Z]\w*)$/;

/** @typedef {'emscripten' | 'wasi'} Target */

/** A folder of wasi-libc's headers: where Debian has them, else where clang looks anyway. */
const WASI_HEADERS = '/usr/include/wasm32-wasi';
/** @type {Record<Target, string[]>} */
const COMPILER = {
  emscripten: ['emcc', '-pthread'],
  wasi: ['clang', '--target=wasm32-wasi',
    ...existsSync(WASI_HEADERS) ? ['-nostdlibinc', '-isystem', WASI_HEADERS] : [], '-D_WASI_EMULATED_SIGNAL',
    '-D_WASI_EMULATED_PROCESS_CLOCKS', '-D_WASI_EMULATED_MMAN', '-D_WASI_EMULATED_GETPID'],
};
const env = { ...process.env, NODE_PATH: process.env.NODE_PATH ?? '/usr/share/nodejs' };

/**
 * Functions by the header that declares them: names by header.
 * @param {Target} target
 * @returns {Promise<Map<string, string>>} name -> header
 */
async function declared(target) {
  const [cc, ...options] = COMPILER[target], source = join(FOLDER, `${target}-headers.c`);
  writeFileSync(source, includes(HEADERS));
  const { stdout } = await exec(cc, [...options, '-D_GNU_SOURCE', '-w', '-E', source], { maxBuffer: 1 << 28, env });
  /** @type {Map<string, string>} */ const found = new Map();
  let header = '', text = '';
  const take = () => {
    const plain = header ? text.replace(/__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)/g, ' ') : '';
    for (const statement of plain.split(/[;{}]/)) {
      const m = /^\s*(?!typedef|return\b|else\b)[\w\s*]+?[\s*]([a-z]\w*)\s*\((?!\s*\*)[^]*\)\s*$/.exec(statement)
        ?? /^\s*(?!typedef)[\w\s*]+\(\s*\*\s*([a-z]\w*)\s*\([^]*\)\s*$/.exec(statement);
      if (m && !UNNAMEABLE.test(m[1]) && !found.has(m[1])) found.set(m[1], header);
    }
    text = '';
  };
  for (const line of stdout.split('\n')) {
    const path = /^# \d+ "([^"]*)"/.exec(line)?.[1];
    if (path === undefined) {
      text += `${line}\n`;
      continue;
    }
    take();
    const own = path.startsWith(ROOT) || /\/lib\/clang\//.test(path);
    const at = own ? undefined
      : HEADERS.find((h) => path.endsWith(`/${h}.h`) || path.endsWith(`/__header_${h.replace('/', '_')}.h`));
    header = at ? `${at}.h` : path.includes('wasm32-wasi/__') ? header : '';
  }
  take();
  return found;
}

/** @param {string[]} headers */
const includes = (headers) => headers.map((h) => `#if __has_include(<${h}.h>)\n#include <${h}.h>\n#endif\n`).join('');

/**
 * The functions of the module that names all of them: what each calls, and its text if that is short.
 * @param {Target} target
 * @param {string[]} names
 */
async function linked(target, names) {
  const source = join(FOLDER, `${target}.c`), out = join(FOLDER, `${target}.wasm`);
  writeFileSync(source, `/* Made by table.mjs: names every function. */\n#define _GNU_SOURCE\n${includes(HEADERS)}` +
    '#include <goroscope.h>\n' +
    `${names.map((n, i) => `__attribute__((used, noinline)) void *at_${i}(void) { return (void *)${n}; }`)
      .join('\n')}\nint gr_main(int argc, char **argv) { return argc + (argv == 0); }\n`);
  const include = target === 'wasi'
    ? COMPILER.wasi.slice(2).filter((o) => o.startsWith('-n') || o.startsWith('-isystem'))
      .concat(existsSync(WASI_HEADERS) ? `-I${WASI_HEADERS}` : [])
    : [];
  await slot(() => exec('bash', [
    'build.sh', 'program', target, out, source, '--link-only', '-w', '-fno-builtin',
    ...include.filter((o) => o !== '-isystem'),
  ], { cwd: ROOT, env, maxBuffer: 1 << 26 }));
  const { stdout } = await exec('wasm-dis', ['-all', out], { maxBuffer: 1 << 29 });
  /** @type {Map<string, string>} internal name -> what must be given */ const imports = new Map();
  for (const m of stdout.matchAll(/^ \(import "([^"]+)" "([^"]+)" \(func \$([^\s)]+)/gm))
    imports.set(m[3], `${m[1]}.${m[2]}`);
  /** @type {Map<string, string>} */ const bodies = new Map();
  for (const part of stdout.split(/^ (?=\(func )/m).slice(1))
    bodies.set(/^\(func \$([^\s)]+)/.exec(part)?.[1] ?? '', part);
  const table = /^ \(elem \(i32\.const 1\) ([^)]*)\)/m.exec(stdout)?.[1].split(' ').map((f) => f.slice(1)) ?? [];
  /** Names may be aliases of one function, which has one name here. @type {Map<string, string>} */
  const inside = new Map(names.map((name, i) => [
    name, table[Number(/\(i32\.const (\d+)\)/.exec(bodies.get(`at_${i}`) ?? '')?.[1]) - 1] ?? name,
  ]));
  return { imports, bodies, inside };
}

/** Errors a function may give, by WASI's numbers, which both libraries have. */
const ERRNO = {
  57: 'ENOTSOCK', 2: 'EACCES', 10: 'EBUSY', 12: 'ECHILD', 28: 'EINVAL', 29: 'EIO', 34: 'EMLINK', 44: 'ENOENT',
  45: 'ENOEXEC', 48: 'ENOMEM', 50: 'ENOPROTOOPT', 52: 'ENOSYS', 58: 'ENOTSUP', 63: 'EPERM', 27: 'EINTR',
  6: 'EAGAIN', 5: 'EAFNOSUPPORT',
};

/**
 * @param {Target} target
 * @param {Map<string, string>} functions name -> header
 * @returns {Promise<Map<string, string>>} name -> '' works, 'E…' only fails so, '-NAME' not there, since NAME is
 *   missing
 */
async function states(target, functions) {
  const { imports, bodies, inside } = await linked(target, [...functions.keys()]);
  /** @param {string} wanted module.name */
  const isGiven = (wanted) => /^(goroscope|asyncify)\./.test(wanted)
    || (wanted.startsWith('wasi_snapshot_preview1.') && WASI_FUNCTIONS.includes(wanted.split('.')[1]));
  /** @param {string} body */
  const callsOf = (body) => [...new Set([...body.matchAll(/\((?:return_)?call \$([^\s)]+)/g)].map((m) => m[1]))];
  /** @type {Map<string, string[]>} */ const calls = new Map([...bodies].map(([name, body]) => [name, callsOf(body)]));

  /** The first thing missing on the way from a function. @param {string} name */
  const missing = (name) => {
    const seen = new Set([name]), queue = [name];
    for (const f of queue) {
      const wanted = imports.get(f);
      if (wanted && !isGiven(wanted)) return wanted.split('.')[1];
      for (const next of calls.get(f) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
    return bodies.has(name) || imports.has(name) ? null : name;
  };
  /** The error that is all a function gives, or ''. @param {string} name @param {number} depth @returns {string} */
  const failure = (name, depth = 0) => {
    const body = bodies.get(name),
      own = (calls.get(name) ?? []).filter((f) => !/^(__errno_location|__syscall_ret)$/.test(f));
    if (!body || depth > 3 || body.split('\n').length > 24
      || /call_indirect|\(loop|\(if|i32\.(add|sub|lt|eq|and)/.test(body)) return '';
    if (own.length === 1) return failure(own[0], depth + 1);
    if (own.length > 1) return '';
    const set = /i32\.store[^]*?\(call \$__errno_location\)\s*\(i32\.const (\d+)\)/.exec(body)
      ?? /^ *\(i32\.const -(\d+)\)\s*\)\s*$/m.exec(body);
    return set ? /** @type {any} */ (ERRNO)[set[1]] ?? '' : '';
  };
  if (process.env.WHY)
    for (const name of functions.keys()) console.log(target, name, missing(inside.get(name) ?? name));
  return new Map([...functions.keys()].map((name) => {
    const own = inside.get(name) ?? name, without = missing(own);
    return [name, without !== null ? `-${without}` : failure(own)];
  }));
}

/** Names that the programs in tests/libc call. */
function tested() {
  const text = readdirSync(join(ROOT, 'tests/libc')).filter((f) => f.endsWith('.c'))
    .map((f) => readFileSync(join(ROOT, 'tests/libc', f), 'utf8')).join('\n');
  return new Set([...text.matchAll(/\b([a-z_]\w*)\s*\(/g)].map((m) => m[1]));
}

/** @param {Target} target */
async function tableOf(target) {
  const functions = await declared(target), state = await states(target, functions), runs = tested();
  const rows = [...new Set(functions.values())].sort().map((header) => {
    const names = [...functions].filter(([, h]) => h === header).map(([name]) => name).sort();
    const is = (/** @type {(s: string) => boolean} */ which) => names.filter((n) => which(state.get(n) ?? ''));
    const there = is((s) => s === '').map((n) => (runs.has(n) ? `**${n}**` : n)),
      fails = is((s) => s.startsWith('E')).map((n) => `${n} (${state.get(n)})`),
      gone = is((s) => s.startsWith('-'));
    return `| ${header} | ${there.join(' ')} | ${fails.join(' ')} | ${gone.join(' ')} |`;
  });
  const count = (/** @type {(s: string) => boolean} */ which) => [...state.values()].filter(which).length;
  const summary = `${state.size} functions: ${count((s) => s === '')} there, ` +
    `${count((s) => s.startsWith('E'))} that only fail, ${count((s) => s.startsWith('-'))} not there.`;
  return {
    summary,
    text: `${summary}\n\n| header | there | always fails with | not there |\n|---|---|---|---|\n${rows.join('\n')}\n`,
  };
}

const BEGIN = '<!-- the tables: written by tests/libc/table.mjs -->\n';

/** What docs/libc.md must hold. */
export async function wanted() {
  mkdirSync(FOLDER, { recursive: true });
  const [emscripten, wasi] = await Promise.all([tableOf('emscripten'), tableOf('wasi')]);
  const before = readFileSync(DOCS, 'utf8').split(BEGIN)[0];
  return `${before}${BEGIN}\n## Target emscripten\n\n${emscripten.text}\n## Target wasi\n\n${wasi.text}`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(DOCS, await wanted());
