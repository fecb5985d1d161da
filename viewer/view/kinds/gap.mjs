/**
 * Where generations of the trace were lost: nothing is known of that time, and how many are missing.
 */
import { cut } from './kind.mjs';

/** @type {import('./kind.mjs').Kind} */
export const gap = {
  group: 'top',
  height: 20,
  bare: true,
  draw: ({ context, patterns }, box, scene, row, theme) => {
    const { win, gaps } = scene;
    context.font = '11px system-ui, sans-serif';
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    for (const { t0, t1, count } of gaps) {
      if (t1 < win.t0 || t0 > win.t1) continue;
      const perNs = box.width / (win.t1 - win.t0);
      const x0 = box.x + Math.max(0, (t0 - win.t0) * perNs);
      const x1 = Math.max(x0 + 2, box.x + Math.min(box.width, (t1 - win.t0) * perNs));
      context.fillStyle = theme.track;
      context.fillRect(x0, box.y, x1 - x0, box.height);
      context.fillStyle = patterns.get(context, theme, scene.layout.dpr, 'gap') ?? theme.hatch;
      context.fillRect(x0, box.y, x1 - x0, box.height);
      const text = cut(`${count} lost`, Math.floor((x1 - x0 - 10) / 6));
      if (!text) continue;
      const wide = context.measureText(text).width;
      context.fillStyle = theme.ground;
      context.fillRect(x0 + 4, box.y + 2, wide + 8, box.height - 4);
      context.fillStyle = theme.ink;
      context.fillText(text, x0 + 8, box.y + box.height / 2);
    }
  },
};
