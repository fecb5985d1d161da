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
    const close = el('button', { type: 'button', title: 'Compare no more', 'aria-label': 'Compare no more' }, ['✕']);
    const words = el('span', {});
    const pane = el('section', { class: 'below', 'aria-label': 'Compared with' }, [
      el('header', {}, [words, close]), other]);
    /** What is below may become another trace, or may be none. @param {string} before @param {string} after */
    const say = (before, after) => words.replaceChildren(before, el('b', {}, [other.info?.name || file.name]), after);
    const compare = () => {
      if (!pane.isConnected || !other.session?.hasLanes) return;
      if (viewer.compared?.other !== other) viewer.compareWith(other);
      say('Compared with ', ', on the same axis; Tables above, “Compared”, tell what differs');
    };
    end = () => {
      viewer.compareWith(null);
      other.close();
      pane.remove();
      end = () => {};
    };
    close.addEventListener('click', () => end());
    // What cannot be read is said where it would have shown.
    other.addEventListener('error', () => {
      if (!other.session?.hasLanes) say('Nothing is compared: ', ' could not be read');
    });
    say('Reading ', '…');
    viewer.after(pane);
    void other.open(file).then(() => {
      compare();
      other.addEventListener('open', compare); // another one, by its own button
    });
  });
}
