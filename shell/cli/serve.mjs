// goroscope serve: the demo page on this machine, and what a page needs to build programs.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { serve } from '../serve.mjs';
import { onlyNone, takeApart, wholeNumber } from './args.mjs';
import { installedCompiler } from './compiler.mjs';

export const usage = `goroscope serve [--port N] [--no-isolation]

Serves the demo page and prints its address. Ctrl-C ends it.

  --port N         this port; without it 8080 or the next free one
  --no-isolation   without the COOP and COEP headers, to see what the page does where SharedArrayBuffer is missing
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('serve', args, {
    port: { type: 'string' }, 'no-isolation': { type: 'boolean' },
  });
  onlyNone('serve', [...own, ...after]);
  const isolated = !values['no-isolation'];
  const port = wholeNumber('port', values.port, 0, 65535);
  const { url, server } = await serve({ port, isolated, files: compilerFiles() });
  process.stdout.write(`goroscope: the demo page is at ${url}${isolated ? '' : ' (without COOP and COEP)'}\n`);
  return untilStopped(server);
}

/**
 * The compiler and Binaryen, wherever they are on this machine, at the addresses at which pages look for them.
 * @returns {Record<string, string>}
 */
function compilerFiles() {
  const clang = installedCompiler(), binaryen = createRequire(import.meta.url).resolve('binaryen');
  const folder = clang && dirname(clang), names = folder ? readdirSync(folder) : [];
  return {
    '/node_modules/binaryen/index.js': binaryen,
    ...Object.fromEntries(names.map((n) => [`/node_modules/@yowasp/clang/gen/${n}`, join(String(folder), n)])),
  };
}

/** Keeps serving until Ctrl-C or a kill. @param {import('node:http').Server} server @returns {Promise<number>} */
export function untilStopped(server) {
  return new Promise((resolve) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
      process.once(signal, () => {
        server.close();
        server.closeAllConnections();
        resolve(0);
      });
    }
  });
}
