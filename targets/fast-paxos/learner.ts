/**
 * The learner (section 2.2.1 of "Fast Paxos"): a value is chosen in a slot when a quorum of acceptors has voted for it in one
 * round, a classic or a fast one as the round is (section 3). Acceptors tell all learners of their votes, and every node is one, so
 * a fast round takes two message delays from the client: to the acceptors, and from them to here.
 *
 * A learner that lacks what others know asks for it: for the entries, or where these are compacted away for a snapshot.
 *
 * A node is built in layers, one for each role: Learner, Acceptor, Coordinator, FastPaxosNode (clients). A broken
 * variant overrides one method of any layer.
 */
import type { NodeContext, NodeId } from '../../harness/node/program.ts';
import { Ballots } from '../replicated-log/ballots.ts';
import { AuditedMachine } from '../replicated-log/audit.ts';
import { SessionStore } from '../replicated-log/sessions.ts';
import {
  compactionDue,
  IncomingSnapshot,
  nextChunk,
  type Snapshot,
  type SnapshotChunk,
} from '../replicated-log/snapshots.ts';
import type { Outcome } from '../replicated-log/state-machine.ts';
import { NO_OP, type Entry } from './entry.ts';
import type { Decided, Fetch, Message, Voted } from './messages.ts';
import { fastPaxosOptions, type FastPaxosOptions } from './options.ts';
import { choosableValue, quorumsOf, type Quorums } from './quorums.ts';
import type { Storage } from './storage.ts';
import { compareRounds, kindOf, sameEntry, type Kind, type Round, type Vote } from './votes.ts';

/** Outcomes that are remembered for those who ask late: clients ask all nodes at once, and some are behind. */
const RECENT_MAX = 4096;

/** A slot of which it is not known here what is chosen. */
export interface OpenSlot {
  readonly slot: number;
  /** When it was first heard of, on the monotonic clock. */
  readonly since: number;
  /** Each acceptor's vote in the highest round in which it is known to have voted. */
  readonly votes: Map<NodeId, Vote>;
}

/** How it became known that a slot was chosen. */
export interface Decision {
  readonly kind: Kind;
  /** Message delays from the client up to here. */
  readonly delays: number;
}

/** The learner, and what all roles need. */
export abstract class Learner {
  protected readonly context: NodeContext;
  protected readonly options: FastPaxosOptions;
  protected readonly storage: Storage;
  /** Every node of the cluster has every role. */
  protected readonly nodes: readonly NodeId[];
  protected readonly quorums: Quorums;
  protected readonly ballots: Ballots;
  protected readonly machine: AuditedMachine;
  /** All slots up to this one are chosen and applied. */
  protected applied = 0;
  protected readonly open = new Map<number, OpenSlot>();
  /** Outcomes of entries that were applied not long ago, by their ids. */
  protected readonly recent = new Map<string, Outcome>();
  /** How many slots were learned from votes, by kind of round. */
  protected readonly learned: Record<Kind, number> = { fast: 0, classic: 0, recovered: 0 };
  /** Of slots that are not applied yet, for one before them is not chosen. */
  readonly #decisions = new Map<number, Decision>();
  readonly #incoming = new IncomingSnapshot();
  /** When something was last fetched. */
  #fetchedAt = -Infinity;

  constructor(context: NodeContext, storage: Storage) {
    this.context = context;
    this.options = fastPaxosOptions(context.options);
    this.storage = storage;
    this.nodes = [context.id, ...context.peers];
    this.quorums = this.quorumsFor(this.nodes.length);
    this.ballots = new Ballots(this.nodes);
    this.machine = new AuditedMachine(new SessionStore(this.options.maxSessions), context);
    this.#restoreSnapshot();
  }

  /** Takes a message, this node's own included. */
  protected abstract dispatch(from: NodeId, message: Message): void;

  /** It became known what is chosen in a slot; by votes in that kind of round, unless others told it. */
  protected abstract slotChosen(slot: number, entry: Entry, kind: Kind | undefined): void;

  /** A snapshot was installed: what is chosen in the slots up to this one matters no more. */
  protected abstract slotsCovered(last: number): void;

  /** An entry was applied. `decision`: how this node learned it from votes; undefined when others told it. */
  protected abstract entryApplied(entry: Entry, outcome: Outcome, decision: Decision | undefined): void;

  /** There is a new vote in a fast round of a slot, and nothing is chosen by it. */
  protected abstract slotContested(open: OpenSlot, round: Round): void;

  /** Sizes of quorums in a cluster with so many acceptors. */
  protected quorumsFor(acceptors: number): Quorums {
    return quorumsOf(acceptors);
  }

  /** What may be proposed in a slot after `heard` acceptors told of their votes, these among them. */
  protected valueToRecover(votes: readonly Vote[], heard: number): Entry {
    return choosableValue(votes, heard, this.quorums) ?? NO_OP;
  }

  /** Sends at once; to this node itself in a turn of its own. */
  protected send(to: NodeId, message: Message): void {
    if (to === this.context.id) queueMicrotask(() => this.dispatch(to, message));
    else this.context.network.send(to, message);
  }

  protected sendToAll(message: Message): void {
    for (const node of this.nodes) this.send(node, message);
  }

  protected now(): number {
    return this.context.clock.monotonic();
  }

  protected openAt(slot: number): OpenSlot {
    let open = this.open.get(slot);
    if (open === undefined) {
      open = { slot, since: this.now(), votes: new Map() };
      this.open.set(slot, open);
    }
    return open;
  }

  protected isChosen(slot: number): boolean {
    return slot <= this.applied || this.storage.chosenAt(slot) !== undefined;
  }

  protected onVoted(from: NodeId, { votes }: Voted): void {
    for (const vote of votes) if (!this.isChosen(vote.slot)) this.count(from, vote);
  }

