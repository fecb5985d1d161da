/**
 * How much of the Ps was used, as one row: the brighter (darker on white), the more of them ran a goroutine.
 */
import { drawKey } from './key.mjs';

/** @type {import('./kind.mjs').Kind} */
export const heat = {
  group: 'curves',
  height: 20,
  draw: ({ context }, box, scene, row, theme) => {
    const { tiles, win } = scene;
    const { dpr } = scene.layout;
    const series = tiles?.lanes.find((l) => l.lane === row.index)?.series;
    if (!tiles || !series) return;
    const [running, , procs, used] = series;
    const n = running.length / 3;
    const width = (tiles.t1 - tiles.t0) / n;
    const first = Math.max(0, Math.floor((win.t0 - tiles.t0) / width));
    const end = Math.min(n, Math.ceil((win.t1 - tiles.t0) / width) + 1);
    // Without an event that tells their number, the most that were used at once stand for it.
    let most = 1;
    for (let i = 0; i < n; i++) most = Math.max(most, used[3 * i + 2] || 0);
    context.fillStyle = theme.states[0];
    for (let i = first; i < end; i++) {
      const share = running[3 * i + 1] / (procs[3 * i + 1] || most);
      if (!(share > 0)) continue;
      // Whole device pixels: at shared edges the colour would show as stripes.
      const [x0, x1] = [i, i + 1].map((at) => {
        const x = ((tiles.t0 + at * width - win.t0) / (win.t1 - win.t0)) * box.width;
        return Math.round((box.x + Math.min(box.width, Math.max(0, x))) * dpr) / dpr;
      });
      context.globalAlpha = Math.min(1, share);
      context.fillRect(x0, box.y, x1 - x0, box.height);
    }
    context.globalAlpha = 1;
    const color = theme.states[0];
    drawKey(context, box, theme, [{ word: 'few', color, share: 0.4 }, { word: 'all Ps run', color }]);
  },
};
