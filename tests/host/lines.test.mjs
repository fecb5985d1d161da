// wasm/host/lines.mjs: stacks as V8, Firefox and Safari write them become Go's frames; a section that is broken, or
// made to do harm, costs frames and nothing else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Lines, goFrames, stackText, wasmFrames } from '../../wasm/host/lines.mjs';

const utf8 = new TextEncoder();
/** @param {number} x @returns {number[]} LEB128 */
const leb = (x) => (x < 128 ? [x] : [(x & 127) | 128, ...leb(Math.floor(x / 128))]);
/** @param {number} x -64 to 63 */
const sleb = (x) => [x & 127];
/** @param {string} text */
const name = (text) => [...leb(utf8.encode(text).length), ...utf8.encode(text)];

/** Of two functions: outer, at 1000, calls inner, which is inlined, and _Z4leafi, at 1200. */
const SECTION = Uint8Array.from([1,
  5, ...name('outer'), ...name('inner'), ...name('prog.c'), ...name('leaf'), ...name('_Z4leafi'),
  4, 0, 2, 20, 0, /**/ 1, 2, 12, 1, /**/ 0, 2, 22, 0, /**/ 3, 2, 0, 0,
  2, ...leb(300), ...leb(1000), 100, 0, 3, 10, ...sleb(1), 20, ...sleb(1), 20, ...sleb(1),
  /**/ 1, ...leb(200), 50, 4, 1, 5, ...sleb(4)]);
const lines = new Lines(SECTION);

/** @param {string} stack @param {number} [below] */
const go = (stack, below) => goFrames(lines, stack, below).join('');
const OUTER = 'inner(...)\n\tprog.c:12\nouter(...)\n\tprog.c:20\n';

describe('what engines write', () => {
  const V8 = `RuntimeError: divide by zero
    at leaf (wasm://wasm/001cd266:wasm-function[301]:0x4b5)
    at wasm://wasm/001cd266:wasm-function[17]:0x1203
    at outer (wasm://wasm/001cd266:wasm-function[300]:0x406)
    at gr_sim_step (wasm://wasm/001cd266:wasm-function[55]:0x34ffc)
    at simulate (file:///home/me/goroscope/wasm/host/worker.mjs:206:44)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`;
  const CHROMIUM = `Error
    at Object.host_stack (http://localhost:8080/wasm/host/imports.mjs:70:30)
    at program.wasm.outer (http://localhost:8080/build/program.wasm:wasm-function[300]:0x406)
    at http://localhost:8080/wasm/host/worker.mjs:206:44`;
  const FIREFOX = `host_stack@http://localhost:8080/wasm/host/imports.mjs:70:30
leaf@http://localhost:8080/build/program.wasm:wasm-function[301]:0x4b5
wasm-function[17]@http://localhost:8080/build/program.wasm:wasm-function[17]:0x1203
outer@http://localhost:8080/wasm/host/worker.mjs line 78 > WebAssembly.Module:wasm-function[300]:0x406
simulate@http://localhost:8080/wasm/host/worker.mjs:206:44
`;
  const SAFARI = `host_stack@http://localhost:8080/wasm/host/imports.mjs:70:30
wasm-stub@[wasm code]
<?>.wasm-function[_Z4leafi]@[wasm code]
<?>.wasm-function[17]@[wasm code]
<?>.wasm-function[300]@[wasm code]
wasm-stub@[wasm code]
gr_sim_step@[native code]
simulate@http://localhost:8080/wasm/host/worker.mjs:206:44`;
  const LEAF = 'leaf(...)\n\tprog.c\n'; // line 0: several lines in one instruction
  test('V8 in node', () => assert.equal(go(V8), LEAF + OUTER));
  test('V8 in Chromium', () => assert.equal(go(CHROMIUM), OUTER));
  test('Firefox', () => assert.equal(go(FIREFOX), LEAF + OUTER));
  test('Safari tells no offsets: functions without lines', () =>
    assert.equal(go(SAFARI), `${LEAF}outer(...)\n\tprog.c\n`));
  test('frames below a function belong to another goroutine', () => {
    assert.equal(go(V8, 17), LEAF);
    assert.equal(go(SAFARI, 17), LEAF);
  });
  test('what is no frame of wasm is none', () => {
    assert.deepEqual(wasmFrames('Error: wasm-function[1]:0x2 is bad\n  at f (x.mjs:1:2)\nwasm-function[]\n\n'), []);
    assert.deepEqual(wasmFrames(''), []);
  });
  test('an offset outside the function, or before its first place: its name', () => {
    const at = (/** @type {string} */ offset) => go(`at wasm://wasm/1:wasm-function[300]:0x${offset}`);
    assert.equal(at('3e9'), 'outer(...)\n');
    assert.equal(at('ffffffff'), 'outer(...)\n');
    assert.equal(at('3f2'), 'outer(...)\n\tprog.c:20\n');
    assert.equal(at('41a'), 'outer(...)\n\tprog.c:22\n');
  });
  test('more than a hundred frames: the first and last fifty', () => {
    const one = 'outer@x:wasm-function[300]:0x41a\n', shown = 'outer(...)\n\tprog.c:22\n';
    assert.equal(go(one.repeat(100)), shown.repeat(100));
    assert.equal(go(one.repeat(70_000)), `${shown.repeat(50)}...69900 frames elided...\n${shown.repeat(50)}`);
  });
});

