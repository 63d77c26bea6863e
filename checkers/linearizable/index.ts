/**
 * Linearizability (Herlihy and Wing 1990): is there an order of the operations, each between its invocation and
 * its return, that the model allows?
 *
 * The way of a history: calls (record.ts, calls.ts), split into independent parts (split.ts), each decided (parts.ts, decide.ts) by an
 * exchangeable algorithm (search.ts) and explained (explain.ts), the outcomes told as evidence (result.ts).
 */
import { availableParallelism } from 'node:os';
import type { Json, JsonObject } from '../../harness/json.ts';
import { worst, type Checker, type Validity } from '../../harness/history/checker.ts';
import type { Operation } from '../../harness/history/operation.ts';
import { guarded, ModelError } from '../models/guard.ts';
import { loadModel, type LoadedModel, type ModelSource } from '../models/load.ts';
import type { Model } from '../models/model.ts';
import { OnlineLinearizability } from './online.ts';
import { searchParts, type Progress } from './parts.ts';
import type { Calls } from './calls.ts';
import { recordBatches, recordCalls } from './record.ts';
import { keyResult, problemsOf, summaryOf, type LinearizableResult } from './result.ts';
import type { Algorithm, Reduction } from './search.ts';
import { requireKnown, splitCalls, withoutSilent, type Part } from './split.ts';

export type {
  FailingPrefix,
  KeyResult,
  LinearizableResult,
  OperationEvidence,
  StuckEvidence,
} from './result.ts';
export { problemOf, summaryOf } from './result.ts';
export type { Progress } from './parts.ts';
export { algorithms } from './search.ts';
export type { Algorithm, Reduction } from './search.ts';

/** How to check. */
export interface LinearizableOptions {
  /** The first state, as the model reads it; the model's own unless given. */
  readonly init?: Json | undefined;
  /**
   * False: keys are not independent, and the history is searched whole. Where the model itself is a product of its keys, `auto` goes
   * key by key all the same: by locality (Herlihy and Wing 1990, theorem 1) the verdict is that on the whole. Default true.
   */
  readonly split?: boolean;
  /** Default `auto`: a monitor where one applies, else searches that take turns. */
  readonly algorithm?: Algorithm;
  /** Bytes that the search of one key may remember. Default 1 GiB. */
  readonly memoryBytes?: number;
  /** Also give an order of the operations where there is one. Default false. */
  readonly witness?: boolean;
  /** False: nothing but the verdict. Default true. */
  readonly explain?: boolean;
  /**
   * Milliseconds that explaining why a key is wrong may take even if finding it out took less; otherwise it may take as much as the
   * verdict did. Default 20.
   */
  readonly explainMs?: number;
  /** Reductions of the search that are off: for tests of these. Default none. */
  readonly without?: readonly Reduction[];
}

