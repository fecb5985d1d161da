// The runtime with one mistake each, of the kinds that such code has had. If
// the explorer or the seeds do not see one of them, what they say of the runtime without it is worth as much less.
// `node tests/sim/mutants.mjs [PART…]` tells how each is seen.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildMutant, tellMutants } from '../lib/mutants.mjs';
import { OUT, slot } from '../lib/run.mjs';
import { casesOf, explore } from './explore.mjs';
import { manyRuns } from './seeds.mjs';

const DIR = join(OUT, 'mutants');
const SEEDS_AT_ONCE = 100;

/**
 * @typedef {object} Mutant
 * @property {string} name what is wrong
 * @property {string} file of the runtime
 * @property {string} from stands there once
 * @property {string} to
 * @property {string} by the program that sees it: its explored cases, or
 * @property {number} [seeds] it is seen within so many seeds of that program
 * @property {string} [how] of exploration
 * @property {RegExp} says what is seen then
 */

/** @type {Mutant[]} */
export const MUTANTS = [
  {
    name: 'a receiver that makes room forgets the sender that waits for it', file: 'runtime/sync/chan.c',
    from: 'Waiter *sender = rt_chan_closed(c) ', to: 'Waiter *sender = rt_chan_closed(c) || rt_chan_count(c) > 0 ',
    by: 'tests/sim/explore/channels.c', says: /a goroutine waits to send and the channel has a free slot/,
  },
  {
    name: 'what is in the buffer of a closed channel is lost', file: 'runtime/sync/chan.c',
    from: 'if (rt_chan_closed(c) && rt_chan_count(c) == 0)', to: 'if (rt_chan_closed(c))',
    by: 'tests/sim/explore/channels.c', says: /what_was_sent_before_close_arrives/,
  },
  {
    name: 'close wakes no senders', file: 'runtime/sync/chan.c',
    from: 'list = release_all(c, &c->sendq, false, list, &tail);', to: '',
    by: 'tests/sim/explore/channels.c', says: /a goroutine waits on a closed channel/,
  },
  {
    name: 'the slot that becomes free is not where the next element goes', file: 'runtime/sync/chan.c',
    from: 'c->send_at = c->recv_at;', to: '',
    by: 'tests/sim/explore/channels.c', says: /slots are not those between its ends|ring_of_two_and_more/,
  },
  {
    name: 'who came last is served first', file: 'runtime/sync/waitq.c',
    from: `    if (q->last)
        q->last->next = w;
    else
        set_first(q, w);
    q->last = w;
}`,
    to: `    w->prev = NULL;
    w->next = rt_waitq_first(q);
    if (w->next)
        w->next->prev = w;
    else
        q->last = w;
    set_first(q, w);
}`,
    by: 'tests/sim/explore/channels.c', says: /a waiter has overtaken another/,
  },
  {
    name: 'two peers serve one select', file: 'runtime/sync/waitq.c',
    from: 'while (state != SELECT_SERVED)\n', to: 'for (;;)\n',
    by: 'tests/sim/explore/selects.c', says: /must not happen/,
  },
  {
    name: 'a select does not leave the queues of its other channels', file: 'runtime/sync/select.c',
    from: 'rt_waitq_remove(k->op == GR_SEND ? &k->chan->sendq : &k->chan->recvq, w);', to: '(void)k;',
    by: 'tests/sim/programs/order.c', seeds: 500, says: /failed/,
  },
  {
    name: 'a select prefers its first case', file: 'runtime/sync/select.c',
    from: 'int j = (int)draw((uint32_t)s->n + 1, few, &luck);', to: 'int j = s->n + (int)draw(1, few, &luck);',
    by: 'tests/sim/explore/selects.c', says: /is never seen/,
  },
  {
    name: 'a mutex wakes nobody when one waits', file: 'runtime/sync/mutex.c',
    from: '!handover && waiters(old) > 0', to: '!handover && waiters(old) > 1',
    by: 'tests/sim/explore/locks.c', says: /deadlock/,
  },
  {
    name: 'trylock takes a mutex that is being handed over', file: 'runtime/sync/mutex.c',
    from: 'return !(old & (MUTEX_LOCKED | MUTEX_STARVING)) && WORD_CAS', to: 'return !(old & MUTEX_LOCKED) && WORD_CAS',
    by: 'tests/sim/programs/exclusion.c', seeds: 1000, says: /does not hold|assertion/,
  },
  {
    name: 'a writer does not wait for a single reader', file: 'runtime/sync/rwmutex.c',
    from: 'if (readers != 0 && WORD_ADD', to: 'if (readers > 1 && WORD_ADD',
    by: 'tests/sim/explore/locks.c', says: /must not happen/,
  },
  {
    name: 'a waitgroup wakes one too few', file: 'runtime/sync/waitgroup.c',
    from: 'i > 0; i--)', to: 'i > 1; i--)',
    by: 'tests/sim/explore/locks.c', says: /deadlock/,
  },
  {
    name: 'a condition unlocks before the goroutine has its place', file: 'runtime/sync/cond.c',
    from: `    rt_lock(cond_lock(c), RANK_SEMA);
    put(c, &me);
    rt_unlock(cond_lock(c));
    rt_mutex_unlock(m, site);
`,
    to: `    rt_mutex_unlock(m, site);
    rt_charge(SYNC_COST_NS);
    rt_lock(cond_lock(c), RANK_SEMA);
    put(c, &me);
    rt_unlock(cond_lock(c));
`,
    by: 'tests/sim/explore/locks.c', says: /deadlock/,
  },
  {
    name: 'once is done before its function is', file: 'runtime/sync/once.c',
    from: '    rt_defer_push(&d);', to: '    WORD_STORE(&o->done, UINT32_C(1));\n    rt_defer_push(&d);',
    by: 'tests/sim/programs/meetings.c', seeds: 500, says: /inits == 1 does not hold/,
  },
  {
    name: 'a context made below a cancelled one is not cancelled', file: 'runtime/lib/context.c',
    from: '        owed = cancel_all(n, err, up->cause, site);', to: '        (void)err;',
    by: 'tests/sim/explore/contexts.c', says: /a_child_beside_cancel: "early\?"/,
  },
  {
    name: 'cancelling stops at the children', file: 'runtime/lib/context.c',
    from: '        last = queue_children(n, last);', to: '        last = n == top ? queue_children(n, last) : last;',
    by: 'tests/sim/explore/contexts.c', says: /a_call_stopped_beside_cancel/,
  },
  {
    name: 'a weighted semaphore keeps what one takes who gives up', file: 'runtime/lib/semaphore.c',
    from: '            s->used -= p->n;\n', to: '            (void)p;\n',
    by: 'tests/sim/explore/contexts.c', says: /must not happen/,
  },
  {
    name: 'a timer that is stopped leaves its value behind', file: 'runtime/sync/time.c',
    from: 't->c && rt_chan_drain(t->c)', to: 't->c && rt_chan_count(t->c) > 0',
    by: 'tests/sim/explore/times.c', says: /no_tick_after_stop_of_a_watched_timer/,
  },
  {
    name: 'a thief loses one of two', file: 'runtime/core/runq.c',
    from: '        if (n > 1)\n', to: '        if (n > 2)\n',
    by: 'tests/sim/programs/order.c', seeds: 500, says: /a goroutine is nowhere and does not wait/,
  },
  {
    name: 'a full queue loses what did not fit', file: 'runtime/core/runq.c',
    from: '    batch[n++] = g;\n', to: '',
    by: 'tests/sim/programs/crowd.c', seeds: 100, says: /a goroutine is nowhere and does not wait/,
  },
  {
    name: 'who makes a goroutine runnable wakes no P', file: 'runtime/core/proc.c',
    from: '    rt_runq_put(m->p, g, next && !rt_choose(CHOOSE_TAIL, 2));\n    rt_wakep();',
    to: '    rt_runq_put(m->p, g, next && !rt_choose(CHOOSE_TAIL, 2));',
    by: 'tests/sim/programs/order.c', seeds: 500, says: /a wakeup is lost/,
  },
  { // was there, found by upheaval
    name: 'an M goes to sleep that has been given its goroutine', file: 'runtime/core/lockm.c',
    from: '    if (m->nextp)\n        return;\n', to: '',
    by: 'tests/sim/programs/upheaval.c', seeds: 5000, says: /nmidlelocked is not/,
  },
  { // was there, found by the explorer
    name: 'a goroutine ends that somebody waits to see suspended', file: 'runtime/core/proc.c',
    from: '        rt_suspend_here(g); /* wished while it stood in a queue, at what was its last safe point */',
    to: '        (void)g;',
    by: 'tests/sim/explore/lives.c', how: '1+ms', says: /debug_call.*deadlock/,
  },
];

