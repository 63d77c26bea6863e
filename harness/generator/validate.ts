/**
 * Checks what a generator answers, for generators that users write: a slip is told with the operation in
 * which it shows, before it reaches a client.
 */
import { UsageError } from '../errors.ts';
import type { Generator, GeneratorContext, PlannedOperation, Step } from './generator.ts';
import { isChange, isOperation } from './step.ts';
import { Wrapper } from './wrapper.ts';

class Validated extends Wrapper {
  next(context: GeneratorContext): Step {
    const step = this.inner.next(context);
    if (isOperation(step)) {
      const problem = problemOf(step.operation, context);
      if (problem !== undefined) {
        throw new UsageError(
          `The generator gave the operation ${JSON.stringify(step.operation)}, ${problem}.`,
        );
      }
    } else if (typeof step === 'object' && !isChange(step) && !Number.isFinite(step.until)) {
      throw new UsageError(`The generator waits until ${step.until}, which is not a time in nanoseconds.`);
    }
    return this.rewrap(step);
  }

  protected around(inner: Generator): Generator {
    return new Validated(inner);
  }
}

function problemOf(
  { f, value, time, thread }: PlannedOperation,
  context: GeneratorContext,
): string | undefined {
  if (typeof f !== 'string' || f === '') return 'whose f is not a name';
  if ((value as unknown) === undefined) return 'which has no value: give null where there is none';
  if (!Number.isFinite(time)) return 'whose time is not a number of nanoseconds';
  if (context.free.includes(thread)) return undefined;
  return context.threads.includes(thread)
    ? 'whose thread is busy: choose one of context.free'
    : `whose thread is none of ${context.threads.join(', ')}`;
}

/**
 * The same generator, with each answer checked.
 *
 * @throws UsageError, when asked, naming the operation and what is wrong with it.
 * @example validate(repeat(op('read')))
 */
export function validate(generator: Generator): Generator {
  return new Validated(generator);
}
