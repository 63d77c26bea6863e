/**
 * What queues, stacks and lists share: a first state that is a list of elements, and takes and peeks that answer
 * nil where there is no element. So nil itself is no element: "took nil" and "found nothing" would look alike.
 */
import { UsageError } from '../../harness/errors.ts';
import { equal, type Json } from '../../harness/json.ts';
import { show } from './model.ts';
import type { ModelOperation } from './operation.ts';

/** The elements that a structure starts with: those of the list `init`, or none. */
export function elementsOf(model: string, init: Json = null): readonly Json[] {
  if (init === null) return [];
  if (!Array.isArray(init))
    throw new UsageError(`${model} starts with a list such as [1, 2], not ${show(init)}`);
  return (init as readonly Json[]).map((element) => elementIn(model, element));
}

/** The element that the operation adds. */
export function addedBy({ f, argument }: ModelOperation): Json {
  return elementIn(f, argument);
}

function elementIn(where: string, element: Json): Json {
  if (element === null) throw new UsageError(`${where}: nil is no element, because it stands for "empty"`);
  return element;
}

/** Whether a take or a peek may answer so when `element` is next; undefined where there is none. */
export function mayGive({ result }: ModelOperation, element: Json | undefined): boolean {
  return result === undefined || equal(result, element ?? null);
}

/** An operation on elements in words: `enqueue 3`, `dequeue → empty`. */
export function describeAccess({ f, argument, result }: ModelOperation, adds: string): string {
  if (f === adds) return `${f} ${show(argument)}`;
  return `${f} → ${result === null ? 'empty' : show(result)}`;
}

/** The element that an operation adds, took or saw. What found nothing, or was not answered, has to do with none. */
export function elementOf({ argument, result }: ModelOperation): readonly Json[] {
  return [argument ?? result ?? null].filter((element) => element !== null);
}
