// Modules as text, for the tests of the passes: what goes in, what comes out.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import binaryen from 'binaryen';
import { readModule, writeModule } from '../../wasm/passes/binary.mjs';
import { ROOT } from '../lib/run.mjs';

const GOLDEN = join(ROOT, 'tests/passes/golden');
const F = binaryen.Features;
const FEATURES = F.MutableGlobals | F.BulkMemory | F.BulkMemoryOpt | F.SignExt | F.ReferenceTypes | F.Multivalue |
  F.Atomics;

/** What the passes call, as a linked module names it. */
export const RUNTIME = `
  (import "env" "memory" (memory 1 65536 shared))
  (import "env" "port_stack_grow" (func $port_stack_grow (param i32 i32) (result i32)))
  (import "env" "port_stack_shrink" (func $port_stack_shrink (param i32)))
  (import "env" "port_sp_far" (func $port_sp_far (param i32) (result i32)))
  (import "env" "port_sp_up" (func $port_sp_up (param i32)))
  (import "env" "port_tls_base" (func $port_tls_base (result i32)))
  (import "env" "port_wait32" (func $port_wait32 (param i32 i32 i64) (result i32)))
  (import "env" "port_memory_copy" (func $port_memory_copy (param i32 i32 i32)))
  (import "env" "port_memory_fill" (func $port_memory_fill (param i32 i32 i32)))
  (import "env" "port_save" (func $port_save (param i32 i32 i32)))
  (import "env" "rt_point_counted" (func $rt_point_counted (result i32)))
  (import "env" "rt_preempt_point" (func $rt_preempt_point))
  (import "env" "__sanitizer_cov_trace_pc" (func $__sanitizer_cov_trace_pc))
  (import "env" "memset" (func $memset (param i32 i32 i32) (result i32)))
  (import "env" "use" (func $use (param i32)))
  (import "env" "__stack_pointer" (global $__stack_pointer (mut i32)))
  (import "env" "port_stack_lo" (global $port_stack_lo (mut i32)))
  (import "env" "port_stack_size" (global $port_stack_size (mut i32)))
  (import "env" "__tls_base" (global $__tls_base (mut i32)))
  (import "env" "__asyncify_state" (global $state (mut i32)))
  (import "env" "__asyncify_data" (global $data (mut i32)))`;

/** A module of these functions. @param {string} functions */
export function moduleOf(functions) {
  const m = binaryen.parseText(`(module ${RUNTIME} ${functions})`);
  m.setFeatures(FEATURES);
  binaryen.setDebugInfo(true);
  try {
    if (!m.validate()) throw new Error('the text is no valid module');
    return readModule(m.emitBinary());
  } finally {
    m.dispose();
  }
}

/**
 * The text of a module's functions. It must be valid.
 * @param {import('../../wasm/passes/binary.mjs').Module} module
 */
export function textOf(module) {
  const m = binaryen.readBinary(writeModule(module));
  m.setFeatures(FEATURES);
  try {
    assert.ok(m.validate(), 'what the pass has made is no valid module');
    return m.emitText().split('\n').filter((line) =>
      !/^ \((type|import|export|memory|table|elem)\b/.test(line)).join('\n');
  } finally {
    m.dispose();
  }
}

/**
 * Compares input and output with golden/NAME.wat. UPDATE_GOLDENS=1 writes it anew: read the difference.
 * @param {string} name @param {string} before @param {string} after
 */
export function golden(name, before, after) {
  const path = join(GOLDEN, `${name}.wat`), text = `;; before\n${before}\n;; after\n${after}\n`;
  if (process.env.UPDATE_GOLDENS) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  assert.ok(existsSync(path), `no ${path}`);
  assert.equal(text, readFileSync(path, 'utf8'));
}

/**
 * Runs a pass on functions; what goes in and comes out stands in golden/NAME.wat.
 * @param {string} name @param {string} functions
 * @param {(m: import('../../wasm/passes/binary.mjs').Module) => void} pass
 */
export function shown(name, functions, pass) {
  const m = moduleOf(functions), before = textOf(m);
  pass(m);
  golden(name, before, textOf(m));
}
