// threadlocals.mjs: thread-local variables belong to goroutines. Compilers find such a variable at __tls_base, the
// worker's, plus an offset; each read of that becomes a call of port_tls_base, which gives the goroutine's
// (wasm/port/tls.c).
import { leb } from './bytes.mjs';
import { BuildError } from './errors.mjs';
import { Code, Edits, OP } from './instructions.mjs';

/**
 * @param {import('./binary.mjs').Module} m
 * @param {(name: string) => boolean} [isOwn] functions that mean the worker's
 * @returns {number} how many reads there were
 */
export function ownThreadLocals(m, isOwn = () => false) {
  const base = m.globalNamed('__tls_base'), call = m.functionNamed('port_tls_base');
  if (base < 0) return 0;
  let reads = 0;
  m.functions.forEach((f, i) => {
    const name = m.nameOf(m.importedFunctions + i);
    if (isOwn(name)) return;
    const code = new Code(f.body, name), edits = new Edits();
    while (code.next()) {
      if (code.op === OP.GLOBAL_GET && code.value === base) edits.replace(code.start, code.end, [OP.CALL, ...leb(call)]);
    }
    reads += edits.size;
    if (edits.size) f.body = edits.apply(code);
  });
  if (reads && call < 0) throw new BuildError('the module has thread-local variables but no function port_tls_base');
  return reads;
}
