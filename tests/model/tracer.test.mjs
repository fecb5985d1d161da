// The tracer's control as a model (tracer.pml): all orders in which its steps can happen, in small worlds; and the
// model with one mistake each, for every invariant of runtime/core/trace.h, which is seen (TESTS=long: all of them).
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { LONG, OUT, ROOT, alike, exec, slot } from '../lib/run.mjs';

const MODEL = join(ROOT, 'tests/model/tracer.pml');

/** What goroutines do besides running, added up (tracer.pml). */
const SYSCALL = 1, SYSCALLBLOCK = 2, YIELD = 4, PARK = 8, EXIT = 16;

/**
 * What there is and how much of it happens.
 * @typedef {{ [define: string]: number }} World
 */

/** @type {{ name: string, world: World }[]} */
const WORLDS = [
  { name: 'system calls, a turn that may be lost', world: { OPS: SYSCALL, TURNS: 1, LOSSES: 1 } },
  { name: 'system calls, stopped and started again', world: { OPS: SYSCALL, STARTS: 2, TURNS: 0 } },
  { name: 'blocking calls and 2 Ms, a turn that may be lost',
    world: { NM: 2, OPS: SYSCALLBLOCK, TURNS: 1, LOSSES: 1 } },
  { name: 'goroutines that wait and wake each other', world: { NG: 2, OPS: PARK, TURNS: 1, LOSSES: 1 } },
  { name: 'goroutines that end and begin', world: { NG: 2, NGO: 3, OPS: EXIT, TURNS: 1, LOSSES: 1 } },
  { name: 'goroutines that yield, lost twice in a row', world: { NG: 2, OPS: YIELD, TURNS: 3, LOSSES: 2 } },
];

/** @type {typeof WORLDS} */
const LARGER = [
  { name: 'system calls and 2 Ms, stopped and started again', world: { NM: 2, OPS: SYSCALL, STARTS: 2, TURNS: 0 } },
  { name: 'system calls and 2 Ms, a turn', world: { NM: 2, OPS: SYSCALL, TURNS: 1 } },
  { name: 'system calls, lost twice in a row', world: { OPS: SYSCALL, TURNS: 2, LOSSES: 2 } },
  { name: 'goroutines that end and begin, lost twice', world: { NG: 2, NGO: 3, OPS: EXIT, TURNS: 3, LOSSES: 2 } },
  { name: 'goroutines that end, on 2 Ps', world: { NM: 2, NP: 2, NG: 2, OPS: EXIT, TURNS: 1 } },
];

