// What a page gives a playground by its properties: whether it is what it must be, and files as a program has them.

/** @param {unknown} files throws a TypeError for anything but texts and bytes by their names */
export function mustBeFiles(files) {
  const isContent = (/** @type {unknown} */ c) => typeof c === 'string' || c instanceof Uint8Array;
  if (typeof files !== 'object' || files === null || !Object.values(files).every(isContent))
    throw new TypeError("files must be an object of texts and Uint8Arrays, such as { 'ring.h': '#define N 3' }");
}

/** @param {unknown} origins throws a TypeError for anything but texts */
export function mustBeOrigins(origins) {
  if (!Array.isArray(origins) || !origins.every((origin) => typeof origin === 'string'))
    throw new TypeError('fetch must be an array of origins, such as https://example.org');
}

/** @param {Record<string, string | Uint8Array>} files @returns {Record<string, Uint8Array>} */
export const bytesOf = (files) => Object.fromEntries(Object.entries(files).map(([name, content]) =>
  [name, typeof content === 'string' ? new TextEncoder().encode(content) : content]));
