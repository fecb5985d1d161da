// The program that the attribute `src` names.
import { baseName } from './places.mjs';

/**
 * @param {string} src an address, absolute or relative to the page
 * @returns {Promise<import('./inside.mjs').File>} rejects with a sentence
 */
export async function fetchSource(src) {
  const name = baseName(src.replace(/[?#].*$/, '')) || 'prog.c';
  const response = await fetch(new URL(src, document.baseURI)).catch(() => null);
  if (response?.ok) return { name, text: await response.text() };
  const why = response ? `the server answered ${response.status}`
    : 'the server did not answer, or does not allow this page';
  throw new Error(`The program ${name} could not be fetched: ${why}.`);
}
