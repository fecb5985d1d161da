// goroscope stat: what a trace amounts to.
import { stat } from '../../viewer/trace/report.mjs';
import { onlyOne, readable, takeApart } from './args.mjs';

export const usage = `goroscope stat FILE [--json]

Prints what the trace FILE amounts to: events by kind, goroutines, Ps, generations, duration, and for each start function
how long its goroutines ran, were runnable and waited.

  --json   as one JSON object
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { values, own, after } = takeApart('stat', args, { json: { type: 'boolean' } });
  return (await stat(readable(onlyOne('stat', [...own, ...after], 'a trace file')), { json: values.json === true })) ?? 0;
}
