// preview.mjs: what can be shown of a trace whose first generation is not read yet: that one's lanes as far as they are
// known, summed up. It stands in until the first generation is joined, and numbers lanes as the joined trace will.
import { inOrder, newLane } from './joined.mjs';
import { show } from './summary.mjs';
import { LaneItems } from './tiles.mjs';

/** @typedef {import('./types.mjs').Query} Query */
/** @typedef {import('./types.mjs').Tiles} Tiles */

/**
 * From who reads the generation.
 * @typedef {Pick<import('./decoder.mjs').Found, 'info' | 'ends' | 'strings' | 'unitNs'> &
 *   {summary: import('./summary.mjs').Summary}} Seen
 */

/** When somebody who reads a generation is to make one. */
export class PreviewTime {
  /** The first is made after so long, ms, each further one after twice as long: what is there by then needs none. */
  static firstMs = 60;

  #began = performance.now();
  #after = PreviewTime.firstMs;

  get isCome() {
    if (performance.now() - this.#began < this.#after) return false;
    this.#after *= 2;
    return true;
  }
}

export class Preview {
  /** @param {Seen} seen */
  constructor({ info, ends, strings, unitNs, summary }) {
    this.info = info;
    this.strings = strings;
    this.unitNs = unitNs;
    this.summary = summary;
    const lanes = ends.map((end, index) => ({ ...newLane(index, end), spans: end.before + end.spans }));
    this.lanes = inOrder(lanes);
  }

  /** All of it is coarse: details will come. @param {Query} query @returns {Tiles} */
  query({ t0, t1, px, lanes }) {
    const { summary, info } = this, width = (t1 - t0) / Math.max(1, Math.floor(px));
    const rough = [{ t0: 0, t1: info.t1, gone: false }];
    const answer = lanes.filter((lane) => lane < this.lanes.length).map((lane) => {
      const out = new LaneItems(t0, width);
      show(summary, lane, { t0, t1, base: 0, least: 0 }, out);
      return { ...out.done(lane), rough };
    });
    return { t0, t1, px, lanes: answer, strings: { ...this.strings }, coarse: [{ t0: 0, t1: info.t1 }] };
  }
}
