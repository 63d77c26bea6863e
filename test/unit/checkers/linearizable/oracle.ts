/**
 * The oracle: linearizability by its definition. It tries every order that real time allows of every subset of the
 * operations that has all completed ones. The one thing it remembers is which pairs (operations taken, state) led
 * nowhere, since what may follow depends on nothing else. It shares no code with the algorithms that it judges.
 */
import type { Json } from '../../../../harness/json.ts';
import { pairCalls, type Call, type History } from '../../../../harness/history/operation.ts';
import type { Model } from '../../../../checkers/index.ts';
import { Choice, stateKey } from '../../../../checkers/models/model.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';

/** Sets of calls are the bits of a number. */
const CALLS_MAX = 30;

interface Taken {
  readonly operation: ModelOperation;
  readonly completed: boolean;
  /** The calls that returned before this one began. */
  readonly before: number;
}

const hasReturned = ({ completion }: Call): boolean => completion?.type === 'ok';

function precedes({ completion }: Call, { invoke }: Call): boolean {
  return completion?.type === 'ok' && completion.index < invoke.index;
}

function operationOf(call: Call): ModelOperation {
  const { f, value, key = call.completion?.key } = call.invoke;
  const result = hasReturned(call) ? call.completion?.value : undefined;
  return { f, argument: value, result, ...(key === undefined ? {} : { key }) };
}

function callsOf(history: History): Taken[] {
  const happened = pairCalls(history).filter(({ completion }) => completion?.type !== 'fail');
  if (happened.length > CALLS_MAX)
    throw new RangeError(`${happened.length} calls are too many for brute force`);
  return happened.map((call) => ({
    operation: operationOf(call),
    completed: hasReturned(call),
    before: happened.reduce((set, other, at) => (precedes(other, call) ? set | (1 << at) : set), 0),
  }));
}

function statesAfter(model: Model, state: unknown, operation: ModelOperation): readonly unknown[] {
  const after = model.step(state, operation);
  if (after instanceof Choice) return after.states as readonly unknown[];
  return after === undefined ? [] : [after];
}

/** Whether some order explains the history. */
export function isLinearizable(history: History, model: Model, init?: Json): boolean {
  const calls = callsOf(history);
  const all = calls.reduce((set, { completed }, at) => (completed ? set | (1 << at) : set), 0);
  const hopeless = new Map<number, Set<string | number>>();
  return explains(0, model.init(init));

  function explains(taken: number, state: unknown): boolean {
    if ((taken & all) === all) return true;
    const key = stateKey(model, state);
    const seen = hopeless.get(taken);
    if (seen?.has(key) === true) return false;
    for (const [at, { operation, before }] of calls.entries()) {
      const bit = 1 << at;
      if ((taken & bit) !== 0 || (taken & before) !== before) continue;
      if (statesAfter(model, state, operation).some((after) => explains(taken | bit, after))) return true;
    }
    if (seen === undefined) hopeless.set(taken, new Set([key]));
    else seen.add(key);
    return false;
  }
}