/** Of channels, select, locks, contexts, queues, waking: by test:all; every second by `npm test`. */
export const FEW = ['close wakes no senders', 'two peers serve one select', 'a waitgroup wakes one too few',
  'cancelling stops at the children', 'a thief loses one of two', 'who makes a goroutine runnable wakes no P'];

/**
 * How a mistake shows; null: it does not.
 * @param {Mutant} m @returns {Promise<{ runs: number, what: string } | null>} runs: schedules until it was seen
 */
export async function seen(m) {
  const program = await buildMutant(m, m.by, DIR, MUTANTS.indexOf(m));
  let runs = 0;
  if (!m.seeds) {
    for (const c of await casesOf(m.by, program)) {
      const r = await explore(c, m.how ? { how: m.how, procs: 2, limit: 300 } : { limit: 20_000 });
      runs += r.schedules;
      const what = r.wrong.find((w) => m.says.test(w));
      if (what) return { runs, what };
    }
    return null;
  }
  for (let from = 1; from <= m.seeds; from += SEEDS_AT_ONCE) {
    const r = await slot(() => manyRuns(program, [], from, from + SEEDS_AT_ONCE - 1));
    const what = r.failures.find((f) => m.says.test(f));
    if (what) return { runs: Number(/^seed (\d+)/.exec(what)?.[1]), what };
    runs += r.runs;
  }
  return null;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await tellMutants(MUTANTS, seen);
