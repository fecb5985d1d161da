/** The package's types in a project of a user, as strictly as TypeScript can: libraries are checked too. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/run.mjs';

/** @type {Record<string, object>} */
const RESOLUTIONS = {
  bundler: { module: 'ES2022', moduleResolution: 'bundler' },
  node16: { module: 'Node16', moduleResolution: 'node16' },
};

/** Of tests/types. */
const FILES = ['viewer.mts', 'load.mts', 'playground.mts'];

/** @param {string} project a folder with the package installed @param {string} tsc */
export function typesHold(project, tsc) {
  for (const name of FILES) copyFileSync(join(ROOT, 'tests/types', name), join(project, name));
  for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({
      compilerOptions: { target: 'ES2022', lib: ['ES2022', 'DOM'], types: [], strict: true, noEmit: true,
        skipLibCheck: false, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, ...resolution },
      files: FILES,
    }));
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
    assert.equal(status, 0, `${name}: ${stdout}`);
  }
}
