/** What tests of generators share: running them against imagined clients and writing down what they gave. */
import type { Generator, GeneratorContext, Step, Thread } from '../../../harness/generator/generator.ts';
import {
  Wrapper,
  invocationsOf,
  perfectOutcomes,
  quickOutcomes,
  simulate,
} from '../../../harness/generator/index.ts';
import type { SimulationOptions } from '../../../harness/generator/index.ts';
import type { Operation } from '../../../harness/history/operation.ts';

export const MS = 1e6;

/** Functions invoked, in order, by clients that answer at once. */
export function functions(generator: Generator, options?: SimulationOptions): string[] {
  return invocationsOf(simulate(generator, quickOutcomes, options)).map(({ f }) => f);
}

/** Values invoked, in order, by clients that answer at once. */
export function values(generator: Generator, options?: SimulationOptions): unknown[] {
  return invocationsOf(simulate(generator, quickOutcomes, options)).map(({ value }) => value);
}

/** Invocations by clients that answer after 10 ms. */
export function perfect(generator: Generator, options?: SimulationOptions): Operation[] {
  return invocationsOf(simulate(generator, perfectOutcomes, options));
}

/** `<ms>:<f>` of each invocation by clients that answer after 10 ms. */
export function timed(generator: Generator, options?: SimulationOptions): string[] {
  return perfect(generator, options).map(({ time, f }) => `${time / MS}:${f}`);
}

/** The same generator; the events that reach it are noted. */
export function watched(inner: Generator, seen: Operation[]): Generator {
  return new Watched(inner, seen);
}

class Watched extends Wrapper {
  readonly #seen: Operation[];

  constructor(inner: Generator, seen: Operation[]) {
    super(inner);
    this.#seen = seen;
  }

  next(context: GeneratorContext): Step {
    return this.rewrap(this.inner.next(context));
  }

  override update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    this.#seen.push(event);
    return super.update(context, event, thread);
  }

  protected around(inner: Generator): Generator {
    return new Watched(inner, this.#seen);
  }
}
