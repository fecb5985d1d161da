// The heap with one mistake each. What the programs of this folder say of the heap without them is worth as much as
// they see. `node tests/heap/mutants.mjs [PART…]` tells how each is seen.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildMutant, tellMutants } from '../lib/mutants.mjs';
import { OUT, native, run, slot } from '../lib/run.mjs';
import { manyRuns } from '../sim/seeds.mjs';

const DIR = join(OUT, 'heap-mutants');
const SEEDS_AT_ONCE = 50;

/**
 * @typedef {object} Mutant
 * @property {string} name what is wrong
 * @property {string} file of the runtime
 * @property {string} from stands there once
 * @property {string} to
 * @property {'roots' | 'churn' | 'edges' | 'bounds'} by the program that sees it
 * @property {string[]} [args] it is run once, natively, with these, not as a schedule; `says` is of how that ends
 * @property {Record<string, string>} [env] for it then
 * @property {number} [seeds] within so many schedules, 50 if not said
 * @property {RegExp} says what is seen then
 */

/** A root of a kind left out: its step is not taken. @param {string} step @param {RegExp} says @returns {Mutant} */
const without = (step, says) => ({
  name: `no ${step}`, file: 'runtime/heap/roots.c', by: 'roots',
  from: '        if (next_of_step(r))', to: `        if (r->step != ${step} && next_of_step(r))`, says,
});

/** @type {Mutant[]} */
export const MUTANTS = [
  without('STATICS', /does not hold/),
  without('STACKS', /does not hold/),
  without('GOROUTINES', /argument_of_a_goroutine_not_begun: .*does not hold/),
  without('DEFERS', /arguments_of_deferred_calls: .*does not hold/),
  without('HELD', /does not hold/),
  without('RANGES', /memory_of_malloc: .*does not hold/),
  without('CLEANUPS', /argument_of_a_cleanup: .*does not hold/),
  {
    name: 'what was allocated since the snapshot is not born marked', file: 'runtime/heap/sweep.c', by: 'churn',
    from: '    mark_born(s);\n', to: '    (void)mark_born;\n', says: /does not hold|nfree|live is not|signal/,
  },
  {
    name: 'a cycle ends when the first leaves who marks', file: 'runtime/heap/mark.c', by: 'churn',
    from: '    if ((uint32_t)then != 0 || rt_mark_has_work() || atomic_load(&mark.inside) != then)',
    to: '    if (then == 0)',
    seeds: 500, says: /does not hold|heap: /,
  },
  {
    name: 'a mark is lost', file: 'runtime/heap/sweep.c', by: 'churn',
    from: '        s->allocated[w] = marked;', to: '        s->allocated[w] = marked & ~(UINT64_C(1) << 3);',
    says: /does not hold|nfree/,
  },
  {
    name: 'a goroutine leaves no copy of its stack in a system call', file: 'runtime/core/syscall.c', by: 'churn',
    from: '    if (__builtin_expect(load_relaxed(bool, &rt_stacks_are_left), 0))\n        rt_leave_stack();\n', to: '',
    seeds: 500, says: /does not hold/,
  },
  {
    name: 'the copy of a stack is not looked at', file: 'runtime/heap/roots.c', by: 'roots',
    from: '        if (look_of(g) == LOOK_COPY) {', to: '        if (look_of(g) == LOOK_COPY && !g->left->bytes) {',
    says: /does not hold/,
  },
  {
    name: 'where a span was filled to at the snapshot is not noted', file: 'runtime/heap/snapshot.c', by: 'churn',
    from: '        h->spans[i]->next_then = h->spans[i]->next;', to: '        h->spans[i]->next_then = 0;',
    says: /does not hold|heap: /,
  },
  {
    name: 'of a span with a P it is not noted', file: 'runtime/heap/cache.c', by: 'churn',
    from: '            r->span->next_then = used_to(r);', to: '            r->span->next_then = 0;',
    says: /does not hold|heap: /,
  },
  {
    name: 'blocks are marked where they are', file: 'runtime/heap/snapshot.c', by: 'churn',
    from: '        h->spans[i]->copy = (uintptr_t)to;', to: '', seeds: 1000, says: /does not hold/,
  },
  {
    name: 'only the first part of a large block is looked into', file: 'runtime/heap/mark.c', by: 'roots',
    from: '            while (part < end && push(w, part))\n                part += PART;',
    to: '            part = end;',
    says: /blocks_in_a_large_one: .*does not hold/,
  },
  {
    name: 'a layout knows its first element only', file: 'runtime/heap/mark.c', by: 'roots',
    from: 'left >= l->size; left -= l->size, from += l->size)', to: 'left >= l->size; left = 0)',
    says: /places_of_a_layout: .*does not hold/,
  },
  {
    name: 'a pointer just behind keeps nothing', file: 'runtime/heap/alloc.c', by: 'roots',
    from: '(n | (ALIGN - 1)) + 1; }', to: 'n; }',
    says: /pointers_just_behind: .*does not hold/,
  },
  {
    name: 'what is freed is not zeroed when it is given out', file: 'runtime/heap/cache.c', by: 'churn',
    from: '    if (!s->zeroed)\n        memset((void *)r->at, 0, r->end - r->at);', to: '',
    says: /does not hold|deadlock/,
  },
  {
    name: 'a table does not see that pages have been taken', file: 'runtime/heap/pages.c', by: 'roots',
    from: '        sum_up(t);', to: '        if (free)\n            sum_up(t);',
    says: /free runs are not what it says/,
  },
  {
    name: 'pages that are taken stay free', file: 'runtime/heap/pages.c', by: 'roots',
    from: ': t->free[i / 64] & ~bit;', to: ': t->free[i / 64];', says: /check: heap: |not into a block/,
  },
  {
    name: 'a span that is handed in counts what it has given out twice', file: 'runtime/heap/cache.c', by: 'churn',
    from: '    s->nfree = left;', to: '    s->nfree = left + (left > 0 && left < s->nblocks);',
    says: /heap: /,
  },
  {
    name: 'a worker without work is chosen', file: 'runtime/core/gcwork.c', by: 'churn',
    from: '    if (!atomic_load(&rt_gc_work.more))\n        return false;\n', to: '', says: /starves/,
  },
  {
    name: 'a worker before a queue wakes nobody', file: 'runtime/core/gcwork.c', by: 'churn',
    from: '    if (!idle && (!rt_runq_empty(m->p) || atomic_load(&rt_sched.runq_n) > 0))\n        rt_wakep();',
    to: '    if (0)\n        rt_wakep();', seeds: 20000, says: /a wakeup is lost/,
  },
  {
    name: 'a cleanup of a block that lives is called', file: 'runtime/heap/specials.c', by: 'edges',
    args: ['many_stopped'], from: '        if (rt_is_marked(s, x->block)) {', to: '        if (0) {',
    says: /a cleanup that was stopped is called|does not hold/,
  },
  {
    name: 'a cleanup that is stopped stays on its block', file: 'runtime/heap/specials.c', by: 'edges',
    args: ['many_stopped'], from: '    if (at)\n        take_off(s, before, at);', to: '    (void)before;',
    says: /exit (?!0)|signal/,
  },
  {
    name: 'of cleanups that are due one is lost', file: 'runtime/heap/cleanup.c', by: 'edges',
    args: ['cleanups_that_end'], from: '        cleanups.queue_end->next = c;', to: '        cleanups.queue = c;',
    says: /n >= 5 \* EACH - 2|does not hold/,
  },
  {
    name: 'a cleanup that ends its goroutine ends all', file: 'runtime/heap/cleanup.c', by: 'edges',
    args: ['cleanups_that_end'], from: '    rt_defer_push(&others);', to: '',
    says: /exit (?!0)|signal|time is up/,
  },
  {
    name: 'who waits for others to mark is not told that all is marked', file: 'runtime/heap/assist.c', by: 'churn',
    from: '{ ready_all(waited); }', to: '{ (void)waited; (void)ready_all; }', seeds: 500, says: /deadlock|asleep/,
  },
  {
    name: 'nobody assists', file: 'runtime/heap/assist.c', by: 'bounds', args: ['garbage', '10', '800', '1000'],
    from: '    debt -= claim(debt);', to: '    debt -= debt + claim(debt);', says: /"most_live":\d{9}/,
  },
  {
    name: 'the limiter sees no time spent', file: 'runtime/heap/limiter.c', by: 'bounds',
    args: ['garbage', '10', '20', '1000'], env: { GOMEMLIMIT: '8MiB' },
    from: 'limiter.filled_ns + spent_ns - (all - spent_ns)', to: 'limiter.filled_ns',
    says: /"cycles":[1-9]\d{3}|time is up/,
  },
  {
    name: 'a limit is none', file: 'runtime/heap/pacer.c', by: 'bounds', args: ['garbage', '10', '800', '1000'],
    env: { GOGC: '400', GOMEMLIMIT: '32MiB' }, from: '    p->limited = by_limit < by_percent;',
    to: '    p->limited = false;', says: /"system":[4-9]\d{7}\b/,
  },
  {
    name: 'what is had of the system at a time is apart', file: 'runtime/heap/pages.c', by: 'edges',
    args: ['larger_each_time'], from: '    if (at == h->end)', to: '    if (0)', says: /exit (?!0)|does not hold/,
  },
  {
    name: 'GOGC=off is 100', file: 'runtime/heap/settings.c', by: 'edges', args: ['off_is_off'],
    from: '    rt_pacer.percent = percent < 0 ? -1 :', to: '    rt_pacer.percent = percent < 0 ? 100 :',
    says: /does not hold|exit (?!0)/,
  },
];

