/**
 * Whether the evidence of a verdict is true: the order that gets furthest is one that real time and the model allow, and the few
 * operations that are said to contradict each other do so by themselves, as do those up to the end of the failing prefix.
 */
import type { LinearizableResult } from '../../checkers/index.ts';
import { Choice, type Model } from '../../checkers/models/model.ts';
import { pairCalls, type Call, type History } from '../../harness/history/operation.ts';
import { isLinearizable } from '../unit/checkers/linearizable/oracle.ts';
import type { Subject } from '../unit/checkers/linearizable/subjects.ts';

/** What is wrong with the evidence; undefined if nothing is. */
export function falseEvidence(
  { model, product = model, init }: Subject,
  history: History,
  { keys }: LinearizableResult,
): string | undefined {
  const calls = new Map(pairCalls(history).map((call) => [call.invoke.index, call]));
  const possible = (wanted: (call: Call) => boolean): boolean => {
    return isLinearizable(entriesOf(history, [...calls.values()].filter(wanted)), product, init);
  };
  for (const { linearization, core, prefix } of keys) {
    const order = linearization.map((invoked) => calls.get(invoked));
    const wrong = falseOrder(order, product, product.init(init));
    if (wrong !== undefined) return `its order ${linearization.join(', ')} is none: ${wrong}`;
    const members = new Set(core.map(({ invoked }) => invoked));
    if (core.length > 0 && possible(({ invoke }) => members.has(invoke.index))) {
      return `its conflict ${[...members].join(', ')} is linearizable`;
    }
    if (prefix !== null && possible(({ invoke }) => invoke.index < prefix.end)) {
      return `what was invoked before ${prefix.end}, the end of its failing prefix, is linearizable`;
    }
  }
  return undefined;
}

function falseOrder(
  order: readonly (Call | undefined)[],
  model: Model,
  initial: unknown,
): string | undefined {
  let states: readonly unknown[] = [initial];
  for (const [place, call] of order.entries()) {
    if (call === undefined || order.indexOf(call) !== place) return `call ${place} is made up`;
    const returned = call.completion?.type === 'ok' ? call.completion.index : Infinity;
    const early = order.slice(0, place).some((other) => (other?.invoke.index ?? 0) > returned);
    if (early) return `call ${place} returned before one that it follows`;
    const { f, value, key } = call.invoke;
    const result = call.completion?.type === 'ok' ? call.completion.value : undefined;
    const operation = { f, argument: value, result, ...(key === undefined ? {} : { key }) };
    states = states.flatMap((state) => {
      const after = model.step(state, operation);
      if (after instanceof Choice) return after.states as readonly unknown[];
      return after === undefined ? [] : [after];
    });
    if (states.length === 0) return `call ${place} is not allowed there`;
  }
  return undefined;
}

function entriesOf(history: History, calls: readonly Call[]): History {
  const kept = new Set(calls.flatMap(({ invoke, completion }) => [invoke, completion]));
  return history.filter((entry) => kept.has(entry));
}
