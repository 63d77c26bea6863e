/**
 * The trace: what happened between nodes and inside them, for runs of the simulator, which alone can see it. A run
 * that was traced has one in `trace.jsonl`, an entry a line, and reports draw the message diagram from it.
 */
import type { SimEntry } from '../cluster/sim/observer.ts';

/**
 * One entry, as the simulator's onlookers are told it; but its `time` is in nanoseconds since the start of the
 * test, like those of the history. What came before, while the nodes booted, has a time below 0.
 */
export type TraceEntry = SimEntry;

/** A trace in the making. */
export interface TraceSink {
  /** The test begins, at that time of the cluster: it is time 0 of the trace. */
  begin(now: number): void;
  /** The cluster is gone: nothing more will come. Throws a HarnessError when not all of it could be written. */
  close(): void;
}
