/**
 * For pages: the view in the page's address (#view=…), so that a link, Back, Forward and a reload bring it again. Back
 * leads to where the view was before it went to the place of a table's row or of a mark; moving about makes no steps.
 * The element itself never touches the address.
 */
import { decodeState, encodeState } from './state.mjs';

const KEY = 'view=';
/** The address follows when the view has rested this long: browsers allow only so many changes a second. */
const REST_MS = 250;

/** @param {import('./element.mjs').GoroscopeViewer} viewer */
export function keepViewInAddress(viewer) {
  let timer = 0;
  let written = '';
  /** The next address is a step of its own. */
  let jumped = false;
  const write = () => {
    if (!viewer.session?.hasLanes) return;
    // Settings belong to who looks, not to what is looked at.
    const { settings: _, ...state } = viewer.state;
    written = `#${KEY}${encodeState(state)}`;
    if (location.hash === written) return;
    const address = `${location.pathname}${location.search}${written}`;
    if (jumped) history.pushState(history.state, '', address);
    else history.replaceState(history.state, '', address);
    jumped = false;
  };
  const read = () => {
    jumped = false;
    if (!location.hash.startsWith(`#${KEY}`) || location.hash === written) return;
    try {
      viewer.state = { ...decodeState(location.hash.slice(KEY.length + 1)), settings: undefined };
    } catch (error) {
      viewer.say(error instanceof Error ? error.message : String(error));
    }
  };
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
