/**
 * One generator after another. There is no combinator called `then`: a module that exports that name is
 * taken for a promise when it is imported dynamically.
 */
import type { Operation } from '../history/operation.ts';
import { nothing } from './basic.ts';
import type { Generator, GeneratorContext, Step, Thread } from './generator.ts';
import { isOperation, rewrap, updateAll } from './step.ts';
import { stream, streams } from './stream.ts';
import { Wrapper } from './wrapper.ts';

class Sequence extends Wrapper {
  readonly #all: readonly Generator[];
  readonly #place: number;

  /** `inner` is what remains of the one at `place`. */
  constructor(inner: Generator, all: readonly Generator[], place: number) {
    super(inner);
    this.#all = all;
    this.#place = place;
  }

  next(context: GeneratorContext): Step {
    const step = this.inner.next(context);
    if (step !== undefined) return this.rewrap(step);
    const following = this.#all[this.#place + 1];
    if (following === undefined) return undefined;
    return { change: new Sequence(following, this.#all, this.#place + 1) };
  }

  protected around(inner: Generator): Generator {
    return new Sequence(inner, this.#all, this.#place);
  }
}

/**
 * All operations of the first, then all of the second, and so on. Operations of one may still be running
 * when the next begins; see `phases`.
 *
 * @example sequence(op('write', 1), op('read'))
 */
export function sequence(...generators: readonly Generator[]): Generator {
  const all = streams(generators);
  return new Sequence(all[0] ?? nothing, all, 0);
}

class Synchronize extends Wrapper {
  next(context: GeneratorContext): Step {
    if (context.free.length < context.threads.length) return 'pending';
    return { change: this.inner };
  }

  protected around(inner: Generator): Generator {
    return new Synchronize(inner);
  }
}

/**
 * Waits until every thread that it may use is idle, then goes on as the generator.
 *
 * @example sequence(limit(10, repeat(op('write', 1))), synchronize(op('read')))
 */
export function synchronize(generator: Generator): Generator {
  return new Synchronize(generator);
}

/**
 * A sequence in which each waits for everything before it to complete.
 *
 * @example phases(limit(10, repeat(op('write', 1))), eachThread(op('read')))
 */
export function phases(...generators: readonly Generator[]): Generator {
  return sequence(...generators.map(synchronize));
}

class Cycle extends Wrapper {
  readonly #original: Generator;
  readonly #lap: number;
  readonly #lapGaveSome: boolean;

  constructor(inner: Generator, original: Generator, lap: number, lapGaveSome: boolean) {
    super(inner);
    this.#original = original;
    this.#lap = lap;
    this.#lapGaveSome = lapGaveSome;
  }

  next(context: GeneratorContext): Step {
    const step = this.inner.next(context);
    if (step === undefined) return this.#lapGaveSome ? { change: this.#nextLap() } : undefined;
    if (!isOperation(step)) return this.rewrap(step);
    return { operation: step.operation, next: new Cycle(step.next, this.#original, this.#lap, true) };
  }

  protected around(inner: Generator): Generator {
    return new Cycle(inner, this.#original, this.#lap, this.#lapGaveSome);
  }

  #nextLap(): Generator {
    const lap = this.#lap + 1;
    return new Cycle(stream(lap, this.#original), this.#original, lap, false);
  }
}

/**
 * All operations of a generator again and again, drawn anew each time. A lap without any operation is the last.
 *
 * @example cycle(sequence(op('start'), sleep(5_000), op('stop'), sleep(5_000)))
 */
export function cycle(generator: Generator): Generator {
  return new Cycle(stream(0, generator), generator, 0, false);
}

class FlipFlop implements Generator {
  readonly #generators: readonly Generator[];
  readonly #turn: number;

  constructor(generators: readonly Generator[], turn: number) {
    this.#generators = generators;
    this.#turn = turn;
  }

  next(context: GeneratorContext): Step {
    const step = this.#generators[this.#turn]?.next(context);
    const turn = isOperation(step) ? (this.#turn + 1) % this.#generators.length : this.#turn;
    return rewrap(step, (next) => new FlipFlop(this.#generators.with(this.#turn, next), turn));
  }

  update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    const updated = updateAll(this.#generators, context, event, thread);
    return updated === this.#generators ? this : new FlipFlop(updated, this.#turn);
  }
}

/**
 * One operation of the first, one of the second, and so on in turn, until the one whose turn it is has no more.
 *
 * @example flipFlop(repeat(op('write', 1)), repeat(op('read')))
 */
export function flipFlop(...generators: readonly Generator[]): Generator {
  return new FlipFlop(streams(generators), 0);
}
