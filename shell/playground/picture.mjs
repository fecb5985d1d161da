// The program's picture (gr_framebuffer), shown while it is being drawn.

/** Milliseconds between two looks: each copies the whole picture. */
const LOOK_MS = 40;

export class Picture {
  #frame = 0;
  /** @type {Uint8ClampedArray | null} what the canvas shows */
  #shown = null;

  /** @param {HTMLElement} box hidden while there is no picture @param {HTMLCanvasElement} canvas */
  constructor(box, canvas) {
    this.box = box;
    this.canvas = canvas;
  }

  /** Looks at animation frames until stop(). @param {import('../goroscope.d.mts').Runtime} rt */
  start(rt) {
    this.stop();
    this.clear();
    let last = 0;
    const look = (/** @type {number} */ now) => {
      if (now - last >= LOOK_MS) {
        last = now;
        this.show(rt.image());
      }
      this.#frame = requestAnimationFrame(look);
    };
    this.#frame = requestAnimationFrame(look);
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  clear() {
    this.#shown = null;
    this.box.hidden = true;
  }

  /** @param {ReturnType<import('../goroscope.d.mts').Runtime['image']>} image */
  show(image) {
    if (!image || image.width < 1 || image.height < 1 || same(image.data, this.#shown)) return;
    const { canvas } = this;
    if (canvas.width !== image.width || canvas.height !== image.height) {
      canvas.width = image.width;
      canvas.height = image.height;
    }
    this.#shown = image.data;
    const pixels = new ImageData(image.width, image.height);
    pixels.data.set(image.data);
    canvas.getContext('2d')?.putImageData(pixels, 0, 0);
    this.box.hidden = false;
  }
}

/** @param {Uint8ClampedArray} a @param {Uint8ClampedArray | null} b */
function same(a, b) {
  if (!b || a.length !== b.length) return false;
  if (a === b) return true;
  const x = new Uint32Array(a.buffer, a.byteOffset, a.length >> 2);
  const y = new Uint32Array(b.buffer, b.byteOffset, b.length >> 2);
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
