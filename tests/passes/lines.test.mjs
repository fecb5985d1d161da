// Traps, panics and fatal errors of merged programs show the goroutine's functions with file and line, inlined ones
// too, at every level of optimisation, with threads and in sim: each kind of programs/dying.c, whose comments say
// which lines those are.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import binaryen from 'binaryen';
import { makeProgram } from '../../wasm/cc/program.mjs';
import { Lines } from '../../wasm/host/lines.mjs';
import { buildProgram } from '../../wasm/passes/build.mjs';
import { OPTIONS, clang, sourcesOf } from '../lib/cc.mjs';
import { ALL, LONG, OUT, ROOT, run, sim, slot, threads, told } from '../lib/run.mjs';
import { buildMerged, buildObjects, compile, preparedKit } from './merged.mjs';

const SOURCE = 'tests/passes/programs/dying.c';
const text = readFileSync(join(ROOT, SOURCE), 'utf8').split('\n');

/** What Go would show of a kind's frame. @param {string} kind @param {string} func */
function frame(kind, func) {
  const label = func === 'gr_main' ? '/* gr_main */' : `/* ${kind}: ${func} */`;
  const line = text.findIndex((l) => l.includes(label)) + 1;
  assert.ok(line > 0, `no line of ${SOURCE} has ${label}`);
  return `${func}(...)\n\t${SOURCE}:${line}\n`;
}

/** What stops each kind, and its functions, innermost first. @type {{ [kind: string]: [string, string[]] }} */
const KINDS = {
  division: ['fatal error: unexpected trap: divide by zero',
    ['ratio', 'half_ratio', 'divides', 'division', 'gr_main']],
  trap: ['fatal error: unexpected trap: unreachable', ['trap', 'gr_main']],
  outside: ['fatal error: unexpected trap: memory access out of bounds', ['outside', 'gr_main']],
  'null-call': ['fatal error: unexpected trap: null function or function signature mismatch',
    ['null_call', 'gr_main']],
  'wrong-call': ['fatal error: unexpected trap: null function or function signature mismatch',
    ['wrong_call', 'gr_main']],
  panic: ['panic: three deep', ['complains', 'calls_it', 'in_goroutine']],
  closed: ['panic: close of closed channel', ['twice', 'closed', 'gr_main']],
  assert: ['assertion failed: n == 4', ['checks', 'assertion', 'gr_main']],
  callback: ['SIGABRT: abort', ['by_size', 'callback', 'gr_main']],
  sequence: ['fatal error: unexpected trap: divide by zero', ['numbers']],
};
/** Behind the frames. @type {{ [kind: string]: string }} */
const CREATED = { panic: 'panic', sequence: 'sequence' };

/** The frames of the goroutine that died. @param {string} stderr */
const dead = (stderr) => /^goroutine \d+ \[running\]:\n((?:(?!created by )\S.*\n(?:\t.*\n)?)*)(.*)/m.exec(stderr);

const BUILDS = [...ALL ? [{ flags: ['-O0'] }] : [], ...LONG ? [{ flags: ['-O1'] }, { flags: ['-O2'] }] : [],
  ...ALL ? [{ flags: ['-O3', '-gdwarf-5'] }] : [], { flags: ['-O2'], preempt: true }];

