/**
 * A page that has its trace in itself: base64 of a gzipped trace, in script elements of TYPE that nobody runs,
 * in pieces that are whole bytes each. `goroscope export NAME.html` makes such pages.
 */

const TYPE = 'application/x-goroscope-trace';

/** @param {string} text base64 @returns {Uint8Array<ArrayBuffer>} */
function bytesOf(text) {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/**
 * Opens what is in the page; the elements go as they are read.
 * @param {Document} document
 * @returns {Promise<boolean>} false: there is none, or it could not be read
 */
export async function openEmbedded(document) {
  const elements = [...document.querySelectorAll(`script[type="${TYPE}"]`)];
  const viewer = /** @type {import('./element.mjs').GoroscopeViewer | null} */ (
    document.querySelector('goroscope-viewer'));
  if (!elements.length || !viewer) return false;
  const name = elements[0].getAttribute('data-name') ?? 'trace';
  const packed = new ReadableStream({
    pull(controller) {
      const element = elements.shift();
      if (!element) return controller.close();
      controller.enqueue(bytesOf(element.textContent ?? ''));
      element.remove();
    },
  });
  let trace;
  try {
    trace = await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).blob();
  } catch {
    viewer.say(`${name}: the trace in this page is damaged, or is not all there; nothing of it can be drawn.`);
    return false;
  }
  return viewer.open(trace, { name });
}