const DEADLOCK = /invalid end state/;
const AFTER_END = /assertion violated \(mgen\[\S+\]>ended\)/;
const AFTER_NEXT = /assertion violated \(\(\(gen%128\)==mgen/;
const DOES_NOT_FIT = /assertion violated \(rs\[/;
const UNTIMELY = /assertion violated \((?:mgen\[\S+\]>ended|rs\[)/;
const NOT_TRUE = /assertion violated \(\(w&7\)==(?:gst|\( \(\(pm)/;
const NOT_AS_KNOWN = /assertion violated \(\(w&7\)==\(rf/;
const NOT_TOLD_OF = /assertion violated \(rf\[i\]==0\)/;

/** @type {{ name: string, breaks: string, world: World, says: RegExp }[]} */
const MUTANTS = [
  { name: '1: a state changes before the locker is there', breaks: 'BREAK_1_STATE',
    world: { OPS: YIELD }, says: DOES_NOT_FIT },
  { name: '1: the generation is read before the M says that it writes', breaks: 'BREAK_1_ORDER',
    world: {}, says: UNTIMELY },
  { name: '2: who finds it enabled does not look again', breaks: 'BREAK_2_STALE',
    world: { STARTS: 2, TURNS: 0 }, says: AFTER_END },
  { name: '2: start waits for nobody outside of the world', breaks: 'BREAK_2_COUNT',
    world: { TURNS: 0 }, says: NOT_TRUE },
  { name: '2: who waits for the start is waited for', breaks: 'BREAK_2_WAIT',
    world: { TURNS: 0 }, says: DEADLOCK },
  { name: '2: enabled is set while the world goes on', breaks: 'BREAK_2_WORLD',
    world: { TURNS: 0 }, says: NOT_TRUE },
  { name: '3: an M waits while it says that it writes', breaks: 'BREAK_3_INSIDE',
    world: { LOSSES: 1 }, says: DEADLOCK },
  { name: '4: the generation changes while Ps are taken', breaks: 'BREAK_4_LOCK',
    world: {}, says: AFTER_NEXT },
  { name: '5: a generation is shown while it is written', breaks: 'BREAK_5_WAIT',
    world: {}, says: AFTER_END },
  { name: '6: others write while the bridge is built', breaks: 'BREAK_6_OPEN',
    world: { LOSSES: 1 }, says: AFTER_END },
  { name: '6: what readers know is written over', breaks: 'AHEAD=2',
    world: { TURNS: 3, LOSSES: 2 }, says: NOT_AS_KNOWN },
  { name: '7: who ends is gone before it lies in its tomb', breaks: 'BREAK_7_TOMB',
    world: { NG: 2, OPS: EXIT, TURNS: 2, LOSSES: 1 }, says: NOT_TOLD_OF },
];

/** Of those three by test:all. */
const FEW = ['BREAK_1_ORDER', 'BREAK_4_LOCK', 'BREAK_7_TOMB'];

/**
 * All states of the model, or those up to the first mistake.
 * @param {string} name of a folder @param {World} world @param {string} [breaks]
 * @returns {Promise<{ states: number, errors: number, said: string }>}
 */
function enumerate(name, world, breaks) {
  return slot(async () => {
    const dir = join(OUT, 'model', name.replace(/\W+/g, '-'));
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    const defines = Object.entries({ NM: 1, ...world }).map(([define, value]) => `-D${define}=${value}`);
    /** @param {string} cmd @param {string[]} args @param {string} missing */
    const must = async (cmd, args, missing) => {
      const r = await exec(cmd, args, { cwd: dir, timeoutMs: 1_800_000 });
      assert.equal(r.exitCode, 0, `${cmd} ${args.join(' ')}: ${r.stdout}${r.stderr}\n(${missing})`);
      return r.stdout;
    };
    await must('spin', [...defines, ...(breaks ? [`-D${breaks}`] : []), '-a', MODEL],
      'no spin? bash build.sh setup --test installs it');
    // Optimising takes longer than it saves, except for millions of states.
    await must('clang', [LONG && !breaks ? '-O1' : '-O0', '-w', '-DSAFETY', '-DCOLLAPSE', '-DMEMLIM=4000',
      '-o', 'pan', 'pan.c'], 'no clang? bash build.sh setup installs it');
    const said = await must('./pan', ['-m100000'], 'the enumeration itself');
    rmSync(dir, { recursive: true, force: true });
    assert.doesNotMatch(said, /max search depth too small|out of memory|Search not completed.*\n.*-m/, said);
    return {
      states: Number(/^\s*([\d.e+]+) states, stored/m.exec(said)?.[1]),
      errors: Number(/errors: (\d+)/.exec(said)?.[1]), said,
    };
  });
}

describe('in every order of steps readers are told what is true', { concurrency: 2 }, () => {
  for (const { name, world } of LONG ? [...WORLDS, ...LARGER] : WORLDS) {
    test(name, async (t) => {
      const { states, errors, said } = await enumerate(name, world);
      t.diagnostic(`${states} states: ${name}`);
      assert.equal(errors, 0, said);
      assert.ok(states > 10_000, said);
    });
  }
});

describe('what is seen in the model without invariant', { concurrency: 2, skip: alike }, () => {
  for (const { name, breaks, world, says } of MUTANTS.filter((m) => LONG || FEW.includes(m.breaks))) {
    test(name, async () => {
      const { errors, said } = await enumerate(`mutant ${breaks} ${name}`, world, breaks);
      assert.ok(errors > 0, said);
      assert.match(said, says);
    });
  }
});
