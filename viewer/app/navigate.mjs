/**
 * Going where a table's row points, the stretch of time, and in it the span of the goroutine that is meant; and to a
 * lane.
 */
import { KINDS } from '../view/kinds.mjs';
import { revealLane } from './lanekeys.mjs';

/** Room left and right of a place, as a share of it; what is very short gets this much, ns. */
const SHORT_NS = 2_000;
/** Before a beginning this share of the window is seen. */
const BEFORE = 0.1;
/** Columns asked for to find a span in: as many as a wide screen has. */
const COLUMNS = 4000;

/**
 * @param {import('./timeline.mjs').Timeline} timeline @param {import('./tables/registry.mjs').Place} place
 */
export async function navigate(timeline, { t0, t1, goid, at, lane }) {
  const middle = (t0 + t1) / 2, half = Math.max(SHORT_NS, t1 - t0) / 2;
  timeline.view.fit(middle - half, middle + half, performance.now());
  timeline.frames.request();
  if (lane !== undefined && await selectStretch(timeline, lane, t0, t1)) return;
  if (goid === undefined) return showPs(timeline);
  if (!(at === undefined && await selectNear(timeline, goid, t0, t1)))
    await selectOwn(timeline, goid, at ?? middle);
}

/** Nobody is meant, and not who was before: the Ps show what went on.
 * @param {import('./timeline.mjs').Timeline} timeline */
function showPs(timeline) {
  timeline.select(null);
  const lane = timeline.session?.info?.lanes.find(({ kind }) => kind === 'proc');
  if (lane) revealLane(timeline, lane);
}

/**
 * To a lane: in the middle and outlined. Where the window has nothing of it, the window moves, as wide as it is.
 * @param {import('./timeline.mjs').Timeline} timeline @param {import('../trace/types.mjs').Lane} lane
 */
export async function goToLane(timeline, lane) {
  const { session, view } = timeline;
  revealLane(timeline, lane);
  timeline.pointAt(lane);
  if (!session || KINDS[lane.kind].draw) return; // a curve goes on all the time
  const ask = (/** @type {number} */ t0, /** @type {number} */ t1) =>
    session.client.query({ t0, t1, px: COLUMNS, lanes: [lane.index], patient: true });
  const [here] = (await ask(view.t0, view.t1))?.lanes ?? [];
  if (here?.n !== 0) return;
  const [all] = (await ask(0, view.own))?.lanes ?? [];
  if (!all?.n || session !== timeline.session || timeline.pointed !== lane.key) return;
  const from = all.start[0], length = all.end[all.n - 1] - from, { width } = view;
  // What is short goes to the middle; of what is not, one sees the beginning.
  const t0 = length < width ? from + length / 2 - width / 2 : from - BEFORE * width;
  view.glideTo(t0, t0 + width, performance.now());
  timeline.frames.request();
}

/**
 * On the goroutine's own lane, which is opened for it: of a long stretch no span on a P is the one that is meant.
 * @param {import('./timeline.mjs').Timeline} timeline @param {number} goid @param {number} at
 */
async function selectOwn(timeline, goid, at) {
  const { session } = timeline;
  const lane = session?.lanes.byKey(`go:${goid}`);
  const span = lane && await session?.client.find(lane.index, at);
  if (!lane || session !== timeline.session) return;
  timeline.select(span ?? null);
  revealLane(timeline, lane);
}

/**
 * On a lane that is named, which is opened for it, or on one of the rows below it: regions within regions have one
 * each.
 * @param {import('./timeline.mjs').Timeline} timeline @param {string} key @param {number} t0 @param {number} t1
 * @returns {Promise<boolean>} false: nothing is there, and the same trace still shows
 */
async function selectStretch(timeline, key, t0, t1) {
  const { session } = timeline;
  let best = null, off = Infinity;
  for (let deep = 0; session && session === timeline.session; deep++) {
    const lane = await session.lanes.find(deep ? `${key}/${deep}` : key);
    const span = lane && await session.client.find(lane.index, (t0 + t1) / 2);
    const away = span ? Math.abs(span.start - t0) + Math.abs(span.end - t1) : Infinity;
    if (lane && span && away < off) [best, off] = [{ lane, span }, away];
    if (!lane || away < 1) break;
  }
  if (session !== timeline.session) return true;
  if (!best) return false;
  timeline.select(best.span);
  revealLane(timeline, best.lane);
  return true;
}

/**
 * Selects the goroutine's span: on its own lane, which is opened for it, that which fills the stretch; where there is
 * none on a P the one that begins where the stretch ends (a wait ends with it running), else the longest in it.
 * @param {import('./timeline.mjs').Timeline} timeline @param {number} goid @param {number} t0 @param {number} t1
 * @returns {Promise<boolean>} false: there is none in sight
 */
async function selectNear(timeline, goid, t0, t1) {
  const { session } = timeline;
  if (!session?.info) return false;
  const own = session.lanes.byKey(`go:${goid}`), isOwn = own !== undefined;
  const lanes = isOwn ? [own.index]
    : session.info.lanes.filter(({ kind }) => kind === 'proc').map(({ index }) => index);
  const pad = Math.max(SHORT_NS, t1 - t0) * 0.1;
  const tiles = await session.client.query({ t0: t0 - pad, t1: t1 + pad, px: COLUMNS, lanes, patient: true });
  if (!tiles || session !== timeline.session) return true;
  let best = { lane: -1, index: -1, worth: -1 };
  for (const { lane, n, start, end, goid: who, index } of tiles.lanes) {
    for (let i = 0; i < n; i++) {
      if (who[i] !== goid || index[i] < 0) continue;
      const inside = Math.min(end[i], t1) - Math.max(start[i], t0);
      const worth = isOwn ? Math.max(0, inside) : Math.abs(start[i] - t1) < 1 ? Infinity : end[i] - start[i];
      if (worth > best.worth) best = { lane, index: index[i], worth };
    }
  }
  const span = best.index >= 0 ? await timeline.selectSpan(best.lane, best.index) : null;
  if (span) timeline.reveal(span);
  return span !== null;
}
