// The stress programs and, by npm run test:all, unit programs natively under TSan and under ASan + UBSan (long),
// with the runtime's own checks on (GR_CHECK), with few and many Ps, with tracing and without.
// A short run by default; STRESS_ROUNDS=N makes it longer.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { judge } from '../lib/oracle.mjs';
import { ALL, LONG, OUT, ROOT, build, exec, slot, told } from '../lib/run.mjs';
import { ENV, programs } from './sanitized.mjs';

const rounds = process.env.STRESS_ROUNDS ?? (LONG ? '3' : '1');
const seed = process.env.STRESS_SEED ?? '1';
const dir = join(OUT, 'stressed'); // not stress: programs of this folder are built there
mkdirSync(dir, { recursive: true });
after(() => rmSync(dir, { recursive: true, force: true }));

for (const sanitizer of /** @type {('tsan' | 'asan')[]} */ (['tsan', ...ALL ? ['asan'] : []])) {
  // Of the unit programs TSan is what has found most.
  const withUnit = LONG || (ALL && sanitizer === 'tsan');
  describe(sanitizer, { concurrency: true }, () => {
    before(async () => {
      const r = await exec('bash', ['build.sh', 'native', sanitizer, ...withUnit ? [] : ['stress']],
        { timeoutMs: 400_000 });
      assert.equal(r.exitCode, 0, told(r));
    });

    /** @param {string} name @param {string[]} args @param {Record<string, string>} env */
    const ran = (name, args, env) => slot(() => exec(join(ROOT, `build/native-${sanitizer}`, name), args,
      { timeoutMs: 200_000, env: { ...ENV, ...env } }));

    for (const name of programs('tests/stress')) {
      for (const procs of LONG ? ['1', '2', '4', '8'] : ['4']) {
        test(`${name}, ${procs} P`, async () => {
          const r = await ran(`stress/${name}`, [rounds, seed], { GOROSCOPE_PROCS: procs });
          assert.equal(r.exitCode, 0, told(r));
          assert.match(r.stdout, /: ok \(0 broken\)$/m, told(r));
        });
      }
      test(`${name}, 4 P, traced`, async () => {
        const trace = join(dir, `${name}.${sanitizer}.trace`);
        const r = await ran(`stress/${name}`, ['1', seed], { GOROSCOPE_PROCS: '4', GOROSCOPE_TRACE: trace });
        assert.equal(r.exitCode, 0, told(r));
        assert.equal(await judge(trace), null);
      });
    }
    for (const name of withUnit ? programs('tests/unit') : []) {
      test(`unit ${name}, 4 P`, async () => {
        const r = await ran(`unit/${name}`, ['--parallel'], { GOROSCOPE_PROCS: '4' });
        assert.equal(r.exitCode, 0, told(r));
      });
    }

    for (const procs of LONG || (ALL && sanitizer === 'tsan') ? ['1', '4'] : ['4']) {
      test(`system calls, locked threads, stops of the world; ${procs} P, traced`, async () => {
        const trace = join(dir, `chatter.${procs}.${sanitizer}.trace`);
        const program = await build('tests/programs/chatter.c', `native-${sanitizer}`);
        const r = await slot(() => exec(program, ['700'],
          { timeoutMs: 100_000, env: { ...ENV, GOROSCOPE_PROCS: procs, GOROSCOPE_TRACE: trace } }));
        assert.equal(r.exitCode, 0, told(r));
        assert.equal(await judge(trace), null);
      });
    }

    const kind = sanitizer === 'tsan' ? 'race' : 'overrun';
    test(`it sees a seeded ${kind}, and nothing where nothing is`, async () => {
      const program = await build('tests/programs/seeded_bug.c', `native-${sanitizer}`);
      // TSan remembers few accesses of each place and may miss one race, not five times over.
      let bad = await exec(program, [kind], { env: { ...ENV, GOROSCOPE_PROCS: '2' } });
      for (let i = 0; i < 4 && bad.exitCode === 0; i++)
        bad = await exec(program, [kind], { env: { ...ENV, GOROSCOPE_PROCS: '2' } });
      assert.equal(bad.exitCode, 66, told(bad));
      assert.match(bad.stderr, sanitizer === 'tsan' ? /data race[^]*write_shared/ : /stack-buffer-overflow[^]*overrun/);
      const good = await exec(program, ['none'], { env: { ...ENV, GOROSCOPE_PROCS: '2' } });
      assert.equal(good.exitCode, 0, told(good));
    });
  });
}
