/**
 * The one requestAnimationFrame of a viewer: asked for when something changed, silent otherwise.
 */

/** A frame after a pause counts as this long, or a motion would leap. */
const LONGEST_STEP_MS = 50;

export class FrameScheduler {
  /** @param {(now: number, dt: number) => boolean} draw true: something still moves, draw again next frame */
  constructor(draw) {
    this.draw = draw;
    this.handle = 0;
    this.last = 0;
    /** Frames drawn so far. */
    this.frames = 0;
  }

  request() {
    if (!this.handle) this.handle = requestAnimationFrame((now) => this.tick(now));
  }

  cancel() {
    if (this.handle) cancelAnimationFrame(this.handle);
    this.handle = 0;
    this.last = 0;
  }

  /** Draws at once, instead of in the next frame. */
  flush() {
    if (this.handle) cancelAnimationFrame(this.handle);
    this.tick(performance.now());
  }

  /** @param {number} now */
  tick(now) {
    this.handle = 0;
    const dt = this.last ? Math.min(LONGEST_STEP_MS, now - this.last) : 16;
    this.frames++;
    const more = this.draw(now, dt);
    this.last = more ? now : 0;
    if (more) this.request();
  }
}
