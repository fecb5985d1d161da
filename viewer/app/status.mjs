/**
 * Everything around the lanes that tells the state of the trace in words.
 */
import { plural } from '../view/numbers.mjs';
import { shortTime } from '../view/time.mjs';
import { el } from './parts.mjs';
import { isComing, notices, shareRead, statusParts } from './words.mjs';

const STARTING_TEXT = 'Waiting for the first events of the program…';
const EMPTY_TEXT = 'No trace yet. Drop a Go execution trace here, or choose one.';
const NOTHING_TEXT = 'This trace holds no Ps: nothing ran while it was recorded.';
const UNTRACED_TEXT = 'Nothing was recorded: the program ended before the first part of its trace was written.';
const HEADER_TEXT = 'Of this trace there is the beginning only: it was cut off there, or nothing was recorded.';

/** @typedef {import('./words.mjs').TraceInfo} TraceInfo */

/**
 * @param {import('./parts.mjs').Parts} parts
 * @param {object} now
 * @param {TraceInfo | null} now.info      of the trace that is drawn
 * @param {TraceInfo | null} now.coming    of the one being opened behind it
 * @param {boolean} now.waiting            one is being opened
 * @param {boolean} now.attached           what is drawn comes from a program while it runs
 * @param {import('./live.mjs').Doing | null} now.doing what that does
 * @param {string | null} now.ownWords     of who embeds the viewer, for where there is no trace; null: ours
 */
export function showStatus(parts, { info, coming, waiting, attached, doing, ownWords }) {
  const starting = attached && (!info || info.state === 'empty' || info.state === 'live');
  const reading = waiting ? coming : info?.state === 'loading' ? info : null;
  const [lead, ...rest] = statusParts(info, attached, doing);
  const bold = el('b', isComing(info, doing) ? { class: 'live' } : {}, [lead]);
  parts.status.replaceChildren(bold, rest.length ? ` · ${rest.join(' · ')}` : '');
  parts.status.title = [lead, ...rest].join(' · ');
  for (const bar of [parts.progress, parts.emptyProgress]) {
    bar.hidden = !waiting && !reading;
    const share = reading && shareRead(reading);
    if (share === null) bar.removeAttribute('value');
    else bar.value = share;
  }
  for (const stop of [parts.stop, parts.emptyStop]) stop.hidden = !waiting && !reading;
  const empty = !info || info.lanes.length === 0;
  parts.empty.hidden = !empty;
  parts.overview.hidden = empty;
  const emptyWords = ownWords ?? EMPTY_TEXT;
  parts.emptyOpen.hidden = waiting || reading !== null || starting || ownWords !== null;
  parts.emptyText.textContent = waiting || reading ? 'Reading the trace…' : starting ? STARTING_TEXT
    : info?.state !== 'done' ? emptyWords : info.generations ? NOTHING_TEXT
      : attached ? UNTRACED_TEXT : HEADER_TEXT;
  parts.follow.hidden = info?.state !== 'live';
  const words = info ? notices(info) : [];
  // Replaced only when they change: the list is a live region, and would be read out each time.
  if (words.join('\n') !== [...parts.notices.children].map((p) => p.textContent).join('\n')) {
    parts.notices.replaceChildren(...words.map((text) => el('p', {}, [text])));
  }
  speak(parts, info, attached, emptyWords);
}

/**
 * Screen readers hear changes of state, not every number.
 * @param {import('./parts.mjs').Parts} parts @param {TraceInfo | null} info @param {boolean} attached
 * @param {string} emptyWords
 */
function speak(parts, info, attached, emptyWords) {
  const state = info?.state ?? 'empty';
  if (parts.spoken.dataset.state !== state) {
    parts.spoken.dataset.state = state;
    parts.spoken.textContent = info ? statusParts(info, attached).slice(0, 4).join(', ') : '';
  }
  if (info && state !== 'empty') {
    const has = `${plural(info.lanes.length, 'lane')}, ${plural(info.goroutines, 'goroutine')}`;
    parts.summary.textContent = `${info.name || 'Trace'}: ${has}, ${shortTime(info.t1)}.`;
  } else parts.summary.textContent = emptyWords;
}
