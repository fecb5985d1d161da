/**
 * For pages: the view in the page's address (#view=…), so that a link, Back, Forward and a reload bring it again. Back
 * leads to where the view was before it went to the place of a table's row or of a mark; moving about makes no steps.
 * The element itself never touches the address.
 */
import { UNNAMED } from './session.mjs';
import { decodeState, encodeState } from './state.mjs';

const KEY = 'view=';
/** The address follows when the view has rested this long: browsers allow only so many changes a second. */
const REST_MS = 250;

/**
 * What somebody needs who has an address but not what it shows a part of.
 * @param {import('./state.mjs').ViewState} state @param {(name: string) => string} titleOf
 */
function missing({ trace = '', program = trace === UNNAMED }, titleOf) {
  if (!program) return `This address is a view of the trace ${trace}, which is not here: open that file.`;
  const of = trace === UNNAMED ? 'a program' : titleOf(trace);
  return `This address is a view of a run of ${of}, which is not here: run it again.`;
}

/** The name of the trace that the page's address is a view of; '': of none. */
export function traceInAddress() {
  if (!location.hash.startsWith(`#${KEY}`)) return '';
  try {
    return decodeState(location.hash.slice(KEY.length + 1)).trace ?? '';
  } catch {
    return ''; // it will be said
  }
}

/** In the history: this address is one that the page has written. */
const OWN = 'goroscopeView';

/**
 * Those of somebody's link beside one's own.
 * @param {import('./state.mjs').ViewState['marks']} theirs @param {import('./state.mjs').ViewState['marks']} own
 */
function withMarks(theirs = [], own = []) {
  const noted = new Set(own.map(({ t0, t1 = t0 }) => `${t0} ${t1}`));
  return [...own, ...theirs.filter(({ t0, t1 = t0 }) => !noted.has(`${t0} ${t1}`))];
}

/**
 * @param {import('./element.mjs').GoroscopeViewer} viewer
 * @param {object} [page]
 * @param {(sentence: string) => void} [page.say]        what is wrong with an address
 * @param {() => boolean} [page.isComing]                the page is about to show a trace
 * @param {(name: string) => string} [page.titleOf]      of a program that ran
 */
export function keepViewInAddress(viewer, { say = (sentence) => viewer.say(sentence), isComing = () => false,
  titleOf = (name) => name } = {}) {
  let timer = 0;
  let written = '';
  /** The next address is a step of its own. */
  let jumped = false;
  /** What the address shows a part of is not here yet. @type {import('./state.mjs').ViewState | null} */
  let asked = null;
  const write = () => {
    if (!viewer.session?.hasLanes) return;
    // Settings belong to who looks, not to what is looked at.
    const { settings: _, ...state } = viewer.state;
    written = `#${KEY}${encodeState(state)}`;
    if (location.hash === written) return;
    const address = `${location.pathname}${location.search}${written}`;
    const kept = { ...history.state, [OWN]: true };
    if (jumped) history.pushState(kept, '', address);
    else history.replaceState(kept, '', address);
    jumped = false;
  };
  const read = () => {
    jumped = false;
    if (!location.hash.startsWith(`#${KEY}`) || location.hash === written) return;
    try {
      const state = decodeState(location.hash.slice(KEY.length + 1));
      const shown = viewer.info?.name && viewer.keeper.fits(state);
      // Back undoes where one went, and not what one has noted, or struck out, since.
      const back = shown && history.state?.[OWN], own = viewer.state.marks;
      const marks = back ? own : shown ? withMarks(state.marks, own) : state.marks;
      viewer.state = { ...state, marks, settings: undefined };
      asked = state.trace && !shown ? state : null;
      if (asked && !viewer.opening && !isComing()) tell(asked);
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  /** What the address asks for is not what is there. @param {import('./state.mjs').ViewState} state */
  const tell = (state) => {
    asked = null;
    say(missing(state, titleOf));
  };
  // The page has opened a file of another name by itself.
  viewer.addEventListener('open', () => {
    if (asked && viewer.info?.name && !viewer.keeper.fits(asked)) tell(asked);
    asked = null;
  });
  viewer.addEventListener('viewchange', (event) => {
    clearTimeout(timer);
    if (/** @type {CustomEvent<{jump: boolean}>} */ (event).detail.jump) {
      write();
      jumped = true;
      return;
    }
    timer = window.setTimeout(write, REST_MS);
  });
  // A page that goes away must not lose the last move.
  addEventListener('pagehide', () => {
    clearTimeout(timer);
    write();
  });
  addEventListener('hashchange', read);
  read();
}
