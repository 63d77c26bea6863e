/**
 * Sequential consistency (Lamport, "How to make a multiprocessor computer that correctly executes
 * multiprocess programs", 1979): is there an order of all operations that the model allows and that keeps
 * each client's own order? Real time is ignored, so a client may be behind the others for as long as it
 * likes, as long as it never goes back.
 *
 * A crashed operation may be used or not, and ends its client's session. Unlike linearizability this does not
 * hold for a history if it holds for each of its keys, so keys are not searched apart; but it does not hold
 * if it fails for one. So first what is cheap and can only reject is tried: reads that tell which writes they
 * saw (saturation.ts), then each key by itself, and then the whole is searched.
 */
import type { Validity } from '../../harness/history/checker.ts';
import type { Json } from '../../harness/json.ts';
import type { History } from '../../harness/history/operation.ts';
import type { OperationEvidence } from '../linearizable/index.ts';
import { guarded, ModelError } from '../models/guard.ts';
import { show, type Model } from '../models/model.ts';
import { byKey, clientCalls, count, evidenceOf, type ClientCall } from './client-calls.ts';
import { saturate, type OrderReason, type Saturation } from './saturation.ts';
import { sequentialProblem, sessionCount, type SequentialProblem } from './sequential-problem.ts';
import { searchSequential, type SequentialLimits, type SequentialOutcome } from './sequential-search.ts';

/** How to check. */
export interface SequentialOptions {
  readonly model: Model;
  /** The first state of every key, as the model reads it; the model's own unless given. */
  readonly init?: Json | undefined;
  /** Milliseconds after which the answer is `unknown`. Default 60,000. */
  readonly timeoutMs?: number;
  /** Bytes that the search may remember. Default 1 GiB. */
  readonly memoryBytes?: number;
}

/** One operation that must come before another in every order. */
export interface OrderConstraint {
  readonly before: OperationEvidence;
  readonly after: OperationEvidence;
  readonly reason: OrderReason;
  /** The read from which it follows, where that is neither of the two. */
  readonly read: OperationEvidence | null;
}

/** Whether a history is sequentially consistent, and how that is known. */
export interface SequentialResult {
  readonly valid: Validity;
  /** Why there is no verdict; null where there is one. */
  readonly why: string | null;
  /** One sentence: what was checked and what came out. */
  readonly summary: string;
  /** Operations that completed, and operations that crashed and may or may not have happened. */
  readonly completed: number;
  readonly crashed: number;
  /** Where invalid: the key that fails by itself; null if none was found to. */
  readonly key: Json;
  /** Where invalid and known: operations that would have to come before each other in a circle. */
  readonly cycle: readonly OrderConstraint[];
  /** Where invalid and known: a read of a value that nobody wrote. */
  readonly garbage: OperationEvidence | null;
  /** The longest order that was found, as indices of invocations; where valid it has all completed operations. */
  readonly order: readonly number[];
  /** Where that order is not whole: the next operation of each client. */
  readonly stuck: readonly OperationEvidence[];
  /** Configurations (how far each client has come, state) searched. */
  readonly configurations: number;
}

type Found = Pick<
  SequentialResult,
  'valid' | 'why' | 'cycle' | 'garbage' | 'order' | 'stuck' | 'configurations'
>;

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MEMORY_BYTES = 2 ** 30;
/** The part of the time that may go to keys by themselves. */
const KEYS_SHARE = 0.25;

const NOTHING_FOUND: Found = {
  valid: 'unknown',
  why: null,
  cycle: [],
  garbage: null,
  order: [],
  stuck: [],
  configurations: 0,
};

const GAVE_UP = {
  deadline: 'the time was up before all orders were tried',
  memory: 'the memory limit was reached before all orders were tried',
} as const;

/** The next call of each session after those of the order. */
function nextCalls(problem: SequentialProblem, order: readonly number[]): ClientCall[] {
  const positions = problem.starts.slice(0, sessionCount(problem));
  for (const call of order) {
    const session = problem.session[call] ?? 0;
    positions[session] = (positions[session] ?? 0) + 1;
  }
  return [...positions].flatMap((call, session) => {
    const next = call < (problem.starts[session + 1] ?? 0) ? problem.calls[call] : undefined;
    return next?.returned === undefined ? [] : [next];
  });
}

function told(problem: SequentialProblem, { end, order, configurations }: SequentialOutcome): Found {
  const invocations = order.flatMap((call) => problem.calls[call]?.invoked ?? []);
  const found = { ...NOTHING_FOUND, order: invocations, configurations };
  if (end === 'found') return { ...found, valid: true };
  const stuck = nextCalls(problem, order).map(evidenceOf);
  return end === 'none'
    ? { ...found, valid: false, stuck }
    : { ...found, valid: 'unknown', why: GAVE_UP[end], stuck };
}

type Step = NonNullable<Saturation['cycle']>[number];

