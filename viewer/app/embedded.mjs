/**
 * A page that has its trace in itself, as trace/export/html.mjs writes it.
 */
import { TYPE } from '../trace/export/html.mjs';

/** @param {string} text base64 @returns {Uint8Array<ArrayBuffer>} */
function bytesOf(text) {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * Takes the trace out of such a page.
 * @param {Document} document
 * @returns {{elements: Element[], html: string}} its elements; the page without it, and as it came
 */
export function takeOut(document) {
  const elements = [...document.querySelectorAll(`script[type="${TYPE}"]`)];
  for (const element of elements) element.remove();
  // Into another document: here a second viewer would be made.
  const page = /** @type {Element} */ (
    document.implementation.createHTMLDocument('').importNode(document.documentElement, true));
  const viewer = page.querySelector('goroscope-viewer');
  for (const name of viewer?.getAttributeNames() ?? []) viewer?.removeAttribute(name);
  return { elements, html: `<!doctype html>\n${page.outerHTML}\n` };
}

/**
 * Opens what was in the page; the elements go as they are read.
 * @param {import('./element.mjs').GoroscopeViewer} viewer @param {Element[]} elements of takeOut()
 * @returns {Promise<boolean>} false: there is none, or it could not be read
 */
export async function openEmbedded(viewer, elements) {
  if (!elements.length) return false;
  const name = elements[0].getAttribute('data-name') ?? 'trace';
  const packed = new ReadableStream({
    pull(controller) {
      const element = elements.shift();
      if (!element) return controller.close();
      controller.enqueue(bytesOf(element.textContent ?? ''));
    },
  });
  let trace;
  try {
    trace = await new Response(packed).blob();
  } catch {
    viewer.say(`${name}: the trace in this page is damaged, or is not all there; nothing of it can be drawn.`);
    return false;
  }
  return viewer.open(trace, { name }); // as any packed file: what can be read of it is drawn
}
