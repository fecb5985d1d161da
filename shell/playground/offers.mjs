// The buttons Share and Embed: a link that holds the program, HTML for a page of somebody's own, to be copied.
import { embedHtml } from './embed.mjs';
import { toFragment } from './share.mjs';

/**
 * @param {import('./element.mjs').GoroscopePlayground} element
 * @param {() => Record<string, unknown>} embedded the settings as another page can have them
 * @param {(sentence: string) => void} say what went wrong
 */
export function setUpOffers(element, embedded, say) {
  const { share, embed, dialog, shared, sharedTitle, sharedClose, copy, copyNote } = element.parts;
  /** @param {string} title @param {() => Promise<string>} make */
  const offer = async (title, make) => {
    sharedTitle.textContent = title;
    dialog.setAttribute('aria-label', title);
    copy.textContent = 'Copy';
    copyNote.textContent = '';
    try {
      shared.value = await make();
      dialog.showModal();
      shared.select();
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
  };
  share.addEventListener('click', () => void offer('Share', async () => location.href.replace(/#.*$/, '')
    + await toFragment({ settings: element.settings, view: { ...element.viewer.state } })));
  embed.addEventListener('click', () => void offer('Embed', async () =>
    embedHtml(embedded(), new URL('.', import.meta.url).href)));
  sharedClose.addEventListener('click', () => dialog.close());
  copy.addEventListener('click', async () => {
    shared.focus();
    shared.select();
    try {
      await navigator.clipboard.writeText(shared.value); // missing where a page is not secure
      copy.textContent = 'Copied';
    } catch {
      // Behind the dialog nobody would see it.
      copyNote.textContent = 'The browser does not let it be copied: press Ctrl+C (Cmd+C).';
    }
  });
}
