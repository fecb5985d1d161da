// wasm/passes/dwarf.mjs: the rows of objects of clang 22 (the npm package @yowasp/clang; they lie in objects/, with
// their sources) and of the system's clang, DWARF 4 and 5, optimised and not; damaged ones are refused with a
// sentence.
//
// The objects of clang 22 were made by runLLVM(['clang', '-cc1', '-triple', 'wasm32-unknown-emscripten',
// '-emit-obj', '-main-file-name', SOURCE, '-mrelocation-model', 'static', '-mframe-pointer=none', '-target-cpu',
// 'generic', '-O2', '-debug-info-kind=line-tables-only', '-dwarf-version=4', '-debugger-tuning=gdb',
// '-ffunction-sections', '-o', 'out.o', '-x', 'c', SOURCE], files).
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { DwarfError, Places, placesOf } from '../../wasm/passes/dwarf.mjs';
import { Code, OP } from '../../wasm/passes/instructions.mjs';
import { plainName } from '../../wasm/passes/names.mjs';
import { readObject } from '../../wasm/passes/object.mjs';
import { RowReader } from '../../wasm/passes/places.mjs';
import { OUT, ROOT } from '../lib/run.mjs';
import { compile } from './merged.mjs';

const FOLDER = join(ROOT, 'tests/passes/objects');
mkdirSync(join(OUT, 'passes'), { recursive: true });
const DIVIDE = 0x6d, REMAINDER = 0x6f;

/** @param {string} name @returns {Uint8Array} */
const fixture = (name) => new Uint8Array(readFileSync(join(FOLDER, name)));

/** An object with its rows. @param {Uint8Array} bytes */
function known(bytes) {
  const object = readObject(bytes, 'an object'), places = new Places(), rows = placesOf(bytes, object, places);
  /** A place as text, and those it was inlined into. @param {number} place @returns {string} */
  const say = (place) => {
    if (place < 0) return 'nowhere';
    const { func, file, line, parent } = places.list[place];
    return `${plainName(func)} ${basename(file)}:${line}${parent < 0 ? '' : ` < ${say(parent)}`}`;
  };
  return { object, rows, say };
}

/** Where instructions of a kind come from, in their order. @param {Uint8Array} bytes @param {number} op */
function placesOfAll(bytes, op) {
  const { object, rows, say } = known(bytes), found = [];
  for (const [i, f] of object.module.functions.entries()) {
    const code = new Code(f.body, `function ${i}`);
    const reader = new RowReader(rows[i] ?? assert.fail(`no rows of function ${i}`));
    while (code.next()) if (code.op === op) found.push(say(reader.at(code.start)));
  }
  return found;
}

/** The line that has this comment. @param {string} file @param {string} func @param {string} comment */
function at(file, func, comment) {
  const lines = readFileSync(join(FOLDER, file), 'utf8').split('\n');
  const line = lines.findIndex((l) => l.includes(`/* ${comment} */`)) + 1;
  assert.ok(line > 0, comment);
  return `${func} ${file}:${line}`;
}

/** @param {Uint8Array} bytes @param {boolean} optimised */
function checkInlined(bytes, optimised) {
  const division = at('inlined.c', 'inner', 'the division');
  const remainder = at('inlined.h', 'of_header', 'the remainder');
  const loop = `${at('inlined.c', 'middle', 'calls the division')} < ${at('inlined.c', 'outer', 'calls the loop')}`;
  const divisions = placesOfAll(bytes, DIVIDE);
  assert.ok(divisions.length > 0);
  for (const place of divisions) assert.equal(place, optimised ? `${division} < ${loop}` : division);
  const header = at('inlined.c', 'outer', 'calls the header');
  assert.deepEqual(placesOfAll(bytes, REMAINDER), [optimised ? `${remainder} < ${header}` : remainder]);
  assert.equal(placesOfAll(bytes, OP.UNREACHABLE)[0], at('inlined.c', 'outer', 'the trap'));
  assert.ok(placesOfAll(bytes, OP.CALL).includes(at('inlined.c', 'outer', 'the call')));
}

