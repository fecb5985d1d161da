// goroscope build and run of sources, as typed: real compiler, real runs, the cache, Ctrl-C, messages.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync,
  readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, test } from 'node:test';
import { Builder } from '../../shell/cli/builder.mjs';
import { installedCompiler } from '../../shell/cli/compiler.mjs';
import { FOLDERS } from '../../shell/cli/make.mjs';
import { gather } from '../../shell/cli/sources.mjs';
import { DEFAULTS } from '../../wasm/cc/arguments.mjs';
import { Toolchain } from '../../wasm/cc/toolchain.mjs';
import { runLoaded } from '../lib/loaded.mjs';
import { ROOT, alike, rarely, sim } from '../lib/run.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'goroscope-build-'));
after(() => rmSync(scratch, { recursive: true }));
const cache = join(scratch, 'cache');

/** @param {string[]} args @param {{ path?: string, tmp?: string, cacheHome?: string }} [options] */
function start(args, { path = process.env.PATH, tmp = tmpdir(), cacheHome = cache } = {}) {
  const child = spawn(process.execPath, [join(ROOT, 'shell/cli.mjs'), ...args],
    { cwd: scratch, env: { ...process.env, XDG_CACHE_HOME: cacheHome, PATH: path, TMPDIR: tmp },
      stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text));
  /** @type {Promise<{ code: number | null, out: string, err: string }>} */
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
  return { child, said, ended };
}
/** @param {string[]} args @param {Parameters<typeof start>[1]} [options] */
const goroscope = (args, options) => start(args, options).ended;

const builds = join(cache, 'goroscope/builds');
const entries = () => (existsSync(builds) ? readdirSync(builds) : []);

/** @param {string} name @param {string} text */
const put = (name, text) => writeFileSync(join(scratch, name), text);
mkdirSync(join(scratch, 'sub'));
mkdirSync(join(scratch, 'inc'));

const HELLO = `#include <stdio.h>
int gr_main(int argc, char **argv) {
  printf("%d %s\\n", argc, argc > 1 ? argv[1] : "");
  return 0;
}
`;

test('a program is built and run with Node alone: nothing of the system\'s is in the PATH', async () => {
  put('hello.c', HELLO);
  const built = await goroscope(['build', 'hello.c'], { path: '/nowhere' });
  assert.deepEqual(built, { code: 0, out: '', err: '' });
  const whole = readFileSync(join(scratch, 'hello.wasm'), 'latin1');
  assert.ok(whole.includes('hello.c') && !whole.includes(scratch), 'it is called what was typed, also for traces');
  const native = await goroscope(['build', 'hello.c', '--target=native'], { path: '/nowhere' });
  assert.match(native.err, /^goroscope: the targets wasi and native, .* and bash, which calls it, is not there\n$/);
  for (const program of ['hello.wasm', 'hello.c']) {
    const ran = await goroscope(['run', program, '--', 'a'], { path: '/nowhere' });
    assert.deepEqual(ran, { code: 0, out: '2 a\n', err: '' });
  }
});

