/**
 * Colour of a goroutine: stable by id, blended in linear light so that a mix of many spans keeps its true brightness.
 *
 * Hues go round by the golden angle, so neighbours in id are far apart in hue; three steps of lightness tell apart
 * those that meet again. All colours share one band of lightness per theme, hence one ink is readable on every
 * span.
 */

/** Ids are taken modulo this; a power of two, large enough that a repeat within one screen is rare. */
const PALETTE = 1024;
const GOLDEN_ANGLE = 137.50776;

/** Linear light 0..1 in 4096 steps → sRGB byte; the step near black is under half a byte level. */
const LINEAR_STEPS = 4096;
const toByte = new Uint8Array(LINEAR_STEPS + 1);
for (let i = 0; i <= LINEAR_STEPS; i++) {
  const v = i / LINEAR_STEPS;
  toByte[i] = Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
}

/** @param {number} v linear light 0..1 @returns {number} sRGB byte */
export function linearToByte(v) {
  return toByte[v <= 0 ? 0 : v >= 1 ? LINEAR_STEPS : (v * LINEAR_STEPS + 0.5) | 0];
}

/** @param {number} byte @returns {number} linear light 0..1 */
export function byteToLinear(byte) {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

/**
 * OKLCH to linear sRGB (Björn Ottosson's matrices), clamped to the gamut.
 * @param {number} l @param {number} c @param {number} hue degrees
 * @returns {[number, number, number]}
 */
function oklch(l, c, hue) {
  const a = c * Math.cos((hue * Math.PI) / 180);
  const b = c * Math.sin((hue * Math.PI) / 180);
  const x = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const y = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const z = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clamp = (/** @type {number} */ v) => Math.min(1, Math.max(0, v));
  return [
    clamp(4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z),
    clamp(-1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z),
    clamp(-0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z),
  ];
}

/**
 * @typedef {object} Palette
 * @property {number} size             entries; entry of goroutine g = g mod size
 * @property {Float32Array} linear     3 per entry: running
 * @property {Float32Array} quiet      3 per entry: in a system call, same hue, half way to the idle track
 * @property {number} floor            least share of a span's colour in a pixel that still tells it from idle
 */

/**
 * @param {boolean} dark
 * @param {[number, number, number]} track linear colour of the idle track
 * @returns {Palette}
 */
export function makePalette(dark, track) {
  const linear = new Float32Array(3 * PALETTE);
  const quiet = new Float32Array(3 * PALETTE);
  for (let i = 0; i < PALETTE; i++) {
    const hue = (250 + i * GOLDEN_ANGLE) % 360;
    const tier = (i % 3) - 1;
    const rgb = dark ? oklch(0.7 + 0.05 * tier, 0.125, hue) : oklch(0.76 + 0.045 * tier, 0.125, hue);
    for (let k = 0; k < 3; k++) {
      linear[3 * i + k] = rgb[k];
      quiet[3 * i + k] = 0.4 * rgb[k] + 0.6 * track[k];
    }
  }
  // The eye sees a little light on black far better than a little shade on white.
  return { size: PALETTE, linear, quiet, floor: dark ? 0.03 : 0.24 };
}

/**
 * Entry of a goroutine in the palette's arrays, times three. @param {Palette} palette @param {number} goid
 */
export function paletteOffset(palette, goid) {
  // Nearly all fit into 32 bits, for which a remainder costs a twentieth.
  const small = goid >>> 0;
  return 3 * (small === goid ? small % palette.size : goid > 0 ? goid % palette.size : 0);
}

/**
 * The goroutine's running colour for CSS. @param {Palette} palette @param {number} goid
 */
export function cssColor(palette, goid) {
  const at = paletteOffset(palette, goid);
  const rgb = [0, 1, 2].map((k) => linearToByte(palette.linear[at + k]));
  return `rgb(${rgb.join(' ')})`;
}
