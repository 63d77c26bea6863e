/**
 * Watches: clients that wait for the first change of a node after what they have read of it. Each fires once. A watch is not part of the
 * replicated state; it lives with the leader, and whoever loses its leader sets it again at the next one, with the zxid of what it has read
 * (as ZooKeeper's clients do with SetWatches). So what changed in between is not missed.
 */
import type { NodeTimers } from '../../harness/node/program.ts';
import type { Waiting } from '../replicated-log/requests.ts';
import type { Outcome, Query } from '../replicated-log/state-machine.ts';

/** What a watch answers when nothing has changed, as long as it may wait. */
export const UNCHANGED: Outcome = { ok: true, value: null };

/** Somebody who waits. */
interface Watch extends Waiting {
  readonly query: Query;
}

/** Those who wait at one leader. */
export class Watches {
  readonly #timers: NodeTimers;
  readonly #ask: (query: Query) => Outcome;
  readonly #waiting = new Set<Watch>();

  /** @param ask answers from what is applied now */
  constructor(timers: NodeTimers, ask: (query: Query) => Outcome) {
    this.#timers = timers;
    this.#ask = ask;
  }

  /**
   * Resolves when this question has an answer, and without one after `waitMs`. Whether it has one already is looked up in the
   * same step in which the watch is set, so that no change falls between.
   */
  set(query: Query, waitMs: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const watch = { query, resolve, reject };
      this.#waiting.add(watch);
      this.#look(watch);
      if (this.#waiting.has(watch)) this.#timers.after(waitMs, () => this.#settle(watch, UNCHANGED));
    });
  }

  /** Something was applied. */
  fire(): void {
    for (const watch of this.#waiting) this.#look(watch);
  }

  rejectAll(error: Error): void {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  #look(watch: Watch): void {
    const outcome = this.#ask(watch.query);
    if (!outcome.ok || outcome.value !== null) this.#settle(watch, outcome);
  }

  #settle(watch: Watch, outcome: Outcome): void {
    if (this.#waiting.delete(watch)) watch.resolve(outcome);
  }
}
