/**
 * The target's contract: what is tested, how it is driven, what it claims and how it can be broken.
 * Whoever tests a system of their own writes one of these (README.md shows it in 20 lines).
 */
import type { ClientFactory } from '../client/client.ts';
import type { Membership } from '../cluster/membership.ts';
import type { Generator } from '../generator/generator.ts';
import type { Checker } from '../history/checker.ts';
import type { Json, JsonObject } from '../json.ts';

/** What a workload is told when it is made. */
export interface WorkloadOptions {
  /** Client threads. */
  readonly concurrency: number;
}

/** Which operations clients perform, and what must be true of the history. */
export interface Workload {
  readonly name: string;
  /** One sentence for `splitbrain list`. */
  readonly summary: string;
  /** Functions that the target's client must understand, and what each takes and gives. */
  readonly operations: Readonly<Record<string, string>>;
  /** Clients' operations; the harness adds pace, time limit and nemesis. */
  generator(options: WorkloadOptions): Generator;
  /** Operations after all faults are healed, within some fifteen seconds: reads of all `keys` that the test used, say. */
  finalGenerator?(options: WorkloadOptions & { readonly keys: readonly Json[] }): Generator;
  /**
   * Operations that prove progress: each is tried, on any client, until it succeeds, and when it has no more a majority
   * that was left alone has made progress (harness/run/progress.ts). Something changes first and may then be read; what
   * may rightly fail for long has no place here. `delay` keeps a cluster that is stuck from being asked without end.
   */
  progressGenerator?(options: WorkloadOptions): Generator;
  /** What must hold; each is bounded in time by the harness. */
  readonly checkers: readonly Checker[];
}

/** A promise that the target makes and the gate tests. */
export interface Claim {
  /** In the field's words: 'linearizable', 'one leader a term'. */
  readonly property: string;
  /** Name of the checker whose verdict decides. Claims whose checker the workload does not run are not tested. */
  readonly checker: string;
  /** Fault families under which it holds: these, all, or all but these. */
  readonly under: readonly string[] | 'any' | { readonly except: readonly string[] };
}

/** A version of the target that is wrong on purpose. */
export interface Variant {
  /** URL of a module that exports `node` (a NodeProgram); the target's own where only the client is wrong. */
  readonly nodeModule: string;
  /** Opens a client for each process; the target's own unless given. */
  readonly client?: ClientFactory;
  /** The mistake, in a sentence. */
  readonly mistake: string;
  /** Name of the checker that should find it. */
  readonly caughtBy: string;
}

/** A system under test. */
export interface Target {
  readonly name: string;
  /** One sentence for `splitbrain list`. */
  readonly summary: string;
  /** URL of the module that exports `node` (a NodeProgram); `import.meta.url` when it is this file. */
  readonly nodeModule: string;
  /** Number of nodes unless the user says otherwise. */
  readonly nodes: number;
  /** Fewest nodes it makes sense with (default 1). */
  readonly nodesMin?: number;
  /** Of so many nodes, how many may be missing, whichever they are, when progress is claimed; the largest minority unless given. */
  readonly mayMiss?: (nodes: number) => number;
  /** Goes to every node as `NodeContext.options`. */
  readonly options?: JsonObject;
  /** Opens a client for each process; `plainClient` unless given. */
  readonly client?: ClientFactory;
  /** The first is the default. */
  readonly workloads: readonly Workload[];
  readonly claims: readonly Claim[];
  /** Checkers that run with every workload. */
  readonly checkers?: readonly Checker[];
  /** Broken versions, by name. */
  readonly variants?: Readonly<Record<string, Variant>>;
  /**
   * How nodes are added and removed while the cluster runs, for a target that can: then the fault family `membership`
   * has nodes join, leave and take one another's place. Which nodes do not belong to the cluster at first, and may join, says
   * `NodeContext.spares`.
   */
  readonly membership?: Membership;
}

/** Types the literal. The default export of a target's module is one of these. */
export function defineTarget(target: Target): Target {
  return target;
}