for (const { flags, preempt } of BUILDS) {
  describe(`${flags.join(' ')}${preempt ? ', with preemption points' : ''}`, () => {
    const built = buildMerged([SOURCE], { flags, preempt, name: `dying${flags.join('')}` });
    for (const port of [threads(2), sim(3)]) {
      /** @param {string} kind */
      const died = async (kind) => {
        const { path, notes } = await built;
        assert.deepEqual(notes, []);
        const r = await slot(() => run(port, path, [kind]));
        assert.equal(r.exitCode, 2, told(r));
        assert.doesNotMatch(r.stdout, /back|not dead/);
        const [, frames, behind] = dead(r.stderr) ?? assert.fail(told(r));
        return { r, frames, behind };
      };
      for (const [kind, [what, functions]] of Object.entries(KINDS)) {
        test(`${kind}, ${port.name}`, async () => {
          const { r, frames, behind } = await died(kind);
          assert.ok(r.stderr.startsWith(what), told(r));
          assert.equal(frames, functions.map((func) => frame(kind, func)).join(''), told(r));
          const creator = CREATED[kind];
          assert.match(behind, creator ? new RegExp(`^created by ${creator} in goroutine 1`) : /^$/);
        });
      }
      test(`the engine's stack runs out, ${port.name}`, async () => {
        const { r, frames } = await died('recursion');
        assert.match(r.stderr, /^runtime: goroutine stack exceeds \d+-byte limit\nfatal error: stack overflow\n/);
        const lines = frames.replaceAll(frame('recursion', 'recurses'), 'R').split('\n');
        // Where the innermost one was stopped may be anywhere in it.
        const at = lines.findIndex((l) => l.startsWith('R'));
        assert.ok(at >= 0 && at <= 2, told(r));
        assert.match(lines.slice(at).join('\n'), /^R{49,50}\.\.\.\d{3,} frames elided\.\.\.\nR{48}recursion/);
        assert.ok(frames.endsWith(frame('recursion', 'recursion') + frame('recursion', 'gr_main')), told(r));
      });
      test(`more frames than are shown, ${port.name}`, async () => {
        const { r, frames } = await died('long');
        const nests = frame('long', 'nests'), bottom = frame('long', 'bottom').replace('bottom', 'nests');
        assert.equal(frames, `${bottom}${nests.repeat(49)}...73 frames elided...\n${nests.repeat(48)}` +
          frame('long', 'long_way') + frame('long', 'gr_main'), told(r));
      });
    }
  });
}

test('what the section of lines has of a function, and how large it is', async () => {
  const { path } = await buildMerged([SOURCE], { flags: ['-O2'], name: 'dying-O2' });
  const module = new WebAssembly.Module(readFileSync(path));
  const [section] = WebAssembly.Module.customSections(module, 'goroscope.lines');
  assert.ok(section.byteLength < 3000, `${section.byteLength} bytes`);
  const lines = new Lines(new Uint8Array(section)), index = lines.byName.get('divides') ?? -1;
  const func = lines.functions.get(index) ?? assert.fail('no divides');
  const shown = new Set();
  for (let at = 0; at < func.size; at++) {
    shown.add(lines.frames(func, func.start + at).map((f) => frameText(f)).join(' < '));
  }
  const line = (/** @type {string} */ func) =>
    frame('division', func).replace(/(\w+)\(\.\.\.\)\n\t.*:(\d+)\n/, '$1 $2');
  assert.ok(shown.has(`${line('ratio')} < ${line('half_ratio')} < ${line('divides')}`), [...shown].join('\n'));
  assert.ok(![...shown].some((s) => s.includes('gr_main')));
});

/** @param {import('../../wasm/host/lines.mjs').Frame} f */
const frameText = ({ func, line }) => `${func} ${line}`;

test('not optimised, every line of the comments has a place, in its own function', async () => {
  const { path } = await buildMerged([SOURCE], { flags: ['-O0'], name: 'dying-O0' });
  const module = new WebAssembly.Module(readFileSync(path));
  const lines = new Lines(new Uint8Array(WebAssembly.Module.customSections(module, 'goroscope.lines')[0]));
  const shown = new Set(lines.places.map((p) => `${lines.texts[p.func]} ${p.line}`));
  let n = 0;
  for (const [i, line] of text.entries()) {
    const func = /\/\* [\w-]+: (\w+) \*\//.exec(line)?.[1].replace('bottom', 'nests').replace('created', 'panic');
    if (func) assert.ok(shown.has(`${func} ${i + 1}`), line);
    if (func) n++;
  }
  assert.ok(n > 20);
});

test('the first place of all has its line as well', async () => {
  const bytes = await compile('tests/passes/objects/first.c', join(OUT, 'merged/first.o'), ['-gline-tables-only']);
  const { wasm } = await buildObjects([{ name: 'first.c', bytes }]);
  writeFileSync(join(OUT, 'merged/first.wasm'), wasm);
  const r = await slot(() => run(sim(1), join(OUT, 'merged/first.wasm'), ['x']));
  assert.match(r.stderr, /\ngr_main\(\.\.\.\)\n\ttests\/passes\/objects\/first\.c:4\n$/, told(r));
});

