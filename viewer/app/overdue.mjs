/**
 * Why a program has not answered yet: whatever stops its world waits until each goroutine that runs gives way, and one
 * that computes without end keeps all others waiting with it. Who that is, is asked of the loader, which only looks on.
 */

/**
 * What the loader tells of a goroutine, as far as it matters here.
 * @typedef {{id: number, name: string, state: string, reason: string, sinceNs: number, creator: number}} Goroutine
 */
/** @typedef {import('./session.mjs').TracedProgram} TracedProgram */

/** An answer that takes longer is explained; and so long the loader may take to say of whom. */
const LATE_MS = 1000;
/** From one look to the next; longer where a look takes long, of a million goroutines. */
const AGAIN_MS = 1000, SHARE = 4;
/** By how much sinceNs may be off. */
const SLACK_MS = 20;
/** So many are named. */
const NAMED = 2;
/** What a goroutine waits for while a function is called in it (runtime/format/wait_reasons.h). */
const CALLED = 'debug call';

const HOW = 'would only in gr_yield(), or if built with --preempt';

/** @param {Goroutine} g */
const nameOf = (g) => `G${g.id}${g.name ? ` (${g.name})` : ''}`;

/** What the runtime runs a call from outside in: who asks keeps nobody waiting. @param {Goroutine} g */
const isAsker = (g) => g.creator === 0 && g.name === 'callback';

/**
 * Those that have run all the time since. The clock of a simulated program stands while one of them computes: there it
 * may be any that runs.
 * @param {Goroutine[]} list @param {number} ms since then @param {boolean} isSim
 */
export const runningSince = (list, ms, isSim) => list.filter((g) => g.state === 'running' && !isAsker(g)
  && (isSim || g.sinceNs / 1e6 >= ms - SLACK_MS));

/**
 * Why no answer has come for so long; wrong: none may ever come.
 * @param {Goroutine[] | null} list null: the program has not told that either
 * @param {number} ms @param {{isSim?: boolean, goid?: number}} [of] goid: who is to be called, 0: nobody
 * @returns {{sentence: string, wrong: boolean}}
 */
export function overdueWords(list, ms, { isSim = false, goid = 0 } = {}) {
  if (!list) {
    const sentence = 'The program has not answered yet: it does when what runs gives way, as in gr_yield(). ';
    return { sentence: `${sentence}Stop ends it.`, wrong: true };
  }
  const who = runningSince(list, ms, isSim), one = who.length === 1;
  if (who.length) {
    const names = who.slice(0, NAMED).map(nameOf), more = who.length - names.length;
    const last = more ? `${more} more` : one ? '' : names.pop();
    const all = `${names.join(', ')}${last ? ` ${isSim ? 'or' : 'and'} ${last}` : ''}`;
    const which = one || isSim ? `which does not give way: it ${HOW}` : `which do not give way: they ${HOW}`;
    return { sentence: `Everything waits for ${all}, ${which}. Stop ends the program.`, wrong: true };
  }
  const called = list.find((g) => g.id === goid && g.state === 'waiting');
  const sentence = !called ? 'The program has not answered yet.'
    : called.reason === CALLED ? `The function still runs, while ${nameOf(called)} stands still.`
    : `The call is made when ${nameOf(called)} goes on, which waits now: ${called.reason}.`;
  return { sentence, wrong: false };
}

/**
 * What is to be said of a goroutine that was asked to give way; '': it has.
 * @param {Goroutine[] | null} list @param {number} ms since then @param {number} goid
 */
export function stillWords(list, ms, goid) {
  const who = list && runningSince(list, ms, false).find((g) => g.id === goid);
  return who ? `${nameOf(who)} has not given way: it ${HOW}.` : '';
}

/**
 * Looks each second, from the first on.
 * @param {TracedProgram} rt @param {(list: Goroutine[] | null, ms: number) => void} tell null: not known
 * @returns {() => void} ends it
 */
export function lookOn(rt, tell) {
  const began = performance.now();
  let timer = 0, isOver = false;
  const look = async () => {
    const asked = performance.now();
    // Where memory cannot be shared the program must answer that, too.
    const late = setTimeout(() => isOver || tell(null, asked - began), LATE_MS);
    const list = await rt.goroutines?.().catch(() => []) ?? [];
    clearTimeout(late);
    if (isOver) return;
    const now = performance.now();
    tell(list, asked - began);
    if (!isOver) timer = window.setTimeout(look, Math.max(AGAIN_MS, SHARE * (now - asked)));
  };
  timer = window.setTimeout(look, LATE_MS);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
