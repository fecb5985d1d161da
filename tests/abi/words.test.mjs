// Goal: a program may use every word of our sources that has no prefix as the name of a function of its own:
// it links, and neither calls the other's. The program is made here: one function per word, called by gr_main,
// beside what uses the runtime.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { bareC, files } from '../lib/arrows.mjs';
import { OUT, ROOT, alike, build, native, run, sim, slot, threads, told, wasi } from '../lib/run.mjs';
import { defined, llvmNm } from '../lib/symbols.mjs';
import { REPLACED } from './replaced.mjs';

const KEYWORDS = `auto break case char const continue default do double else enum extern float for goto if inline int
  long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
  asm typeof main gr_main`.split(/\s+/);
const PREAMBLE = '#include <goroscope.h>\n#include <stdio.h>\n#include <string.h>\n';

/**
 * What the compiler and the headers of the C library know: macros, types, functions.
 * @param {string[]} cc command @returns {string[]}
 */
function known(cc) {
  const [command, ...options] = cc;
  const text = execFileSync(command,
    [...options, '-std=gnu11', '-Iruntime/include', '-E', '-dD', '-x', 'c', '-'],
    { cwd: ROOT, input: PREAMBLE, encoding: 'utf8', maxBuffer: 1 << 28 });
  let ours = false; // parameters of our own functions may be called like others' functions
  return text.split('\n').flatMap((line) => {
    const marker = /^# \d+ "([^"]*)"/.exec(line), macro = /^#define (\w+)/.exec(line);
    if (marker) ours = /\/(goroscope|gr_gc)\.h$/.test(marker[1]);
    return macro ? [macro[1]] : ours || line.startsWith('#') ? [] : line.match(/[a-zA-Z_]\w*/g) ?? [];
  });
}

/** @param {string} folder @param {RegExp} which @returns {string[]} */
const archives = (folder, which) => (existsSync(folder)
  ? readdirSync(folder).filter((f) => which.test(f)).map((f) => join(folder, f)) : []);
const said = (/** @type {string} */ command, /** @type {string[]} */ ...args) =>
  execFileSync(command, args, { encoding: 'utf8' }).trim();
const has = (/** @type {string} */ command) => !spawnSync(command, ['--version']).error;

/**
 * Names of the C libraries that programs are linked with here, and of what their compilers add.
 * @returns {Set<string>}
 */
function librarys() {
  const found = new Set(), nm = has('nm') ? 'nm' : llvmNm, cc = ['clang', 'gcc', 'cc'].find(has) ?? '';
  const take = (/** @type {string[]} */ objects, /** @type {string} */ tool, /** @type {boolean} */ shared) => {
    assert.ok(objects.length > 0, 'the C library was not found');
    for (const { name } of defined(objects, tool, shared)) found.add(name.replace(/@.*/, ''));
  };
  take(['libc.so.6', 'libm.so.6'].map((l) => said(cc, `-print-file-name=${l}`)).filter(existsSync), nm, true);
  const compilers = [[cc]];
  if (has('emcc')) {
    take(archives(join(said('em-config', 'CACHE'), 'sysroot/lib/wasm32-emscripten'),
      /^lib(c|m|rt|compiler_rt|dlmalloc|stubs|sockets|html5|noexit|c_rt)(-mt)?(-optz)?\.a$/), llvmNm, false);
    compilers.push(['emcc', '-pthread']);
  }
  if (existsSync('/usr/include/wasm32-wasi/stdio.h')) {
    take(archives(dirname(said('clang', '--target=wasm32-wasi', '-print-file-name=libc.a')), /\.a$/), llvmNm, false);
    compilers.push(['clang', '--target=wasm32-wasi']);
  }
  for (const c of compilers) for (const word of known(c)) found.add(word);
  return found;
}

/**
 * Every word of the runtime and the wasm ports, with and without prefix, that a program may use as it likes.
 * @returns {string[]}
 */
