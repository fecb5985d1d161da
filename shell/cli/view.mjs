// goroscope view: a saved trace in the page's viewer.
import { basename, resolve } from 'node:path';
import { serve } from '../serve.mjs';
import { mustBeTrace, onlyOne, readable, takeApart, wholeNumber } from './args.mjs';
import { untilStopped } from './serve.mjs';

export const usage = `goroscope view FILE [--port N]

Serves the page with the trace FILE (of Goroscope or of a Go program, gzipped or not) opened in it and prints the
address. Ctrl-C ends it.

  --port N   this port; without it 8080 or the next free one
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('view', args, { port: { type: 'string' } });
  const file = resolve(readable(onlyOne('view', [...own, ...after], 'a trace file')));
  mustBeTrace(file);
  const address = `/file/${basename(file)}`;
  const { url, server } = await serve({ port: wholeNumber('port', values.port, 0, 65535), files: { [address]: file } });
  process.stdout.write(`goroscope: ${basename(file)} is at ${url}shell/?file=${encodeURIComponent(basename(file))}\n`);
  return untilStopped(server);
}
