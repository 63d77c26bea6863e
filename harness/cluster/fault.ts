/**
 * The fault's contract: what a nemesis does to a cluster. A family (partition, kill, pause, …) draws
 * concrete faults from the seed and aims them at the cluster as it is then; a fault is injected, proved by a
 * probe to hold, and taken back without touching any other.
 */
import type { Json, JsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import type { Random } from '../random.ts';
import type { Abilities, Ability, Cluster, Link, Reply, Way } from './cluster.ts';
import type { Condition } from './condition.ts';
import type { Membership, MembershipView } from './membership.ts';

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
  /**
   * Nobody is left to see it: other faults in force have taken all who could tell - both ends of a cut link, say. Such a
   * fault is not confirmed, and counts for nothing; but nothing speaks against it either. So it is with a crash at a point that
   * the node never got to.
   */
  readonly masked?: true;
  /** What was seen, in words: "6 of 6 cut links silent". */
  readonly evidence: string;
}

/** A fault that has its aim, not yet injected. */
export interface Fault {
  /** In words, for people: "n1 n2 | n3 n4 n5 cut both ways". */
  readonly description: string;
  /** The nodes it strikes. */
  readonly nodes: readonly NodeId[];
  /** The plan of this very fault with its nodes named, where the plan had to find them: what `faults.json` tells of it. */
  readonly named?: FaultPlan;
  /** Brings it into force. When this rejects it may be in force in part, and must be healed as well. */
  inject(): Promise<void>;
  /** Proves that it holds. */
  confirm(): Promise<Confirmation>;
  /** Takes back whatever of it is in force, and proves that as well. Rejects when that fails, and may be tried again. */
  heal(): Promise<Confirmation>;
}

/** What is now struck or cut, and by which faults; shared by all families of a run. */
export interface FaultLedger {
  readonly cluster: Cluster;
  /** Nodes that should answer: no fault in force has killed or paused them, or broken their disk, of which they may die. */
  healthy(): readonly NodeId[];
  /** Marks a node as struck by a fault; `release` takes the mark back. */
  strike(node: NodeId): void;
  release(node: NodeId): void;
  /** Cuts links; a link that several faults cut heals with the last of them. */
  cut(links: readonly Link[]): Promise<void>;
  /** Takes back the cut of this very list, by which its fault is known: doing it twice frees nobody else's links. */
  uncut(links: readonly Link[]): Promise<void>;
  /** Links cut by any fault in force. */
  cutLinks(): readonly Link[];
  /** Bends links, clocks, disks or nodes, beside what other faults do to the same. */
  impose(condition: Condition): Promise<void>;
  /** All conditions in force. */
  conditions(): readonly Condition[];
  /** Takes back this very condition and leaves the others in force. Doing it twice is safe. */
  lift(condition: Condition): Promise<void>;
  /** Says that the node's disk is not to be trusted, so that it may fail to start or die; `trust` takes that back. */
  distrust(node: NodeId): void;
  trust(node: NodeId): void;
  /**
   * Starts a node that is down, as `Cluster.restart`. One whose disk is not to be trusted may fail to; its fault brings it
   * back, when it is healed.
   */
  restart(node: NodeId, version?: string): Promise<void>;
  /**
   * Restarts those of these nodes that died of their disk: they are down, though no fault in force strikes them. It
   * may be long after the disk was mended, when a node that was frozen or slow gets to the error. Answers which.
   */
  revive(nodes: readonly NodeId[]): Promise<readonly NodeId[]>;
  /** The node that leads by its own word, the highest epoch first; undefined when none does. */
  leader(): Promise<NodeId | undefined>;
  /** Keeps clients' requests from these nodes, and probes not: what clients send is lost. One list stands for its fault. */
  cutClients(nodes: readonly NodeId[]): void;
  /** Takes back the cut of this very list. */
  freeClients(nodes: readonly NodeId[]): void;
  /** A request as clients make it: lost when clients are cut from the node before it is answered. Never rejects. */
  callAsClient(node: NodeId, path: string, body: JsonObject, timeoutMs: number): Promise<Reply>;
  /** The nodes that the cluster is made of by its own word, when it was last asked: at first those that it was started with. */
  members(): readonly NodeId[];
  /** Asks all nodes, those beyond the first ones as well, and answers what they say together; undefined when nobody says anything decided. */
  surveyMembers(): Promise<MembershipView | undefined>;
  /** Waits, for so long at most, until no change of members is pending, and starts members that are down. */
  settleMembers(limitMs: number): Promise<void>;
  /** How the target's members are changed, where it lets them be. */
  readonly membership?: Membership;
}

