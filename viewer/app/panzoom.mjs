/**
 * Keys held down move the view evenly and start and stop softly, however often the keyboard repeats.
 */

/** Windows per second. */
const PAN_SPEED = 1.3;
/** Natural logarithm of the zoom per second: about six times. */
const ZOOM_SPEED = 1.8;
/** How fast the speed follows the keys. */
const TAU_MS = 70;
/** A tap moves at once, at this share of full speed. */
const START_SHARE = 0.5;
/** Below this share of full speed it stands. */
const STOP_SHARE = 0.02;

/** @typedef {'pan' | 'zoom'} Axis */

export class PanZoomKeys {
  constructor() {
    /** @type {Map<string, {axis: Axis, direction: 1 | -1}>} */
    this.down = new Map();
    /** Share of full speed, signed. */
    this.speed = { pan: 0, zoom: 0 };
  }

  /** @param {string} code @param {Axis} axis @param {1 | -1} direction */
  press(code, axis, direction) {
    if (this.down.has(code)) return;
    this.down.set(code, { axis, direction });
    if (Math.abs(this.speed[axis]) < START_SHARE) this.speed[axis] = START_SHARE * direction;
  }

  /** @param {string} code */
  release(code) {
    this.down.delete(code);
  }

  releaseAll() {
    this.down.clear();
  }

  /**
   * One frame on. @param {number} dt ms @param {boolean} still stop at once when the key goes up
   * @returns {{pan: number, zoom: number, moving: boolean}} pan in windows, zoom as a factor of the width
   */
  step(dt, still) {
    const wanted = { pan: 0, zoom: 0 };
    for (const { axis, direction } of this.down.values()) wanted[axis] += direction;
    const share = still ? 1 : 1 - Math.exp(-dt / TAU_MS);
    for (const axis of /** @type {const} */ (['pan', 'zoom'])) {
      this.speed[axis] += (wanted[axis] - this.speed[axis]) * share;
      if (!wanted[axis] && Math.abs(this.speed[axis]) < STOP_SHARE) this.speed[axis] = 0;
    }
    const seconds = dt / 1000;
    return {
      pan: this.speed.pan * PAN_SPEED * seconds,
      zoom: Math.exp(-this.speed.zoom * ZOOM_SPEED * seconds),
      moving: this.speed.pan !== 0 || this.speed.zoom !== 0,
    };
  }
}