describe('clang 22', () => {
  for (const name of ['inlined-22-4.o', 'inlined-22-5.o', 'inlined-22-5-O0.o']) {
    test(name, () => checkInlined(fixture(name), !name.includes('O0')));
  }
  for (const version of [4, 5]) {
    test(`classes-22-${version}.o: methods, by the names of people`, () => {
      const places = placesOfAll(fixture(`classes-22-${version}.o`), DIVIDE);
      for (const wanted of ['shapes::Box::Box classes.cc:9', 'area classes.cc:5 < shapes::Box::twice classes.cc:6',
        'area classes.cc:5 < shapes::largest classes.cc:10',
        'area classes.cc:5 < largest classes.cc:10 < plain classes.cc:12']) {
        assert.ok(places.includes(wanted), `${wanted} is not in\n${places.join('\n')}`);
      }
    });
  }
  test('DWARF 4 and 5 tell the same, row by row', () => {
    for (const name of ['inlined', 'classes']) {
      const [a, b] = [4, 5].map((v) => known(fixture(`${name}-22-${v}.o`))).map(({ rows, say }) =>
        rows.map((r) => [...r ?? []].map((x, i) => (i % 2 ? say(x) : x))));
      assert.deepEqual(a, b);
    }
  });
  test('all rows of a small object, as text', () => {
    const { rows, say } = known(fixture('classes-22-4.o'));
    const text = rows.map((r, i) => `function ${i}\n${[...r ?? []].map((x, j) =>
      (j % 2 ? `${say(x)}\n` : `  ${x.toString(16).padStart(2)} `)).join('')}`).join('');
    const golden = join(ROOT, 'tests/passes/golden/dwarf-classes.txt');
    if (process.env.UPDATE_GOLDENS) writeFileSync(golden, text);
    assert.equal(text, readFileSync(golden, 'utf8'));
  });
});

describe('the system\'s clang', () => {
  for (const level of ['-O0', '-O1', '-O2', '-O3']) for (const lines of [['-gline-tables-only'], ['-gdwarf-5',
    '-gline-tables-only'], ['-g']]) {
    test(`${level} ${lines.join(' ')}`, async () => {
      const out = join(OUT, 'passes', `inlined${level}${lines.join('')}.o`);
      checkInlined(await compile('tests/passes/objects/inlined.c', out, [level, ...lines]), level !== '-O0');
    });
  }
});

test('an object without debug information', async () => {
  const bytes = await compile('tests/passes/objects/inlined.c', join(OUT, 'passes/inlined-plain.o'));
  const { rows } = known(bytes);
  assert.ok(rows.length > 0 && rows.every((r) => r === null));
});

test('damaged debug information: a sentence or rows, never anything else', () => {
  let refused = 0, read = 0, seed = 1;
  const random = (/** @type {number} */ n) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor(seed / 2 ** 32 * n);
  };
  for (const name of ['inlined-22-4.o', 'inlined-22-5.o', 'classes-22-5.o']) {
    const whole = fixture(name), from = Buffer.from(whole).indexOf('.debug_abbrev'), to = whole.length;
    const object = readObject(whole, name);
    const end = Buffer.from(whole).indexOf('reloc.CODE') > from ? Buffer.from(whole).indexOf('reloc.CODE') : to;
    for (let i = 0; i < 1500; i++) {
      const bytes = whole.slice();
      for (let n = 1 + random(3); n > 0; n--) {
        // Not in the headers of sections, which readObject has read already: only what they hold.
        const at = from + 16 + random(end - from - 16);
        bytes[at] = random(2) ? random(256) : bytes[at] ^ (1 << random(8));
      }
      try {
        placesOf(bytes, object, new Places());
        read++;
      } catch (error) {
        const e = /** @type {Error} */ (error);
        assert.ok(error instanceof DwarfError || e.name === 'BuildError', `${name}, round ${i}: ${e.stack}`);
        refused++;
      }
    }
  }
  assert.ok(refused > 100 && read > 100, `${refused} refused, ${read} read`);
});

test('C++ names', () => {
  for (const [symbol, name] of Object.entries({
    main: 'main', _Z5plaini: 'plain', _ZN6shapes7largestERKNS_3BoxEi: 'shapes::largest',
    _ZNK6shapes3Box5twiceEi: 'shapes::Box::twice', _ZN6shapes3BoxC2Ei: 'shapes::Box::Box',
    _ZN6shapes3BoxD1Ev: 'shapes::Box::~Box', _ZN12_GLOBAL__N_16hiddenEv: '(anonymous namespace)::hidden',
    _ZL6statici: 'static', _ZSt4swapIiEvRT_S1_: 'std::swap<...>', _Z3maxIiET_S0_S0_: 'max<...>',
    _ZN3BoxISt6vectorIiSaIiEELj16EE4pushES1_: 'Box<...>::push', _ZN3BoxIiEC2Ev: 'Box<...>::Box',
    _Z5applyIZ7gr_mainE3$_0EvT_: 'apply<...>', _ZN3BoxI: '_ZN3BoxI', _Z1fI: '_Z1fI',
    _ZN3FooplERKS_: '_ZN3FooplERKS_', _Z: '_Z', _ZN: '_ZN', _Z99x: '_Z99x', _ZN3Foo99xE: '_ZN3Foo99xE',
  })) assert.equal(plainName(symbol), name, symbol);
});
