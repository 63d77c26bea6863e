/**
 * Who belongs to the cluster, as an entry of the log says it (chapter 4), and what a majority is then.
 *
 * Two ways to change it. One server at a time (section 4.1): any majority of the old members and any of the new have a
 * server in common, so an entry is enough. Or any number at once by joint consensus (section 4.3): first an entry with the old
 * voters beside the new, under which everything needs a majority of both, and when that is committed one with the new
 * alone. Learners (section 4.2.1) are sent the log and do not vote: so servers catch up before they count.
 */
import type { Json } from '../../harness/json.ts';
import { isJsonObject } from '../../harness/json.ts';
import { Refusal, type NodeId } from '../../harness/node/program.ts';
import { Configuration } from '../replicated-log/configuration.ts';

/** The members that an entry of the log, or a snapshot, sets. */
export type Members = {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** The voters before, while a joint consensus is under way; else empty. */
  readonly outgoing: readonly NodeId[];
};

/** A cluster of these voters. */
export function ofVoters(voters: readonly NodeId[]): Members {
  return { voters, learners: [], outgoing: [] };
}

/** True for well-formed members, as they come from a message or a file. */
export function isMembers(value: Json | undefined): value is Members {
  if (!isJsonObject(value)) return false;
  const { voters, learners, outgoing } = value;
  return [voters, learners, outgoing].every(
    (list) => Array.isArray(list) && list.every((node) => typeof node === 'string'),
  );
}

/** What a client may ask for. */
export type MembershipChange =
  /** As a learner first, and as a voter when it has caught up, unless a learner is all that it should be. */
  | { readonly add: NodeId; readonly learner: boolean }
  | { readonly remove: NodeId }
  /** Exactly these, by joint consensus. */
  | { readonly voters: readonly NodeId[] };

/** Reads a request for a change among these nodes. Throws a Refusal that says what it should be. */
export function changeOf(body: Json, nodes: readonly NodeId[]): MembershipChange {
  const { add, remove, voters, learner } = isJsonObject(body) ? body : {};
  const isNode = (value: Json | undefined): value is NodeId => nodes.some((node) => node === value);
  if (isNode(add)) return { add, learner: learner === true };
  if (isNode(remove)) return { remove };
  if (Array.isArray(voters) && voters.length > 0 && voters.every(isNode))
    return { voters: [...new Set(voters)] };
  throw new Refusal(
    `expected {"add":node}, {"add":node,"learner":true}, {"remove":node} or {"voters":[nodes]}, of ${nodes.join(', ')}`,
  );
}

/** The members after the first step of this change; undefined when there is nothing to change. Throws a Refusal for one that cannot be. */
export function changed(members: Members, change: MembershipChange): Members | undefined {
  const { voters, learners } = members;
  if ('voters' in change) {
    const same =
      change.voters.length === voters.length && change.voters.every((node) => voters.includes(node));
    if (same) return undefined;
    return { voters: change.voters, learners: without(learners, change.voters), outgoing: voters };
  }
  if ('remove' in change) {
    const { remove } = change;
    if (learners.includes(remove)) return { ...members, learners: without(learners, [remove]) };
    if (!voters.includes(remove)) return undefined;
    if (voters.length === 1) throw new Refusal(`${remove} is the last voter`);
    return { ...members, voters: without(voters, [remove]) };
  }
  const known = voters.includes(change.add) || learners.includes(change.add);
  return known ? undefined : { ...members, learners: [...learners, change.add] };
}

/** A learner becomes a voter. */
export function promoted(members: Members, node: NodeId): Members {
  return { ...members, voters: [...members.voters, node], learners: without(members.learners, [node]) };
}

/** The second step of a joint consensus: the new voters alone. */
export function settled(members: Members): Members {
  return { ...members, outgoing: [] };
}

function without(nodes: readonly NodeId[], gone: readonly NodeId[]): NodeId[] {
  return nodes.filter((node) => !gone.includes(node));
}

/** Majorities under these members: of the voters, and during a joint consensus of those before as well. */
export class Electorate {
  readonly members: Members;
  readonly #incoming: Configuration;
  readonly #outgoing: Configuration | undefined;

  constructor(members: Members) {
    this.members = members;
    this.#incoming = new Configuration(members.voters);
    this.#outgoing = members.outgoing.length === 0 ? undefined : new Configuration(members.outgoing);
  }

  /** Everybody who votes. */
  get voters(): readonly NodeId[] {
    const { voters, outgoing } = this.members;
    return outgoing.length === 0 ? voters : [...new Set([...voters, ...outgoing])];
  }

  /** Everybody who is sent the log. */
  get replicas(): readonly NodeId[] {
    return [...new Set([...this.voters, ...this.members.learners])];
  }

  /** True if these are a majority. */
  hasQuorum(ids: ReadonlySet<NodeId>): boolean {
    return this.#incoming.hasQuorum(ids) && (this.#outgoing?.hasQuorum(ids) ?? true);
  }

  /** The highest value from 0 that a majority has reached, by what each voter has reached. */
  reachedByQuorum(valueOf: (voter: NodeId) => number): number {
    const reached = this.#incoming.reachedByQuorum(valueOf);
    return this.#outgoing === undefined
      ? reached
      : Math.min(reached, this.#outgoing.reachedByQuorum(valueOf));
  }
}
