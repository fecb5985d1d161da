// Packs what programs need of Emscripten's sysroot for the kit: `node wasm/cc/pack-sysroot.mjs SYSROOT OUT` writes
// OUT/headers-c.gz, OUT/headers-cxx.gz and OUT/libraries-cxx.gz. Part of `build.sh kit`.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pack } from './headers.mjs';

/** What is no part of a C library: graphics, sound, JavaScript, other systems. */
const LEFT_OUT = new Set([
  'AL', 'EGL', 'GL', 'GLES', 'GLES2', 'GLES3', 'GLFW', 'KHR', 'SDL', 'X11', 'c++', 'emscripten', 'emscripten.h',
  'webgl', 'webgpu', 'mach-o', 'scsi', 'sanitizer', 'alltypes.h.in', 'libunwind.h', '__libunwind_config.h',
  'wasm_simd128.h', 'unwind.h', 'unwind_arm_ehabi.h', 'unwind_itanium.h',
]);

/** @param {string} dir @param {(name: string) => boolean} wanted @returns {Record<string, Uint8Array>} */
function read(dir, wanted) {
  return Object.fromEntries(readdirSync(dir, { withFileTypes: true }).filter((e) => wanted(e.name)).flatMap((e) => {
    const path = join(dir, e.name);
    if (!e.isDirectory()) return [[e.name, new Uint8Array(readFileSync(path))]];
    return Object.entries(read(path, () => true)).map(([name, bytes]) => [`${e.name}/${name}`, bytes]);
  }));
}

/**
 * C++'s library for several threads, without exceptions.
 * @param {string} dir @returns {Record<string, Uint8Array>}
 */
function libraries(dir) {
  return Object.fromEntries(['libc++-mt-noexcept.a', 'libc++abi-mt-noexcept.a'].map((name) =>
    [name, new Uint8Array(readFileSync(join(dir, name)))]));
}

/** What stands before the C library's in builds with --check: found first in the folder `check`. */
const checks = Object.entries(read(fileURLToPath(new URL('../../runtime/check/include', import.meta.url)), () => true));

const [sysroot, out] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
const packs = {
  'headers-c.gz': {
    ...read(join(sysroot, 'include'), (name) => !LEFT_OUT.has(name)),
    ...Object.fromEntries(checks.map(([name, bytes]) => [`check/${name}`, bytes])),
  },
  'headers-cxx.gz': read(join(sysroot, 'include/c++/v1'), () => true),
  'libraries-cxx.gz': libraries(join(sysroot, 'lib/wasm32-emscripten')),
};
for (const [name, files] of Object.entries(packs)) {
  writeFileSync(join(out, name), gzipSync(pack(files), { level: 9 }));
}
