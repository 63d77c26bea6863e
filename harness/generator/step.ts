/** Steps and events, as everything that handles them must: telling steps apart, taking changes, passing events on. */
import { HarnessError } from '../errors.ts';
import type { Operation } from '../history/operation.ts';
import { QuestionContext } from './context.ts';
import type {
  ChangeStep,
  Generator,
  GeneratorContext,
  OperationStep,
  Step,
  Thread,
  WaitStep,
} from './generator.ts';

/** A generator that changes this often in a row is taken to do so for ever. */
const CHANGES_MAX = 10_000;

/** True for a step that invokes something. */
export function isOperation(step: Step): step is OperationStep {
  return typeof step === 'object' && 'operation' in step;
}

/** True for a step that only changes the generator. */
export function isChange(step: Step): step is ChangeStep {
  return typeof step === 'object' && 'change' in step;
}

/** When the step is due, in nanoseconds. */
export function timeOf(step: OperationStep | WaitStep): number {
  return 'operation' in step ? step.operation.time : step.until;
}

/** The same step with a combinator put around what remains. */
export function rewrap(step: Step, around: (next: Generator) => Generator): Step {
  if (isOperation(step)) return { operation: step.operation, next: around(step.next) };
  return isChange(step) ? { change: around(step.change) } : step;
}

/** Passes an event to each generator; the same array when none of them changed. */
export function updateAll(
  generators: readonly Generator[],
  context: GeneratorContext,
  event: Operation,
  thread: Thread,
): readonly Generator[] {
  let updated: Generator[] | undefined;
  let index = 0;
  for (const generator of generators) {
    const after = generator.update(context, event, thread);
    if (after !== generator) (updated ??= [...generators])[index] = after;
    index++;
  }
  return updated ?? generators;
}

/** A generator with what it answers now that it has changed as far as it would. */
export interface Settled {
  readonly generator: Generator;
  readonly step: Exclude<Step, ChangeStep>;
}

/**
 * Asks a generator, taking its changes until it answers otherwise. Whoever runs generators asks through this.
 *
 * @throws HarnessError when the generator changes for ever.
 */
export function settle(generator: Generator, context: GeneratorContext): Settled {
  let current = generator;
  for (let changes = 0; changes < CHANGES_MAX; changes++) {
    const step = current.next(new QuestionContext(context));
    if (!isChange(step)) return { generator: current, step };
    current = step.change;
  }
  throw new HarnessError(
    `The generator changed ${CHANGES_MAX} times in a row at ${context.time} ns without giving an operation: ` +
      'one of its parts starts afresh again and again.',
  );
}
