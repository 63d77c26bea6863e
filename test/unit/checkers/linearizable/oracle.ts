/**
 * The oracle: linearizability by its definition, without any cleverness. It tries every order that real time
 * allows of every subset of the operations that has all completed ones. Fit for ten operations.
 */
import type { Json } from '../../../../harness/json.ts';
import { pairCalls, type Call, type History } from '../../../../harness/history/operation.ts';
import type { Model } from '../../../../checkers/index.ts';

const hasReturned = ({ completion }: Call): boolean => completion?.type === 'ok';

function precedes({ completion }: Call, { invoke }: Call): boolean {
  return completion?.type === 'ok' && completion.index < invoke.index;
}

/** Whether some order explains the history. */
export function isLinearizable(history: History, model: Model, init: Json): boolean {
  const happened = pairCalls(history).filter(({ completion }) => completion?.type !== 'fail');
  return explains(happened, model.init(init));

  function explains(left: readonly Call[], state: unknown): boolean {
    if (!left.some(hasReturned)) return true;
    return left.some((next) => {
      if (left.some((other) => precedes(other, next))) return false;
      const { f, value, key } = next.invoke;
      const result = hasReturned(next) ? next.completion?.value : undefined;
      const after = model.step(state, { f, argument: value, result, ...(key === undefined ? {} : { key }) });
      return (
        after !== undefined &&
        explains(
          left.filter((other) => other !== next),
          after,
        )
      );
    });
  }
}