/** One of the roots, of the snapshot, of sweeping, of the pages: by test:all; every second by `npm test`. */
export const FEW = ['no STACKS', 'what was allocated since the snapshot is not born marked', 'a mark is lost',
  'a table does not see that pages have been taken'];

/**
 * How a mistake shows; null: it does not.
 * @param {Mutant} m @returns {Promise<{ runs: number, what: string } | null>} runs: schedules until it was seen
 */
export async function seen(m) {
  const program = await buildMutant(m, `tests/heap/programs/${m.by}.c`, DIR, MUTANTS.indexOf(m), ['-Wno-unused']);
  if (m.args) {
    const r = await slot(() => run(native(2), program, m.args, { env: m.env, timeoutMs: 60_000 }));
    // That time is up says something only where it is what is to be seen.
    const what = r.timedOut ? 'time is up' : `${r.stdout}${r.stderr}exit ${r.exitCode}`;
    return m.says.test(what) ? { runs: 1, what } : null;
  }
  let runs = 0;
  for (let from = 1; from <= (m.seeds ?? 50); from += SEEDS_AT_ONCE) {
    const r = await slot(() => manyRuns(program, [], from, from + SEEDS_AT_ONCE - 1));
    const what = r.failures.find((f) => m.says.test(f));
    if (what) return { runs: runs + (Number(/^seed (\d+)/.exec(what)?.[1]) || from) - from + 1, what };
    runs += r.runs;
  }
  return null;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await tellMutants(MUTANTS, seen, (what) =>
    what.split('\n').slice(1, 3).join('\n  ').slice(0, 300));
