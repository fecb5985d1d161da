// Types of `goroscope/standalone`: what `goroscope` and `goroscope/viewer` export, in one module that needs no file
// beside it: workers and the reader are in it. For bundlers that know nothing of workers (esbuild, Rollup), and for one
// file to copy. A page's content security policy must allow `worker-src blob:`.
export * from '../wasm/host/types.mjs';
export * from '../viewer/app/api.mjs';
