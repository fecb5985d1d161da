// trap.mjs: a trap of the program becomes the program's own report: "fatal error: …" with its goroutines.

const TEXT_BYTES = 256; // size of the buffer that gr_failure_text gives

/**
 * Has the program report what stopped it. Leaves, as the program does when it ends, by what its exit function throws.
 * @param {any} wasm the instance's exports
 * @param {import('./abi.mjs').MemoryLike} memory
 * @param {unknown} error
 */
export function reportTrap(wasm, memory, error) {
  const what = trapText(error);
  let kind = isOverflow(error) ? 1 : 0;
  if (wasm.asyncify_get_state() !== 0) {
    kind = 1; // a goroutine was being suspended or resumed: the engine's stack did not do for that
    try { wasm.asyncify_stop_unwind(); } catch { /* the state is normal again before its check fails */ }
  }
  const at = wasm.gr_failure_text() >>> 0;
  const text = new TextEncoder().encode(what).subarray(0, TEXT_BYTES - 1);
  const place = new Uint8Array(memory.buffer, at, TEXT_BYTES);
  place.fill(0);
  place.set(text);
  wasm.gr_trap(kind, at);
}

/** @param {unknown} error */
export function trapText(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The engine's own stack ran out: "Maximum call stack size exceeded", "too much recursion". (Being a RangeError
 * does not tell: an address outside a DataView is one too.)
 * @param {unknown} error
 */
function isOverflow(error) {
  return /call stack|recursion/i.test(trapText(error));
}
