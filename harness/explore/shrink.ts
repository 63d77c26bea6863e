/**
 * Shrinking: from a scenario that fails to a small one that fails in the same way. fast-check does it, asking for
 * one candidate after the other; what it will ask next is evaluated ahead, so that all processes of the
 * evaluator have work.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Evaluator, Failure, Outcome } from './evaluate.ts';
import type { Kit } from './kit.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioArbitrary, type KitRules } from './arbitrary.ts';

/** How far shrinking has come. */
export interface ShrinkProgress {
  /** The smallest so far. */
  readonly scenario: Scenario;
  readonly outcome: Outcome;
  /** Scenarios evaluated, and those of them that were simpler and failed in the same way. */
  readonly tried: number;
  readonly accepted: number;
}

/** What shrinking came to. */
export interface Shrunk extends ShrinkProgress {
  /** Whether it ended because nothing simpler was found, and not for want of time. */
  readonly finished: boolean;
}

/** Choices. */
export interface ShrinkOptions {
  /** What the scenario is run with: says what there is in the place of a fault, and how few nodes may be. */
  readonly kit: Pick<Kit, 'families' | 'target'>;
  /** Milliseconds of real time. */
  readonly budgetMs: number;
  readonly signal?: AbortSignal;
  /** Called after each evaluation. */
  readonly progress?: (state: ShrinkProgress) => void;
}

/** What shrinking scenarios of this kit must know. */
export function rulesOf({ families, target }: ShrinkOptions['kit']): KitRules {
  return { families, nodesMin: target.nodesMin ?? 1 };
}

/** Names a scenario: the texts of long ones would fill the memory. */
export function digestOf(scenario: Scenario): string {
  return createHash('sha1').update(JSON.stringify(scenario)).digest('base64');
}

/**
 * Shrinks a scenario in which this failure was found. Resolves with the smallest that was found before the budget
 * was over; rejects like the evaluator if the scenario itself cannot be run, and with an Error if it does not fail.
 */
export async function shrink(
  scenario: Scenario,
  failure: Failure,
  evaluator: Evaluator,
  options: ShrinkOptions,
): Promise<Shrunk> {
  const search = new Search(evaluator, failure, options);
  const begun = performance.now();
  const start = await search.writtenOut(scenario);
  const scenarios = new ScenarioArbitrary(
    () => start,
    rulesOf(options.kit),
    () => !search.aborted,
  );
  const arbitrary = new Ahead(scenarios, search);
  const left = Math.max(1, options.budgetMs - (performance.now() - begun));
  const property = fc.asyncProperty(arbitrary, async (candidate) => !(await search.fails(candidate)));
  const details = await fc.check(property, { numRuns: 1, interruptAfterTimeLimit: left });
  await search.end();
  await search.time();
  return { ...search.state, finished: !details.interrupted && options.signal?.aborted !== true };
}

/** Answers what fast-check asks, each scenario evaluated once. */
class Search {
  readonly #evaluator: Evaluator;
  readonly #failure: Failure;
  readonly #options: ShrinkOptions;
  /** What came out, by digest. */
  readonly #outcomes = new Map<string, Promise<Outcome | undefined>>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #aborted: Promise<undefined>;
  #best: { readonly scenario: Scenario; readonly outcome: Outcome } | undefined;
  #tried = 0;
  #accepted = 0;

