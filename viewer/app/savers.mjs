/**
 * What can be saved, as files. A new one is one entry here; it is in the menu, in the palette, and a command.
 */
import { PartOnly, exportInWorker } from '../trace/export/client.mjs';
import { pageWith } from '../trace/export/html.mjs';
import { placeOf } from '../trace/workers.mjs';
import { CAPTION, drawHeading, drawLegend, headingOf } from '../view/caption.mjs';
import { Patterns } from '../view/states.mjs';
import { sceneToSvg } from '../view/svg.mjs';
import { download } from './download.mjs';

/** @typedef {import('./element.mjs').GoroscopeViewer} Viewer */

/**
 * @typedef {object} Saver
 * @property {string} id
 * @property {string} title                         in the menu
 * @property {string} suffix                        of the file's name
 * @property {(viewer: Viewer) => Promise<Blob>} make
 * @property {() => boolean} [can]                  whether this page can, asked when it would be offered
 */

/** @type {Saver[]} */
export const SAVERS = [
  { id: 'trace', title: 'Trace file (opens in go tool trace)', suffix: '.trace', make: (viewer) => viewer.save() },
  { id: 'part', title: 'The selected area, else what shows, as a trace file', suffix: '-part.trace',
    make: (viewer) => made(viewer, 'go', stretchOf(viewer)) },
  { id: 'perfetto', title: 'For Perfetto', suffix: '.perfetto-trace', make: (viewer) => made(viewer, 'perfetto') },
  { id: 'chrome', title: 'For chrome://tracing (JSON)', suffix: '.json', make: (viewer) => made(viewer, 'chrome') },
  { id: 'html', title: 'One page to mail: viewer and trace (HTML)', suffix: '.html', make: onePage,
    can: () => placeOf('page') !== null },
  { id: 'csv', title: 'All spans as a table (CSV)', suffix: '.csv', make: (viewer) => made(viewer, 'csv') },
  { id: 'png', title: 'Picture of the view (PNG)', suffix: '.png', make: picture },
  { id: 'svg', title: 'Drawing of the view (SVG)', suffix: '.svg',
    make: async (viewer) => {
      const { timeline, info } = viewer;
      const name = info?.name || 'trace';
      const svg = sceneToSvg(timeline.scene(), timeline.currentTheme(), name, viewer.drawn.annotations());
      return new Blob([svg], { type: 'image/svg+xml' });
    } },
];

/** @param {Viewer} viewer @returns {Promise<Blob>} */
async function onePage(viewer) {
  const { timeline, info } = viewer, name = info?.name || 'trace';
  timeline.hint('Writing the page…');
  const html = await fetch(placeOf('page') ?? '').then((response) => (response.ok ? response.text() : null))
    .catch(() => null);
  if (html === null) throw new Error('The viewer’s page, which the trace was to be put in, could not be fetched.');
  const trace = await viewer.save(), [a, b] = new Uint8Array(await trace.slice(0, 2).arrayBuffer());
  const isPacked = a === 0x1f && b === 0x8b;
  const packed = isPacked ? trace.stream() : trace.stream().pipeThrough(new CompressionStream('gzip'));
  /** @type {BlobPart[]} */ const parts = [];
  for await (const part of pageWith(html, name, packed)) parts.push(new Blob([part]));
  return new Blob(parts, { type: 'text/html' });
}

/** @param {Viewer} viewer @returns {{from: number, to: number}} */
function stretchOf({ area, timeline }) {
  const { t0, t1 } = area.area ?? timeline.view;
  return { from: Math.max(0, t0), to: t1 };
}

/**
 * In a worker; the hint tells how far it is.
 * @param {Viewer} viewer @param {string} format @param {import('../trace/export/index.mjs').Options} [options]
 */
async function made(viewer, format, options) {
  const { timeline } = viewer;
  timeline.hint('Writing the file…');
  return exportInWorker(await viewer.save(), format, options, {
    onBytes: (bytes) => timeline.hint(`Writing the file: ${(bytes / 1e6).toFixed(1)} MB…`),
  });
}

/** Overview and lanes as they are on the screen, and what they are. @param {Viewer} viewer @returns {Promise<Blob>} */
function picture({ parts, timeline, info }) {
  timeline.frames.flush();
  const { overview, lanes } = parts;
  const canvas = document.createElement('canvas');
  canvas.width = lanes.width;
  const scene = timeline.scene(), theme = timeline.currentTheme(), { dpr } = scene.layout;
  const caption = Math.round(CAPTION * dpr);
  canvas.height = caption + overview.height + lanes.height + caption;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser gave no 2D canvas; the picture cannot be made.');
  context.fillStyle = theme.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(overview, 0, caption);
  context.drawImage(lanes, 0, caption + overview.height);
  context.scale(dpr, dpr);
  drawHeading(context, theme, headingOf(info?.name || 'trace', scene.win), 0);
  drawLegend(context, new Patterns(), scene, theme, canvas.height / dpr - CAPTION);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => {
    if (blob) resolve(blob);
    else reject(new Error('The browser could not make a picture of this size.'));
  }, 'image/png'));
}

/** @param {Viewer} viewer @param {string} id */
export async function save(viewer, id) {
  const saver = SAVERS.find((s) => s.id === id);
  if (!saver) throw new Error(`There is nothing that saves “${id}”.`);
  if (!viewer.session?.hasLanes) throw new Error('There is no trace to save yet.');
  const base = (viewer.info?.name || 'goroscope').replace(/\.(trace|gz|out)$/, '').replace(/[\\/:*?"<>|\s]+/g, '-');
  const name = `${base}${saver.suffix}`;
  try {
    download(await saver.make(viewer), name);
  } catch (error) {
    if (error instanceof PartOnly) download(error.part, name);
    throw error;
  }
}
