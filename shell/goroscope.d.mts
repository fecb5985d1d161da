// Types of the package's main export, described in wasm/host/types.d.mts.
export * from '../wasm/host/types.mjs';
