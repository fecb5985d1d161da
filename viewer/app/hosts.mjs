/**
 * What the controls of a running program and the tables need of the viewer: the parts that stand for themselves.
 */
import { Drawer } from './drawer.mjs';
import { LIVE_STYLE, buildLiveBar } from './live-bar.mjs';
import { Live } from './live.mjs';
import { navigate } from './navigate.mjs';
import { whySection } from './why.mjs';

/** @typedef {import('./element.mjs').GoroscopeViewer} Viewer */

/** @param {Viewer} viewer @param {ShadowRoot} root */
export function makeLive(viewer, root) {
  const bar = buildLiveBar(), { parts, timeline } = viewer;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LIVE_STYLE);
  root.adoptedStyleSheets.push(sheet);
  parts.bar.after(bar.bar, bar.said);
  parts.panels.after(bar.goroutine); // what scrolls would hide it
  parts.viewport.append(bar.scale);
  return new Live(bar, {
    timeline,
    attach: (rt, name) => viewer.attach(rt, { name }),
    show: (session) => {
      viewer.begin();
      viewer.promote(session, 'follow');
    },
    open: (bytes, name) => viewer.open(bytes, { name }),
    shown: () => viewer.session,
    changed: (detail) => {
      viewer.showState();
      viewer.dispatchEvent(new CustomEvent('livechange', { detail }));
    },
  });
}

/** @param {Viewer} viewer @param {ShadowRoot} root */
export function makeDrawer(viewer, root) {
  const { parts, timeline } = viewer;
  const drawer = new Drawer(root, {
    bytes: async () => viewer.session?.file ?? viewer.save(),
    trace: () => {
      const { session, info } = viewer;
      // Of one that has just been attached nothing is known yet. A file may be read by two at once.
      const growing = !session?.file && (!info || session?.growing === true);
      return session && { name: info?.name ?? 'trace', growing, generations: info?.generations ?? 0 };
    },
    view: () => ({ t0: timeline.view.t0, t1: timeline.view.t1 }),
    navigate: (place) => {
      viewer.keeper.jumps();
      void navigate(timeline, place);
    },
    other: () => {
      const { compared, against } = viewer;
      return compared?.beside(viewer) ?? (against && { name: against.name, of: against, bytes: async () => against });
    },
    compare: () => viewer.actions.compare(),
    closed: () => parts.lanes.focus({ preventScroll: true }),
    // For the page: what shows tables, too, wants more room.
    shows: (open) => void viewer.toggleAttribute('data-tables', open),
  });
  parts.panels.after(drawer.node);
  timeline.sections.push((span) =>
    whySection(span, async (goid, t) => drawer.analyst.why(await viewer.save(), goid, t)));
  return drawer;
}
