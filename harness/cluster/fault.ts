/**
 * The fault's contract: what a nemesis does to a cluster. A family (partition, kill, pause, …) draws
 * concrete faults from the seed, injects them, proves by a probe that they hold, and takes each back
 * without touching any other.
 */
import type { Json } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import type { Random } from '../random.ts';
import type { Ability, Cluster } from './cluster.ts';

/** A fault as drawn from the seed, before it meets a cluster. Goes into the history as the operation's value. */
export interface FaultPlan {
  readonly family: string;
  /** Which of the family's kinds: `halves`, `one`, `leader`, … */
  readonly kind: string;
  /** The kind's own parameters, all drawn in advance. */
  readonly parameters: Json;
}

/** Whether a probe from the nodes' side saw what it should. */
export interface Confirmation {
  readonly confirmed: boolean;
  /** What was seen, in words: "6 of 6 cut links silent, 14 of 14 others alive". */
  readonly evidence: string;
}

/** A fault in force. */
export interface ActiveFault {
  /** In words, for people: "n1 n2 | n3 n4 n5 cut both ways". */
  readonly description: string;
  /** The nodes it strikes. */
  readonly nodes: readonly NodeId[];
  /** Proves that it holds. */
  confirm(): Promise<Confirmation>;
  /** Takes it back, and proves that as well. */
  heal(): Promise<Confirmation>;
}

/** What is now down, paused or cut, and by which fault; shared by all families of a run. */
export interface FaultLedger {
  readonly cluster: Cluster;
  /** Nodes that run: neither killed nor paused by a fault in force. */
  healthy(): readonly NodeId[];
  /** Marks a node as struck by a fault; `release` takes the mark back. */
  strike(node: NodeId, how: 'down' | 'paused'): void;
  release(node: NodeId): void;
  /** Cuts links; a link that several faults cut heals with the last of them. */
  cut(links: readonly { readonly from: NodeId; readonly to: NodeId }[]): Promise<void>;
  uncut(links: readonly { readonly from: NodeId; readonly to: NodeId }[]): Promise<void>;
  /** Links cut by any fault in force. */
  cutLinks(): readonly { readonly from: NodeId; readonly to: NodeId }[];
  /** The node that leads by its own word, the highest epoch first; undefined when none does. */
  leader(): Promise<NodeId | undefined>;
}

/** A family of faults: one file under nemesis/. */
export interface FaultFamily {
  /** What `--nemesis` calls it. */
  readonly name: string;
  /** One sentence for `splitbrain list`. */
  readonly summary: string;
  /** What `--nemesis name:kind+kind` may pick from, with a few words each. */
  readonly kinds: Readonly<Record<string, string>>;
  /** Kinds beyond the named ones, where the family takes parameters in the kind's own text. */
  readonly explicit?: {
    /** How it is written, for `splitbrain list`: `n1-n2/n3-n4-n5`. */
    readonly form: string;
    /** Undefined when the text is a valid kind for these nodes; else what is wrong with it. */
    problem(text: string, nodes: readonly NodeId[]): string | undefined;
  };
  /** What the runtime must be able to do. */
  readonly needs: readonly Ability[];
  /** Draws one fault of one of these kinds. Pure but for the draws. */
  plan(kinds: readonly string[], nodes: readonly NodeId[], random: Random): FaultPlan;
  /**
   * Injects it. Answers a sentence instead when it cannot apply now (no leader, nothing left to kill):
   * such a fault is recorded as skipped and never counted.
   */
  inject(plan: FaultPlan, ledger: FaultLedger): Promise<ActiveFault | string>;
}
