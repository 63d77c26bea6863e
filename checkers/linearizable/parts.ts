/**
 * Searches the parts of a history within one time limit. Most histories are decided in milliseconds, so this
 * thread begins by itself, the smallest part first; only what is left after that is worth starting threads for.
 *
 * One part that is not linearizable settles the verdict: the rest gets a little more time, for the report, and
 * not the whole of the time limit.
 */
import type { LoadedModel } from '../models/load.ts';
import { absoluteNow, Deadline } from './deadline.ts';
import { nothingLearnt, searchPart, type PartOutcome, type PartSettings } from './part-search.ts';
import type { Part } from './split.ts';
import { searchInWorkers, type PoolRequest } from './worker-pool.ts';

/**
 * Milliseconds that this thread searches before it starts others, for all parts and for one. To start one costs some tenths of
 * a second, and whoever checks many short histories on a busy machine must not come to it by chance.
 */
const OWN_MS = 2_500;
const OWN_PART_MS = 2_000;
/** Milliseconds that must be left for threads to be started at all. */
const THREAD_MS_MIN = 50;
/** Milliseconds for the rest once a part has failed: as much as was spent until then, within these bounds. */
const SETTLED_MS_MIN = 20;
const SETTLED_MS_MAX = 1000;
const SETTLED_WHY = 'another key is not linearizable, which settles the verdict, so this one was left';
/** Part of the time limit after which a thread that does not stop by itself is ended. */
const GRACE = 0.05;
const GRACE_MS_MIN = 25;

/** How far the search has come. */
export interface Progress {
  /** Parts (keys) of the history, and how many are decided. */
  readonly parts: number;
  readonly decided: number;
  /** How many of those are not linearizable. */
  readonly invalid: number;
}

/** What is searched, and how long. */
export interface PartsRequest {
  readonly loaded: LoadedModel;
  readonly settings: PartSettings;
  readonly timeoutMs: number;
  /** How many threads may search at once, beside this one while it waits for them. */
  readonly threads: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** One search of all parts: the outcomes so far, and what is still to do. */
class PartsSearch {
  readonly #parts: readonly Part[];
  readonly #request: PartsRequest;
  readonly #deadline: Deadline;
  readonly #outcomes: PartOutcome[];
  readonly #begun = performance.now();
  #decided = 0;
  #invalid = 0;

  constructor(parts: readonly Part[], request: PartsRequest) {
    this.#parts = parts;
    this.#request = request;
    this.#deadline = Deadline.at(absoluteNow() + request.timeoutMs);
    this.#outcomes = parts.map(() => ({
      ...nothingLearnt('the time was up before it was looked at'),
      outOfTime: true,
    }));
  }

  async run(): Promise<readonly PartOutcome[]> {
    const bySize = [...this.#parts.keys()].sort((a, b) => this.#sizeOf(a) - this.#sizeOf(b));
    const { reference } = this.#request.loaded;
    if (reference === undefined) {
      for (const position of bySize) this.#searchHere(position, () => this.#deadline.remainingMs);
    } else {
      // A module of the user's own may never return, so it never runs in this thread.
      const rest = typeof reference === 'string' ? this.#searchBriefly(bySize) : bySize;
      if (this.#deadline.remainingMs > THREAD_MS_MIN) await this.#searchElsewhere(rest, reference);
    }
    if (this.#invalid === 0) return this.#outcomes;
    return this.#outcomes.map((outcome) => (outcome.outOfTime ? { ...outcome, why: SETTLED_WHY } : outcome));
  }

  #searchElsewhere(rest: readonly number[], reference: PoolRequest['reference']): Promise<void> {
    return searchInWorkers({
      reference,
      settings: this.#request.settings,
      threads: this.#request.threads,
      parts: rest.flatMap((position) => this.#parts[position] ?? []),
      deadline: this.#deadline,
      graceMs: Math.max(GRACE_MS_MIN, GRACE * this.#request.timeoutMs),
      onOutcome: (restPosition, outcome) => {
        const position = rest[restPosition];
        if (position !== undefined) this.#record(position, outcome);
      },
    });
  }

  /** Searches in this thread for a moment; the answer is what that did not decide. */
  #searchBriefly(positions: readonly number[]): number[] {
    const end = absoluteNow() + OWN_MS;
    return positions.filter((position) => {
      const partEnd = Math.min(end, absoluteNow() + OWN_PART_MS);
      if (partEnd <= absoluteNow()) return true;
      const remainingMs = (): number => Math.min(partEnd - absoluteNow(), this.#deadline.remainingMs);
      return this.#searchHere(position, remainingMs).outOfTime;
    });
  }

  #searchHere(position: number, remainingMs: () => number): PartOutcome {
    const { loaded, settings } = this.#request;
    const part = this.#parts[position];
    if (part === undefined || remainingMs() < 0) return nothingLearnt('');
    const outcome = searchPart(part, loaded.model, settings, remainingMs);
    this.#record(position, outcome);
    return outcome;
  }

  #record(position: number, outcome: PartOutcome): void {
    const earlier = this.#outcomes[position];
    const learntLess = outcome.valid === 'unknown' && outcome.order.length < (earlier?.order.length ?? 0);
    this.#outcomes[position] =
      learntLess && earlier !== undefined ? { ...earlier, why: outcome.why ?? '' } : outcome;
    if (outcome.valid === 'unknown') return;
    this.#decided++;
    if (!outcome.valid) {
      this.#invalid++;
      const spentMs = performance.now() - this.#begun;
      this.#deadline.bringForward(Math.min(SETTLED_MS_MAX, Math.max(SETTLED_MS_MIN, spentMs)));
    }
    this.#request.onProgress?.({ parts: this.#parts.length, decided: this.#decided, invalid: this.#invalid });
  }

  #sizeOf(position: number): number {
    return this.#parts[position]?.calls.length ?? 0;
  }
}

/** Searches every part; the outcomes are in the order of the parts. */
export function searchParts(parts: readonly Part[], request: PartsRequest): Promise<readonly PartOutcome[]> {
  return new PartsSearch(parts, request).run();
}