test('--check, with Node alone: mistakes end it with file and line, in C and C++; warnings come once', {
  skip: alike,
}, async () => {
  copyFileSync(join(ROOT, 'tests/check/mistakes.c'), join(scratch, 'sub/mistakes.c'));
  const lines = readFileSync(join(ROOT, 'tests/check/mistakes.c'), 'utf8').split('\n');
  const lineOf = (/** @type {string} */ kind) => lines.findIndex((line) => line.endsWith(`/* ${kind} */`)) + 1;
  const built = await goroscope(['build', 'sub/mistakes.c', '--check', '-o', 'm.wasm'], { path: '/nowhere' });
  assert.deepEqual(built, { code: 0, out: '', err: '' });
  for (const [kind, sentence] of [
    ['index-above', 'panic: runtime error: index out of range [5] with length 3'],
    ['float-cast', 'panic: runtime error: conversion out of range: 3e+10 does not fit in int'],
    ['free-twice', 'fatal error: free of memory that is free already'],
  ]) {
    const { code, err } = await goroscope(['run', 'm.wasm', '--', kind]);
    assert.equal(code, 2, err);
    assert.equal(err.split('\n')[0], sentence);
    assert.ok(err.includes(`\tsub/mistakes.c:${lineOf(kind)}\n`), err);
  }
  put('twice.cpp', '#include <cstdlib>\nextern "C" int gr_main(int argc, char **) {\n  int unused, a[2] = {1, 2};\n'
    + '  volatile _BitInt(20) most = 524287;\n  if (argc > 2) return (int)(most + (_BitInt(20))1);\n'
    + '  if (argc > 1) {\n    void *p = malloc(3);\n    free(p);\n    free(p);\n  }\n  return a[argc + 1];\n}\n');
  const index = await goroscope(['run', 'twice.cpp', '--check', '-Wall']);
  assert.equal(index.code, 2);
  assert.match(index.err, /^twice\.cpp:3:7: warning: unused variable 'unused'/);
  assert.equal(index.err.match(/warning:/g)?.length, 1);
  assert.match(index.err, /\npanic: .*: index out of range \[2\] with length 2\n\ngoroutine 1 .*\n\ttwice\.cpp:11\n/);
  const twice = await goroscope(['run', 'twice.cpp', '--check', '--', 'x']);
  assert.match(twice.err, /^fatal error: free of memory that is free already\n/);
  const bits = await goroscope(['run', 'twice.cpp', '--check', '--', 'x', 'x']);
  assert.match(bits.err, /^panic: .*: integer overflow: 524287 \+ 1 does not fit in _BitInt\(20\)\n/);
  // The same sources without it are another program.
  assert.notEqual((await goroscope(['run', 'twice.cpp'])).code, 2);
});

test('what was built before is not built again, until a source, a header or an option is another', {
  skip: alike,
}, async () => {
  put('sub/help.c', '#include "help.h"\n#include "../inc/deep.h"\nint help(void) { return HELP + DEEP; }\n');
  put('sub/help.h', 'enum { HELP = 3 };\nint help(void);\n');
  put('inc/deep.h', 'enum { DEEP = 10 };\n');
  put('two.c', '#include "sub/help.h"\n#include <stdio.h>\n#ifndef N\n#define N 1\n#endif\n'
    + 'int gr_main(int c, char **v) { (void)c, (void)v; printf("%d\\n", help() * N); return 0; }\n');
  const run = async (/** @type {string[]} */ ...more) => {
    const { out, err } = await goroscope(['run', 'two.c', 'sub/help.c', ...more]);
    return err || out;
  };
  const before = entries().length;
  assert.equal(await run(), '13\n');
  assert.equal(entries().length, before + 1);
  const times = () => entries().map((e) => statSync(join(builds, e)).size).join();
  const kept = times();
  assert.equal(await run(), '13\n');
  assert.equal(times(), kept);
  assert.equal(await run('-DN=2'), '26\n');
  put('inc/deep.h', 'enum { DEEP = 20 };\n');
  assert.equal(await run(), '23\n');
  put('sub/help.h', 'enum { HELP = 4 };\nint help(void);\n');
  assert.equal(await run(), '24\n');
  assert.equal(entries().length, before + 4);
  // A header that comes to stand before another one.
  put('two.c', '#include <stdio.h>\n#include <val.h>\n'
    + 'int gr_main(int c, char **v) { (void)c, (void)v; printf("%d\\n", VAL); return 0; }\n');
  put('sub/val.h', 'enum { VAL = 1 };\n');
  assert.equal((await goroscope(['run', 'two.c', '-I', 'inc', '-Isub'])).out, '1\n');
  put('inc/val.h', 'enum { VAL = 2 };\n');
  assert.equal((await goroscope(['run', 'two.c', '-I', 'inc', '-Isub'])).out, '2\n');
});

test('a damaged entry of the cache is built anew', { skip: rarely }, async () => {
  assert.equal((await goroscope(['run', 'hello.c'])).out, '1 \n');
  for (const e of entries()) writeFileSync(join(builds, e), 'goroscope build 1\nnonsense');
  assert.equal((await goroscope(['run', 'hello.c'])).out, '1 \n');
});

