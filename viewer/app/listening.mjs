/**
 * All that a viewer listens to while it is in a page; what it hears goes to the timeline, the area, the commands.
 */
import { prepareSession } from '../trace/workers.mjs';
import { listenToDrops, listenToKeys, listenToLanes, listenToOverview } from './input.mjs';

/** @param {import('./element.mjs').GoroscopeViewer} viewer @returns {AbortController} ends it */
export function listen(viewer) {
  const { parts, timeline, area } = viewer;
  const listening = new AbortController();
  const { signal } = listening;
  const space = { held: false, used: false };
  listenToLanes(parts.lanes, {
    ...timeline.input,
    areaBegin: (x, y) => area.begin(x, y),
    areaTo: (x, y) => area.to(x, y),
    areaEnd: (kept) => area.end(kept),
    overEdge: (x, y) => area.edgeAt(x, y) !== 0,
    dragPans: () => viewer.chosen.drag === 'pan',
    longPress: (x, y) => timeline.input.click(x, y),
  }, space, signal);
  listenToOverview(parts.overview, timeline.input, () => timeline.layout, signal);
  const busy = () => Boolean(viewer.shadowRoot?.querySelector('dialog[open]'));
  listenToKeys(viewer, timeline.input, viewer.actions, busy, space, signal);
  prepare(viewer, signal);
  listenToDrops(viewer, signal);
  const observer = new ResizeObserver(() => timeline.measure());
  observer.observe(parts.viewport);
  signal.addEventListener('abort', () => observer.disconnect());
  // Moving to a screen of other density, or zooming the page, changes the pixels but not always the size.
  window.addEventListener('resize', () => timeline.measure(), { signal });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => viewer.restyle(), { signal });
  matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', () => viewer.setMotion(), { signal });
  return listening;
}

/** With no hurry, at the latest when a file comes near: what reads traces is there before the first one is.
 * @param {import('./element.mjs').GoroscopeViewer} viewer @param {AbortSignal} signal */
function prepare(viewer, signal) {
  const idle = globalThis.requestIdleCallback ?? ((/** @type {() => void} */ then) => setTimeout(then, 200));
  idle(() => {
    if (signal.aborted || viewer.session || viewer.pending) return;
    prepareSession();
    viewer.timeline.prepare();
  });
  viewer.addEventListener('dragenter', () => prepareSession(), { signal });
}
