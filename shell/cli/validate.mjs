// goroscope validate: is a trace one that Go's own reader accepts?
import { validate } from '../../viewer/trace/report.mjs';
import { onlyOne, readable, takeApart } from './args.mjs';

export const usage = `goroscope validate FILE

Checks the trace FILE by the rules of Go's own reader and checker. Exit code 0: it holds. Exit code 1: it does not,
and one line says where (byte offset, generation, M, event) and which rule was broken.
`;

/** @param {string[]} args @returns {Promise<number>} */
export async function main(args) {
  const { own, after } = takeApart('validate', args, {});
  return (await validate(readable(onlyOne('validate', [...own, ...after], 'a trace file')))) ?? 0;
}
