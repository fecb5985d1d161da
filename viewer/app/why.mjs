/** "Why was it not running?": the question's button in the details of a span, and the answer as a paragraph. */
import { count, plural } from '../view/numbers.mjs';
import { RUNNABLE, STOPPED, WAITING } from '../view/states.mjs';
import { exactTime, shortTime } from '../view/time.mjs';
import { el } from './parts.mjs';
import { ownFrame, siteText } from './words.mjs';

/** @typedef {import('../trace/analysis.mjs').Why} Why */

/** Of others, the most that are named. */
const NAMED = 3, NAMED_PS = 4;

/** @param {number} goid @param {string} fn */
const who = (goid, fn) => `G${goid}${fn ? ` (${fn})` : ''}`;

/** @param {import('../trace/analysis.mjs').Frame[]} stack */
const placeOf = (stack) => siteText(ownFrame(stack));

/** What the Ps did in the meantime. @param {Why} why @param {number} t */
function ofProcs({ procs, since, stopped }, t) {
  const from = since ?? 0, time = Math.max(1, t - from);
  const words = procs.slice(0, NAMED_PS).map((p) => {
    const share = Math.min(100, Math.round((100 * p.busy_ns) / time));
    const holds = p.state === 'syscall' ? 'in a system call of' : 'held by';
    const now = p.goid !== null ? `${holds} ${who(p.goid, p.fn)} for ${shortTime(t - p.since)}`
      : p.state === 'idle' ? 'idle' : 'looking for work';
    return `P${p.p} was ${now} (busy ${share}% of that time, ${plural(p.runs, 'other slice')})`;
  });
  const rest = procs.slice(NAMED_PS);
  const ran = rest.filter((p) => p.goid !== null).length;
  if (rest.length) words.push(`of ${plural(rest.length, 'other P')} ${count(ran)} ran something`);
  const idle = procs.filter((p) => p.state === 'idle').length;
  const because = stopped ? ' The world was stopped: nothing runs then.'
    : idle ? ` ${plural(idle, 'P')} idled all the same: nobody had woken ${idle === 1 ? 'it' : 'one'} yet.` : '';
  return `${words.join('; ')}.${because}`;
}

/** @param {Why} why @param {number} t @returns {string} one paragraph */
export function sentenceOf(why, t) {
  const { goid, fn, state, since, until, reason, stack, woken, ahead, queue, gc } = why;
  const me = who(goid, fn), at = exactTime(t);
  const place = placeOf(stack);
  const long = since === null ? '' : ` for ${shortTime(t - since)}`;
  const end = until === null ? 'It stayed so to the end of the trace.'
    : until - t <= 1 ? 'That ended then.' : `That ended ${shortTime(until - t)} later.`;
  switch (state) {
    case 'none': return `At ${at} ${me} does not exist: it was not created yet, or had ended.`;
    case 'running': return `At ${at} ${me} was running.`;
    case 'syscall': return `At ${at} ${me} was in a system call${place ? ` made at ${place}` : ''}${long}. ${end}`;
    case 'waiting': {
      const where = woken?.stack.length ? ` at ${placeOf(woken.stack)}` : '';
      const by = woken ? ` ${who(woken.goid, '')} woke it${where}.` : '';
      return `At ${at} ${me} was not ready to run: it waited${reason ? ` for “${reason}”` : ''}${
        place ? ` at ${place}` : ''}${long}. ${end}${by}`;
    }
    case 'runnable': {
      const named = queue.slice(0, NAMED).map((q) => who(q.goid, q.fn)).join(', ');
      const line = ahead ? `${plural(ahead, 'goroutine')} had become runnable before it and still waited (${named}${
        ahead > NAMED ? ' …' : ''})` : 'Nobody who had become runnable before it still waited';
      return `At ${at} ${me} was ready to run${long} and had no P. ${line}; a trace does not hold the run queues, so ` +
        `this is the order of becoming runnable. Meanwhile: ${ofProcs(why, t)}${
          gc ? ' A garbage collection was going on.' : ''} ${until === null ? end
          : `It got a P ${shortTime(until - t)} later.`}`;
    }
  }
}

/** Kept free below an answer that is scrolled to, CSS pixels. */
const ROOM = 8;

/**
 * The section of a span's details.
 * @param {{goid: number, start: number, end: number, state: number}} span
 * @param {(goid: number, t: number) => Promise<Why>} ask
 * @returns {HTMLElement | null} null: it is no goroutine's
 */
export function whySection({ goid, start, end, state }, ask) {
  if (!(goid > 0) || state === STOPPED) return null;
  // Of a wait all is known at its end. In a queue it is the middle that tells who else was there.
  const isIdle = state === WAITING || state === RUNNABLE;
  const t = state === WAITING ? end - 1 : state === RUNNABLE ? Math.floor((start + end) / 2)
    : start - 1; // the last moment at which it did not run yet
  const button = el('button', { type: 'button' }, [`Why was it not running${isIdle ? '' : ' before'}?`]);
  const text = el('p', { role: 'status' });
  button.addEventListener('click', async () => {
    button.disabled = true;
    text.textContent = 'Looking through the trace …';
    try {
      text.textContent = sentenceOf(await ask(goid, t), t);
    } catch (error) {
      text.textContent = error instanceof Error ? error.message : String(error);
    }
    button.disabled = false;
    scrollInto(text);
  });
  return el('div', { class: 'why' }, [button, text]);
}

/** Scrolls the panel, and not the page, until the node shows; of one that is too high the beginning.
 * @param {HTMLElement} node */
function scrollInto(node) {
  const panel = node.closest('.panels');
  if (!panel) return;
  const box = panel.getBoundingClientRect(), own = node.getBoundingClientRect();
  const below = own.bottom + ROOM - box.bottom;
  if (below > 0) panel.scrollTop += Math.min(below, own.top - box.top);
}
