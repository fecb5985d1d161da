/**
 * For pages: the file that a tab shows, kept where the browser keeps things for pages, so that a reload and Back bring
 * it again. A copy: the file on the disk may have become another one meanwhile.
 */

const DATABASE = 'goroscope-viewer';
const FILES = 'files';
/** In the tab's own storage: which file is its own. */
const TAB = 'goroscope-viewer-tab';
/** Of larger ones no copy is made: the disk and the browser's bounds are the user's. */
const MOST_BYTES = 256e6;
/** Of tabs that are gone nobody tells: what is older, or beyond so many, goes with the next page that keeps files. So a
 * fifth tab takes the place of the first, which will ask for its file. */
const MOST_MS = 24 * 3600 * 1000;
const MOST_FILES = 4;

/** @typedef {{file: File, at: number}} Kept at: when it was opened, ms since 1970 */

/**
 * @template T
 * @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T>} when all of it is done
 */
async function inFiles(mode, ask) {
  /** @type {IDBDatabase} */
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(FILES);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(FILES, mode);
      const request = ask(transaction.objectStore(FILES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** This tab's name in the database; one is made if it has none. */
function tab() {
  const name = sessionStorage.getItem(TAB) ?? crypto.randomUUID();
  sessionStorage.setItem(TAB, name);
  return name;
}

/** Takes away what is too old or too much. */
async function sweep() {
  await inFiles('readwrite', (store) => {
    const names = store.getAllKeys(), all = store.getAll();
    all.onsuccess = () => {
      const gone = names.result.map((name, i) => ({ name, at: /** @type {Kept} */ (all.result[i]).at }))
        .sort((a, b) => b.at - a.at).filter(({ at }, i) => i >= MOST_FILES || at < Date.now() - MOST_MS);
      for (const { name } of gone) store.delete(name);
    };
    return all;
  });
}

/** @param {Kept} kept */
async function put(kept) {
  await inFiles('readwrite', (store) => store.put(kept, tab()));
  await sweep();
}

/** The file that this tab showed last, if it is this one. @param {string} name @returns {Promise<Kept | null>} */
export async function lastFile(name) {
  try {
    const own = name && sessionStorage.getItem(TAB);
    /** @type {Kept | undefined} */
    const kept = own ? await inFiles('readonly', (store) => store.get(own)) : undefined;
    return kept?.file.name === name ? kept : null;
  } catch {
    return null; // storage may be forbidden; the page says what to open
  }
}

/** What a page says that shows it again. @param {Kept} kept */
export const asItWas = ({ file, at }) =>
  `${file.name} as it was when you opened it at ${new Date(at).toLocaleTimeString()}`;

/**
 * Keeps the file that the viewer shows, once it is read; of pages that are files themselves all share one storage, and
 * nothing is kept.
 * @param {import('./element.mjs').GoroscopeViewer} viewer @param {Kept | null} last what it is about to show again
 */
export function keepLastFile(viewer, last) {
  if (location.protocol === 'file:') return;
  sweep().catch(() => {}); // storage may be forbidden
  /** @type {Blob | null} */
  let shown = last && last.file;
  viewer.addEventListener('info', () => {
    const { session, info } = viewer;
    const file = session?.file;
    if (info?.state !== 'done' || !file || file === shown) return;
    shown = file;
    if (file instanceof File && file.size <= MOST_BYTES) put({ file, at: Date.now() }).catch(() => {});
  });
}
