/**
 * The panel of the selected area: at once what the tiles tell, then what the reader does.
 */
import { fillArea } from './notes.mjs';
import { Stats, statsOf } from './stats.mjs';

/** @typedef {import('./area.mjs').Area} Area */

export class AreaPanel {
  /** @param {import('./element.mjs').GoroscopeViewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** @type {AbortController | null} */
    this.work = null;
  }

  /** The area, or the query, has changed. @param {boolean} done false: it is still being drawn */
  update(done) {
    const { viewer } = this;
    const { area } = viewer.area;
    this.work?.abort();
    this.work = null;
    viewer.parts.area.hidden = !area;
    if (!area) return;
    const lanes = this.lanesOf(area);
    const { tiles } = viewer.timeline.scene();
    const stats = new Stats(lanes, area.t0, area.t1);
    if (tiles) stats.add(tiles, area.t0, area.t1, viewer.find.query);
    stats.exact = false;
    this.show(area, stats);
    if (done) void this.ask(area, lanes);
  }

  /** @param {Area} area */
  lanesOf(area) {
    const { lanes } = this.viewer.session ?? {};
    return area.lanes.flatMap((key) => lanes?.byKey(key) ?? []);
  }

  /** @param {Area} area @param {ReturnType<AreaPanel['lanesOf']>} lanes */
  async ask(area, lanes) {
    const { viewer } = this;
    const { session } = viewer;
    if (!session) return;
    const work = new AbortController();
    this.work = work;
    const stats = await statsOf({
      ask: (query) => session.client.query({ ...query, patient: true }), lanes, t0: area.t0, t1: area.t1,
      query: viewer.find.query,
      signal: work.signal,
    });
    if (!stats) return;
    stats.exact &&= !session.hasForgotten(area.t0, lanes);
    this.show(area, stats);
  }

  /** @param {Area} area @param {Stats} stats */
  show(area, stats) {
    const { viewer } = this;
    fillArea(viewer.parts.area, area, stats, {
      zoom: () => viewer.timeline.fit(area.t0, area.t1),
      mark: () => viewer.drawn.note(area.t0, area.t1),
      tables: () => viewer.drawer.showWindow({ t0: area.t0, t1: area.t1 }),
      close: () => viewer.area.set(null),
    });
  }
}
