/**
 * What combinators around a single generator have in common: events go to the generator inside, and as long
 * as that does not change, neither does the combinator, so that events cost nothing.
 */
import type { Operation } from '../history/operation.ts';
import type { Generator, GeneratorContext, Step, Thread } from './generator.ts';
import { rewrap } from './step.ts';

/** A combinator around one generator. */
export abstract class Wrapper implements Generator {
  protected readonly inner: Generator;

  constructor(inner: Generator) {
    this.inner = inner;
  }

  abstract next(context: GeneratorContext): Step;

  /** This combinator, in its present state, around another generator. */
  protected abstract around(inner: Generator): Generator;

  update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    return this.replaceInner(this.inner.update(context, event, thread));
  }

  /** The step of the generator inside, with this combinator put around what remains. */
  protected rewrap(step: Step): Step {
    return rewrap(step, (next) => this.around(next));
  }

  protected replaceInner(inner: Generator): Generator {
    return inner === this.inner ? this : this.around(inner);
  }
}
