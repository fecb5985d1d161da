// A reporter for Node's runner: what failed, a line each, its file and its name with a tab between; and a last line
// `end`, so that a runner that was killed is not taken for one that came to its end.
import { relative } from 'node:path';

/** @param {AsyncIterable<{ type: string, data: any }>} events of the runner */
export default async function* failed(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:fail' || data.nesting > 0) continue;
    // A file that ends early has no file but its name.
    yield `${relative(process.cwd(), data.file ?? data.name)}\t${data.name}\n`;
  }
  yield 'end\n';
}
