/**
 * Searches one part of a history and says in plain data what came out, so that it can cross from one thread to
 * another: the verdict, the longest order, the state after it, and what could not come next.
 */
import type { Json } from '../../harness/json.ts';
import type { Validity } from '../../harness/history/checker.ts';
import { ModelError } from '../models/guard.ts';
import type { Model } from '../models/model.ts';
import type { Call } from './calls.ts';
import { searches, type Algorithm, type SearchLimits, type SearchOutcome } from './search.ts';
import { ILLEGAL, StateMachine } from './state-machine.ts';

/** How a part is searched. */
export interface PartSettings {
  readonly algorithm: Algorithm;
  /** The first state, from `--init`; undefined for the model's own. */
  readonly init: Json | undefined;
  readonly memoryBytes: number;
}

/** What came out for one part. Calls are named by their positions among the part's calls. */
export interface PartOutcome {
  readonly valid: Validity;
  /** Why there is no verdict; set where `valid` is `unknown`. */
  readonly why?: string;
  /** More time might have given a verdict. */
  readonly outOfTime: boolean;
  /** The order that explains the most completed calls; all of them where `valid` is true. */
  readonly order: readonly number[];
  /** The state after that order, in words. */
  readonly state: string;
  /** Where `valid` is false: the completed calls that could come next and that the model forbids, the first to return first. */
  readonly stuck: readonly number[];
  readonly configurations: number;
  readonly tookMs: number;
}

const GAVE_UP = {
  deadline: 'the time was up before all orders were tried',
  memory: 'the memory limit was reached before all orders were tried',
} as const;

/** Decides one part. A model's mistake is `unknown`, with what it did. */
export function searchPart(
  calls: readonly Call[],
  model: Model,
  { algorithm, init, memoryBytes }: PartSettings,
  remainingMs: SearchLimits['remainingMs'],
): PartOutcome {
  const begun = performance.now();
  try {
    const machine = new StateMachine(model, init, calls);
    const outcome = searches[algorithm](calls, machine, { remainingMs, memoryBytes });
    // What the model foresees makes the search short, not an operation impossible: what is stuck it tells alone.
    const plain = (): StateMachine => new StateMachine(model, init);
    return { ...explain(calls, machine, plain, outcome), tookMs: performance.now() - begun };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { ...nothingLearnt(error.message), tookMs: performance.now() - begun };
  }
}

/** The outcome of a search that ended before it could say anything. */
export function nothingLearnt(why: string): PartOutcome {
  return {
    valid: 'unknown',
    why,
    outOfTime: false,
    order: [],
    state: '',
    stuck: [],
    configurations: 0,
    tookMs: 0,
  };
}

function explain(
  calls: readonly Call[],
  machine: StateMachine,
  plain: () => StateMachine,
  { end, order, configurations }: SearchOutcome,
): Omit<PartOutcome, 'tookMs'> {
  const found = {
    order,
    state: machine.describe(stateAfter(order, calls, machine)),
    configurations,
    stuck: [],
    outOfTime: end === 'deadline',
  };
  switch (end) {
    case 'linearizable':
      return { ...found, valid: true };
    case 'not-linearizable':
      return { ...found, valid: false, stuck: stuckCalls(calls, order, plain()) };
    case 'deadline':
    case 'memory':
      return { ...found, valid: 'unknown', why: GAVE_UP[end] };
  }
}

/** The state that these calls lead to, one after another. */
function stateAfter(order: readonly number[], calls: readonly Call[], machine: StateMachine): number {
  return order.reduce((state, call) => step(state, calls[call], machine), machine.initial);
}

function step(state: number, call: Call | undefined, machine: StateMachine): number {
  return call === undefined ? ILLEGAL : machine.step(state, machine.classOf(call));
}

/** The completed calls that could come next and that the model forbids; all that could, if it forbids none of them by itself. */
function stuckCalls(
  calls: readonly Call[],
  order: readonly number[],
  machine: StateMachine,
): readonly number[] {
  const state = stateAfter(order, calls, machine);
  const next = nextCalls(calls, order);
  const forbidden = next.filter((call) => step(state, calls[call], machine) === ILLEGAL);
  return forbidden.length > 0 ? forbidden : next;
}

/** The completed calls that real time allows after this order, the first to return first. */
function nextCalls(calls: readonly Call[], order: readonly number[]): number[] {
  const placed = new Set(order);
  const open = calls.flatMap(({ invoked, returned }, call) =>
    returned === undefined || placed.has(call) ? [] : [{ call, invoked, returned }],
  );
  const firstReturn = open.reduce((first, { returned }) => Math.min(first, returned), Infinity);
  return open
    .filter(({ invoked }) => invoked < firstReturn)
    .sort((a, b) => a.returned - b.returned)
    .map(({ call }) => call);
}
