#!/usr/bin/env node
// The command line: `goroscope VERB …`. Finds the verb, and turns every user's mistake into one line and exit code 1.
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { UserError, reason } from './cli/args.mjs';
import { ENDED_BY } from './cli/interrupt.mjs';
import { packageRoot } from './serve.mjs';

/** One line for each verb, in the order of the help; each verb is a module of its own, loaded when it is called. */
const VERBS = {
  build: 'compile C sources to a program',
  run: 'run a program, its output here, its trace into a file',
  serve: 'serve the demo page with the headers it needs',
  view: 'open a saved trace in the page',
  dump: "print a trace's events",
  stat: 'print what a trace amounts to',
  export: 'write a trace in another form (a part of it, Perfetto, Chrome, CSV, one page), or programs as a site',
  validate: "check a trace by the rules of Go's own reader",
  bench: 'measure how fast a trace is read, in wasm and natively',
};

const USAGE = `goroscope: goroutines for C in WebAssembly, traced as Go traces them

${Object.entries(VERBS).map(([verb, what]) => `  goroscope ${verb.padEnd(9)} ${what}`).join('\n')}

goroscope VERB --help tells more. goroscope --version prints the version.
`;

/** @param {string[]} argv @returns {Promise<number>} exit code */
async function main(argv) {
  const [verb, ...rest] = argv;
  if (verb === '--version' || verb === '-v') {
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
    process.stdout.write(`${version}\n`);
    return 0;
  }
  if (verb === '--help' || verb === '-h' || verb === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (verb === undefined) {
    process.stderr.write(USAGE);
    return 1;
  }
  if (!Object.hasOwn(VERBS, verb)) {
    throw new UserError(`there is no verb "${verb}"; there are ${Object.keys(VERBS).join(', ')}`);
  }
  /** @type {{usage: string, main: (args: string[]) => Promise<number>}} */
  const module = await import(`./cli/${verb}.mjs`);
  const ownArgs = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (ownArgs.includes('--help') || ownArgs.includes('-h')) {
    process.stdout.write(module.usage);
    return 0;
  }
  return module.main(rest);
}

// A reader that has seen enough (`| head`) is no error to tell of; the exit code is what a shell gives other programs
// then. A verb that listens itself has its own work to end first.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (e) => {
    if (stream.listenerCount('error') > 1) return;
    if (/** @type {NodeJS.ErrnoException} */ (e).code === 'EPIPE') process.exit(ENDED_BY.SIGPIPE);
    if (stream === process.stdout) writeSync(2, `goroscope: standard output could not be written: ${reason(e)}\n`);
    process.exit(1);
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (e) {
  const error = /** @type {Error} */ (e);
  const text = error instanceof UserError || process.env.GOROSCOPE_DEBUG === undefined ? error.message : error.stack;
  process.stderr.write(`goroscope: ${text}\n`);
  process.exitCode = 1;
}
