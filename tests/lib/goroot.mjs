// goroot.mjs: programs of Go's source tree, and ours built as if they stood in it: what figures are compared with.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The tree of a Go that has the summary we follow: named, beside the oracle, or installed; null = none. */
export function goroot() {
  const oracle = process.env.GOROSCOPE_ORACLE;
  const beside = oracle ? join(dirname(oracle), 'root/usr/lib') : '';
  const found = beside && existsSync(beside)
    ? readdirSync(beside).filter((d) => d.startsWith('go-')).map((d) => join(beside, d)) : [];
  const tree = [process.env.GOROSCOPE_GOROOT, ...found]
    .find((d) => d && existsSync(join(d, 'src/internal/trace/summary.go')));
  return tree ?? null;
}

/**
 * Builds a command of that tree: one of its own, or `source` by an overlay, so that nothing is written there.
 * @param {string} root @param {string} name @param {string} scratch a folder @param {string} [source]
 * @returns {string} the program
 */
export function buildInTree(root, name, scratch, source) {
  const src = realpathSync(join(root, 'src')), out = join(scratch, name);
  const options = ['-o', out];
  if (source) {
    const overlay = join(scratch, `${name}-overlay.json`);
    writeFileSync(overlay, JSON.stringify({ Replace: { [join(src, `cmd/${name}/main.go`)]: source } }));
    options.push('-overlay', overlay);
  }
  execFileSync(join(root, 'bin/go'), ['build', ...options, `./${name}`],
    { cwd: join(src, 'cmd'),
      env: { ...process.env, GOROOT: root, GOTOOLCHAIN: 'local', GOFLAGS: '', GO111MODULE: 'on' },
      stdio: ['ignore', 'pipe', 'pipe'] });
  return out;
}