/** The cycle with ways along one session's own order as one step each. */
function withoutMiddles(cycle: readonly Step[]): Step[] {
  const isOwn = ({ reason }: Step): boolean => reason.why === 'session order';
  const begin = cycle.findIndex((step) => !isOwn(step));
  const steps: Step[] = [];
  for (const step of [...cycle.slice(begin), ...cycle.slice(0, begin)]) {
    const last = steps.at(-1);
    if (last !== undefined && isOwn(last) && isOwn(step)) {
      steps[steps.length - 1] = { ...last, after: step.after };
    } else steps.push(step);
  }
  return steps;
}

/** Decides these calls as one history. */
function decide(
  calls: readonly ClientCall[],
  { model, init }: SequentialOptions,
  limits: SequentialLimits,
): Found {
  const problem = sequentialProblem(calls, model, init);
  const saturation = saturate(problem, limits.remainingMs);
  const at = (call: number): OperationEvidence[] => {
    const found = problem.calls[call];
    return found === undefined ? [] : [evidenceOf(found)];
  };
  if (saturation?.garbage !== undefined) {
    return { ...NOTHING_FOUND, valid: false, garbage: at(saturation.garbage)[0] ?? null };
  }
  if (saturation?.cycle !== undefined) {
    const cycle = withoutMiddles(saturation.cycle).flatMap(({ before, after, reason }) =>
      at(before).flatMap((first) =>
        at(after).map((second) => {
          const [read = null] = reason.read === undefined ? [] : at(reason.read);
          return { before: first, after: second, reason: reason.why, read };
        }),
      ),
    );
    return { ...NOTHING_FOUND, valid: false, cycle };
  }
  return told(problem, searchSequential(problem, saturation, limits));
}

/** The first key that fails by itself. */
function failingKey(
  calls: readonly ClientCall[],
  options: SequentialOptions,
  limits: SequentialLimits,
): { readonly key: Json; readonly found: Found } | undefined {
  const keys = byKey(calls);
  if (keys.length < 2) return undefined;
  for (const { key, calls: own } of keys) {
    if (limits.remainingMs() < 0) return undefined;
    const found = decide(own, options, limits);
    if (found.valid === false) return { key, found };
  }
  return undefined;
}

/**
 * Decides whether a history is sequentially consistent. A history without completed operations is.
 * Exponential in the number of clients at worst, like the question itself.
 *
 * Throws a UsageError if `init` is not for the model or an operation's `f` is unknown to it. A model that
 * throws or changes its states makes the answer `unknown`, with what it did.
 *
 * @example
 * const { valid, summary } = checkSequential(history, { model: models.register, timeoutMs: 10_000 });
 */
export function checkSequential(history: History, options: SequentialOptions): SequentialResult {
  const { model, init, timeoutMs = DEFAULT_TIMEOUT_MS, memoryBytes = DEFAULT_MEMORY_BYTES } = options;
  const begun = performance.now();
  const within = (ms: number): SequentialLimits => ({
    remainingMs: () => begun + ms - performance.now(),
    memoryBytes,
  });
  const calls = clientCalls(history);
  const completed = calls.filter(({ returned }) => returned !== undefined).length;
  const concluded = (found: Found, key: Json): SequentialResult => {
    const result = { ...found, key, completed, crashed: calls.length - completed };
    return { ...result, summary: summaryOf(result, model) };
  };
  try {
    guarded(model, 'init', undefined, () => model.init(init));
    const failing = failingKey(calls, options, within(KEYS_SHARE * timeoutMs));
    if (failing !== undefined) return concluded(failing.found, failing.key);
    return concluded(decide(calls, options, within(timeoutMs)), null);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return concluded({ ...NOTHING_FOUND, why: error.message }, null);
  }
}

function summaryOf(result: Omit<SequentialResult, 'summary'>, model: Model): string {
  const { valid, why, completed, key, cycle, garbage, stuck } = result;
  const total = count(completed, 'operation');
  if (valid === true) return `Sequentially consistent: ${total} fit the model ${model.name}.`;
  if (valid === 'unknown')
    return `Sequential consistency is undecided: ${why ?? ''} (model ${model.name}, ${total}).`;
  const where = key === null ? '' : ` on key ${show(key)}`;
  return `Not sequentially consistent${where}: ${causeOf()} (model ${model.name}, ${total}).`;

  function causeOf(): string {
    if (garbage !== null) return `${garbage.text} (index ${garbage.invoked}) gave a value that nobody wrote`;
    const [first] = cycle;
    if (first !== undefined) {
      const circle = cycle.map(({ before, read }) => {
        const because = read === null ? '' : `, by ${named(read)},`;
        return `${named(before)}${because} must come before `;
      });
      return `${circle.join('')}${named(first.before)}`;
    }
    const next = stuck.map(named).join(', ');
    return `no order explains the answers; after the longest one none of these can come next: ${next}`;
  }
}

const named = ({ text, invoked }: OperationEvidence): string => `${text} (index ${invoked})`;
