// Every schedule of small concurrent programs: what can happen is just what Go's semantics allow. And that a case
// can be repeated.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { LONG, alike, exec, rarely } from '../lib/run.mjs';
import { EXPLORED, casesOf, explore } from './explore.mjs';

/** Cases of so many schedules that they take minutes. */
const LARGE = ['units_come_with_the_end', 'two_senders_two_receivers', 'first_come_first_woken'];

let schedules = 0;
after(() => console.log(`${schedules} schedules explored`));

for (const source of EXPLORED) {
  const name = basename(source, '.c');
  describe(name, { skip: ['larger', 'contexts', 'locks', 'lives'].includes(name) && alike }, () => {
    /** @type {import('./explore.mjs').Case[]} */
    let cases = [];
    before(async () => void (cases = await casesOf(source)));

    test('what is seen over all schedules is what is allowed', async (t) => {
      for (const c of cases) {
        await t.test(c.name, { skip: LARGE.includes(c.name) && rarely }, async () => {
          const r = await explore(c, { how: source.endsWith('/larger.c') ? '2' : 'all' });
          schedules += r.schedules;
          assert.deepEqual(r.wrong, []);
          assert.ok(r.complete, `${r.schedules} schedules and no end`);
        });
      }
    });

    test('nothing else with two Ps, in which the Ms look for work in every order, ' +
      'preempted at most once', async (t) => {
      for (const c of cases) {
        await t.test(c.name, async () => {
          const r = await explore(c, { how: '1+ms', procs: 2, limit: LONG ? 300 : 30 });
          schedules += r.schedules;
          assert.deepEqual(r.wrong, []);
        });
      }
    });
  });
}

test('the choices of a schedule give its outcome again', async () => {
  const c = (await casesOf('tests/sim/explore/channels.c')).find((k) => k.name === 'two_senders');
  assert.ok(c);
  const { outcomes } = await explore(c);
  assert.equal(outcomes.length, 2);
  for (const o of outcomes) {
    const env = { GOROSCOPE_EXPLORE: 'all', GOROSCOPE_PROCS: '6', GOROSCOPE_CHOICES: o.choices };
    const r = await exec(c.program, [c.name], { env });
    assert.equal(r.stdout, `${o.text}\n`);
    assert.equal(r.exitCode, o.code);
  }
});