test('C++: methods, namespaces, templates, an inline function in two files', async () => {
  const sources = ['one.cc', 'two.cc'].map((f) => `tests/passes/objects/${f}`);
  const { path, notes } = await buildMerged(sources, { name: 'classes',
    flags: ['-x', 'c++', '-std=gnu++17', '-fno-exceptions', '-fno-rtti'] });
  assert.deepEqual(notes, []);
  /** What calls the method, by the argument. @type {[string, string[]][]} */
  const cases = [['1', ['gr_main']], ['2', ['deep::er::go', 'gr_main']], ['3', ['largest<...>', 'gr_main']]];
  for (const [arg, functions] of cases) {
    const r = await slot(() => run(sim(1), path, [arg]));
    const [, frames] = dead(r.stderr) ?? assert.fail(told(r));
    const names = [...frames.matchAll(/^(\S+)\(\.\.\.\)\n\t\S+:\d+$/gm)].map((m) => m[1]);
    // Of inlined methods the compiler says the name alone.
    assert.deepEqual(names, ['split', 'Shape::twice', ...functions], told(r));
  }
  // The runtime knows the innermost function's place too, without its class; it is shown once.
  const r = await slot(() => run(sim(1), path, ['4']));
  const [, frames] = dead(r.stderr) ?? assert.fail(told(r));
  assert.match(frames, /^complain\(\.\.\.\)\n\t.*one\.cc:\d+\ngr_main\(\.\.\.\)\n\t.*one\.cc:\d+\n$/, told(r));
});

test('the names of two files\' static functions of one name are told apart', async () => {
  const { path, notes } = await buildMerged(['tests/passes/objects/same1.c', 'tests/passes/objects/same2.c'],
    { flags: ['-O1'], name: 'same' });
  assert.deepEqual(notes, []);
  for (const [arg, file] of [['1', 'same1.c:8'], ['2', 'same2.c:6']]) {
    const r = await slot(() => run(sim(1), path, [arg]));
    assert.match(r.stderr, new RegExp(`^same\\(\\.\\.\\.\\)\\n\\ttests/passes/objects/${file}$`, 'm'), told(r));
  }
});

/** The code section of a module. @param {Buffer} bytes */
function codeOf(bytes) {
  let at = 8;
  const number = () => {
    let value = 0, byte;
    for (let shift = 0; ; shift += 7) {
      byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const id = bytes[at++], size = number();
    if (id === 10) return bytes.subarray(at, at + size);
    at += size;
  }
  return assert.fail('no code section');
}

test('lines cost no code: the same bodies as without', async () => {
  const plain = await buildMerged([SOURCE], { flags: ['-O2'], lines: false, name: 'dying-plain' });
  const { path } = await buildMerged([SOURCE], { flags: ['-O2'], name: 'dying-O2' });
  const [a, b] = [plain.path, path].map((p) => new WebAssembly.Module(readFileSync(p)));
  const section = WebAssembly.Module.customSections(b, 'goroscope.lines')[0].byteLength;
  const without = WebAssembly.Module.customSections(a, 'goroscope.lines')[0].byteLength;
  assert.ok(section > without + 200);
  const code = [plain.path, path].map((p) => codeOf(readFileSync(p)));
  assert.ok(code[0].length > 100_000 && code[0].equals(code[1]));
});

test('debug information that cannot be read costs the lines, not the program', async () => {
  const bytes = await compile(SOURCE, join(OUT, 'merged/damaged.o'), ['-gline-tables-only']);
  const at = Buffer.from(bytes).indexOf('.debug_line') + '.debug_line'.length;
  bytes[at + 4] = 77; // its version
  const { wasm, notes } = await buildObjects([{ name: 'dying.c', bytes }]);
  assert.deepEqual(notes, ['traces will not show lines: the debug information of dying.c cannot be read, its ' +
    'lines are of version 77, not 4 or 5']);
  assert.ok(wasm.length > 0);
});

test('who builds is told: the note stands behind what the compiler says', async () => {
  const by = await clang(), kit = await preparedKit();
  /** @type {import('../../wasm/cc/clang.mjs').Compiler} */
  const damaging = { layout: by.layout, async run(args, files, outputs) {
    const said = await by.run(args, files, outputs), at = Buffer.from(said.out).indexOf('.debug_line');
    said.out[at + '.debug_line'.length + 4] = 77;
    return said;
  } };
  const files = { 'prog.c': '#warning mind\nint gr_main(int c, char **v) { (void)v; return c; }\n' };
  const { wasm, text } = await makeProgram(sourcesOf(files), OPTIONS, { clang: damaging, step() {},
    libraries: async () => ({}), passes: async () => ({ buildProgram, binaryen, kit }) });
  assert.ok(wasm);
  assert.match(text, /^prog\.c:1:2: warning: mind [^]*\ngoroscope: traces will not show lines: .* of prog\.c .*\n$/);
});
