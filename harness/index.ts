/**
 * The package's entry `splitbrain`: what someone needs to describe a system of their own. Checkers and models
 * are in `splitbrain/checkers`, ready-made workloads in `splitbrain/workloads`, faults in `splitbrain/nemesis`.
 */
export type { Client, ClientContext, ClientFactory, Completion, Invocation } from './client/client.ts';
export { completionOf, plainClient } from './client/client.ts';
export type { Cluster, Reply } from './cluster/cluster.ts';
export type { Membership, MembershipChange, MembershipView } from './cluster/membership.ts';
export * from './generator/index.ts';
export type {
  CheckContext,
  Checker,
  LogEntry,
  OnlineCheck,
  Problem,
  Validity,
  Verdict,
  Violation,
} from './history/checker.ts';
export type { History, Operation } from './history/operation.ts';
export type { Json, JsonObject } from './json.ts';
export type {
  NodeContext,
  NodeId,
  NodeProgram,
  NodeStatus,
  RequestHandler,
  RunningNode,
} from './node/program.ts';
export { Refusal } from './node/program.ts';
export type { Random } from './random.ts';
export type { Claim, Target, Variant, Workload, WorkloadOptions } from './run/target.ts';
export { defineTarget } from './run/target.ts';
