// imports.lib.js: tells emcc that these imports are meant. The functions are those of wasm/host/imports.mjs, or
// asyncify's own.
const names = ['start_unwind', 'stop_unwind', 'start_rewind', 'stop_rewind', 'host_now', 'host_date', 'host_exit',
  'host_output', 'host_threads', 'host_file_size', 'host_file_read', 'host_random',
  'host_input', 'host_request', 'host_strings', 'host_stack'];
mergeInto(LibraryManager.library, Object.fromEntries(names.map((name) => [name, () => {}])));