test('a header whose name only the preprocessor knows is found, and not cached wrongly',
  { skip: rarely }, async () => {
    put('named.c', '#define Q(x) #x\n#define NAME(x) Q(sub/x.h)\n#include NAME(late)\n#include <stdio.h>\n'
      + 'int gr_main(int c, char **v) { (void)c, (void)v; printf("%d\\n", LATE); return 0; }\n');
    put('sub/late.h', 'enum { LATE = 1 };\n');
    const first = await goroscope(['run', 'named.c']);
    assert.deepEqual([first.out, first.err], ['1\n', '']);
    put('sub/late.h', 'enum { LATE = 2 };\n');
    assert.equal((await goroscope(['run', 'named.c'])).out, '2\n');
  });

test('a cache folder that is no folder is no failure, with either compiler', { skip: rarely }, async () => {
  mkdirSync(join(scratch, 'home'));
  put('home/goroscope', 'a file');
  const by = { cacheHome: join(scratch, 'home') };
  put('uncached.c', HELLO);
  for (const cc of [[], ['--cc', 'clang']]) {
    assert.deepEqual(await goroscope(['build', 'uncached.c', ...cc], by), { code: 0, out: '', err: '' });
    assert.ok(existsSync(join(scratch, 'uncached.wasm')));
    rmSync(join(scratch, 'uncached.wasm'));
  }
});

test('--cc: a relative path; what only clang has read is not cached wrongly, what is known is cached',
  { skip: rarely }, async () => {
    put('my-clang', '#!/bin/sh\nexec clang "$@"\n');
    chmodSync(join(scratch, 'my-clang'), 0o755);
    mkdirSync(join(scratch, 'a b$#'));
    const main = (/** @type {string} */ lines) => `#include <stdio.h>\n${lines}\n`
      + 'int gr_main(int c, char **v) { (void)c, (void)v; printf("%d\\n", CONF); return 0; }\n';
    const run = async (/** @type {string} */ name) => {
      const { out, err } = await goroscope(['run', `a b$#/${name}`, '--cc', './my-clang']);
      return err || out;
    };
    put('a b$#/hidden.c', main('#define S(x) #x\n#define STR(x) S(x)\n#include STR(conf.h)'));
    put('a b$#/plain.c', main('/*\n*/ #include "conf.h"'));
    for (const value of [1, 2]) {
      put('a b$#/conf.h', `enum { CONF = ${value} };\n`);
      for (const name of ['hidden.c', 'plain.c']) {
        const before = entries().length;
        assert.equal(await run(name), `${value}\n`, name);
        assert.equal(entries().length - before, name === 'plain.c' ? 1 : 0, name);
      }
    }
  });

test('a date or time of -D is of each build', { skip: rarely }, async () => {
  put('stamp.c', '#include <stdio.h>\nint gr_main(int c, char **v) { (void)c, (void)v; puts(STAMP); return 0; }\n');
  const before = entries().length;
  assert.match((await goroscope(['run', '-DSTAMP=__TIME__', 'stamp.c'])).out, /^\d\d:\d\d:\d\d\n$/);
  assert.equal(entries().length, before);
  assert.equal((await goroscope(['run', '-DSTAMP="now"', 'stamp.c'])).out, 'now\n');
  assert.equal(entries().length, before + 1);
});

test('-o of a link: what it leads to is written, the link stays; a source behind it is none', async () => {
  put('linked.c', HELLO);
  mkdirSync(join(scratch, 'far'));
  symlinkSync('far', join(scratch, 'near'));
  symlinkSync('../far/there.wasm', join(scratch, 'near/link.wasm')); // leads to nothing yet
  for (let i = 0; i < 2; i++) {
    assert.equal((await goroscope(['build', 'linked.c', '-o', 'near/link.wasm'])).err, '');
    assert.ok(lstatSync(join(scratch, 'near/link.wasm')).isSymbolicLink());
    assert.ok(lstatSync(join(scratch, 'far/there.wasm')).isFile());
  }
  symlinkSync('linked.c', join(scratch, 'source.wasm'));
  symlinkSync('circle.wasm', join(scratch, 'circle.wasm'));
  assert.match((await goroscope(['build', 'linked.c', '-o', 'source.wasm'])).err, /source\.wasm is a source; choose/);
  assert.match((await goroscope(['build', 'linked.c', '-o', 'circle.wasm'])).err, /circle\.wasm .* link.* itself\n$/);
  assert.equal(readFileSync(join(scratch, 'linked.c'), 'utf8'), HELLO);
});

