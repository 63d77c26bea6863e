/**
 * The replicated logs whose tests are alike, each with who watches it from inside and what it calls its own.
 */
import type { JsonObject } from '../../../../harness/json.ts';
import type { NodeId, NodeProgram } from '../../../../harness/node/program.ts';
import { node as fastPaxos } from '../../../../targets/fast-paxos/node.ts';
import type { Fabric } from '../cluster/fabric.ts';
import { Observer as PaxosObserver } from '../multi-paxos/observer.ts';
import { Observer as RaftObserver } from '../raft/observer.ts';

/** Who watches the nodes of one cluster and collects what must never be. */
export interface Observer {
  /** The program to run: the correct one, watched. */
  readonly program: NodeProgram;
  readonly problems: readonly string[];
  /** How many commands were applied anywhere. */
  readonly appliedCount: number;
  /** Looks at the cluster as it is now. */
  check(fabric: Fabric): readonly string[];
}

/** A log with a leader, through which every command goes. */
export interface LeaderLog {
  readonly name: string;
  /** What it calls the time in which one leader leads. */
  readonly term: string;
  readonly observe: () => Observer;
  /** The message with which the leader sends commands and heartbeats. */
  readonly proposal: string;
  /** What a node is that cannot reach anybody. */
  readonly strayRole: string;
  /** The setting that lets leaders answer reads under a lease. */
  readonly leases: string;
  /** Entries before the first command: the leader's own. */
  readonly before: number;
  /** Random runs, and milliseconds of faults in each. */
  readonly random: { readonly seeds: number; readonly faultsMs: number };
}

export const leaderLogs: readonly LeaderLog[] = [
  {
    name: 'raft',
    term: 'term',
    observe: () => new RaftObserver(),
    proposal: 'append-request',
    strayRole: 'pre-candidate',
    leases: 'leaseReads',
    before: 1,
    random: { seeds: 24, faultsMs: 12_000 },
  },
  {
    name: 'multi-paxos',
    term: 'ballot',
    observe: () => new PaxosObserver(),
    proposal: 'accept',
    strayRole: 'candidate',
    leases: 'readLeases',
    before: 0,
    random: { seeds: 8, faultsMs: 8000 },
  },
];

/** A log of which it matters only that commands get into it. */
export interface Log {
  readonly name: string;
  readonly program: () => NodeProgram;
  /** A way to append to the list under "list", by a node of one's choice. */
  readonly appender: (fabric: Fabric) => Promise<(node: NodeId, value: number) => Promise<JsonObject>>;
}

const plain: Log['appender'] = (fabric) =>
  Promise.resolve((node, value) => fabric.ask(node, 'append', { key: 'list', value }));

/** In a session, without which a fast round might put a command into two slots. */
const inSession: Log['appender'] = async (fabric) => {
  const { value: session = null } = await fabric.ask(await fabric.leader(), 'open-session', {});
  let sequence = 0;
  return (node, value) => fabric.ask(node, 'append', { key: 'list', value, session, sequence: ++sequence });
};

export const logs: readonly Log[] = [
  ...leaderLogs.map(({ name, observe }) => ({ name, program: () => observe().program, appender: plain })),
  { name: 'fast-paxos', program: () => fastPaxos, appender: inSession },
];