  /** This acceptor has cast that vote, in a slot of which it is not known what is chosen. */
  protected count(from: NodeId, vote: Vote): void {
    const open = this.openAt(vote.slot);
    const before = open.votes.get(from);
    if (before !== undefined && compareRounds(before.round, vote.round) > 0) return;
    open.votes.set(from, vote);
    const needed = vote.round.fast ? this.quorums.fast : this.quorums.classic;
    // Only what this vote is for can have become chosen by it.
    const alike = votesIn(open, vote.round).filter(({ entry }) => sameEntry(entry, vote.entry));
    if (alike.length < needed) {
      if (vote.round.fast) this.slotContested(open, vote.round);
      return;
    }
    const kind = kindOf(vote.round);
    this.learned[kind] += 1;
    this.choose(vote.slot, vote.entry, { kind, delays: Math.max(...alike.map(({ delays }) => delays)) });
  }

  /** This is chosen in that slot. */
  protected choose(slot: number, entry: Entry, decision?: Decision): void {
    if (slot <= this.storage.base) return;
    const known = this.storage.chosenAt(slot);
    if (known !== undefined) {
      if (!sameEntry(known, entry)) this.context.log.warn('chosen-twice', { slot, known, entry });
      return;
    }
    this.storage.choose(slot, entry);
    this.open.delete(slot);
    if (decision !== undefined) this.#decisions.set(slot, decision);
    this.slotChosen(slot, entry, decision?.kind);
    this.applyChosen();
  }

  /** Applies what is chosen without a gap. */
  protected applyChosen(): void {
    for (let entry = this.#next(); entry !== undefined; entry = this.#next()) {
      this.applied += 1;
      this.storage.release(this.applied);
      this.open.delete(this.applied);
      const outcome = this.#apply(this.applied, entry);
      if (entry.id !== NO_OP.id) this.#remember(entry.id, outcome);
      this.entryApplied(entry, outcome, this.#decisions.get(this.applied));
      this.#decisions.delete(this.applied);
      this.#takeSnapshotIfDue();
    }
  }

  #next(): Entry | undefined {
    return this.storage.chosenAt(this.applied + 1);
  }

  #apply(index: number, { command, query }: Entry): Outcome {
    const outcome = this.machine.apply(index, command);
    return query === null ? outcome : this.machine.read(query);
  }

  #remember(id: string, outcome: Outcome): void {
    if (!this.recent.has(id)) this.recent.set(id, outcome);
    if (this.recent.size <= RECENT_MAX) return;
    for (const oldest of this.recent.keys()) {
      this.recent.delete(oldest);
      return;
    }
  }

  /** Somebody knows more than this node: asks for it, unless an answer may still be under way. */
  protected heardOf(from: NodeId, applied: number): void {
    if (applied > this.applied && this.now() - this.#fetchedAt >= this.options.resendMs) this.#fetch(from);
  }

  #fetch(from: NodeId): void {
    this.#fetchedAt = this.now();
    this.send(from, { type: 'fetch', from: this.applied + 1, ...this.#incoming.partOf(from) });
  }

  protected onFetch(to: NodeId, { from, ...part }: Fetch): void {
    const { snapshot, base } = this.storage;
    if (from <= base && snapshot !== null) {
      this.send(to, nextChunk(snapshot, part, this.options.snapshotChunk));
      return;
    }
    const last = Math.min(this.applied, from + this.options.maxBatch - 1);
    const entries: Entry[] = [];
    for (let slot = from; slot <= last; slot++) entries.push(this.storage.chosenAt(slot) ?? NO_OP);
    this.send(to, { type: 'decided', from, entries });
  }

  protected onDecided({ from, entries }: Decided): void {
    entries.forEach((entry, index) => this.choose(from + index, entry));
    // There may be more where this came from.
    if (entries.length > 1) this.#fetchedAt = -Infinity;
  }

  /** Compacts the log when it has grown. Each node does so by itself, of what it has applied. */
  #takeSnapshotIfDue(): void {
    const { applied: index } = this;
    const base = compactionDue(index, this.storage.snapshot, this.options);
    if (base === undefined) return;
    this.storage.saveSnapshot({ index, state: this.machine.save() }, base);
    this.context.failPoint('snapshot-saved');
    this.context.log.info('snapshot-taken', { index });
  }

  /** Collects a snapshot, piece by piece, and becomes what it says when it is whole. */
  protected onSnapshotChunk(from: NodeId, chunk: SnapshotChunk): void {
    if (chunk.index <= this.applied) return;
    const whole = this.#incoming.add(from, chunk);
    if (whole === 'misplaced') return;
    if (whole === 'unfinished') this.#fetch(from);
    else this.#install(whole);
  }

  /** What this node knew of the slots up to there may have gaps, so it begins anew after them. */
  #install(snapshot: Snapshot): void {
    const { index } = snapshot;
    this.storage.saveSnapshot(snapshot, index);
    this.context.failPoint('snapshot-saved');
    this.#restoreSnapshot();
    for (const known of [this.open, this.#decisions])
      for (const slot of known.keys()) if (slot <= index) known.delete(slot);
    this.context.log.info('snapshot-installed', { index });
    this.slotsCovered(index);
    this.#fetchedAt = -Infinity;
    this.applyChosen();
  }

  /** Becomes what the newest snapshot says. */
  #restoreSnapshot(): void {
    if (this.storage.snapshot === null) return;
    this.machine.restore(this.storage.snapshot.state);
    this.applied = this.storage.snapshot.index;
  }
}

/** The votes of that round. */
export function votesIn({ votes }: OpenSlot, round: Round): Vote[] {
  return [...votes.values()].filter((vote) => compareRounds(vote.round, round) === 0);
}
