/**
 * The row of controls of the program that is attached: built once, shown as far as the program can do it.
 */
import { el } from './parts.mjs';

export const LIVE_STYLE = `
.livebar {
  display: flex; flex-wrap: wrap; align-items: center; gap: 4px 6px; padding: 4px 8px 4px 10px; flex: none;
  border-bottom: 1px solid var(--goroscope-line); background: var(--goroscope-panel);
}
.livebar .group { display: inline-flex; align-items: center; gap: 4px; }
.livebar select, .livebar input {
  font: inherit; color: var(--goroscope-ink); background: var(--goroscope-ground); min-height: 26px; min-width: 0;
  border: 1px solid var(--goroscope-line); border-radius: 5px; padding: 1px 6px;
}
.livebar input[type="range"] {
  flex: 1 1 120px; min-width: 100px; max-width: 260px; padding: 0; accent-color: var(--goroscope-accent);
}
.livebar input[type="text"] { width: 15em; }
.livebar :is(select, input):focus-visible { outline: 2px solid var(--goroscope-accent); outline-offset: -1px; }
.livebar .ps { min-width: 3.2em; text-align: center; font-variant-numeric: tabular-nums; }
.livebar .meter {
  flex: 1 1 14em; min-width: 0; text-align: right; color: var(--goroscope-faint); font-variant-numeric: tabular-nums;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
}
.livebar .gaps { color: var(--goroscope-alarm); border-color: currentColor; }
/* Panels scroll behind it. */
.livebar.goroutine { border-top: 1px solid var(--goroscope-line); margin-top: -1px; }
.livesaid {
  flex: none; margin: 0; padding: 3px 10px; color: var(--goroscope-faint); background: var(--goroscope-panel);
  border-bottom: 1px solid var(--goroscope-line); overflow-wrap: anywhere;
}
.livesaid.wrong { color: var(--goroscope-alarm); }
@container (max-width: 600px) {
  .livebar .meter { flex-basis: 100%; text-align: left; }
  .livebar input[type="text"] { width: 8em; }
}
.livebar .dot { display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 5px; }
.livebar [aria-pressed="true"] .dot { background: currentColor; }
.livebar [aria-pressed="false"] .dot { box-shadow: inset 0 0 0 1.5px currentColor; }
.clockstep {
  position: absolute; right: 8px; bottom: 6px; pointer-events: none; text-align: center; font-size: 11px;
  color: var(--goroscope-faint); background: var(--goroscope-ground); border: 1px solid var(--goroscope-faint);
  border-top: 0; line-height: 15px; height: 17px; white-space: nowrap;
}
.clockstep.narrow span {
  position: absolute; right: 100%; bottom: -1px; padding: 0 5px; background: var(--goroscope-ground);
}`;

/** Decisions of the scheduler a second that slow motion offers; 0: as fast as it can. */
export const PACES = [0, 1000, 100, 10, 1];

/** @param {string} text @param {string} title @param {Record<string, string>} [more] */
function button(text, title, more = {}) {
  return el('button', { type: 'button', title, ...more }, [text]);
}

/** @param {Array<Node>} of @param {string} label */
const group = (of, label) => el('span', { class: 'group', role: 'group', 'aria-label': label }, of);

/** @typedef {ReturnType<typeof buildLiveBar>} LiveBar */

export function buildLiveBar() {
  const trace = el('button', { type: 'button', 'aria-pressed': 'true',
    title: 'Begin or end the trace; the program runs on' }, [el('span', { class: 'dot' }), 'Trace']);
  const snapshot = button('Snapshot', 'The last part of the trace, as the ring holds it, in its own view');
  const back = button('Back to live', 'Leave the snapshot and show the running program again', { hidden: '' });
  const scrub = el('input', { type: 'range', min: '0', max: '1000', value: '1000', 'aria-label': 'Place in the trace',
    title: 'Look back; to the right end: follow again' });
  const fewer = button('−', 'One P less', { 'aria-label': 'One P less' });
  const more = button('+', 'One P more', { 'aria-label': 'One P more' });
  const procs = el('output', { class: 'ps', 'aria-live': 'polite' });
  const procsGroup = group([fewer, procs, more], 'Number of Ps');
  const stand = button('Hold', 'The program stands still between two decisions of its scheduler',
    { 'aria-pressed': 'false' });
  const step = button('Step', 'One decision of the scheduler');
  const pace = el('select', { 'aria-label': 'Speed of the program' }, PACES.map((n) =>
    el('option', { value: String(n) }, [n === 0 ? 'full speed' : `${n} step${n > 1 ? 's' : ''}/s`])));
  const simGroup = group([stand, step, pace], 'Simulation');
  const gaps = button('', 'Go to the last gap', { class: 'gaps', hidden: '' });
  const meter = el('span', { class: 'meter' });
  const said = el('p', { class: 'livesaid', role: 'status', hidden: '' });

  const who = el('b');
  const preempt = button('Preempt', 'It gives its P to others at its next safe point');
  const callable = el('select', { 'aria-label': 'Function of the program' });
  const argument = el('input',
    { type: 'text', 'aria-label': 'Argument', placeholder: 'argument', spellcheck: 'false' });
  const call = button('Call', 'Calls the function while this goroutine stands at a safe point');
  const callGroup = group([callable, argument, call], 'Debug call');
  const goroutine = el('div', { class: 'livebar goroutine', role: 'group', 'aria-label': 'The selected goroutine',
    hidden: '' }, [who, preempt, callGroup]);
  const bar = el('div', { class: 'livebar', role: 'toolbar', 'aria-label': 'The running program', hidden: '' },
    [trace, snapshot, back, procsGroup, simGroup, scrub, gaps, meter]);
  const scaleWords = el('span');
  const scale = el('div', { class: 'clockstep', 'aria-hidden': 'true', hidden: '' }, [scaleWords]);
  return {
    bar, trace, snapshot, back, scrub, fewer, more, procs, procsGroup, stand, step, pace, simGroup, gaps, meter,
    said, who, preempt, callable, argument, call, callGroup, goroutine, scale, scaleWords,
  };
}
