// Memory that one worker makes grow is not known to the others at once: what looks at its bounds asks first
// (wasm/passes/atomics.mjs). tests/unit/memory.c has the atomic operations; here are new threads and memory.init, whose
// chance is one in hundreds, so the program is also read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, exec, run, threads, told } from '../lib/run.mjs';

test('threads that start in memory which has just come', async () => {
  const program = await build('tests/programs/late_threads.c', 'emscripten');
  for (let i = 0; i < 5; i++) {
    const r = await run(threads(4), program);
    assert.equal(r.exitCode, 0, told(r));
    assert.equal(r.stdout, 'ok\n');
  }
});

test('memory.init asks first', async () => {
  const program = await build('tests/unit/own.c', 'emscripten'); // has thread-local variables
  const r = await exec('wasm-dis', ['-all', program, '-o', '-']);
  assert.equal(r.exitCode, 0, r.stderr);
  // In the first instance, before there can be another: they fill the memory that there is.
  const first = [/^ \(start (\S+)\)/m, /^ \(export "gr_setup" \(func (\S+)\)\)/m].map((re) => re.exec(r.stdout)?.[1]);
  const uses = r.stdout.split(/^(?= \(func )/m).filter((f) => f.includes('(memory.init'));
  const others = uses.filter((f) => ![...first, '$port_program_begin'].includes(f.split(/\s+/)[2]));
  assert.equal(uses.length - others.length, 3);
  assert.ok(others.length >= 2, 'threads and goroutines');
  for (const f of others) {
    const [before] = f.split('(memory.init', 1);
    assert.match(before, /\(memory\.grow\s+\(i32\.const 0\)/, f.slice(0, 200));
  }
});
