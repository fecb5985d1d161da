// site.mjs: the demo page with programs of the user's, or all demos, as a folder for any static host
// (bundle/site.mjs makes the page).
import {
  copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, rmdirSync, statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { languageOf } from '../../wasm/cc/arguments.mjs';
import { SITE } from '../bundled.mjs';
import { packageRoot } from '../serve.mjs';
import { REPAIR, UserError, readable, reason } from './args.mjs';
import { demoProgram, demoText, demos } from './demos.mjs';
import { makeOrTell, requestOf } from './request.mjs';

/** @typedef {import('./demos.mjs').Demo} Demo */
/** @typedef {{ demo: Demo, wasm: Uint8Array, source: Uint8Array | null, text: string | null }} Part text: a path */

/** The page's programs lie beside it. Whose index.html says so was written here, and may be written anew. */
const OURS = '<html lang="en" data-programs="demos/" data-page="viewer.html">';

/** What the viewer's Save puts a trace in. */
const VIEWER = join(packageRoot, 'build/viewer.html');

/** What it is until all is there: whoever comes meanwhile gets no page whose parts do not fit each other. */
const UNFINISHED = `<!doctype html>
${OURS}
<meta charset="utf-8">
<title>Goroscope</title>
<p>This site is being written. If that has failed, goroscope export writes it anew.</p>
</html>
`;
const UNFINISHED_NAME = 'unfinished.html';

/** What a site is made in, inside its folder, by the process of this number; one that was killed has left its own. */
const BESIDE = /^\.goroscope-(\d+)\.tmp$/;

/** @param {string} path */
const statOf = (path) => statSync(path.replace(/[\\/]+$/, '') || path, { throwIfNoEntry: false });

/** Whether the first argument of `goroscope export` means a site. @param {string} path */
export const isSite = (path) => /[\\/]$/.test(path) || Boolean(statOf(path)?.isDirectory());

/**
 * @param {string} folder is made if it is not there @param {string[]} programs sources, .wasm files, names of demos
 * @returns {Promise<number>} exit code
 */
export async function writeSite(folder, programs) {
  mustBeFree(folder);
  if (!existsSync(join(packageRoot, SITE, 'index.html')))
    throw new UserError(`${join(packageRoot, SITE)} is missing: ${REPAIR}`);
  /** @type {Part[]} */ const parts = [];
  for (const program of programs.length > 0 ? programs : demos().map(({ name }) => name)) {
    const part = await partOf(program);
    if (!part) return 1; // the compiler has said why
    const same = parts.find(({ demo }) => demo.name === part.demo.name);
    if (same)
      throw new UserError(`${program} would be the site's second ${part.demo.name}; name one of them differently`);
    parts.push(part);
  }
  try {
    write(folder, parts);
  } catch (e) {
    throw new UserError(`${folder} cannot be written: ${reason(e, 'folder')}`);
  }
  process.stdout.write(`goroscope: ${join(folder, 'index.html')} and what it needs are written; copy the folder to any `
    + 'web server\n');
  return 0;
}

/** @param {string} folder */
function mustBeFree(folder) {
  const there = statOf(folder);
  if (!there) return;
  if (!there.isDirectory()) throw new UserError(`${folder.replace(/[\\/]+$/, '')} is a file, and a site is a folder`);
  const page = join(folder, 'index.html');
  if (readdirSync(folder).every((name) => BESIDE.test(name))) return;
  if (existsSync(page) && readFileSync(page, 'utf8').includes('data-programs="demos/"')) return;
  throw new UserError(`${folder} has files that goroscope did not write; name a new or an empty folder`);
}

/** @param {string} program @returns {Promise<Part | null>} null: it cannot be built */
async function partOf(program) {
  const demo = demos().find(({ name }) => name === program && !existsSync(program));
  if (demo) {
    const wasm = demoProgram(demo.name);
    if (!existsSync(wasm)) throw new UserError(`${wasm} is missing: ${REPAIR}`);
    return { demo, wasm: readFileSync(wasm), source: readFileSync(join(packageRoot, 'shell/demos', `${demo.name}.c`)),
      text: demo.file && demoText(demo.file) };
  }
  if (!existsSync(program) && !/[./]/.test(program)) throw new UserError(
    `${program} is neither a file nor a bundled demo (${demos().map(({ name }) => name).join(', ')})`);
  const title = basename(program, extname(program)), isSource = Boolean(languageOf(program));
  // It becomes a part of an address.
  const name = title.replace(/[^\w.-]/g, '-'), what = `The program ${basename(program)}.`;
  const own = { name, title, what, args: [], file: null, hasImage: false };
  if (isSource) {
    const source = readFileSync(readable(program));
    own.what = comment(source.toString()) ?? own.what;
    const made = await makeOrTell(requestOf({}, [readable(program)]));
    return made && { demo: own, wasm: made.wasm, source, text: null };
  }
  const wasm = readFileSync(readable(program));
  if (wasm.toString('latin1', 0, 4) !== '\0asm')
    throw new UserError(`${program} is neither a C source nor a wasm program; goroscope build makes one from C`);
  return { demo: own, wasm, source: null, text: null };
}

/** What a source says of itself: the comment at its top, as one line. @param {string} text */
const comment = (text) => /^\s*(?:\/\*([^]*?)\*\/|((?:\/\/.*\n)+))/.exec(text)?.slice(1).find(Boolean)
  ?.replace(/^[\s*/]+/gm, ' ').replace(/\s+/g, ' ').trim();

/**
 * In place of the site that was there, which stays as it was until all of the new one is there. What fails before that
 * leaves nothing of the new one.
 * @param {string} folder @param {Part[]} parts
 */
function write(folder, parts) {
  const made = mkdirSync(folder, { recursive: true });
  const beside = join(folder, `.goroscope-${process.pid}.tmp`);
  try {
    for (const name of readdirSync(folder)) if (isLeft(name)) rmSync(join(folder, name), { recursive: true });
    mkdirSync(beside);
    fill(beside, parts);
    takePlace(beside, folder);
  } catch (e) {
    rmSync(beside, { recursive: true, force: true });
    if (made) removeEmpty(resolve(folder), resolve(made));
    throw e;
  }
}

/** Whether it is what a process has left that runs no more. @param {string} name */
function isLeft(name) {
  const pid = Number(BESIDE.exec(name)?.[1]);
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (e) {
    return /** @type {NodeJS.ErrnoException} */ (e).code === 'ESRCH';
  }
}

/**
 * A folder and those around it that were made for it, as long as they are empty.
 * @param {string} folder @param {string} outermost
 */
function removeEmpty(folder, outermost) {
  try {
    for (; ; folder = dirname(folder)) {
      rmdirSync(folder);
      if (folder === outermost) return;
    }
  } catch {
    // others have put something there
  }
}

/** @param {string} folder that is empty @param {Part[]} parts */
function fill(folder, parts) {
  mkdirSync(join(folder, 'demos'));
  for (const name of readdirSync(join(packageRoot, SITE)))
    if (name !== 'index.html') copyFileSync(join(packageRoot, SITE, name), join(folder, name));
  if (existsSync(VIEWER)) copyFileSync(VIEWER, join(folder, basename(VIEWER)));
  for (const { demo, wasm, source, text } of parts) {
    writeFileSync(join(folder, 'demos', `${demo.name}.wasm`), wasm);
    if (source) writeFileSync(join(folder, 'demos', `${demo.name}.c`), source);
    if (!text || !demo.file) continue;
    mkdirSync(dirname(join(folder, 'demos', demo.file)), { recursive: true });
    copyFileSync(text, join(folder, 'demos', demo.file));
  }
  writeFileSync(join(folder, 'demos/demos.json'), JSON.stringify(parts.map(({ demo }) => demo), null, 2));
  writeFileSync(join(folder, UNFINISHED_NAME), UNFINISHED);
  writeFileSync(join(folder, 'index.html'), readFileSync(join(packageRoot, SITE, 'index.html'), 'utf8')
    .replace(/<html .*>/, OURS));
}

/** Takes no room any more. @param {string} from holds a whole site @param {string} folder */
function takePlace(from, folder) {
  renameSync(join(from, UNFINISHED_NAME), join(folder, 'index.html'));
  rmSync(join(folder, 'demos'), { recursive: true, force: true });
  // The page goes last: a folder that has it is whole.
  const names = readdirSync(from).filter((name) => name !== 'index.html');
  for (const name of [...names, 'index.html']) renameSync(join(from, name), join(folder, name));
  rmSync(from, { recursive: true });
}
