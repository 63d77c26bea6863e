/**
 * Random streams: what makes a generator's draws its own. A stream counts the operations taken from the
 * generator inside and derives each one's draws from the seed, its label and that count. So the k-th
 * operation of the clients is the same whatever the nemesis does, and whichever of them is faster.
 *
 * Every combinator that holds several generators puts each in a stream of its own, so tests rarely need
 * to do it themselves.
 */
import { StreamContext } from './context.ts';
import type { Generator, GeneratorContext, Step } from './generator.ts';
import { isOperation } from './step.ts';
import { Wrapper } from './wrapper.ts';

/** How a stream's seed follows from that of the context around it. */
type Naming = { readonly label: string | number } | { readonly seed: string };

class Stream extends Wrapper {
  readonly #naming: Naming;
  readonly #taken: number;

  constructor(inner: Generator, naming: Naming, taken: number) {
    super(inner);
    this.#naming = naming;
    this.#taken = taken;
  }

  next(context: GeneratorContext): Step {
    const seed = 'seed' in this.#naming ? this.#naming.seed : `${context.seed}/${this.#naming.label}`;
    const step = this.inner.next(new StreamContext(context, seed, this.#taken));
    if (!isOperation(step)) return this.rewrap(step);
    return { operation: step.operation, next: new Stream(step.next, this.#naming, this.#taken + 1) };
  }

  protected around(inner: Generator): Generator {
    return new Stream(inner, this.#naming, this.#taken);
  }
}

/**
 * The same generator with random draws of its own, which depend on the seed of the test, on the label and
 * on how many operations were taken from it, and on nothing else.
 *
 * @example stream('writes', repeat(op('write', (random) => random.int(5))))
 */
export function stream(label: string | number, generator: Generator): Generator {
  return new Stream(generator, { label }, 0);
}

/**
 * The same generator with draws from a seed of its own, whatever the seed of the test.
 *
 * @example seeded('always the same', repeat(op('write', (random) => random.int(5))))
 */
export function seeded(seed: string | number, generator: Generator): Generator {
  return new Stream(generator, { seed: String(seed) }, 0);
}

/** Each generator in a stream of its own, labelled by its place. */
export function streams(generators: readonly Generator[]): readonly Generator[] {
  return generators.map((generator, place) => stream(place, generator));
}
