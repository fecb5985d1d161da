/**
 * For pages: the viewer's settings last, where the browser keeps things for pages.
 */

const KEY = 'goroscope-viewer-settings';

/** @param {import('./element.mjs').GoroscopeViewer} viewer */
export function keepSettings(viewer) {
  try {
    viewer.settings = JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    // Storage may be forbidden, or hold something else; then the settings last as long as the page.
  }
  viewer.addEventListener('settings', () => {
    try {
      localStorage.setItem(KEY, JSON.stringify(viewer.settings));
    } catch {
      // the same
    }
  });
}
