// The buttons Share and Embed: a link that holds the program, HTML for a page of somebody's own, to be copied.
import { embedHtml } from './embed.mjs';
import { nameOf, toFragment } from './share.mjs';

/** Whom an address is of no use to, in a sentence; '': it may be reached from everywhere. @param {string} address */
export function reachOf(address) {
  const { protocol, hostname } = new URL(address);
  if (protocol === 'file:') return 'This names a file of this computer: others who get it find nothing there.';
  return /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname)
    ? `This names ${hostname}, which is each reader's own computer: for others put the page on a server.` : '';
}

/**
 * @param {import('./element.mjs').GoroscopePlayground} element
 * @param {() => Record<string, unknown>} embedded the settings as another page can have them
 * @param {(sentence: string) => void} say what went wrong
 */
export function setUpOffers(element, embedded, say) {
  const { share, embed, dialog, shared, sharedNote, sharedTitle, sharedClose, copy, copyNote } = element.parts;
  /** @param {string} title @param {string} address that it names @param {() => Promise<string>} make */
  const offer = async (title, address, make) => {
    sharedTitle.textContent = title;
    dialog.setAttribute('aria-label', title);
    copy.textContent = 'Copy';
    copyNote.textContent = '';
    sharedNote.textContent = reachOf(address);
    sharedNote.hidden = !sharedNote.textContent;
    try {
      shared.value = await make();
      dialog.showModal();
      shared.select();
    } catch (error) {
      say(/** @type {Error} */ (error).message);
    }
  };
  share.addEventListener('click', () => void offer('Share', location.href, async () => {
    const { settings, viewer } = element, to = nameOf(element), view = { ...viewer.state };
    const locked = settings.readonly ? String(settings.readonly) : undefined;
    return location.href.replace(/#.*$/, '') + await toFragment({ settings, to, locked, view });
  }));
  const folder = new URL('.', import.meta.url).href;
  embed.addEventListener('click', () => void offer('Embed', folder, async () => embedHtml(embedded(), folder)));
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
