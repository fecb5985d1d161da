// standalone.mjs: the package's `goroscope/standalone`: load() and the viewer as one module that needs no file beside
// it. `node shell/bundle/standalone.mjs OUT`, a part of build.sh.
import { writeFile } from 'node:fs/promises';
import { bundled, root } from './inlined.mjs';

const contents = "export { load } from './wasm/host/loader.mjs';\n"
  + "export { GoroscopeViewer } from './viewer/app/element.mjs';\n";
const stdin = { contents, resolveDir: root, sourcefile: 'standalone.mjs' };
await writeFile(process.argv[2], await bundled({ stdin }));
