// asyncify.mjs: Binaryen's asyncify on the program's own part. Which functions of the kit may suspend, its manifest
// says; state and data are the kit's globals, so both parts unwind together.
import { writeModule } from './binary.mjs';
import { BuildError } from './errors.mjs';
import { Code, OP, localsOf } from './instructions.mjs';
import { giveLocations } from './locations.mjs';

/** What the kit exports asyncify's globals as, and what Binaryen imports them as. */
export const STATE = '__asyncify_state', DATA = '__asyncify_data';
/** The functions that the pass makes: no other can be called so. */
export const OWN_FUNCTIONS = ['asyncify_start_unwind', 'asyncify_stop_unwind', 'asyncify_start_rewind',
  'asyncify_stop_rewind', 'asyncify_get_state'];

/**
 * Functions with more calls than this get less optimisation: what Binaryen does within asyncify to share locals
 * takes time with the square of their number (measured on two loaded cores: 800 calls that may park 3 s, 1,600 10
 * s; so 2,000 take 0.7 s). Four functions of 550 took 3.7 s with all of it and take 1.2; the program is a hundredth
 * larger.
 */
const MANY_CALLS = 300;
/** So do those with more locals, of which -O0 makes one for each step of a computation (23,080: minutes). */
const MANY_LOCALS = 2000;
/**
 * And those of more bytes: clang 22 leaves the steps of a computation on the stack, and asyncify makes locals of them
 * (a function of 65,000 bytes and 475 locals, -O0: minutes).
 */
const MANY_BYTES = 32768;
/** What spares most locals before asyncify. (simplify-locals itself takes 50 s where 2,000 calls are in `if`s.) */
const FEWER_LOCALS = ['simplify-locals-nostructure', 'vacuum', 'reorder-locals'];
/** What does afterwards most of what is left out, in a time that grows with the program. */
const LINEAR = ['remove-unused-brs', 'remove-unused-names', 'merge-blocks', 'simplify-locals', 'vacuum',
  'reorder-locals'];
/** Engines take no more locals in a function. */
const MOST_LOCALS = 50000;

/**
 * @param {any} binaryen the npm module
 * @param {import('./binary.mjs').Module} linked and checked
 * @param {string[]} suspend functions of the kit that may suspend
 * @returns {{ wasm: Uint8Array, sourceMap: string, located: import('./locations.mjs').Located }} sourceMap: where
 *   instructions with places are
 */
export function asyncify(binaryen, linked, suspend) {
  const F = binaryen.Features, large = linked.functions.some((f) => f.body.length > MANY_BYTES ||
    callsIn(f.body) > MANY_CALLS || localsOf(linked.types[f.type], new Code(f.body, '')) > MANY_LOCALS);
  const m = binaryen.readBinary(writeModule(linked));
  try {
    m.setFeatures(F.MutableGlobals | F.BulkMemory | F.BulkMemoryOpt | F.SignExt | F.NontrappingFPToInt |
      F.Multivalue | F.ReferenceTypes | F.Atomics | F.SIMD128);
    binaryen.clearPassArguments();
    binaryen.setPassArgument('asyncify-imports', suspend.map((name) => `env.${name}`).join(','));
    binaryen.setPassArgument('asyncify-import-globals', '1');
    binaryen.setOptimizeLevel(2);
    binaryen.setShrinkLevel(0);
    binaryen.setDebugInfo(true);
    const located = giveLocations(binaryen, m, linked);
    if (large) m.runPasses(FEWER_LOCALS);
    binaryen.setOptimizeLevel(large ? 0 : 2);
    // Of a library that was linked in whole, most is not reached.
    m.runPasses(['remove-unused-module-elements']);
    m.runPasses(['asyncify']);
    for (const name of OWN_FUNCTIONS) m.removeExport(name);
    if (large) {
      binaryen.setOptimizeLevel(2);
      m.runPasses(LINEAR);
    }
    m.runPasses(['remove-unused-module-elements']);
    const { binary, sourceMap } = m.emitBinary('places');
    return { wasm: binary, sourceMap, located };
  } finally {
    m.dispose();
  }
}

/** @param {Uint8Array} body */
function callsIn(body) {
  const code = new Code(body, 'a function');
  let n = 0;
  while (code.next()) if (code.op === OP.CALL || code.op === OP.CALL_INDIRECT) n++;
  return n;
}

/** No engine would take it. @param {import('./binary.mjs').Module} m after asyncify */
export function checkSize(m) {
  m.functions.forEach((f, i) => {
    const name = m.nameOf(m.importedFunctions + i), code = new Code(f.body, name);
    if (localsOf(m.types[f.type], code) <= MOST_LOCALS) return;
    throw new BuildError(`${name} is too large for an engine: it has too many calls that may park; make several ` +
      'functions of it', { symbol: name });
  });
}
