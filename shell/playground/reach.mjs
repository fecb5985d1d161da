// Whether what failed did so for want of a network. Who learns C is to be told that first; the sentences of load() and
// of the compiler are for who builds pages, and stand behind it.

/** Longer nobody waits for an answer: the failure is said already. */
const PATIENCE_MS = 10_000;

/**
 * Asks for a module that this page has loaded. `navigator.onLine` says nothing of a server on this computer.
 * @returns {Promise<boolean>} the server that the playground came from does not answer
 */
export async function isCutOff() {
  if (!/^https?:/.test(import.meta.url)) return false;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch(import.meta.url, { method: 'HEAD', cache: 'no-store', signal }).then(() => false, () => true);
}

/** @param {string} sentence why it failed */
export const cutOffWords = (sentence) =>
  `The server cannot be reached (offline?): try again later. In detail: ${sentence}`;
