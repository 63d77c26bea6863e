/**
 * Generators that depend on when and where they are first asked: a time limit counts from then, groups are
 * formed of the threads that are there. The first answer is a change into what was built, so that it is
 * built once.
 */
import type { Generator, GeneratorContext, Step } from './generator.ts';

class Deferred implements Generator {
  readonly #build: (context: GeneratorContext) => Generator;

  constructor(build: (context: GeneratorContext) => Generator) {
    this.#build = build;
  }

  next(context: GeneratorContext): Step {
    return { change: this.#build(context) };
  }

  update(): Generator {
    return this;
  }
}

/**
 * The generator that `build` makes of the context in which it is first asked. `build` must be pure.
 *
 * @example defer(({ threads }) => limit(threads.length, repeat(op('read'))))
 */
export function defer(build: (context: GeneratorContext) => Generator): Generator {
  return new Deferred(build);
}
