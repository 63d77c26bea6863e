/** Choices between generators: at random, or by which is ready first. */
import type { Operation } from '../history/operation.ts';
import type { Random } from '../random.ts';
import { requireAmount } from './arguments.ts';
import type { Generator, GeneratorContext, OperationStep, Step, Thread, WaitStep } from './generator.ts';
import { isChange, rewrap, timeOf, updateAll } from './step.ts';
import { streams } from './stream.ts';

class Mix implements Generator {
  readonly #generators: readonly Generator[];
  readonly #weights: readonly number[];

  constructor(generators: readonly Generator[], weights: readonly number[]) {
    this.#generators = generators;
    this.#weights = weights;
  }

  next(context: GeneratorContext): Step {
    if (this.#generators.length === 0) return undefined;
    const chosen = pickWeighted(this.#weights, context.random);
    const step = this.#generators[chosen]?.next(context);
    if (step === undefined) return { change: this.#without(chosen) };
    return rewrap(step, (next) => new Mix(this.#generators.with(chosen, next), this.#weights));
  }

  update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    const updated = updateAll(this.#generators, context, event, thread);
    return updated === this.#generators ? this : new Mix(updated, this.#weights);
  }

  #without(place: number): Generator {
    return new Mix(this.#generators.toSpliced(place, 1), this.#weights.toSpliced(place, 1));
  }
}

/** An index, each with a probability in proportion to its weight. */
function pickWeighted(weights: readonly number[], random: Random): number {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  const place = weights.findIndex((weight) => (left -= weight) < 0);
  // Rounding may leave a trace over.
  return place === -1 ? weights.length - 1 : place;
}

/**
 * For each operation one of the generators, drawn evenly; those that have no more drop out. If the one that
 * was drawn cannot go on now, the mix waits for it: what clients do then depends on the seed alone.
 *
 * @example mix(repeat(op('read')), repeat(op('write', 1)))
 */
export function mix(...generators: readonly Generator[]): Generator {
  return new Mix(
    streams(generators),
    generators.map(() => 1),
  );
}

/**
 * A mix in which each generator is drawn in proportion to its weight.
 *
 * @throws UsageError when a weight is not above zero.
 * @example weightedMix([3, repeat(op('read'))], [1, repeat(op('write', 1))])
 */
export function weightedMix(
  ...choices: readonly (readonly [weight: number, generator: Generator])[]
): Generator {
  for (const [weight] of choices)
    requireAmount('The weight of a choice in weightedMix', weight, 'above zero');
  return new Mix(
    streams(choices.map(([, generator]) => generator)),
    choices.map(([weight]) => weight),
  );
}

class Any implements Generator {
  readonly #generators: readonly Generator[];

  constructor(generators: readonly Generator[]) {
    this.#generators = generators;
  }

  next(context: GeneratorContext): Step {
    let soonest: OperationStep | WaitStep | undefined;
    let soonestPlace = 0;
    let equals = 0;
    let place = -1;
    for (const generator of this.#generators) {
      place++;
      const step = generator.next(context);
      if (step === 'pending') continue;
      if (step === undefined) return { change: new Any(this.#generators.toSpliced(place, 1)) };
      if (isChange(step)) return { change: this.#with(place, step.change) };
      const lead = soonest === undefined ? 1 : timeOf(soonest) - timeOf(step);
      if (lead < 0) continue;
      // Among equals each is taken with the same probability, so that none starves.
      equals = lead > 0 ? 1 : equals + 1;
      if (equals > 1 && context.random.int(equals) > 0) continue;
      soonest = step;
      soonestPlace = place;
    }
    if (soonest === undefined) return this.#generators.length === 0 ? undefined : 'pending';
    return rewrap(soonest, (next) => this.#with(soonestPlace, next));
  }

  update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    const updated = updateAll(this.#generators, context, event, thread);
    return updated === this.#generators ? this : new Any(updated);
  }

  #with(place: number, generator: Generator): Generator {
    return new Any(this.#generators.with(place, generator));
  }
}

/**
 * Whichever generator has an operation first; among those that are ready at the same time, one drawn evenly.
 *
 * @example any(delay(1_000, repeat(op('compact'))), stagger(100, repeat(op('read'))))
 */
export function any(...generators: readonly Generator[]): Generator {
  return new Any(streams(generators));
}