/** A kind, and whom it is to strike, in the text that names both: `loss@leader`. */
export function splitKind(text: string): { readonly kind: string; readonly aim?: string } {
  const [kind = '', aim] = text.split('@', 2);
  return aim === undefined ? { kind } : { kind, aim };
}

/** What a kind of a family needs of the runtime. */
export function needsOf(
  { needs, explicit }: Pick<FaultFamily, 'needs' | 'explicit'>,
  kind: string,
): readonly Ability[] {
  if (isList(needs)) return needs;
  return needs[splitKind(kind).kind] ?? explicit?.needs ?? [];
}

/** How a runtime comes by what a kind needs; emulated where any of it is. Undefined when it cannot. */
export function wayOf(
  family: Pick<FaultFamily, 'needs' | 'explicit'>,
  kind: string,
  abilities: Abilities,
): Way | undefined {
  const ways: Way[] = [];
  for (const ability of needsOf(family, kind)) {
    const way = abilities.get(ability);
    if (way === undefined) return undefined;
    ways.push(way);
  }
  const how = [...new Set(ways.map((way) => way.how))].join('; ') || 'by the harness itself';
  return { means: ways.some(({ means }) => means === 'emulated') ? 'emulated' : 'native', how };
}

/** The kinds of a family, of those that have a name, that these abilities suffice for. */
export function ableKinds(family: FaultFamily, abilities: Abilities): string[] {
  return Object.keys(family.kinds).filter((kind) =>
    needsOf(family, kind).every((ability) => abilities.has(ability)),
  );
}

function isList(needs: FaultFamily['needs']): needs is readonly Ability[] {
  return Array.isArray(needs);
}

/** Whom a kind may be told to strike: the node specs of nemesis/aim.ts. */
export interface Aiming {
  /** For people: `one, minority, leader, or nodes by name as n1-n3`. */
  readonly form: string;
  /** Undefined when the text is one of them for these nodes; else what is wrong with it. */
  problem(text: string, nodes: readonly NodeId[]): string | undefined;
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
    /** What it needs of the runtime, where kinds differ. */
    readonly needs?: readonly Ability[];
  };
  /** Kinds may be followed by whom to strike, as in `loss@leader`. */
  readonly aimed?: Aiming;
  /** What the runtime must be able to do: for any kind, or for each. Kinds beyond the named ones need what `explicit` says. */
  readonly needs: readonly Ability[] | Readonly<Record<string, readonly Ability[]>>;
  /** What the target must offer, beside what the runtime must be able to do. */
  readonly asks?: 'membership';
  /** How many nodes beyond the first ones it wants, unless the user says how many there are. */
  readonly spares?: number;
  /**
   * Kinds that are stories in several acts, which other faults spoil, and how many milliseconds each takes to come to its point. A
   * search tells them by themselves as well (harness/explore/swarm.ts).
   */
  readonly takesMs?: Readonly<Record<string, number>>;
  /** Kinds that are worth two of the others, and come up twice as often. */
  readonly favourites?: readonly string[];
  /** Draws one fault of this kind; whom it strikes as well, unless `aim` says so (`aimed`). Pure but for the draws. */
  plan(kind: string, nodes: readonly NodeId[], random: Random, aim?: string): FaultPlan;
  /**
   * A fault that takes exactly these nodes away from the others, for a family that can: it may be drawn to leave the
   * others alone (harness/run/progress.ts).
   */
  takeAway?(nodes: readonly NodeId[], others: readonly NodeId[]): FaultPlan;
  /**
   * Aims it at the cluster as it is now, and changes nothing yet. Answers a sentence instead when it cannot
   * apply (no leader, nothing left to kill): such a fault is recorded as skipped and never counted.
   */
  aim(plan: FaultPlan, ledger: FaultLedger): Promise<Fault | string>;
}