function words() {
  const sources = ['runtime', 'wasm'].flatMap((f) => files(f, /\.[chS]$/));
  const all = new Set(sources.flatMap((f) => bareC(readFileSync(join(ROOT, f), 'utf8')
    .replace(f.endsWith('.S') ? /#.*/g : /^\s*#\s*(include|error).*/gm, ''))
    .match(/(?<![\w.$])[a-zA-Z_]\w*/g) ?? []));
  for (const word of all) all.add(word.replace(/^(rt|port)_/, ''));
  const taken = librarys();
  for (const { names } of REPLACED) for (const name of names.split(' ')) taken.add(name);
  for (const word of KEYWORDS) taken.add(word);
  // Reserved: prefixes of ours (the header's macros too), of C (_), of the platforms.
  // __builtin and the like begin with _.
  return [...all].filter((w) => !taken.has(w) && !/^(gr_|rt_|port_|gt_|GR_|_|emscripten_|wasi_)/.test(w)).sort();
}

/** The program; what it needs itself is called own_. @param {string[]} names @returns {string} */
function program(names) {
  return `/* Made by tests/abi/words.test.mjs. */
${PREAMBLE}
${names.map((name, i) => `int ${name}(int x);\nint ${name}(int x) { return x + ${i + 1}; }`).join('\n')}

static int (*const own_all[])(int) = {
${names.map((name) => `    ${name},`).join('\n')}
};

static gr_chan *own_results, *own_quit;

static void own_one_part(void *own_arg) {
    long own_from = (long)own_arg, own_sum = 0;
    for (size_t i = (size_t)own_from; i < sizeof own_all / sizeof *own_all; i += 4) {
        own_sum += own_all[i](0);
        gr_yield();
    }
    gr_chan_send(own_results, &own_sum);
}

int gr_main(int argc, char **argv) {
    (void)argv;
    long own_sum = 0, own_direct = 0, own_got;
    own_results = gr_chan_make(sizeof(long), 1);
    own_quit = gr_chan_make(0, 0);
    for (long i = 0; i < 4; i++)
        gr_go(own_one_part, (void *)i);
    for (int n = 0; n < 4;) {
        gr_case own_cases[] = {{GR_RECV, own_quit, NULL, false}, {GR_RECV, own_results, &own_got, false}};
        if (gr_select(own_cases, 2, false) != 1)
            return 1;
        own_sum += own_got;
        n++;
    }
    gr_sleep(GR_MILLISECOND);
${names.map((name) => `    own_direct += ${name}(argc) - argc;`).join('\n')}
    char own_text[64];
    snprintf(own_text, sizeof own_text, "%ld %ld", own_sum, own_direct);
    printf("%s\\n", own_text);
    return 0;
}
`;
}

test('every word of ours without a prefix is a program\'s own', {
  skip: has('nm') || llvmNm ? alike : 'no nm here',
}, async (t) => {
  const names = words();
  t.diagnostic(`${names.length} words`);
  // Some that were global names of the runtime once.
  for (const name of [
    'ready', 'spawn', 'sched', 'wakep', 'acquirep', 'host', 'attend', 'startm', 'text', 'lock',
  ]) assert.ok(names.includes(name), name);
  assert.ok(names.length > 2000, `${names.length} words`);
  const source = 'build/tests/words/words.c', text = program(names), path = join(ROOT, source);
  mkdirSync(join(OUT, 'words'), { recursive: true });
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  const sum = names.length * (names.length + 1) / 2;
  const ports = [native(2), threads(2), sim(2), ...(existsSync('/usr/include/wasm32-wasi/stdio.h') ? [wasi(2)] : [])];
  await Promise.all(ports.map(async (port) => {
    const built = await build(source, port.target);
    const r = await slot(() => run(port, built, [], { timeoutMs: 60_000 }));
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(r.stdout, `${sum} ${sum}\n`, port.name);
  }));
});
