// Top-level await as main.js has it is ES2022. The two headers let goroutines run in parallel.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
export default { base: './', server: { headers }, preview: { headers } };
