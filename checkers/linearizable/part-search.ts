/**
 * Checks one part of a history and says in plain data what came out, so that it can cross from one thread to
 * another: the verdict, who gave it, and the evidence.
 */
import type { Json } from '../../harness/json.ts';
import type { Validity } from '../../harness/history/checker.ts';
import { ModelError } from '../models/guard.ts';
import type { Model } from '../models/model.ts';
import type { Calls } from './calls.ts';
import { Decider, type MonitorFound, type SearchFound } from './decide.ts';
import { Explainer, NOTHING_EXPLAINED, type Explanation } from './explain.ts';
import type { Algorithm, Reduction, SearchLimits } from './search.ts';
import { modelOfPart, type Part, type StartedModel } from './split.ts';

/** How a part is checked. */
export interface PartSettings {
  readonly algorithm: Algorithm;
  /** The first state, from `--init`; undefined for the model's own. */
  readonly init: Json | undefined;
  readonly memoryBytes: number;
  /** Also give the order where there is one. */
  readonly witness: boolean;
  /** False: nothing but the verdict. */
  readonly explain: boolean;
  /** Milliseconds that an explanation may take even if the verdict took less. */
  readonly explainMs: number;
  /** Reductions that are off. */
  readonly without: readonly Reduction[];
}

/** What came out for one part. Calls are named by their positions among the part's calls. */
export interface PartOutcome extends Explanation {
  readonly valid: Validity;
  /** Who gave the verdict: a monitor, a search; empty where nobody did. */
  readonly by: string;
  /** Why there is no verdict; set where `valid` is `unknown`. */
  readonly why?: string;
  /** More time might have given a verdict. */
  readonly outOfTime: boolean;
  readonly configurations: number;
  readonly tookMs: number;
}

const GAVE_UP = {
  deadline: 'the time was up before all orders were tried',
  memory: 'the memory limit was reached before all orders were tried',
  undecided: 'the search was told to leave out the pass that could decide it',
} as const;

/** Decides one part. A model's mistake is `unknown`, with what it did. */
export function searchPart(
  part: Part,
  whole: Model,
  settings: PartSettings,
  remainingMs: SearchLimits['remainingMs'],
): PartOutcome {
  const begun = performance.now();
  try {
    const started = modelOfPart({ model: whole, init: settings.init }, part);
    const check = new PartCheck(part.calls, started, settings, remainingMs);
    return { ...check.run(), tookMs: performance.now() - begun };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { ...nothingLearnt(error.message), tookMs: performance.now() - begun };
  }
}

/** The outcome of a search that ended before it could say anything. */
export function nothingLearnt(why: string): PartOutcome {
  return {
    ...NOTHING_EXPLAINED,
    valid: 'unknown',
    by: '',
    why,
    outOfTime: false,
    configurations: 0,
    tookMs: 0,
  };
}

type Outcome = Omit<PartOutcome, 'tookMs'>;

/** The check of one part. */
class PartCheck {
  readonly #calls: Calls;
  readonly #settings: PartSettings;
  readonly #decider: Decider;
  readonly #remainingMs: SearchLimits['remainingMs'];

  constructor(calls: Calls, started: StartedModel, settings: PartSettings, remainingMs: () => number) {
    this.#calls = calls;
    this.#settings = settings;
    this.#decider = new Decider(started);
    this.#remainingMs = remainingMs;
  }

  run(): Outcome {
    const { algorithm, memoryBytes, without } = this.#settings;
    const options = { algorithm, memoryBytes, without: new Set(without), remainingMs: this.#remainingMs };
    const begun = performance.now();
    const found = this.#decider.decide(this.#calls, options);
    if (found.kind === 'nobody') return nothingLearnt(found.why);
    const explainer = this.#explainer(performance.now() - begun);
    return found.kind === 'monitor' ? this.#byMonitor(found, explainer) : this.#bySearch(found, explainer);
  }

  #byMonitor({ by, verdict }: MonitorFound, explainer: Explainer | undefined): Outcome {
    const base = { by, outOfTime: false, configurations: 0, ...NOTHING_EXPLAINED };
    if (!verdict.valid)
      return { ...base, valid: false, ...explainer?.conflict(verdict.conflict, verdict.reason) };
    return { ...base, valid: true, order: this.#settings.witness ? this.#witness(verdict.order) : [] };
  }

  #bySearch(found: SearchFound, explainer: Explainer | undefined): Outcome {
    const { by, decision, configurations, search } = found;
    const base = { by, configurations, outOfTime: decision === 'deadline', ...NOTHING_EXPLAINED };
    switch (decision) {
      case 'linearizable':
        return { ...base, valid: true, order: this.#settings.witness ? search.longest() : [] };
      case 'not-linearizable':
        return { ...base, valid: false, ...explainer?.search(search) };
      default:
        return { ...base, valid: 'unknown', why: GAVE_UP[decision], ...explainer?.soFar(search) };
    }
  }

  /** The monitor's order or, where it makes none, that of a search; none if that takes too long. */
  #witness(order: (() => readonly number[]) | undefined): readonly number[] {
    if (order !== undefined) return order();
    const { memoryBytes } = this.#settings;
    const options = { memoryBytes, remainingMs: this.#remainingMs, without: new Set<Reduction>() };
    const found = this.#decider.decide(this.#calls, { ...options, algorithm: 'frontier' });
    return found.kind === 'search' && found.decision === 'linearizable' ? found.search.longest() : [];
  }

  #explainer(priceMs: number): Explainer | undefined {
    if (!this.#settings.explain) return undefined;
    const { explainMs, memoryBytes } = this.#settings;
    const budgetMs = Math.max(priceMs, explainMs);
    const limits = { priceMs, budgetMs, memoryBytes, remainingMs: this.#remainingMs };
    return new Explainer(this.#calls, this.#decider, limits);
  }
}
