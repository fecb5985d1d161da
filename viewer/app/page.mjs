/**
 * The stand-alone page, viewer/index.html: one viewer over the whole window.
 */
import { GoroscopeViewer } from './element.mjs';
import { compareBelow } from './below.mjs';
import { keepSettings } from './keep.mjs';
import { asItWas, keepLastFile, lastFile } from './lastfile.mjs';
import { keepViewInAddress, traceInAddress } from './link.mjs';

const { page } = document.documentElement.dataset;
if (page) GoroscopeViewer.loadFrom({ page });
const viewer = /** @type {import('./element.mjs').GoroscopeViewer} */ (document.querySelector('goroscope-viewer'));
viewer.addEventListener('info', () => {
  document.title = `${viewer.info?.name || 'Trace'} · Goroscope`;
});
keepSettings(viewer);
compareBelow(viewer);
// A drop that misses the viewer by a pixel must not make the browser leave the page.
for (const type of ['dragover', 'drop']) addEventListener(type, (event) => event.preventDefault());
// index.html?trace=URL opens that trace.
const url = new URLSearchParams(location.search).get('trace');
if (url) void viewer.open(url);
const last = url ? null : await lastFile(traceInAddress());
keepLastFile(viewer, last);
if (last && !viewer.opening)
  void viewer.open(last.file).then((whole) => { if (whole) viewer.timeline.hint(asItWas(last)); });
// After that: open() clears what a damaged address has to say.
keepViewInAddress(viewer);
