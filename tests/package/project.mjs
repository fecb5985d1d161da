/**
 * Projects of a user: an example of shell/examples with the tarball that `npm pack` makes installed in it, built as its
 * package.json says, and opened in Chromium.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../lib/run.mjs';
import { serve } from '../page/chromium.mjs';

const EXAMPLES = join(ROOT, 'shell/examples');
/** Where `npm run test:package` has put bundlers; those that the checkout needs itself lie in its own. */
const TOOLS = [join(ROOT, 'tests/package/node_modules'), join(ROOT, 'node_modules')];

/**
 * @param {string} command @param {string[]} args @param {string} cwd
 * @returns {string} what it printed; fails where it does
 */
export function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}${error ?? ''}`);
  return stdout;
}

/** The package, packed once, and projects that have it. */
export class Projects {
  #folder = mkdtempSync(join(tmpdir(), 'goroscope-user-'));

  constructor() {
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', this.#folder];
    const [told] = JSON.parse(run('npm', pack, ROOT));
    /** @type {{ path: string, size: number }[]} */
    this.files = told.files;
    /** Bytes, packed. @type {number} */
    this.size = told.size;
    this.tarball = join(this.#folder, told.filename);
    this.program = join(this.#folder, 'squares.wasm');
    const build = ['shell/cli.mjs', 'build', join(EXAMPLES, 'squares.c'), '-o', this.program];
    run(process.execPath, build, ROOT);
  }

  /**
   * A project with nothing but the package. @param {string} name
   * @param {Record<string, string>} [files] besides @returns {string} its folder
   */
  empty(name, files = {}) {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    return this.#installed(folder);
  }

  /** An example, as a user who has copied its folder has it. @param {string} name @returns {string} its folder */
  example(name) {
    const folder = join(this.#folder, name);
    cpSync(join(EXAMPLES, name), folder, { recursive: true });
    const told = readFileSync(join(folder, 'package.json'), 'utf8');
    const [, at] = /"program": "goroscope build \S+ -o (\S+)"/.exec(told) ?? [];
    cpSync(this.program, join(folder, at));
    return this.#installed(folder);
  }

  /** What npm makes of the first project the others have as a copy. @type {string | null} */
  #modules = null;

  /** @param {string} folder */
  #installed(folder) {
    if (this.#modules) {
      cpSync(this.#modules, join(folder, 'node_modules'), { recursive: true,
        filter: (path) => !path.includes('/node_modules/binaryen') }); // what builds programs; pages have no use for it
      return folder;
    }
    this.#modules = join(folder, 'node_modules');
    // Of the network nothing is needed that npm ci has not fetched: binaryen.
    run('npm', ['install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts',
      '--omit=dev', this.tarball], folder);
    return folder;
  }

  /** Runs `npm run build` with a bundler of ours. @param {string} folder @param {string[]} tools npm packages */
  build(folder, tools) {
    for (const name of tools) {
      const from = TOOLS.map((modules) => join(modules, name)).find(existsSync);
      assert.ok(from, `${name} is not installed: npm run test:package does it`);
      const to = join(folder, 'node_modules', name);
      mkdirSync(dirname(to), { recursive: true });
      symlinkSync(from, to);
    }
    const bins = TOOLS.map((modules) => join(modules, '.bin')).join(':');
    const { status, stdout, stderr } = spawnSync('npm', ['run', 'build'], { cwd: folder, encoding: 'utf8',
      env: { ...process.env, PATH: `${bins}:${process.env.PATH}` } });
    assert.equal(status, 0, stdout + stderr);
    return stdout + stderr;
  }

  close() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Opens a folder's page: the program's output and end, and what the viewer draws of it. Anything that goes wrong in
 * the page fails.
 * @param {import('playwright-core').Browser} browser @param {string} folder that is served
 * @param {{ isolated?: boolean, csp?: string, path?: string }} [how]
 * @returns {Promise<{ output: string, lanes: string[], requests: string[] }>}
 */
export async function opened(browser, folder, { isolated = true, csp, path = '/' } = {}) {
  const server = await serve(folder, { isolated, csp });
  try {
    return await openedAt(browser, `${server.url}${path}`);
  } finally {
    await server.close();
  }
}

/** The same of an address. @param {import('playwright-core').Browser} browser @param {string} url */
export async function openedAt(browser, url) {
  const context = await browser.newContext(), page = await context.newPage();
  /** @type {string[]} */ const wrong = [], /** @type {string[]} */ requests = [];
  page.on('pageerror', (e) => wrong.push(e.message));
  page.on('console', (m) => { if (m.type() === 'error') wrong.push(m.text()); });
  page.on('request', (r) => requests.push(r.url()));
  try {
    await page.goto(url);
    await page.waitForFunction(() => /exit code/.test(document.querySelector('pre')?.textContent ?? ''),
      null, { timeout: 15_000 }).catch(() => {});
    const output = await page.locator('pre').innerText();
    assert.match(output, /exit code/, `${wrong.join('\n')}\n${output}`);
    await page.waitForFunction(() => {
      const { info } = /** @type {any} */ (document.querySelector('goroscope-viewer'));
      return info?.state === 'done' && info.lanes.length > 0;
    }, null, { timeout: 10_000 }).catch(() => assert.fail(`the viewer shows nothing: ${wrong.join('\n')}`));
    const lanes = await page.evaluate(() => /** @type {any} */ (document.querySelector('goroscope-viewer'))
      .info.lanes.filter((/** @type {any} */ l) => l.spans > 0).map((/** @type {any} */ l) => `${l.kind} ${l.id}`));
    assert.deepEqual(wrong, []);
    assert.ok(lanes.some((/** @type {string} */ l) => l.startsWith('proc')), lanes.join());
    return { output, lanes, requests };
  } finally {
    await context.close();
  }
}