test('a run in the tests\' own process that fails leaves no timer and no open file', {
  skip: process.platform !== 'linux' && 'writes to /dev/full',
}, async () => {
  put('untraced.c', HELLO);
  assert.equal((await goroscope(['build', 'untraced.c'])).err, '');
  const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
  const files = () => readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === '/dev/full';
    } catch {
      return false;
    }
  });
  const before = timers();
  await assert.rejects(runLoaded(sim(1), join(scratch, 'untraced.wasm'), [], { trace: '/dev/full' }), /ENOSPC/);
  assert.deepEqual([timers(), files()], [before, []]);
});

test('two builds at once of the same sources both succeed', { skip: rarely }, async () => {
  put('both.c', HELLO.replace('return 0', 'return 5'));
  const both = await Promise.all([goroscope(['run', 'both.c']), goroscope(['run', 'both.c'])]);
  assert.deepEqual(both.map((r) => [r.code, r.out, r.err]), [[5, '1 \n', ''], [5, '1 \n', '']]);
});

test('warnings are shown with the names as typed, each time; errors end it with 1 and no command line', {
  skip: alike,
}, async () => {
  put('sub/warns.c', 'int gr_main(int argc, char **argv) { int unused; return 0; }\n');
  for (let i = 0; i < 2; i++) {
    const { code, err } = await goroscope(['build', './sub/warns.c', '-Wall', '-o', 'w.wasm']);
    assert.equal(code, 0);
    assert.match(err, /^\.\/sub\/warns\.c:1:42: warning: unused variable 'unused' \[-Wunused-variable\]\n/);
  }
  put('sub/wrong.c', '#include "nothing.h"\n');
  const wrong = await goroscope(['build', 'sub/wrong.c', '-o', 'w2.wasm']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err,
    /^sub\/wrong\.c:1:10: fatal error: 'nothing\.h' file not found\n.*\n.*\n1 error generated\.\n$/);
  assert.equal(existsSync(join(scratch, 'w2.wasm')), false);
});

test('a mistake on the command line is one sentence', async () => {
  put('x.h', '');
  put('notes.txt', '');
  put('x.o', '\0asm\x01\0\0\0');
  put('misnamed.c', '\x7fELF');
  /** @type {[string[], RegExp][]} */
  const mistakes = [
    [['build', 'x.h'], /^goroscope: x\.h is a header; give the sources that include it, such as x\.c\n$/],
    [['build', 'notes.txt'], /^goroscope: notes\.txt is no C or C\+\+ source: its name must end in \.c, .* \.cxx\n$/],
    [['build', 'x.o'], /^goroscope: x\.o is compiled already; build takes sources/],
    [['build', 'misnamed.c'], /^goroscope: misnamed\.c is compiled already/],
    [['build', 'gone.c'], /^goroscope: gone\.c cannot be read: there is no such file\n$/],
    [['run', 'gone.c'], /^goroscope: gone\.c cannot be read: there is no such file\n$/],
    [['build', 'hello.c', './hello.c'], /^goroscope: \.\/hello\.c is given twice\n$/],
    [['build', 'hello.c', '-Inone'], /^goroscope: -I none: there is no such folder\n$/],
    [['build', 'hello.c', '-O9'], /^goroscope: -O takes 0, 1, 2 or 3, not "9"\n$/],
    [['build', 'hello.c', '-std=c89'], /^goroscope: --std must be c99, .*, not "c89"\n$/],
    [['build', 'hello.c', '-D1x'], /^goroscope: -D takes NAME or NAME=VALUE, not "1x"\n$/],
    [['build', 'hello.c', '--cc', 'gone'], /^goroscope: --cc gone: no folder of the PATH has such a program/],
    [['build', 'hello.c', '--toolchain=mine'], /^goroscope: --toolchain must be own or system/],
    [['run', 'hello.wasm', '-O2'], /^goroscope: --optimize is for sources, and hello\.wasm is none/],
    [['run', 'hello.wasm', '--watch'], /^goroscope: --watch is for sources/],
  ];
  for (const [args, sentence] of mistakes) {
    const { code, out, err } = await goroscope(args);
    assert.equal(code, 1, args.join(' '));
    assert.equal(out, '');
    assert.match(err, sentence);
  }
});

