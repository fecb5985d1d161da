/** For pages of one viewer: a trace that is chosen to compare shows below, on the same axis. */
import { el } from './parts.mjs';

/** @param {import('./element.mjs').GoroscopeViewer} viewer */
export function compareBelow(viewer) {
  let end = () => {};
  viewer.addEventListener('compare', (event) => {
    event.preventDefault();
    end();
    const { file } = /** @type {CustomEvent<{file: File}>} */ (event).detail;
    const other = /** @type {typeof viewer} */ (document.createElement('goroscope-viewer'));
    const theme = viewer.getAttribute('theme');
    if (theme) other.setAttribute('theme', theme);
    const close = el('button', { type: 'button', 'aria-label': 'Compare no more' }, ['✕']);
    const pane = el('section', { class: 'below', 'aria-label': 'Compared with' }, [
      el('header', {}, [el('span', {}, ['Compared with ', el('b', {}, [file.name]),
        ', on the same axis; Tables above, “Compared”, tell what differs']), close]), other]);
    end = () => {
      viewer.compareWith(null);
      other.close();
      pane.remove();
      end = () => {};
    };
    close.addEventListener('click', () => end());
    viewer.after(pane);
    // What cannot be read is said where it would have shown.
    void other.open(file).then((whole) => { if (whole && pane.isConnected) viewer.compareWith(other); });
  });
}
