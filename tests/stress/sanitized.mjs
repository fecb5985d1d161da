// What the runs under sanitizers have in common: stress.test.mjs and soak.mjs.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/run.mjs';

/**
 * The environment of a program built for TSan or for ASan + UBSan: exit code 66 for what they find.
 * @type {Record<string, string>}
 */
export const ENV = {
  TSAN_OPTIONS: 'halt_on_error=1:exitcode=66:atexit_sleep_ms=50',
  ASAN_OPTIONS: 'detect_leaks=0:exitcode=66:detect_stack_use_after_return=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
};

/** @param {string} folder @returns {string[]} names of the C programs in it */
export const programs = (folder) => readdirSync(join(ROOT, folder))
  .filter((f) => f.endsWith('.c')).map((f) => f.slice(0, -2)).sort();
