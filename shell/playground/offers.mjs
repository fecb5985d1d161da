// The buttons Share and Embed: a link that holds the program, HTML for a page of somebody's own, to be copied.
import { wiring } from './wiring.mjs';

/**
 * @param {import('./element.mjs').GoroscopePlayground} element
 * @param {() => Record<string, unknown>} embedded the settings as another page can have them
 * @param {(sentence: string) => void} say what went wrong
 */
export function setUpOffers(element, embedded, say) {
  const { share, embed, dialog, shared, sharedTitle, sharedClose, copy } = element.parts;
  /** @param {string} title @param {() => Promise<string>} make */
  const offer = async (title, make) => {
    sharedTitle.textContent = title;
    dialog.setAttribute('aria-label', title);
    copy.textContent = 'Copy';
    try {
      shared.value = await make();
      dialog.showModal();
      shared.select();
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
  };
  share.addEventListener('click', () => void offer('Share', async () => location.href.replace(/#.*$/, '')
    + await wiring.toFragment?.({ settings: element.settings, view: { ...element.viewer.state } })));
  embed.addEventListener('click', () => void offer('Embed', async () =>
    wiring.embedHtml?.(embedded(), new URL('.', import.meta.url).href) ?? ''));
  sharedClose.addEventListener('click', () => dialog.close());
  copy.addEventListener('click', () => {
    shared.select();
    const copied = navigator.clipboard?.writeText(shared.value); // missing where a page is not secure
    copied?.then(() => (copy.textContent = 'Copied'), () => say('The browser did not let it be copied: Ctrl+C does.'));
  });
}
