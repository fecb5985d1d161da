// goroscope dump: the events of a trace as text.
import { dump } from '../../viewer/trace/report.mjs';
import { oneOf, onlyOne, readable, takeApart } from './args.mjs';

export const usage = `goroscope dump FILE [--format=go|json]

Prints the events of the trace FILE in order.

  --format FORMAT   go    as \`go tool trace -d=parsed\` prints them (the default)
                    json  one object a line: time (ns), m, p, g (the context before it, or null), event, and the
                          event's arguments by name, strings and stacks resolved:
                          {"time":5,"m":1,"p":0,"g":1,"event":"GoBlock","reason":"sleep","stack":[{"func":…}]}
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('dump', args, { format: { type: 'string', default: 'go' } });
  const format = /** @type {'go' | 'json'} */ (oneOf('format', values.format, ['go', 'json']));
  return (await dump(readable(onlyOne('dump', [...own, ...after], 'a trace file')), { format })) ?? 0;
}
