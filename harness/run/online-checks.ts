/**
 * The checks that follow a history while it grows, all those of a run together. They are a convenience: the whole history is checked
 * afterwards in any case. So one that throws, answers what is no answer or never gets ready is left out from then on, with a note, and
 * the run goes on. Checks are written by users as well.
 */
import { messageOf } from '../errors.ts';
import type { Checker, OnlineCheck, Violation } from '../history/checker.ts';
import type { Operation } from '../history/operation.ts';
import { type Json, isJsonObject } from '../json.ts';
import type { Target, Workload } from './target.ts';
import { isClaimed } from './verdicts.ts';

/** A violation, and who found it. */
export interface Found extends Violation {
  readonly checker: string;
}

/** How long a check may take to get ready: to load its model, say. */
const START_LIMIT_MS = 10_000;

/** Those of a run's checkers that can follow it and have a say in its verdict, under faults of these families. */
export function followable(
  { checkers: own = [], claims }: Pick<Target, 'checkers' | 'claims'>,
  { checkers }: Pick<Workload, 'checkers'>,
  families: readonly string[],
): Checker[] {
  const byName = new Map([...checkers, ...own].map((checker) => [checker.name, checker]));
  return [...byName.values()].filter((checker) => {
    if (checker.online === undefined) return false;
    const resting = claims.filter((claim) => claim.checker === checker.name);
    const claimed = resting.some(({ under }) => families.every((family) => isClaimed(under, family)));
    return resting.length === 0 || claimed;
  });
}

/** What was found, in words: `key 7 fails the check "linearizable" up to index 412`. */
export function foundWords({ checker, key, index }: Found): string {
  const what = key === undefined ? 'the history' : `key ${keyWords(key)}`;
  return `${what} fails the check "${checker}" up to index ${index}`;
}

function keyWords(key: Json): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}

/** Several checks, which look at the same history. */
export class OnlineChecks {
  /** What became of those that were left out, a sentence each. */
  readonly notes: string[] = [];
  readonly #checks = new Map<string, OnlineCheck>();

  /** Resolves when all are ready that ever will be; never rejects. */
  static async start(checkers: readonly Checker[], limitMs = START_LIMIT_MS): Promise<OnlineChecks> {
    const checks = new OnlineChecks();
    for (const checker of checkers) await checks.#start(checker, limitMs);
    return checks;
  }

  /** Shows the next entry to each; the answer is what the first of them finds. */
  add(entry: Operation): Found | undefined {
    for (const [checker, check] of this.#checks) {
      try {
        const violation = check.add(entry);
        if (violation === undefined) continue;
        requireViolation(violation);
        return { checker, ...violation };
      } catch (error) {
        this.#leaveOut(checker, `failed at entry ${entry.index}: ${messageOf(error)}`);
      }
    }
    return undefined;
  }

  async #start(checker: Checker, limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it was not ready after ${limitMs / 1000} s`)), limitMs);
    });
    try {
      const check = await Promise.race([checker.online?.(), late]);
      if (check !== undefined) this.#checks.set(checker.name, check);
    } catch (error) {
      this.#leaveOut(checker.name, `could not begin: ${messageOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #leaveOut(checker: string, why: string): void {
    this.#checks.delete(checker);
    this.notes.push(`The check "${checker}" did not follow the run to its end, for it ${why}.`);
  }
}

/** A run is not stopped by what is no violation. */
function requireViolation(answer: unknown): asserts answer is Violation {
  if (isJsonObject(answer) && Number.isInteger(answer['index'])) return;
  throw new TypeError(`expected { index } of it, or undefined; got ${JSON.stringify(answer)}`);
}
