/**
 * A node of the coordination service: a Raft node (targets/raft) whose log is for the tree (tree.ts), with what only the leader does:
 * it hears from sessions (session-clock.ts) and keeps watches (watches.ts).
 *
 * Every request that names a session is a sign of life of it, and every answer a promise: that the session was alive when the request came,
 * and will be for its time-out from then on. Nobody but a leader may promise that, and somebody who was deposed does not know it. Its
 * successor counts from when *it* took office. So an answer is given only when it is proved that this node still led after the request came:
 * by the command's being committed, or by a round of messages that began afterwards (Raft, section 6.4). A successor took office after that.
 */
import { Refusal, type RequestHandler } from '../../harness/node/program.ts';
import { numberOf } from '../guarded-resource/requests.ts';
import { RaftNode } from '../raft/raft.ts';
import type { Outcome, StateMachine } from '../replicated-log/state-machine.ts';
import {
  durationOf,
  pathOf,
  sessionOf,
  updateOf,
  watchOf,
  type SessionQuery,
  type Update,
  type WatchQuery,
} from './requests.ts';
import { SessionClock } from './session-clock.ts';
import { Tree } from './tree.ts';
import { Watches } from './watches.ts';

/** A watch, in a session or in none. */
export type Watched = SessionQuery & WatchQuery;

const EXPIRED = 'session-expired';

/** A node of the ensemble. Broken variants extend it. */
export class CoordinationServer extends RaftNode {
  private readonly sessions = this.createSessionClock();
  private readonly watches = new Watches(this.context.timers, (query) => this.machine.read(query));

  protected override createMachine(): StateMachine {
    return new Tree();
  }

  protected createSessionClock(): SessionClock {
    return new SessionClock();
  }

  protected override clientHandlers(): Readonly<Record<string, RequestHandler>> {
    const update =
      (f: Update['f']): RequestHandler =>
      (body) =>
        this.update(updateOf(f, body));
    return {
      'open-session': (body) => this.openSession(durationOf(body, 'ttlMs')),
      'close-session': (body) => this.endSession('close-session', numberOf(body, 'session')),
      touch: (body) => this.touch(numberOf(body, 'session')),
      create: update('create'),
      set: update('set'),
      delete: update('delete'),
      get: (body) => this.ask({ f: 'get', session: sessionOf(body), path: pathOf(body) }),
      children: (body) => this.ask({ f: 'children', session: sessionOf(body), path: pathOf(body) }),
      watch: (body) => this.watch(watchOf(body), durationOf(body, 'waitMs')),
    };
  }

  /** Its first sign of life is that it is there. */
  private async openSession(ttlMs: number): Promise<Outcome> {
    const outcome = await this.propose({ f: 'open-session', ttlMs });
    if (outcome.ok) this.sessions.heard(Number(outcome.value), this.now());
    return outcome;
  }

  private async endSession(f: 'close-session' | 'expire-session', session: number): Promise<Outcome> {
    const outcome = await this.propose({ f, session });
    this.sessions.ended(session);
    return outcome;
  }

  private update(update: Update): Promise<Outcome> {
    return this.inSession(update.session, () => this.propose(update));
  }

  private ask(query: SessionQuery): Promise<Outcome> {
    return this.inSession(query.session, () => this.read(query));
  }

  /** A sign of life and nothing else. */
  private touch(session: number): Promise<Outcome> {
    return this.inSession(session, () => this.confirm(session));
  }

  /** Answers whether the session was alive when it was heard from. */
  protected confirm(session: number): Promise<Outcome> {
    return this.read({ f: 'session', session });
  }

  /** Waits for a change, up to `waitMs`. That it asks first proves that this node leads and the session lives. */
  private async watch(query: Watched, waitMs: number): Promise<Outcome> {
    const awaited = this.awaited(query);
    const found = await this.ask(awaited);
    if (!found.ok || found.value !== null) return found;
    this.requireLeadership();
    return this.watches.set(awaited, waitMs);
  }

  /** What a watch waits for: the first change after what its client has read, whenever the watch was set. */
  protected awaited(query: Watched): Watched {
    return query;
  }

  /** Notes the sign of life. A session whose end is in the log cannot be said to live any more, nor yet to be over. */
  private async inSession(session: number | null, ask: () => Promise<Outcome>): Promise<Outcome> {
    if (session === null) return ask();
    this.requireLeadership();
    if (this.sessions.isEnding(session)) throw new Refusal('session-is-ending');
    this.sessions.heard(session, this.now());
    const outcome = await ask();
    if (!outcome.ok && outcome.error === EXPIRED) this.sessions.ended(session);
    return outcome;
  }

  protected override leadershipGained(): void {
    this.sessions.reset();
    super.leadershipGained();
  }

  protected override entryApplied(index: number, outcome: Outcome): void {
    super.entryApplied(index, outcome);
    if (this.role !== 'leader') return;
    if (index === this.noopIndex) this.sessions.takeOffice(this.now());
    this.watches.fire();
  }

  protected override leaderTicked(): void {
    super.leaderTicked();
    for (const session of this.sessions.overdue(this.livingSessions(), this.now())) void this.expire(session);
  }

  private livingSessions(): readonly (readonly [id: number, ttlMs: number])[] {
    const outcome = this.machine.read({ f: 'sessions' });
    return outcome.ok ? (outcome.value as [number, number][]) : [];
  }

  private async expire(session: number): Promise<void> {
    try {
      await this.endSession('expire-session', session);
      this.context.log.info('session-expired', { session });
    } catch {
      // Leadership was lost. The session ends by that all the same, or the next leader counts anew.
    }
  }

  protected override leadershipLost(): void {
    super.leadershipLost();
    this.watches.rejectAll(this.notLeader());
  }

  private now(): number {
    return this.context.clock.monotonic();
  }
}
