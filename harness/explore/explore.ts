/**
 * The search for a failure: scenario after scenario, as many at a time as the evaluator can, until something is found
 * or nothing is left to spend.
 */
import type { Evaluator, Failure, Outcome } from './evaluate.ts';
import type { Scenario } from './scenario.ts';

/** What to search, and for how long. */
export interface ExploreRequest {
  /** The scenario of a seed. */
  readonly draw: (seed: string) => Scenario;
  readonly evaluator: Evaluator;
  /** Seed of the first run; each further run has the next one. */
  readonly firstSeed: number;
  /** Runs at most; without end unless given. */
  readonly runs?: number;
  /** Milliseconds of real time at most; runs under way come to their end. */
  readonly budgetMs?: number;
  /** Goes on after a failure. */
  readonly keepGoing: boolean;
  readonly signal: AbortSignal;
}

/** A failure as it was found first, and how many runs failed in the same way. */
export interface Found {
  readonly scenario: Scenario;
  readonly failure: Failure;
  /** Runs before it, its own included. */
  readonly after: number;
  readonly count: number;
}

/** How far a search has come; all counts grow while it goes on. */
export interface Exploration {
  readonly runs: number;
  /** Client operations in all runs. */
  readonly operations: number;
  readonly simulatedMs: number;
  readonly elapsedMs: number;
  /** Different behaviours that were seen. */
  readonly behaviours: number;
  /** By kind, in the order in which they were found. */
  readonly found: readonly Found[];
  /** Runs of which nobody can say whether they were right, by reason. */
  readonly unknown: ReadonlyMap<string, number>;
  /** Runs that were not judged, because too little happened or a fault was not confirmed. */
  readonly thin: number;
  readonly interrupted: boolean;
}

/** Looking on makes a run a seventh slower, and one in so many tells nearly as well whether a search still meets anything new. */
const LOOK_AT = 4;

/** A search that can be watched. */
export class Explorer {
  readonly #request: ExploreRequest;
  readonly #begun = performance.now();
  readonly #found = new Map<string, Found>();
  readonly #unknown = new Map<string, number>();
  readonly #behaviours = new Set<number>();
  #started = 0;
  #runs = 0;
  #operations = 0;
  #simulatedMs = 0;
  #thin = 0;
  #over = false;

  constructor(request: ExploreRequest) {
    this.#request = request;
  }

  /** Searches. Rejects with a UsageError when scenarios cannot be run, and a HarnessError when the harness fails. */
  async run(): Promise<Exploration> {
    const { evaluator } = this.#request;
    await Promise.all(Array.from({ length: evaluator.width }, () => this.#lane()));
    return this.state;
  }

  /** How far it has come. */
  get state(): Exploration {
    return {
      runs: this.#runs,
      operations: this.#operations,
      simulatedMs: this.#simulatedMs,
      elapsedMs: performance.now() - this.#begun,
      behaviours: this.#behaviours.size,
      found: [...this.#found.values()],
      unknown: this.#unknown,
      thin: this.#thin,
      interrupted: this.#request.signal.aborted,
    };
  }

  get #spent(): boolean {
    const { runs = Infinity, budgetMs = Infinity, signal } = this.#request;
    return (
      this.#over || signal.aborted || this.#started >= runs || performance.now() - this.#begun >= budgetMs
    );
  }

  /** One scenario after another. */
  async #lane(): Promise<void> {
    const { draw, evaluator, firstSeed } = this.#request;
    while (!this.#spent) {
      const features = this.#started % LOOK_AT === 0;
      const scenario = draw(String(firstSeed + this.#started++));
      try {
        this.#count(scenario, await evaluator.evaluate(scenario, { features }));
      } catch (error) {
        if (this.#request.signal.aborted) return;
        this.#over = true;
        throw error;
      }
    }
  }

  #count(scenario: Scenario, outcome: Outcome): void {
    this.#runs++;
    this.#operations += outcome.operations;
    this.#simulatedMs += outcome.simulatedMs;
    for (const behaviour of outcome.features) this.#behaviours.add(behaviour);
    const { failure, unknown = '', thin } = outcome;
    if (failure !== undefined) this.#fail(scenario, failure);
    else if (thin === true) this.#thin++;
    else if (outcome.valid === 'unknown') this.#unknown.set(unknown, (this.#unknown.get(unknown) ?? 0) + 1);
  }

  #fail(scenario: Scenario, failure: Failure): void {
    const before = this.#found.get(failure.kind);
    const first = before ?? { scenario, failure, after: this.#runs };
    this.#found.set(failure.kind, { ...first, count: (before?.count ?? 0) + 1 });
    if (!this.#request.keepGoing) this.#over = true;
  }
}
