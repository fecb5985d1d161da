// What a file that was dropped or picked is: a trace, a program, a text, or nothing the page can use.
import { foreign, isGzip } from '../../viewer/trace/sniff.mjs';

/** trace: or what the viewer has a sentence for. @typedef {'trace' | 'program' | 'text' | 'other'} Kind */

const HEAD_BYTES = 4096;

/** @param {Uint8Array} head a file's first bytes @returns {Kind} */
export function kindOf(head) {
  const start = String.fromCharCode(...head.subarray(0, 16));
  if (start.startsWith('\0asm')) return 'program';
  if (/^go 1\.\d+ trace\0\0\0/.test(start) || !head.length || isGzip(head) || foreign(head)) return 'trace';
  return head.includes(0) ? 'other' : 'text';
}

/** @param {Blob} file @returns {Promise<Kind>} */
export async function kindOfFile(file) {
  return kindOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
}

/**
 * Takes files dropped anywhere on the window. Listens in the capture phase: the viewer inside would take every file
 * for a trace.
 * @param {HTMLElement} veil shown while a file hovers over the page
 * @param {(files: FileList) => void} onFiles at least one
 */
export function acceptDrops(veil, onFiles) {
  /** @param {DragEvent} event */
  const carriesFiles = (event) => event.dataTransfer?.types.includes('Files') ?? false;
  let depth = 0; // enter and leave come in pairs for every element under the pointer
  /** @param {DragEvent} event @param {number} change */
  const moved = (event, change) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    depth = Math.max(0, depth + change);
    veil.hidden = depth === 0;
  };
  window.addEventListener('dragenter', (e) => moved(e, 1), true);
  window.addEventListener('dragleave', (e) => moved(e, -1), true);
  window.addEventListener('dragover', (e) => moved(e, 0), true);
  window.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    veil.hidden = true;
    const files = event.dataTransfer?.files;
    if (files?.length) onFiles(files);
  }, true);
}
