// A short round of the property test of building (property.mjs), and what it rests on: programs that are the same
// for the same seed, and that can be made smaller.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomProgram, renamed, smaller, source } from './program.mjs';
import { fewWays, property } from './property.mjs';
import { called } from './toolchains.mjs';

test('the same seed makes the same program, another seed another one', () => {
  assert.equal(source([randomProgram(0, 7)]), source([randomProgram(0, 7)]));
  assert.notEqual(source([randomProgram(0, 7)]), source([randomProgram(0, 8)]));
});

test('the programs have every kind of memory on the stack', () => {
  const text = source(Array.from({ length: 200 }, (_, i) => randomProgram(i, i)));
  const all = ['[v0n]', '__builtin_alloca(', '__builtin_alloca_with_align(', '_Alignas(', '= 8192 }', '= 64 }',
    'goto *', '_back;', '__int128', 'va_arg', '_turn(', 'qsort(', 'c->fuel > 2', '(*const volatile ', '(void)c;',
    'return h;', '_same(memset(', '_Thread_local', '__atomic_', 'constructor', '_nobody('];
  for (const what of all) assert.ok(text.includes(what), `none has ${what}`);
});

test('a program is made smaller until there is nothing left of it', () => {
  let p = randomProgram(3, 11);
  const sizes = [source([p]).length];
  for (let next; (next = smaller(p).at(0)); p = next) sizes.push(source([next]).length);
  assert.ok(sizes.length > 2 && sizes.length < 50, `${sizes.length} steps`);
  assert.ok(/** @type {number} */ (sizes.at(-1)) < sizes[0]);
  const other = source([renamed(randomProgram(3, 11), 4)]);
  assert.equal(other.replace(/\bp4_/g, 'p3_'), source([randomProgram(3, 11)]));
});

test('random programs build, and give the same as natively', async (t) => {
  const seed = Date.now() % 1_000_000_000;
  t.diagnostic(`seed ${seed}`);
  const failures = await property(8, seed, { ways: fewWays(seed), reduce: 0 });
  const told = (/** @type {import('./property.mjs').Failure} */ f) =>
    `seed ${f.program.seed}, ${called(f.way, f.run)}: ${f.what}`;
  assert.deepEqual(failures.map(told), []);
});
