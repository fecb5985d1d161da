// asyncify.mjs: Binaryen's asyncify on the program's own part. Which functions of the kit may suspend, its manifest says;
// state and data are the kit's globals, so both parts unwind together.
import { BuildError } from './errors.mjs';

/** What the kit exports asyncify's globals as, and what Binaryen imports them as. */
export const STATE = '__asyncify_state', DATA = '__asyncify_data';
const OWN_EXPORTS = ['asyncify_start_unwind', 'asyncify_stop_unwind', 'asyncify_start_rewind', 'asyncify_stop_rewind',
  'asyncify_get_state'];

/**
 * @param {any} binaryen the npm module
 * @param {Uint8Array} wasm linked and checked
 * @param {string[]} suspend functions of the kit that may suspend
 * @returns {Uint8Array}
 */
export function asyncify(binaryen, wasm, suspend) {
  const F = binaryen.Features;
  const features = F.MutableGlobals | F.BulkMemory | F.BulkMemoryOpt | F.SignExt | F.NontrappingFPToInt | F.Multivalue |
    F.ReferenceTypes | F.Atomics | F.SIMD128;
  const m = read(binaryen, wasm, features);
  try {
    binaryen.clearPassArguments();
    binaryen.setPassArgument('asyncify-imports', suspend.map((name) => `env.${name}`).join(','));
    binaryen.setPassArgument('asyncify-import-globals', '1');
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(0);
    binaryen.setDebugInfo(true);
    m.runPasses(['asyncify']);
    for (const name of OWN_EXPORTS) m.removeExport(name);
    m.runPasses(['remove-unused-module-elements']);
    return m.emitBinary();
  } finally {
    m.dispose();
  }
}

/** @param {any} binaryen @param {Uint8Array} wasm @param {number} features */
function read(binaryen, wasm, features) {
  try {
    const m = binaryen.readBinary(wasm);
    m.setFeatures(features);
    return m;
  } catch (error) {
    throw new BuildError(`the linked program is no module that Binaryen can read: ${error}`);
  }
}
