// image.mjs: the picture a program draws (gr_framebuffer), read from its memory.
import { Damaged } from './damage.mjs';

/** gr_framebuffer gives no more. */
const MOST_PIXELS = 64 << 20;

/**
 * A copy of the picture as it is now; null: the program has none. Throws Damaged.
 * @param {import('./host-block.mjs').HostBlock} block
 * @returns {{width: number, height: number, data: Uint8ClampedArray<ArrayBuffer>} | null}
 */
export function readImage({ memory, image }) {
  const [width, height, pixels] = new Uint32Array(memory.buffer, image, 3);
  if (!width || !height || !pixels) return null;
  if (width * height > MOST_PIXELS || pixels + width * height * 4 > memory.buffer.byteLength) throw new Damaged();
  const data = new Uint8ClampedArray(width * height * 4);
  data.set(new Uint8Array(memory.buffer, pixels, data.length));
  return { width, height, data };
}
