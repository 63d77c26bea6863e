/**
 * Operations one after another on a model, for the tests of models.
 */
import { describeState, type Model } from '../../../../checkers/models/model.ts';
import type { ModelOperation } from '../../../../checkers/models/operation.ts';
import type { Json } from '../../../../harness/json.ts';

/** An operation; one without a result crashed. */
export const op = (f: string, argument: Json, result?: Json, key?: Json): ModelOperation => ({
  f,
  argument,
  result,
  ...(key === undefined ? {} : { key }),
});

/** Whether the model allows these operations one after another. */
export function allows(
  model: Model,
  init: Json | undefined,
  ...operations: readonly ModelOperation[]
): boolean {
  let state: unknown = model.init(init);
  return operations.every((operation) => (state = model.step(state, operation)) !== undefined);
}

/** The state after these operations, in words. */
export function after(
  model: Model,
  init: Json | undefined,
  ...operations: readonly ModelOperation[]
): string {
  return describeState(
    model,
    operations.reduce<unknown>((state, next) => model.step(state, next), model.init(init)),
  );
}
