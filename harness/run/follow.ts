/**
 * Follows a run while it goes on, to stop it at the first violation.
 *
 * In the simulator the checks look at each entry as it is recorded, in the harness's own thread: only so is where a run stops part of
 * the run, and the same for the same seed. Everywhere else they work in a thread of their own, because a check may be slow, or never
 * return, and clients must not wait for it. Entries go there a batch at a time, the next when the last was taken, so that a thread that
 * does not keep up holds no copy of what it has not seen.
 */
import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { Checker } from '../history/checker.ts';
import type { History, Operation } from '../history/operation.ts';
import { moduleBeside } from '../module-url.ts';
import type { FollowMessage, FollowTask } from './follow-messages.ts';
import { type Found, OnlineChecks } from './online-checks.ts';

/** Who looks on while the history of a run grows. */
export interface Follower {
  /** Aborts as soon as a violation is found. */
  readonly signal: AbortSignal;
  /** What was found. */
  readonly found: Found | undefined;
  /** What kept a check from looking at everything, a sentence each. Complete once closed. */
  readonly notes: readonly string[];
  /** An entry was recorded. Never throws. */
  add(entry: Operation): void;
  /** The run is over. Never rejects. */
  close(): Promise<void>;
}

/** Entries of a batch, at most. */
const BATCH_MAX = 500;
/** How long an entry waits for others to go with it. */
const BATCH_MS = 20;
/** At the end of the run, how long the thread may take for what it has not seen yet. */
const CATCH_UP_MS = 1000;
/** The largest heap that the thread may use, in MiB. */
const HEAP_MIB = 2048;

/** Follows in this thread, in step with the run. */
export async function followHere(checkers: readonly Checker[]): Promise<Follower> {
  const checks = await OnlineChecks.start(checkers);
  const violated = new AbortController();
  let found: Found | undefined;
  return {
    signal: violated.signal,
    get found() {
      return found;
    },
    notes: checks.notes,
    add(entry) {
      if (found !== undefined) return;
      found = checks.add(entry);
      if (found !== undefined) violated.abort();
    },
    close: () => Promise.resolve(),
  };
}

/** Follows in a thread of its own. The history is the one that entries are recorded to. */
export function followApart(task: FollowTask, history: History): Follower {
  return new FollowerApart(task, history);
}

class FollowerApart implements Follower {
  readonly signal: AbortSignal;
  readonly notes: string[] = [];
  found: Found | undefined;
  readonly #violated = new AbortController();
  readonly #task: FollowTask;
  readonly #history: History;
  readonly #worker: Worker;
  /** Entries that were sent. */
  #sent = 0;
  /** Entries of which it is known that the thread has looked at them. */
  #seen = 0;
  /** Whether the thread waits for entries. */
  #idle = false;
  #timer: NodeJS.Timeout | undefined;
  #closing = false;
  /** The thread is through, or gone. */
  #done: () => void = () => undefined;
  #gone = false;

  constructor(task: FollowTask, history: History) {
    this.#task = task;
    this.#history = history;
    this.signal = this.#violated.signal;
    this.#worker = new Worker(new URL(moduleBeside(import.meta.url, './follow-worker')), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    });
    this.#worker.on('message', (message: FollowMessage) => this.#take(message));
    this.#worker.on('error', (error) => this.#lose(messageOf(error)));
    // Without an error: a check that ended its thread.
    this.#worker.on('exit', () => this.#lose('its thread ended'));
  }

  add(): void {
    if (!this.#idle) return;
    if (this.#history.length - this.#sent >= BATCH_MAX) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), BATCH_MS);
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (!this.#gone && !this.signal.aborted) await this.#caughtUp();
    const lost = this.#gone;
    this.#gone = true;
    clearTimeout(this.#timer);
    await this.#worker.terminate();
    if (lost || this.signal.aborted || this.#seen === this.#history.length) return;
    const { checkers } = this.#task;
    this.notes.push(
      `The run was followed by ${namesOf(checkers)}, which had looked at ${this.#seen} of ${this.#history.length} entries when it was over.`,
    );
  }

  #take(message: FollowMessage): void {
    if (message.kind === 'note') this.notes.push(message.note);
    else if (message.kind === 'found') this.#find(message.found);
    else {
      this.#seen = this.#sent;
      this.#idle = true;
      if (this.#closing || this.#history.length - this.#sent >= BATCH_MAX) this.#send();
      else if (this.#history.length > this.#sent) this.add();
    }
  }

  #find(found: Found): void {
    this.found = found;
    this.#violated.abort();
    this.#done();
  }

  #lose(why: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#idle = false;
    this.notes.push(
      `The run was followed by ${namesOf(this.#task.checkers)} for its first ${this.#seen} entries only: ${why}.`,
    );
    this.#done();
  }

  /** The next batch; none if there is nothing to send. */
  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#idle) return;
    if (this.#sent === this.#history.length) {
      if (this.#closing) this.#done();
      return;
    }
    const batch = this.#history.slice(this.#sent, this.#sent + BATCH_MAX);
    this.#sent += batch.length;
    this.#idle = false;
    this.#worker.postMessage(batch);
  }

  /** Resolves when the thread has seen everything, or has had its time. */
  #caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, CATCH_UP_MS);
      this.#done = () => {
        clearTimeout(limit);
        resolve();
      };
      this.#send();
    });
  }
}

function namesOf(checkers: readonly string[]): string {
  return checkers.map((name) => `"${name}"`).join(' and ');
}