  constructor(evaluator: Evaluator, failure: Failure, options: ShrinkOptions) {
    this.#evaluator = evaluator;
    this.#failure = failure;
    this.#options = options;
    this.#aborted = new Promise((resolve) =>
      options.signal?.addEventListener('abort', () => resolve(undefined), { once: true }),
    );
  }

  /** Whether the evaluator has work for all its processes. */
  get busy(): boolean {
    return this.#underWay.size >= this.#evaluator.width;
  }

  get aborted(): boolean {
    return this.#options.signal?.aborted === true;
  }

  get state(): ShrinkProgress {
    if (this.#best === undefined) throw new Error('nothing was evaluated');
    return { ...this.#best, tried: this.#tried, accepted: this.#accepted };
  }

  /** The scenario with its operations one by one if it still fails so, else as it is. */
  async writtenOut(scenario: Scenario): Promise<Scenario> {
    const outcome = await this.#evaluator.evaluate(scenario, { recorded: true });
    if (!this.#isFailure(outcome))
      throw new Error(
        `the scenario does not fail as it is said to: ${this.#failure.kind}: ${this.#failure.summary}`,
      );
    this.#best = { scenario, outcome };
    const { recorded } = outcome;
    return recorded !== undefined && (await this.fails(recorded)) ? recorded : scenario;
  }

  /** Begins to evaluate it, in case that it is asked for. */
  begin(scenario: Scenario): void {
    void this.#outcomeOf(scenario);
  }

  /** Whether it fails in the same way. */
  async fails(scenario: Scenario): Promise<boolean> {
    const outcome = await Promise.race([this.#outcomeOf(scenario), this.#aborted]);
    if (outcome === undefined || !this.#isFailure(outcome)) return false;
    this.#accepted++;
    this.#best = { scenario, outcome };
    this.#options.progress?.(this.state);
    return true;
  }

  /** Has the smallest begin its faults at their times, where they wait for something, if it still fails so: that says more. */
  async time(): Promise<void> {
    if (this.aborted || this.#best?.scenario.faults.every(({ trigger }) => trigger === undefined) !== false)
      return;
    const { timed } = await this.#evaluator.evaluate(this.#best.scenario, { timed: true });
    if (timed !== undefined) await this.fails(timed);
  }

  /** Waits for what is still under way. */
  async end(): Promise<void> {
    if (!this.aborted) await Promise.all(this.#underWay);
  }

  #isFailure({ valid, failure }: Outcome): boolean {
    return valid === false && failure?.kind === this.#failure.kind;
  }

  #outcomeOf(scenario: Scenario): Promise<Outcome | undefined> {
    const digest = digestOf(scenario);
    const known = this.#outcomes.get(digest);
    if (known !== undefined) return known;
    const outcome = this.#evaluate(scenario);
    this.#outcomes.set(digest, outcome);
    return outcome;
  }

  /** What cannot be run does not fail in the way that is looked for. */
  #evaluate(scenario: Scenario): Promise<Outcome | undefined> {
    const outcome = this.#evaluator.evaluate(scenario).catch(() => undefined);
    const over = outcome.then(() => {
      this.#underWay.delete(over);
      this.#tried++;
      if (this.#best !== undefined) this.#options.progress?.(this.state);
    });
    this.#underWay.add(over);
    return outcome;
  }
}

/** The same arbitrary, whose next candidates are evaluated before they are asked for. */
class Ahead extends fc.Arbitrary<Scenario> {
  readonly #arbitrary: ScenarioArbitrary;
  readonly #search: Search;

  constructor(arbitrary: ScenarioArbitrary, search: Search) {
    super();
    this.#arbitrary = arbitrary;
    this.#search = search;
  }

  generate(random: fc.Random): fc.Value<Scenario> {
    return this.#arbitrary.generate(random);
  }

  canShrinkWithoutContext(value: unknown): value is Scenario {
    return this.#arbitrary.canShrinkWithoutContext(value);
  }

  shrink(value: Scenario, context?: unknown): fc.Stream<fc.Value<Scenario>> {
    return fc.stream(this.#begun(this.#arbitrary.shrink(value, context)));
  }

  *#begun(candidates: Iterable<fc.Value<Scenario>>): Generator<fc.Value<Scenario>, void> {
    const waiting: fc.Value<Scenario>[] = [];
    for (const candidate of candidates) {
      this.#search.begin(candidate.value);
      waiting.push(candidate);
      while (this.#search.busy) {
        const next = waiting.shift();
        if (next === undefined) break;
        yield next;
      }
    }
    yield* waiting;
  }
}
