/** Trying until it succeeds: the one combinator whose end depends on what came of its operations. */
import type { Operation, ProcessId } from '../history/operation.ts';
import { nothing } from './basic.ts';
import type { Generator, GeneratorContext, Step, Thread } from './generator.ts';
import { isOperation } from './step.ts';
import { Wrapper } from './wrapper.ts';

class UntilOk extends Wrapper {
  /** Processes with an operation of ours under way. */
  readonly #asked: readonly ProcessId[];

  constructor(inner: Generator, asked: readonly ProcessId[]) {
    super(inner);
    this.#asked = asked;
  }

  next(context: GeneratorContext): Step {
    const step = this.inner.next(context);
    if (!isOperation(step)) return this.rewrap(step);
    const { operation, next } = step;
    return { operation, next: new UntilOk(next, [...this.#asked, context.processOf(operation.thread)]) };
  }

  override update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    const inner = this.inner.update(context, event, thread);
    if (event.type === 'invoke' || !this.#asked.includes(event.process)) return this.replaceInner(inner);
    if (event.type === 'ok') return nothing;
    const asked = this.#asked.filter((process) => process !== event.process);
    return new UntilOk(inner, asked);
  }

  protected around(inner: Generator): Generator {
    return new UntilOk(inner, this.#asked);
  }
}

/**
 * The operations of a generator until one of them completes `ok`. Those under way by then run to their end.
 * For clients: the nemesis's operations always complete as `info`.
 *
 * @example eachThread(untilOk(repeat(op('read'))))
 */
export function untilOk(generator: Generator): Generator {
  return new UntilOk(generator, []);
}
