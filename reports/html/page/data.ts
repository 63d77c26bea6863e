/**
 * What the page's script is given: everything that it draws, and nothing that it could not. The static part
 * of the page (verdict, problems, tables) is written without a script and needs none of this.
 */
import type { FaultRecord } from '../../../harness/run/results.ts';
import type { HistoryColumns, LogColumns, TraceColumns } from './columns.ts';

/** A stretch of time that a problem points at. Times in nanoseconds since the start of the test. */
export interface MarkedWindow {
  /** The problem's number on the page, from 1. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** A trace, or the part of it that a page carries. */
export interface TraceData {
  readonly nodes: readonly string[];
  /** The stretch of time that the items cover; those before it say what the nodes were when it began. */
  readonly from: number;
  readonly to: number;
  readonly items: TraceColumns;
}

/** The page's payload. */
export interface PageData {
  /** Client threads: processes whose numbers are equal modulo this share a lane. */
  readonly concurrency: number;
  readonly history: HistoryColumns;
  readonly faults: readonly FaultRecord[];
  readonly problems: readonly MarkedWindow[];
  readonly logs: LogColumns;
  /** Absent when the run was not traced. */
  readonly trace?: TraceData;
}

/** Id of the element that holds the payload: JSON, gzip, base64. */
export const PAYLOAD_ID = 'payload';

/** The payload of this page. */
export async function readPayload(): Promise<PageData> {
  const text = atob((document.getElementById(PAYLOAD_ID)?.textContent ?? '').trim());
  // A loop, because Uint8Array.from takes ten times as long for the megabytes of a long run.
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as PageData;
}