test('what nobody defines has file and line; what two sources define is named', { skip: alike }, async () => {
  put('calls.c', '#include "sub/help.h"\nint gr_main(int c, char **v) {\n  (void)c, (void)v;\n  return help();\n}\n');
  const missing = await goroscope(['build', 'calls.c']);
  assert.deepEqual([missing.code, missing.err],
    [1, 'goroscope: calls.c:4: nobody defines help: neither the sources given nor the C library\n']);
  put('again.c', 'int help(void) { return 1; }\n');
  const twice = await goroscope(['build', 'calls.c', 'again.c', 'sub/help.c']);
  assert.equal(twice.err, 'goroscope: help is defined twice: in again.c and in sub/help.c\n');
  assert.equal((await goroscope(['build', 'sub/help.c'])).err,
    'goroscope: no source defines gr_main, where a program begins: int gr_main(int argc, char **argv)\n');
});

test('C++: objects on goroutine stacks, static constructors and destructors, the standard library',
  { skip: rarely }, async () => {
    put('all.cpp', `#include <goroscope.h>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>
struct Loud {
  const char *name;
  explicit Loud(const char *n) : name(n) { std::printf("+%s ", n); }
  ~Loud() { std::printf("-%s ", name); }
};
static Loud global("global");
static std::map<std::string, int> table = {{"one", 1}, {"a key that does not fit into the string itself", 2}};
static gr_waitgroup wg;
static std::vector<std::string> got;
static void worker(void *arg) {
  auto number = std::make_unique<long>((long)arg);
  std::string text(10, 'x');
  gr_yield();
  text += std::to_string(*number);
  got.push_back(text);
  gr_waitgroup_done(&wg);
}
extern "C" int gr_main(int, char **) {
  gr_waitgroup_add(&wg, 5);
  for (long i = 0; i < 5; i++) gr_go(worker, (void *)i);
  gr_waitgroup_wait(&wg);
  std::sort(got.begin(), got.end());
  { Loud inner("inner"); gr_yield(); }
  std::printf("%s %s %d\\n", got.front().c_str(), got.back().c_str(), table["one"]);
  static Loud local("local");
  return 0;
}
`);
    const { code, out, err } = await goroscope(['run', 'all.cpp', '--mode', 'sim', '--seed', '1']);
    assert.deepEqual([code, out, err],
      [0, '+global +inner -inner xxxxxxxxxx0 xxxxxxxxxx4 1\n+local -local -global ', '']);
    put('locks.cpp', '#include <mutex>\nstatic std::mutex m;\nextern "C" int gr_main(int, char **) {\n  m.lock();\n'
      + '  return 0;\n}\n');
    assert.match((await goroscope(['build', 'locks.cpp'])).err,
      /^goroscope: locks\.cpp:4: std::.*mutex::lock\(\) is not there in wasm: .*gr_mutex/);
  });

test('Ctrl-C ends a build at once and leaves nothing half-written', async () => {
  const many = Array.from({ length: 3000 }, (_, i) => `int f${i}(int x) { return printf("%d", x * ${i}); }\n`);
  put('slow.c', HELLO + many.join(''));
  const before = entries();
  const { child, ended } = start(['build', 'slow.c', '-O3']);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const asked = performance.now();
  child.kill('SIGINT');
  const { code, err } = await ended;
  assert.ok(performance.now() - asked < 2000); // a loaded machine takes this long to end a process
  assert.deepEqual([code, err], [130, '']);
  assert.equal(existsSync(join(scratch, 'slow.wasm')), false);
  assert.deepEqual(entries(), before);
  assert.deepEqual(readdirSync(scratch).filter((name) => name.endsWith('.tmp')), []);
});

