// viewer-page.mjs: the viewer as one HTML file without a trace, build/viewer.html; `goroscope export NAME.html` puts
// one in (cli/one-file.mjs). `node shell/bundle/viewer-page.mjs OUT`, a part of build.sh.
//
// A page from file:// may load no module and start no worker from a file: all is in one script (inlined.mjs).
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundled, root } from './inlined.mjs';

const viewer = join(root, 'viewer');

/** Where the trace's elements come. */
const MARK = '<!-- the trace -->';

/** What the page may do: run what is in it, and nothing that reaches the network. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src blob:; " +
  "style-src 'unsafe-inline'; connect-src blob:; img-src data: blob:";

const html = await readFile(join(viewer, 'index.html'), 'utf8');
const [script] = /<script type="module" src="app\/page\.mjs"><\/script>/.exec(html) ?? [];
const [link, sheet] = /<link rel="stylesheet" href="([^"]+)" \/>/.exec(html) ?? [];
if (!script || !link) throw new Error('viewer/index.html has no module script or no style sheet');
const style = (await readFile(join(viewer, sheet), 'utf8')).trim();
// What would end or open a script's text as HTML reads it stands in strings and patterns only.
const safe = (await bundled({ entryPoints: [join(viewer, 'app/onepage.mjs')] }))
  .replaceAll('<!--', '<\\!--').replaceAll('</script', '<\\/script');
const policy = `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />`;
await writeFile(process.argv[2], html
  .replace(/ data-page="[^"]*"/, '')
  .replace(script, () => `${MARK}\n    <script type="module">${safe}</script>`)
  .replace(link, () => `<style>${style}</style>`)
  .replace('<meta charset="utf-8" />', (m) => `${m}\n    ${policy}`));