/** A module with nothing but the section. @param {Uint8Array} section */
const moduleOf = (section) => new WebAssembly.Module(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0,
  ...leb(name('goroscope.lines').length + section.length), ...name('goroscope.lines'), ...section]));
const STACK = 'a@x:wasm-function[300]:0x406\na@x:wasm-function[301]:0x4b5\n'.repeat(3);
/** @param {Uint8Array} section @param {number} [most] */
const given = (section, most = 16384) => new TextDecoder().decode(stackText(moduleOf(section), STACK, -1, most));

describe('sections that are broken or hostile', () => {
  test('whole, to begin with', () => assert.equal(given(SECTION), `${OUTER}leaf(...)\n\tprog.c\n`.repeat(3)));
  test('cut off anywhere', () => {
    for (let n = 0; n < SECTION.length; n++) assert.equal(given(SECTION.subarray(0, n)), '', `${n} bytes`);
  });
  test('of another version', () => {
    const other = SECTION.slice();
    other[0] = 2;
    assert.equal(given(other), '');
  });
  test('any bytes: ends at once, gives whole lines', () => {
    let seed = 7;
    const random = (/** @type {number} */ n) => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return Math.floor(seed / 2 ** 32 * n);
    };
    const from = performance.now();
    let shown = 0;
    for (let i = 0; i < 5000; i++) {
      const bytes = SECTION.slice();
      for (let n = 1 + random(4); n > 0; n--) bytes[random(bytes.length)] = random(256);
      const text = given(bytes);
      assert.match(text, /^([^\n]+\n)*$/, `round ${i}`);
      if (text) shown++;
    }
    assert.ok(shown > 500);
    assert.ok(performance.now() - from < 20_000);
  });
  test('numbers of things that are not there', () => {
    const huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for (const before of [[], [0], [0, 0], [1], [0, 0, 1, 0, 0, 0, 0]]) {
      assert.equal(given(Uint8Array.from([1, ...before, ...huge])), '');
    }
  });
  test('a place that is inlined into itself or a later one', () => {
    assert.throws(() => new Lines(Uint8Array.from([1, 0, 1, 0, 0, 5, 1, 0])), /does not come before/);
  });
  test('a hundred thousand places inlined into each other: as many as are shown', () => {
    const n = 100_000, places = [0, 0, 1, 0, ...Array.from({ length: n - 1 }, () => [0, 0, 1, 1]).flat()];
    const bytes = Uint8Array.from([1, 1, ...name('f'), ...leb(n), ...places, 1, ...leb(300), 1, ...leb(2000), 0, 1,
      0, ...[(n & 127) | 128, (n >> 7 & 127) | 128, n >> 14]]);
    const from = performance.now(), text = given(bytes);
    assert.ok(performance.now() - from < 2000);
    assert.match(text, /^(f\(\.\.\.\)\n\tf:1\n){50}\.\.\.\d+ frames elided\.\.\.\n(f\(\.\.\.\)\n\tf:1\n){50}$/);
  });
  test('names with control characters stay one line of text', () => {
    const bad = Uint8Array.from([1, 2, ...name('a\nb\x1b[31m\u2028'), ...name('<img src=x>\r.c'), 1, 0, 1, 3, 0,
      1, ...leb(300), 1, ...leb(2000), 0, 1, 0, 1]);
    assert.equal(given(bad), 'a?b?[31m?(...)\n\t<img src=x>?.c:3\n'.repeat(3));
  });
  test('names longer than the program has room for: whole frames, and that there are more', () => {
    const long = 'f'.repeat(400), bytes = Uint8Array.from([1, 1, ...name(long), 1, 0, 0, 3, 0,
      1, ...leb(300), 1, ...leb(2000), 0, 1, 0, 1]);
    assert.equal(given(bytes, 2000), `${`${long}(...)\n\t${long}:3\n`.repeat(2)}...additional frames elided...\n`);
    assert.equal(given(bytes, 40), '...additional frames elided...\n');
    assert.equal(given(bytes, 3), '');
  });
  test('a module without the section', () => {
    const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    assert.equal(stackText(module, STACK, -1, 100).length, 0);
  });
});
