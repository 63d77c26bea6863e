/**
 * Judges orders of operations by the definition: each operation stands after all that had returned before it was invoked, and the model
 * allows one after another. It shares no code with the searches whose orders it judges.
 */
import type { Model } from '../../../../checkers/index.ts';
import { Choice } from '../../../../checkers/models/model.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import { pairCalls, type Call, type History } from '../../../../harness/history/operation.ts';
import type { Json } from '../../../../harness/json.ts';

/** What an order leads to: the states of which one must hold then; or what is wrong with it. */
export type Replayed = { readonly states: readonly unknown[] } | { readonly wrong: string };

/** The operation as a model sees it. */
export function operationOf({ invoke, completion }: Call): ModelOperation {
  const { f, value, key } = invoke;
  const result = completion?.type === 'ok' ? completion.value : undefined;
  return { f, argument: value, result, ...(key === undefined ? {} : { key }) };
}

/** The states after a step from any of some states. */
export function statesAfter(model: Model, states: readonly unknown[], operation: ModelOperation): unknown[] {
  return states.flatMap((state) => {
    const next = model.step(state, operation);
    if (next instanceof Choice) return next.states as readonly unknown[];
    return next === undefined ? [] : [next];
  });
}

/** Replays an order, given as indices of invocations. */
export function replay(history: History, model: Model, init: Json, order: readonly number[]): Replayed {
  const calls = new Map(pairCalls(history).map((call) => [call.invoke.index, call]));
  let states: readonly unknown[] = [model.init(init)];
  let latest = -1;
  for (const [place, index] of order.entries()) {
    const call = calls.get(index);
    if (call === undefined || call.completion?.type === 'fail') return { wrong: `${index} did not happen` };
    if (order.indexOf(index) !== place) return { wrong: `${index} happens twice` };
    const returned = call.completion?.type === 'ok' ? call.completion.index : Infinity;
    if (returned < latest) return { wrong: `${index} had returned before one that it follows` };
    latest = Math.max(latest, index);
    states = statesAfter(model, states, operationOf(call));
    if (states.length === 0) return { wrong: `${index} is not allowed there` };
  }
  return { states };
}

/** What is wrong with an order as a witness, which needs every completed operation; undefined if nothing is. */
export function wrongWitness(
  history: History,
  model: Model,
  init: Json,
  order: readonly number[],
): string | undefined {
  const replayed = replay(history, model, init, order);
  if ('wrong' in replayed) return replayed.wrong;
  const placed = new Set(order);
  const completed = pairCalls(history).filter(({ completion }) => completion?.type === 'ok');
  const missing = completed.find(({ invoke }) => !placed.has(invoke.index));
  return missing === undefined ? undefined : `${missing.invoke.index} is missing`;
}
