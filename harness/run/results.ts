/**
 * What a run leaves behind as data: `test.json` (the plan, enough to run it again) and `results.json`
 * (what came out). Reports are made from these and the history, and from nothing else.
 */
import type { Way } from '../cluster/cluster.ts';
import type { OutcomeCounts } from '../history/operation.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Problem, Validity, Verdict } from '../history/checker.ts';

/** The whole plan of a run. */
export interface TestPlan {
  /** Unique; names the run's directory, containers and labels. */
  readonly runId: string;
  /** Registry name, or path of the user's module. */
  readonly target: string;
  readonly targetName: string;
  /** Broken variant, if one is run. */
  readonly variant?: string;
  readonly mistake?: string;
  readonly runtime: string;
  readonly workload: string;
  /** As written on the command line: `partition,kill:majority`; `none`. Of a file's faults, their families. */
  readonly nemesis: string;
  /** The file that the faults were given in. */
  readonly scheduleFile?: string;
  /** Mean milliseconds between the faults of one family; 0 when they were given one by one. */
  readonly intervalMs: number;
  readonly nodes: readonly string[];
  /** Nodes that are not there at first, and may join. */
  readonly spares?: readonly string[];
  readonly concurrency: number;
  /** Operations a second over all clients; absent: as fast as clients go. */
  readonly rate?: number;
  readonly timeLimitMs: number;
  /** Milliseconds a client waits for an operation. */
  readonly operationTimeoutMs: number;
  /** Milliseconds in which a majority, left alone after the faults, must get operations done; 0 or absent: not asked. */
  readonly progressLimitMs?: number;
  readonly seed: string;
  /** Checks that can do so follow the run, which is stopped at the first violation. Absent: no. */
  readonly failFast?: boolean;
  /** Settings of the runtime's own, if any differ from what is usual. */
  readonly settings?: JsonObject;
  /** ISO 8601. */
  readonly started: string;
  /** Repeats this run. */
  readonly command: string;
  readonly versions: { readonly splitbrain: string; readonly node: string };
}

/** A checker's verdict with its name and cost. */
export interface CheckResult extends Verdict {
  readonly checker: string;
  /** Milliseconds it took. */
  readonly tookMs: number;
}

/** A claim and whether it held. */
export interface ClaimResult {
  readonly property: string;
  readonly checker: string;
  readonly valid: Validity;
  /** `no`: the run's faults go beyond those the claim holds under, so its verdict does not decide the run's. */
  readonly claimed: 'yes' | 'no';
}

/** One fault of a run, from injection to healing. Times in nanoseconds since the start of the test. */
export interface FaultRecord {
  readonly family: string;
  readonly kind: string;
  /** In words: "n1 n2 | n3 n4 n5 cut both ways". */
  readonly description: string;
  readonly nodes: readonly string[];
  /** How the runtime brought it about; absent in records of before. */
  readonly way?: Way;
  /** What it waited for, in words, where it did not begin by time. */
  readonly trigger?: string;
  readonly start: number;
  /** Absent if it was never healed. */
  readonly end?: number;
  /** Whether a probe saw it, and what it saw. */
  readonly confirmed: boolean;
  /** Other faults had taken all who could have seen it: then it is not confirmed, counts for nothing, and is no cause for doubt. */
  readonly masked?: true;
  readonly evidence: string;
  /** Whether a probe saw it gone. */
  readonly healed: boolean;
  readonly healEvidence: string;
}

/** Why and when a run was stopped before its time was over: a check that followed it found a violation. */
export interface EarlyStop {
  readonly checker: string;
  /** Index of the entry with which the shortest beginning of the history (of that key) that is in violation ends. */
  readonly operation: number;
  /** The object that is concerned, where there are several. */
  readonly key?: Json;
  /** Nanoseconds since the start of the test when it was stopped; operations that were under way ended later. */
  readonly time: number;
  /** In words: `key 7 fails the check "linearizable" up to index 412`. */
  readonly why: string;
}

/** What came out of a run. */
export interface RunResults {
  readonly valid: Validity;
  /** One sentence that a stranger understands. */
  readonly summary: string;
  readonly claims: readonly ClaimResult[];
  readonly checks: readonly CheckResult[];
  readonly faults: readonly FaultRecord[];
  /** Client operations by function. */
  readonly counts: Readonly<Record<string, OutcomeCounts>>;
  /**
   * Milliseconds since the epoch, by the harness's wall clock, at time 0 of the history; lays the nodes' logs
   * beside it. Absent when the run did not get so far: then reports fall back to the plan's start.
   */
  readonly startedMs?: number;
  /** Nanoseconds from the first operation to the last. */
  readonly durationNs: number;
  /** Present if the run was stopped at a violation. */
  readonly stopped?: EarlyStop;
  /** What a reader should know and what decides nothing: a check that could not follow the run to its end. A sentence each. */
  readonly notes?: readonly string[];
  /** What went wrong outside the target: a cluster that failed to heal, an engine that went away. */
  readonly harnessProblems: readonly Problem[];
}
