/**
 * Membership: which nodes the cluster takes itself to be made of, where a target lets that be changed. The nemesis asks for a
 * change and then looks on until the nodes say that it has come to pass: a request may be refused, be lost, or be pending
 * for as long as other faults last. The design is Jepsen's (jepsen.nemesis.membership): a view of each node, merged.
 */
import type { NodeId } from '../node/program.ts';
import type { Cluster, Reply } from './cluster.ts';

/** What a node takes the members to be. */
export interface MembershipView {
  readonly members: readonly NodeId[];
  /** Whether that is not decided yet: it may come to nothing. */
  readonly pending: boolean;
  /** Of the change that gave these members; a later change has a higher one. */
  readonly epoch: number;
}

/** One node more, or one less. */
export interface MembershipChange {
  readonly change: 'add' | 'remove';
  readonly node: NodeId;
}

/** How a target is asked for its members, and for other ones. */
export interface Membership {
  /** The node's view; undefined when it does not say. */
  view(cluster: Cluster, node: NodeId): Promise<MembershipView | undefined>;
  /**
   * Asks this node for a change. An answer means that it has taken it up; a refusal may name who should be asked
   * instead, as `details.leader`. Whether it comes to pass only views tell.
   */
  request(cluster: Cluster, at: NodeId, change: MembershipChange): Promise<Reply>;
}

/**
 * What the views of several nodes come to: the members that were decided last; pending when a node knows of a later change.
 * Undefined when nobody says anything that is decided.
 */
export function mergeViews(views: readonly MembershipView[]): MembershipView | undefined {
  const decided = views.filter(({ pending }) => !pending).sort((a, b) => b.epoch - a.epoch)[0];
  if (decided === undefined) return undefined;
  return { ...decided, pending: views.some(({ pending, epoch }) => pending && epoch > decided.epoch) };
}
