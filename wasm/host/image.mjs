// image.mjs: the picture a program draws (gr_framebuffer), read from its memory.
import { HOST } from './abi.mjs';

/**
 * A copy of the picture as it is now; null: the program has none.
 * @param {import('./abi.mjs').MemoryLike} memory
 * @param {number} block the host block
 * @returns {{width: number, height: number, data: Uint8ClampedArray<ArrayBuffer>} | null}
 */
export function readImage(memory, block) {
  const words = new Uint32Array(memory.buffer);
  const [width, height, pixels] = words.subarray(words[(block + HOST.image) / 4] / 4).subarray(0, 3);
  if (!width || !height || !pixels) return null;
  const data = new Uint8ClampedArray(width * height * 4);
  data.set(new Uint8Array(memory.buffer, pixels, data.length));
  return { width, height, data };
}
