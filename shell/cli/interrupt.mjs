// Ctrl-C while something is made.

/** What a shell takes for "ended by this signal". */
export const ENDED_BY = { SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 };

/**
 * Does work, during which Ctrl-C or SIGTERM clears up and ends the process at once.
 * @template T
 * @param {() => void} clear what is half done @param {() => T | Promise<T>} work @returns {Promise<T>}
 */
export async function interruptible(clear, work) {
  const interrupted = (/** @type {keyof ENDED_BY} */ signal) => {
    clear();
    process.exit(ENDED_BY[signal]);
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    return await work();
  } finally {
    // One that came while a file was written is told of now: the file is whole, the process ends. (The event loop
    // asks for signals between the two.)
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
}
