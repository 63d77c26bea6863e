/**
 * The progress phase as a history tells it. After the faults a majority is left alone, whole, and must get its
 * clients' operations done: safety says that nothing bad happens, this that something good does. Between the two entries
 * of the nemesis described here stand the operations that prove it. Whoever drives writes them, whoever checks
 * reads them, and neither knows the other.
 */
import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { pairCalls, type Call, type History, type Operation } from './operation.ts';

/** What the property is called by the checker that decides it and by the fault that goes with it. */
export const PROGRESS = 'progress';
/** The phase begins with this entry of the nemesis, whose value is a `ProgressStart`. */
export const PROGRESS_START = `start-${PROGRESS}`;
/** And ends with this one, whose value holds a `ProgressStop`. Without it, the phase was broken off. */
export const PROGRESS_STOP = `stop-${PROGRESS}`;

/** Who was left alone, and for how long at most. */
export type ProgressStart = {
  /** A majority, connected and running. */
  readonly alone: readonly string[];
  /** A minority, taken away meanwhile; empty where there is none to take. */
  readonly away: readonly string[];
  /** By which family of faults; null where there is no minority. */
  readonly kind: string | null;
  /** Milliseconds in which operations were begun. */
  readonly limitMs: number;
};

/** What was seen when the phase was over. */
export type ProgressStop = {
  /** Whether a probe saw that the minority was gone. */
  readonly confirmed: boolean;
  /** What each node answered when it was asked for its status; null for no answer. */
  readonly nodes: Readonly<Record<string, Json>>;
};

/** The phase, found in a history. */
export interface ProgressPhase {
  readonly start: ProgressStart;
  /** Absent when it was broken off. */
  readonly stop?: ProgressStop;
  /** Clients' operations that began in it. */
  readonly calls: readonly Call[];
  /** From and to, in nanoseconds since the start of the test. */
  readonly window: readonly [number, number];
}

/** The progress phase of this history; undefined when there was none. */
export function findProgress(history: History): ProgressPhase | undefined {
  const first = history.findIndex((entry) => started(entry) !== undefined);
  const opening = history[first];
  const start = opening && started(opening);
  if (opening === undefined || start === undefined) return undefined;
  const end = history.findIndex((entry, index) => index > first && stopped(entry) !== undefined);
  const within = history.slice(first, end === -1 ? undefined : end);
  const closing = history[end];
  const stop = closing && stopped(closing);
  return {
    start,
    ...(stop === undefined ? {} : { stop }),
    calls: pairCalls(within),
    window: [opening.time, (closing ?? history.at(-1) ?? opening).time],
  };
}

function started({ process, f, value }: Operation): ProgressStart | undefined {
  if (process !== 'nemesis' || f !== PROGRESS_START || !isJsonObject(value)) return undefined;
  const { alone, away, limitMs } = value;
  return Array.isArray(alone) && Array.isArray(away) && typeof limitMs === 'number'
    ? (value as ProgressStart)
    : undefined;
}

/** A healing at the end of a run that was broken off has the same name, and no nodes. */
function stopped({ process, f, value }: Operation): ProgressStop | undefined {
  if (process !== 'nemesis' || f !== PROGRESS_STOP || !isJsonObject(value)) return undefined;
  const { confirmed, nodes } = value as JsonObject;
  return typeof confirmed === 'boolean' && isJsonObject(nodes) ? (value as ProgressStop) : undefined;
}