test('Ctrl-C while a file is written: it is whole, and the process ends all the same', async () => {
  const ours = (/** @type {string} */ name) => JSON.stringify(pathToFileURL(join(ROOT, 'shell/cli', name)).href);
  const child = spawn(process.execPath, ['--input-type=module', '-e', `
    import { clearUnfinished, writeWhole } from ${ours('cache.mjs')};
    import { interruptible } from ${ours('interrupt.mjs')};
    await interruptible(clearUnfinished, () => {
      process.kill(process.pid, 'SIGINT');
      writeWhole('written', ['whole']);
    });
    console.log('nobody has asked it to end');
  `], { cwd: scratch, stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (text) => (out += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual([code, out], [130, '']);
  assert.equal(readFileSync(join(scratch, 'written'), 'utf8'), 'whole');
  assert.deepEqual(readdirSync(scratch).filter((name) => name.endsWith('.tmp')), []);
});

/** A process that has ended may still stand in the table. @param {number} pid */
function lives(pid) {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

// A clang that does not end by itself, and has started another process.
const ENDLESS = '#!/bin/sh\n[ "$1" = -cc1 ] || exec clang "$@"\nsleep 60 &\necho $$ $! >"$PIDS"\nwait\n';

for (const [signal, code] of /** @type {const} */ ([['SIGINT', 130], ['SIGTERM', 143], ['SIGKILL', null]])) {
  const linux = process.platform !== 'linux' && 'looks into /proc';
  test(`${signal} while a clang of this machine compiles: it ends, its files go`, { skip: linux }, async () => {
    const tmp = join(scratch, `tmp-${signal}`), pids = join(scratch, `pids-${signal}`);
    mkdirSync(tmp);
    put('begun.c', HELLO);
    put('endless', ENDLESS.replace('$PIDS', pids));
    chmodSync(join(scratch, 'endless'), 0o755);
    const { child, ended } = start(['build', 'begun.c', '--cc', './endless'], { tmp });
    const said = () => (existsSync(pids) ? readFileSync(pids, 'utf8') : '');
    while (child.exitCode === null && !said().endsWith('\n')) await new Promise((resolve) => setTimeout(resolve, 5));
    const all = said().trim().split(' ').map(Number);
    assert.deepEqual(all.map(lives), [true, true]);
    child.kill(signal);
    assert.deepEqual(await ended, { code, out: '', err: '' });
    // Nobody tells when a process that is no child of ours has ended; left alone, these live for a minute.
    for (let i = 0; i < 500 && (all.some(lives) || readdirSync(tmp).length); i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const left = all.filter(lives);
    for (const pid of left) process.kill(pid, 'SIGKILL');
    assert.deepEqual([left, readdirSync(tmp)], [[], []]);
  });
}

test('a builder that was ended while nothing was built is replaced', { skip: rarely }, async () => {
  put('kept.c', HELLO);
  const module = installedCompiler() ?? assert.fail('npm install installs the compiler for the tests');
  const { files, roots, sources } = gather([join(scratch, 'kept.c')], [], []);
  const builder = new Builder();
  const build = () => builder.build(
    { from: { sources, files, roots }, options: DEFAULTS, compiler: { module }, folders: FOLDERS }, () => {});
  assert.ok((await build()).wasm);
  const first = builder.pid ?? assert.fail('it is kept');
  process.kill(first, 'SIGKILL');
  while (builder.pid !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok((await build()).wasm);
  const second = builder.pid ?? assert.fail('it is kept');
  // One that ends in the midst of a build fails that alone.
  const broken = assert.rejects(build(), /^Error: the process that builds has ended \(SIGKILL\)$/);
  process.kill(second, 'SIGKILL');
  await broken;
  assert.ok((await build()).wasm);
  builder.stop();
});

test('what could not be loaded for one build is asked for again for the next', async () => {
  let asked = 0;
  const fails = async () => {
    throw new Error(`not there (${++asked})`);
  };
  const toolchain = new Toolchain({ bundle: fails, binaryen: fails, kit: fails, manual: fails }, () => {});
  const build = () => toolchain.build({ sources: ['/a.c'], files: {}, roots: [] }, DEFAULTS);
  await assert.rejects(build());
  const once = asked;
  await assert.rejects(build());
  assert.equal(asked, 2 * once);
});

/**
 * Waits until it has said so. @param {{ out: string, err: string }} said @param {RegExp} what
 * @param {'out' | 'err'} where
 */
async function until(said, what, where) {
  for (let i = 0; i < 600 && !what.test(said[where]); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.match(said[where], what, JSON.stringify(said));
}

test('--watch --check: a mistake ends the run with its line, the next save is built', { skip: alike }, async () => {
  const adds = (/** @type {string} */ n) =>
    `#include <stdio.h>\nint gr_main(int argc, char **argv) {\n  (void)argv;\n  printf("%d\\n", argc + ${n});\n}\n`;
  put('careful.c', adds('2147483647'));
  const { child, said, ended } = start(['run', '--watch', '--check', 'careful.c']);
  await until(said, /panic: .*: integer overflow: 1 \+ 2147483647 .*\n\n.*\n\tcareful\.c:4\n/, 'err');
  await until(said, /exit code 2; waiting for a change\n/, 'err');
  put('careful.c', adds('2'));
  await until(said, /^3\n/m, 'out');
  child.kill('SIGINT');
  assert.equal((await ended).code, 130);
});

test('--watch ends at an option that no save can mend', async () => {
  put('watched-not.c', 'int gr_main(int c, char **v) { (void)c, (void)v; return 0; }\n');
  const wrong = start(['run', '--watch', 'watched-not.c', '--mode', 'foo']);
  assert.equal((await wrong.ended).code, 1);
  assert.equal(wrong.said.err, 'goroscope: --mode must be auto, threads or sim, not "foo"\n');
  const nowhere = start(['run', '--watch', 'watched-not.c', '--trace', 'no/such.trace']);
  assert.equal((await nowhere.ended).code, 1);
  assert.match(nowhere.said.err, /cannot be written to \.\/no\/such\.trace: there is no such folder\n$/);
});

test('--watch builds and runs anew at each save, stops what runs, and survives errors and renames', async () => {
  const loop = (/** @type {string} */ word) => `#include <goroscope.h>\n#include <stdio.h>\n#include "sub/word.h"\n`
    + `int gr_main(int c, char **v) { (void)c, (void)v; printf("%s %s\\n", "${word}", WORD); fflush(stdout);\n`
    + '  for (;;) gr_sleep(1000000); }\n';
  put('sub/word.h', '#define WORD "a"\n');
  put('watched.c', loop('first'));
  const { child, said, ended } = start(['run', '--watch', 'watched.c']);
  const shows = (/** @type {RegExp} */ what, /** @type {'out' | 'err'} */ where = 'out') => until(said, what, where);
  await shows(/first a\n/);
  put('watched.c', loop('second'));
  await shows(/second a\n/);
  put('next.tmp', loop('third'));
  renameSync(join(scratch, 'next.tmp'), join(scratch, 'watched.c'));
  await shows(/third a\n/);
  put('sub/word.h', '#define WORD "b"\n');
  await shows(/third b\n/);
  put('watched.c', loop('bad').replace('printf', 'printg'));
  await shows(/watched\.c:4:\d+: error: call to undeclared function 'printg'/, 'err');
  rmSync(join(scratch, 'watched.c'));
  await shows(/watched\.c cannot be read/, 'err');
  put('watched.c', loop('fourth'));
  await shows(/fourth b\n/);
  put('watched.c', '#include <stdio.h>\nint gr_main(int c, char **v) { (void)c, (void)v; puts("ends"); return 7; }\n');
  await shows(/ends\n/);
  await shows(/exit code 7; waiting for a change/, 'err');
  child.kill('SIGINT');
  assert.equal((await ended).code, 130);
});
