// analysis-worker.mjs: an analysis in a worker of the viewer; the page's end is analyst.mjs.
import { Analysis, askWhy } from './analysis.mjs';
import { chunksOf } from './chunks.mjs';
import { curveLengths, cut, mmu, utilization, worstWindows } from './mmu.mjs';
import { unpackedChunks, whyUnread } from './sniff.mjs';
import { compileReader } from './store.mjs';

/** Shortest time between two words about progress, ms. */
const PROGRESS_MS = 50;

/**
 * From the page. Every one is answered once: {id, result} or {id, error}.
 * @typedef {{id: number} & (
 *   {type: 'read', blob: Blob, reader: string | null, window: {t0: number, t1: number} | null}
 *   | {type: 'bins', kind: number, whose: {row: number} | {fn: number}}
 *   | {type: 'mmu', flags: import('./mmu.mjs').UtilFlags, length: number | null}
 *   | {type: 'why', blob: Blob, reader: string | null, goid: number, t: number})} AnalysisRequest
 */

/** @typedef {{lengths: number[], curve: number[], worst: Array<{t0: number, t1: number, util: number}>}} MmuAnswer */

/** @type {any} the worker's scope, whose types are not those of a page */
const scope = globalThis;
/** @type {Analysis | null} */
let analysis = null;

/** @param {Extract<AnalysisRequest, {type: 'read'}>} request */
async function readIt({ id, blob, reader, window }) {
  let told = 0, taken = 0;
  /** The file's bytes, counted as they are in it: packed, there are fewer. */
  const counted = async function* () {
    try {
      for await (const chunk of chunksOf(blob)) {
        taken += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw await whyUnread(blob, false, error);
    }
  };
  analysis?.close();
  analysis = null;
  const module = await compileReader(reader ?? undefined);
  analysis = await Analysis.read(module, unpackedChunks(counted()), { window, progress: (part) => {
    const now = performance.now();
    if (now - told < PROGRESS_MS) return;
    told = now;
    scope.postMessage({ id, progress: { ...part, share: blob.size ? taken / blob.size : 1 } });
  } });
  const tables = analysis.tables();
  return { result: tables, transfer: Object.values(tables.tables).map(({ data }) => data.buffer) };
}

/** @param {Extract<AnalysisRequest, {type: 'mmu'}>} request @returns {MmuAnswer} */
function mmuOf({ flags, length }) {
  if (!analysis) return { lengths: [], curve: [], worst: [] };
  const { last } = analysis.info;
  const { t0, t1 } = analysis.window ?? { t0: 0, t1: last };
  const series = utilization(analysis.table('ops'), flags, last).map((s) => cut(s, t0, t1));
  const lengths = length === null ? curveLengths(Math.min(t1, last) - t0) : [];
  return {
    lengths, curve: mmu(series, lengths), worst: length === null ? [] : worstWindows(series, length, 10),
  };
}

/** @param {AnalysisRequest} request @returns {Promise<{result: any, transfer?: ArrayBufferLike[]}>} */
async function answer(request) {
  switch (request.type) {
    case 'read': return readIt(request);
    case 'bins': return { result: analysis?.bins(request.kind, request.whose) ?? [] };
    case 'mmu': return { result: mmuOf(request) };
    case 'why': return { result: await askWhy(await compileReader(request.reader ?? undefined),
      unpackedChunks(request.blob), request) };
  }
}

/** @param {AnalysisRequest} request */
export async function receive(request) {
  try {
    const { result, transfer = [] } = await answer(request);
    scope.postMessage({ id: request.id, result }, transfer);
  } catch (error) {
    scope.postMessage({ id: request.id, error: error instanceof Error ? error.message : String(error) });
  }
}
