/**
 * Changes of membership (chapter 4), by the leader: one server at a time, or any number by joint consensus. A server that
 * is to vote is a learner first, until it has caught up (section 4.2.1); a leader that is no longer a member steps down when that is
 * committed (section 4.2.2). Whoever leads when a joint consensus is half done finishes it.
 */
import { Refusal, type NodeId } from '../../harness/node/program.ts';
import type { Json } from '../../harness/json.ts';
import type { Waiting } from '../replicated-log/requests.ts';
import type { Outcome } from '../replicated-log/state-machine.ts';
import { Leader } from './leader.ts';
import { changed, changeOf, promoted, settled } from './members.ts';

/** A learner that has not caught up after so many of the longest election time-outs is given up: it stays a learner. */
const PATIENCE = 20;

/** The change that this leader was asked for. */
interface Change extends Waiting {
  /** The learner that will be a voter. */
  readonly promote: NodeId | null;
  /** When to give up, on the monotonic clock. */
  readonly deadline: number;
  /** What the learner must have to end this round of catching up, and when the round began. */
  round: { readonly target: number; readonly since: number };
}

/** Adds changes of membership to a leader. */
export abstract class Reconfiguration extends Leader {
  private change: Change | null = null;

  /** Throws `notLeader` unless this server leads. */
  protected abstract requireLeadership(): void;

  /** What a client is told that should ask the leader. */
  protected abstract notLeader(): Refusal;

  /** Carries out what the body asks for; answers the members when that is committed. */
  protected changeMembers(body: Json): Promise<Outcome> {
    this.requireLeadership();
    const { id, peers, clock } = this.context;
    const change = changeOf(body, [id, ...peers].toSorted());
    if (this.change !== null || !this.mayChangeMembers())
      throw new Refusal('a change of membership is under way, or this leader has not yet committed anything');
    const next = changed(this.log.members, change);
    const promote = 'add' in change && !change.learner && this.isNoVoter(change.add) ? change.add : null;
    if (next === undefined && promote === null) return Promise.resolve(this.toldMembers());
    if (next !== undefined) this.append({ command: null, members: next });
    const since = clock.monotonic();
    return new Promise((resolve, reject) => {
      const deadline = since + PATIENCE * this.options.electionTimeoutMs[1];
      const round = { target: this.log.lastIndex, since };
      this.change = { promote, deadline, round, resolve, reject };
      this.leaderAdvanced();
    });
  }

  /**
   * One change at a time, and none before an entry of this leader's own term is committed. The second half was missing
   * from the dissertation: two leaders could each add a server on the ground of a configuration that the other had
   * overtaken (D. Ongaro, "bug in single-server membership changes", raft-dev, July 2015).
   */
  protected mayChangeMembers(): boolean {
    return this.log.membersIndex <= this.commitIndex && this.noopIndex <= this.commitIndex;
  }

  private isNoVoter(node: NodeId): boolean {
    return !this.log.members.voters.includes(node);
  }

  private toldMembers(): Outcome {
    return { ok: true, value: this.log.members };
  }

  /** The next step, if the last one is committed. */
  protected override leaderAdvanced(): void {
    if (this.role !== 'leader' || !this.mayChangeMembers()) return;
    const { members } = this.log;
    if (members.outgoing.length > 0) {
      this.append({ command: null, members: settled(members) });
      return;
    }
    const promote = this.change?.promote ?? null;
    if (promote !== null && this.isNoVoter(promote)) {
      if (this.hasCaughtUp(promote)) this.append({ command: null, members: promoted(members, promote) });
      return;
    }
    this.change?.resolve(this.toldMembers());
    this.change = null;
    if (this.isNoVoter(this.context.id)) {
      this.context.log.info('left', { term: this.term });
      this.becomeFollower(this.term, null);
    }
  }

  /** Rounds, each up to the end of the log at its start, until one takes less than an election time-out (section 4.2.1). */
  private hasCaughtUp(learner: NodeId): boolean {
    const { change } = this;
    if (change === null || (this.progress.get(learner)?.match ?? 0) < change.round.target) return false;
    const now = this.context.clock.monotonic();
    const quick = now - change.round.since < this.options.electionTimeoutMs[0];
    change.round = { target: this.log.lastIndex, since: now };
    return quick;
  }

  protected override leaderTicked(): void {
    this.leaderAdvanced();
    if (this.change === null || this.context.clock.monotonic() < this.change.deadline) return;
    this.change.reject(new Error('the change of membership did not come to its end in time; it may yet'));
    this.change = null;
  }

  protected override leadershipLost(): void {
    super.leadershipLost();
    this.change?.reject(
      new Error('leadership was lost before the change was committed; it may or may not be'),
    );
    this.change = null;
  }
}
