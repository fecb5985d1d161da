// Types of the package's `goroscope/export` (index.mjs).
import type { TraceSource } from '../index.mjs';

export type ExportFormat = 'go' | 'perfetto' | 'chrome' | 'csv';

export interface ExportOptions {
  /** Nanoseconds since the first event of the trace; from this moment on. */
  from?: number;
  /** Up to this moment. */
  to?: number;
  /** Of csv: which table; `spans` unless something else is said. */
  table?: 'spans' | 'goroutines' | 'events';
  /** Where reader.wasm is, when it does not stand where the package has it. */
  reader?: string | URL;
}

/** What is wrong with the trace, or with what was asked of it, in one sentence. */
export class ExportError extends Error {}

export const FORMATS: Record<ExportFormat, { readonly what: string; readonly suffix: string; readonly type: string }>;

/**
 * A trace, or a stretch of it, in another form. Takes little memory at any length.
 *
 *     for await (const bytes of exportTrace(file, 'perfetto', { from: 1e9, to: 2e9 })) out.write(bytes);
 */
export function exportTrace(
  source: TraceSource, format: ExportFormat, options?: ExportOptions): AsyncGenerator<Uint8Array, void, void>;
