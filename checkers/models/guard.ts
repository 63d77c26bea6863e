/**
 * Calls a model's functions, which are a user's code: whatever they throw becomes an error that names the model,
 * the function and the operation, so that a wrong model is told from a wrong history. A UsageError is how a model
 * says that the history, or the first state, is malformed; it gets the operation's name and goes on to the user.
 */
import { messageOf, UsageError } from '../../harness/errors.ts';
import { canonical, type Json } from '../../harness/json.ts';
import type { Model } from './model.ts';
import type { ModelOperation } from './operation.ts';

/** The model made a mistake; the message names the model, the operation and what it did. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/** What `run` answers; throws a ModelError, or a UsageError, if it throws. `what` is the model's function that it calls. */
export function guarded<T>(
  model: Model,
  what: keyof Model,
  operation: ModelOperation | undefined,
  run: () => T,
): T {
  try {
    return run();
  } catch (error) {
    const where = operation === undefined ? '' : ` for ${asText(operation)}`;
    if (error instanceof UsageError) throw new UsageError(`${error.message}${where}`, { cause: error });
    throw new ModelError(`${what} of the model ${model.name} threw${where}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function asText({ f, argument, result, key }: ModelOperation): string {
  const fields: Record<string, Json> = { f, argument };
  if (result !== undefined) fields['result'] = result;
  if (key !== undefined) fields['key'] = key;
  return canonical(fields);
}
