// goroscope stat: what a trace amounts to.
import { stat } from '../../viewer/trace/report.mjs';
import { onlyOne, readable, takeApart } from './args.mjs';

export const usage = `goroscope stat FILE [--json]

Prints what the trace FILE amounts to: events by kind, goroutines, Ps, generations, duration; for each start function
and for the busiest goroutines how long they ran, were runnable, waited and were in syscalls (with their P, and
without it); GC, stops of the world, and how long goroutines were runnable before they ran. Times are those of Go's own
goroutine summary.

  --json   as one JSON object, with every goroutine and its waits by reason
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('stat', args, { json: { type: 'boolean' } });
  return (await stat(readable(onlyOne('stat', [...own, ...after], 'a trace file')),
    { json: values.json === true })) ?? 0;
}
