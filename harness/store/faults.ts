/**
 * The faults of a run that left no results, as far as its history tells: the nemesis writes two entries for
 * each thing it does, the request with the fault's number and then what came of it in words.
 */
import type { History } from '../history/operation.ts';
import { isJsonObject } from '../json.ts';
import type { FaultRecord } from '../run/results.ts';

type MutableRecord = { -readonly [Field in keyof FaultRecord]: FaultRecord[Field] };

const UNTOLD = 'only the history tells of it: the run left no results';

/** Faults that were injected, in order. None counts as confirmed: the probes' answers were in the results. */
export function faultsOf(history: History): FaultRecord[] {
  const faults = new Map<number, MutableRecord>();
  let requested: number | undefined;
  for (const { process, f, time, value } of history) {
    if (process !== 'nemesis') continue;
    if (isJsonObject(value)) {
      const { id, kind } = value;
      if (typeof id !== 'number') continue;
      requested = id;
      if (typeof kind === 'string') faults.set(requested, begun(f.slice('start-'.length), kind, time));
      continue;
    }
    const fault = requested === undefined ? undefined : faults.get(requested);
    if (fault === undefined || requested === undefined || typeof value !== 'string') continue;
    if (f.startsWith('start-') && value.startsWith('skipped')) faults.delete(requested);
    else if (f.startsWith('start-')) fault.description = value;
    else fault.end = time;
  }
  return [...faults.values()];
}

function begun(family: string, kind: string, start: number): MutableRecord {
  return {
    family,
    kind,
    description: 'the run ended while it was injected',
    nodes: [],
    start,
    confirmed: false,
    evidence: UNTOLD,
    healed: false,
    healEvidence: UNTOLD,
  };
}