/** How to check one history. */
export interface CheckOptions extends LinearizableOptions {
  /** What the operations mean. A model given as a value is searched in the calling thread, which it blocks. */
  readonly model: ModelSource;
  /** Milliseconds after which the answer is `unknown`. Default 60,000. */
  readonly timeoutMs?: number;
  /** How many threads may search at once, where that takes long enough for more than one. Default: as many as there are cores. */
  readonly threads?: number;
  /** Called whenever a key is decided. */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * The entries of a history in order of index: all at once, or in batches as they are read, which takes the memory of the
 * calls only and not that of an object for each entry.
 */
export type HistorySource = Iterable<Operation> | AsyncIterable<readonly Operation[]>;

const DEFAULT_ALGORITHM = 'auto';
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_EXPLAIN_MS = 20;
/** `explainMs` for people, who read one explanation and would rather wait half a second than have a worse one. */
export const UNHURRIED_MS = 500;
const DEFAULT_MEMORY_BYTES = 2 ** 30;

/**
 * Decides whether a history is linearizable. A history without completed operations is.
 *
 * Throws a UsageError if there is no such model, `init` is not for it, or an operation's `f` is unknown to it. A model
 * that throws or changes its states makes the answer `unknown`, with what it did.
 *
 * @example
 * const { valid, keys } = await checkLinearizable(history, { model: 'cas-register', init: 0, timeoutMs: 10_000 });
 */
export async function checkLinearizable(
  history: HistorySource,
  options: CheckOptions,
): Promise<LinearizableResult> {
  const begun = performance.now();
  const loaded = await loadModel(options.model);
  const found = { model: loaded.model.name, algorithm: options.algorithm ?? DEFAULT_ALGORITHM };
  try {
    const searched = await searchHistory(history, loaded, options);
    return { ...found, ...searched, tookMs: performance.now() - begun };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const nothing = {
      valid: 'unknown',
      why: error.message,
      operations: 0,
      configurations: 0,
      keys: [],
    } as const;
    return { ...found, ...nothing, tookMs: performance.now() - begun };
  }
}

async function searchHistory(
  history: HistorySource,
  loaded: LoadedModel,
  options: CheckOptions,
): Promise<Omit<LinearizableResult, 'model' | 'algorithm' | 'tookMs'>> {
  const { init, algorithm = DEFAULT_ALGORITHM, memoryBytes = DEFAULT_MEMORY_BYTES } = options;
  const {
    timeoutMs = DEFAULT_TIMEOUT_MS,
    threads = availableParallelism(),
    onProgress,
    witness = false,
    explain = true,
    explainMs = DEFAULT_EXPLAIN_MS,
    without = [],
  } = options;
  const { model } = loaded;
  guarded(model, 'init', undefined, () => model.init(init));
  const parts = partsOf(await record(history), model, options);
  const settings = { algorithm, init, memoryBytes, witness, explain, explainMs, without };
  const outcomes = await searchParts(parts, { loaded, settings, timeoutMs, threads, onProgress });
  const keys = parts.flatMap((part, position) => {
    const outcome = outcomes[position];
    return outcome === undefined ? [] : [keyResult(model, part, outcome)];
  });
  return {
    valid: worst(keys.map((key) => key.valid)),
    why: null,
    operations: parts.reduce((sum, { calls }) => sum + calls.length, 0),
    configurations: keys.reduce((sum, key) => sum + key.configurations, 0),
    keys,
  };
}

function record(history: HistorySource): Calls | Promise<Calls> {
  return Symbol.iterator in history ? recordCalls(history) : recordBatches(history);
}

/** What is to be searched. Apart, so that the whole is not kept in memory beside its parts. */
function partsOf(recorded: Calls, model: Model, options: CheckOptions): Part[] {
  const { split = true, without = [], algorithm = DEFAULT_ALGORITHM } = options;
  requireKnown(recorded, model);
  const calls = without.includes('silent') ? recorded : withoutSilent(recorded, model);
  const isProduct = algorithm === 'auto' && model.perKey !== undefined;
  return split || isProduct ? splitCalls(calls, model) : [{ key: undefined, calls }];
}

/** A checker for workloads: `linearizable('kv')`. The keys that are not linearizable are its problems. */
export function linearizable(model: ModelSource, options: LinearizableOptions = {}): Checker {
  return {
    name: 'linearizable',
    async check(history, { timeoutMs }) {
      const result = await checkLinearizable(history, {
        explainMs: UNHURRIED_MS,
        ...options,
        model,
        timeoutMs,
      });
      return {
        valid: result.valid,
        summary: summaryOf(result),
        problems: problemsOf(result),
        details: detailsOf(result),
      };
    },
    async online() {
      const { init, split = true } = options;
      return new OnlineLinearizability({ model: (await loadModel(model)).model, init, split });
    },
  };
}

/** The result for machines: keys counted, and those in which something is wrong. */
function detailsOf({ keys, ...whole }: LinearizableResult): JsonObject {
  const count = (valid: Validity): number => keys.filter((key) => key.valid === valid).length;
  const wrong = keys.filter((key) => key.valid !== true).map((key) => ({ ...key }) as unknown as JsonObject);
  return { ...whole, keys: { valid: count(true), invalid: count(false), unknown: count('unknown') }, wrong };
}
