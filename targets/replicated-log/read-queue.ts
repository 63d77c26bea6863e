/**
 * Linearizable reads without an entry in the log (ReadIndex in Ongaro's dissertation, section 6.4; the same in
 * Paxos): a read is answered once a round of messages to a majority, begun after it came, has shown that no later
 * leader had been elected by then, and once everything is applied that was chosen before. One round serves
 * all reads that came before it.
 */
import type { Waiting } from './requests.ts';
import type { Query, StateMachine } from './state-machine.ts';

/** A read that waits until `round` is confirmed and `index` is applied. */
interface WaitingRead extends Waiting {
  readonly query: Query;
  readonly index: number;
  readonly round: number;
}

/** The reads that a leader has not yet answered. */
export class ReadQueue {
  #reads: WaitingRead[] = [];

  get isEmpty(): boolean {
    return this.#reads.length === 0;
  }

  add(read: WaitingRead): void {
    this.#reads.push(read);
  }

  /** Answers what may be answered now: rounds are confirmed and entries applied up to these. */
  answer(machine: StateMachine, confirmed: number, applied: number): void {
    const mayAnswer = (read: WaitingRead): boolean => read.round <= confirmed && read.index <= applied;
    const ready = this.#reads.filter(mayAnswer);
    if (ready.length > 0) this.#reads = this.#reads.filter((read) => !mayAnswer(read));
    for (const { query, resolve } of ready) resolve(machine.read(query));
  }

  /** True if reads wait for a later round than this. */
  needsRoundAfter(round: number): boolean {
    return this.#reads.some((read) => read.round > round);
  }

  rejectAll(error: Error): void {
    for (const { reject } of this.#reads) reject(error);
    this.#reads = [];
  }
}
