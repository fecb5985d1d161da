/**
 * What the commands do, put together from the viewer's parts.
 */
import { prepareSession } from '../trace/workers.mjs';
import { COMMANDS } from './commands.mjs';
import { goToLane } from './navigate.mjs';
import { SAVERS, save } from './savers.mjs';
import { settingRows } from './settings.mjs';
import { sentenceOf } from './source.mjs';
import { nameOf } from '../view/groups.mjs';
import { KINDS } from '../view/kinds.mjs';
import { timeOfX } from '../view/layout.mjs';

/** In the middle enough: the second F zooms. */
const CENTRED = 0.02;

/** @param {import('./element.mjs').GoroscopeViewer} viewer @returns {import('./commands.mjs').Actions} */
export function makeActions(viewer) {
  const { parts, timeline, area, find, marks } = viewer;
  return {
    fitSelection: () => fitSelection(viewer),
    fitAll: () => timeline.fitAll(),
    follow: () => timeline.follow(),
    live: () => viewer.live,
    pause: () => {
      if (viewer.info?.state !== 'live') return;
      if (timeline.view.mode === 'follow') timeline.view.go('free', performance.now());
      else timeline.follow();
      timeline.hint(timeline.view.mode === 'follow' ? 'Following' : 'Stopped here; the program goes on. Space follows');
      timeline.frames.request();
    },
    undo: (direction) => viewer.undo(direction),
    zoomStep: (direction) => timeline.zoomStep(direction),
    nextSpan: (direction) => void timeline.nextSpan(direction),
    nextLane: (direction) => void timeline.nextLane(direction),
    followWake: (direction) => void timeline.followWake(direction),
    overlay: () => timeline.lanesView.toggleOverlay(),
    openGroups: () => timeline.lanesView.toggleSubgroups(),
    arrange: (what) => timeline.arrange(what),
    goToLane: () => viewer.palette.open('Go to a lane', lanesByKind(viewer).map((lane) => ({
      title: [nameOf(lane), lane.fn || (lane.kind === 'task' ? lane.name : '')].filter(Boolean).join(' '),
      run: () => {
        viewer.keeper.jumps();
        parts.lanes.focus();
        void goToLane(timeline, lane).catch((error) => viewer.say(sentenceOf(error)));
      },
    }))),
    tables: () => viewer.drawer.toggle(),
    find: () => find.open(),
    findNext: (direction) => void find.go(direction),
    areaOfView: () => area.ofView(),
    areaGrow: (time, lanes) => area.grow(time, lanes),
    mark: (keep) => addMark(viewer, keep),
    marks: () => viewer.drawn.show(true),
    save: (id) => void save(viewer, id).catch((error) => viewer.say(sentenceOf(error))),
    settings: () => {
      const fill = () => parts.settings.rows.replaceChildren(...settingRows(viewer.settings, (settings) => {
        viewer.settings = settings;
      }));
      fill();
      parts.settings.dialog.showModal();
    },
    palette: () => viewer.palette.open('All commands', [
      ...COMMANDS.filter((c) => c.run && c.id !== 'palette')
        .filter((c) => c.when?.(viewer.actions) ?? true).map((c) => ({
        title: c.title, keys: c.keys, run: () => c.run?.(viewer.actions),
      })),
      ...SAVERS.filter(({ can }) => can?.() ?? true)
        .map(({ id, title }) => ({ title: `Save: ${title}`, run: () => viewer.actions.save(id) })),
    ]),
    clear: () => {
      viewer.say('');
      // One thing at a time, the newest first.
      if (area.area) area.set(null);
      else if (timeline.selected || timeline.pointed) timeline.select(null);
      else if (!parts.marks.hidden) viewer.drawn.show(false);
      else if (!find.node.hidden) find.close();
      else if (marks.list.some((mark) => !mark.kept)) marks.put(marks.list.filter((mark) => mark.kept));
    },
    help: () => parts.help.showModal(),
    cancel: () => viewer.cancel(),
    chooseFile: () => {
      viewer.comparing = false;
      chooseFile(viewer);
    },
    compare: () => {
      if (!viewer.session?.hasLanes) return timeline.hint('There is no trace yet: open one first');
      viewer.comparing = true;
      chooseFile(viewer);
    },
  };
}

/** @param {import('./element.mjs').GoroscopeViewer} viewer */
function chooseFile({ parts: { file } }) {
  file.value = ''; // choosing the same file again must count as a change
  prepareSession();
  file.click();
}

/** All that have a name, Ps first, curves last. @param {import('./element.mjs').GoroscopeViewer} viewer */
function lanesByKind({ session }) {
  if (!session?.info) return [];
  const { all, more } = session.lanes;
  return [...session.info.lanes, ...more.filter((lane) => nameOf(lane)),
    ...all.filter((lane) => KINDS[lane.kind].group === 'curves')];
}

/** First to the middle, then close up. @param {import('./element.mjs').GoroscopeViewer} viewer */
function fitSelection({ timeline, area }) {
  const what = area.area ?? (timeline.selected ? { t0: timeline.selected.start, t1: timeline.selected.end } : null);
  if (!what) {
    timeline.hint('Click a span first; then F brings it to the middle, and F again zooms to it');
    return;
  }
  const { view } = timeline;
  const middle = (what.t0 + what.t1) / 2;
  const off = Math.abs(middle - (view.t0 + view.t1) / 2) / view.width;
  if (off < CENTRED) timeline.fit(what.t0, what.t1);
  else view.glideTo(middle - view.width / 2, middle + view.width / 2, performance.now());
  timeline.frames.request();
}

/** At the area, the selected span, the pointer, or the middle. @param {import('./element.mjs').GoroscopeViewer} viewer
 * @param {boolean} keep */
function addMark({ timeline, area, marks, drawn }, keep) {
  if (!timeline.session?.hasLanes) return;
  const { pointer, layout, view, selected } = timeline;
  const inside = pointer && pointer.x >= layout.gutter ? timeOfX(layout, view, pointer.x) : null;
  const at = inside ?? selected?.start ?? (view.t0 + view.t1) / 2;
  const moment = Math.min(Math.max(0, at), view.own);
  const { t0, t1 } = area.area ?? { t0: moment, t1: moment };
  if (keep) drawn.note(t0, t1);
  else marks.add(t0, t1, false);
}
