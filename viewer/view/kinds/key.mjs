/**
 * The key in a row of curves: what each colour and the line is, at the row's beginning, over a ground of its own.
 */

const FONT = '10px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const HEIGHT = 14, SWATCH = 9, GAP = 10;

/**
 * @param {CanvasRenderingContext2D} context @param {import('./kind.mjs').Box} box
 * @param {import('../theme.mjs').Theme} theme
 * @param {ReadonlyArray<{word: string, color: string | null, share?: number}>} entries
 *   color: null: the broken line; share: how much of the colour
 */
export function drawKey(context, box, theme, entries) {
  context.font = FONT;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  const widths = entries.map(({ word }) => SWATCH + (word ? 4 + context.measureText(word).width + GAP : 1));
  // What does not fit is left out from the end; its colour is still told by the rows of goroutines.
  let n = 0, width = 6;
  while (n < widths.length && width + widths[n] <= box.width) width += widths[n++];
  if (!n) return;
  const y = box.y + Math.min(box.height, HEIGHT + 2) / 2;
  context.globalAlpha = 0.82;
  context.fillStyle = theme.ground;
  context.fillRect(box.x, y - HEIGHT / 2, width, HEIGHT);
  context.globalAlpha = 1;
  let x = box.x + 6;
  entries.slice(0, n).forEach(({ word, color, share = 1 }, i) => {
    if (color === null) {
      context.fillStyle = theme.ink;
      context.fillRect(x, y - 0.5, 4, 1);
      context.fillRect(x + 6, y - 0.5, 4, 1);
    } else {
      // An edge, since waiting is as pale as the ground.
      context.fillStyle = theme.faint;
      context.fillRect(x, y - SWATCH / 2, SWATCH, SWATCH);
      context.fillStyle = theme.ground;
      context.fillRect(x + 1, y - SWATCH / 2 + 1, SWATCH - 2, SWATCH - 2);
      context.globalAlpha = share;
      context.fillStyle = color;
      context.fillRect(x + 1, y - SWATCH / 2 + 1, SWATCH - 2, SWATCH - 2);
      context.globalAlpha = 1;
    }
    context.fillStyle = theme.ink;
    if (word) context.fillText(word, x + SWATCH + 4, y + 0.5);
    x += widths[i];
  });
}
