/**
 * Whose a key is, when a page has one viewer or many and other things besides.
 */

/** Those that are in the page. @type {Set<HTMLElement>} */
const viewers = new Set();
/** The one that had the focus or the pointer last. @type {HTMLElement | null} */
let last = null;

/** Keys by which a page scrolls. */
const SCROLLS = new Set([
  'Space', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End',
]);

/** From now on keys may be this viewer's. @param {HTMLElement} viewer @param {AbortSignal} signal ends that */
export function addViewer(viewer, signal) {
  viewers.add(viewer);
  const use = () => { last = viewer; };
  viewer.addEventListener('focusin', use, { signal });
  viewer.addEventListener('pointerdown', use, { signal });
  viewer.addEventListener('pointerenter', use, { signal });
  signal.addEventListener('abort', () => {
    viewers.delete(viewer);
    if (last === viewer) last = null;
  });
}

/**
 * Keys are a viewer's when it has the focus; when nothing has it that needs them, they are the only viewer's, or of
 * several that one's which was used or pointed at last. A page that scrolls keeps its keys for that, unless the pointer
 * is over the viewer. With the attribute keys="focus" they are its own only while it has the focus.
 * @param {HTMLElement} viewer @param {KeyboardEvent} event
 */
export function isKeyOf(viewer, event) {
  const { scrollingElement: page } = document, root = /** @type {Document | ShadowRoot} */ (viewer.getRootNode());
  // Of what is in another tree the document names only the host, of all that is in the viewer's own as well.
  const active = root.activeElement ?? document.activeElement;
  if (active === viewer) return true;
  if (viewer.getAttribute('keys') === 'focus') return false;
  if (active && active !== document.body && !leavesKey(active, event)) return false;
  if (viewer !== (viewers.size === 1 ? [...viewers][0] : last)) return false;
  if (viewer.matches(':hover')) return true;
  const { top, bottom } = viewer.getBoundingClientRect();
  if (bottom <= 0 || top >= innerHeight) return false;
  return !SCROLLS.has(event.code) || !page || page.scrollHeight <= page.clientHeight;
}

/** A button or link needs but two keys; whatever else has the focus needs who knows which. @param {Element} active
 * @param {KeyboardEvent} event */
function leavesKey(active, event) {
  return hasOwnKeys(active) && !active.hasAttribute('role') && event.code !== 'Space' && event.code !== 'Enter';
}

/** @param {EventTarget | null | undefined} target */
export function hasOwnKeys(target) {
  return target instanceof HTMLElement && /^(BUTTON|A|SUMMARY)$/.test(target.tagName);
}
