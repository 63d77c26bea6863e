/**
 * Pace and limits of time. Arguments are milliseconds. A generator asked twice gives the same times, since
 * what it waits for changes only when an operation is taken.
 */
import { NANOS_PER_MS } from '../time.ts';
import { requireAmount } from './arguments.ts';
import { defer } from './defer.ts';
import type { Generator, GeneratorContext, PlannedOperation, Step } from './generator.ts';
import { isChange, isOperation, timeOf } from './step.ts';
import { Wrapper } from './wrapper.ts';

function nanos(ms: number): number {
  return Math.round(ms * NANOS_PER_MS);
}

function noEarlierThan(operation: PlannedOperation, time: number): PlannedOperation {
  return operation.time >= time ? operation : { ...operation, time };
}

class Stagger extends Wrapper {
  readonly #meanNs: number;
  /** When the next operation is due. */
  readonly #due: number;

  constructor(inner: Generator, meanNs: number, due: number) {
    super(inner);
    this.#meanNs = meanNs;
    this.#due = due;
  }

  next(context: GeneratorContext): Step {
    // Drawn before the generator inside draws, so that the gap does not depend on what that does.
    const gap = Math.round(context.random.between(0, 2 * this.#meanNs));
    const step = this.inner.next(context);
    if (!isOperation(step)) return this.rewrap(step);
    return {
      operation: noEarlierThan(step.operation, this.#due),
      next: new Stagger(step.next, this.#meanNs, this.#due + gap),
    };
  }

  protected around(inner: Generator): Generator {
    return new Stagger(inner, this.#meanNs, this.#due);
  }
}

/**
 * Spreads operations over time, over all threads together: from one to the next a gap drawn evenly between
 * 0 and twice the mean. The first comes at once. The schedule follows from the seed alone: an operation
 * that is late, because no thread was idle, does not move those after it, and what fell behind is caught up.
 *
 * @example stagger(100, repeat(op('read')))
 */
export function stagger(meanMs: number, generator: Generator): Generator {
  requireAmount('The mean of stagger, in milliseconds,', meanMs, 'above zero');
  return defer(({ time }) => new Stagger(generator, nanos(meanMs), time));
}

/**
 * That many operations a second on the average, over all threads together; a `stagger` by another measure.
 *
 * @example rate(50, repeat(op('read')))
 */
export function rate(perSecond: number, generator: Generator): Generator {
  requireAmount('The rate, in operations a second,', perSecond, 'above zero');
  return stagger(1000 / perSecond, generator);
}

class Delay extends Wrapper {
  readonly #gapNs: number;
  readonly #earliest: number;

  constructor(inner: Generator, gapNs: number, earliest: number) {
    super(inner);
    this.#gapNs = gapNs;
    this.#earliest = earliest;
  }

  next(context: GeneratorContext): Step {
    const step = this.inner.next(context);
    if (!isOperation(step)) return this.rewrap(step);
    const operation = noEarlierThan(step.operation, this.#earliest);
    return { operation, next: new Delay(step.next, this.#gapNs, operation.time + this.#gapNs) };
  }

  protected around(inner: Generator): Generator {
    return new Delay(inner, this.#gapNs, this.#earliest);
  }
}

/**
 * Operations at least that long apart, over all threads together. The first comes at once. Unlike `stagger`
 * it has no schedule to catch up with.
 *
 * @example delay(100, repeat(op('read')))
 */
export function delay(gapMs: number, generator: Generator): Generator {
  requireAmount('The delay, in milliseconds,', gapMs, 'zero allowed');
  return new Delay(generator, nanos(gapMs), 0);
}

class Sleep implements Generator {
  readonly #until: number;

  constructor(until: number) {
    this.#until = until;
  }

  next(context: GeneratorContext): Step {
    return context.time >= this.#until ? undefined : { until: this.#until };
  }

  update(): Generator {
    return this;
  }
}

/**
 * No operation for that long, for use in sequences. In `sequence(a, sleep(5_000), b)` it counts from the
 * last invocation of `a`, in `phases(a, sleep(5_000), b)` from the last completion.
 *
 * @example sequence(op('start'), sleep(5_000), op('stop'))
 */
export function sleep(ms: number): Generator {
  requireAmount('The sleep, in milliseconds,', ms, 'zero allowed');
  return defer(({ time }) => new Sleep(time + nanos(ms)));
}

class TimeLimit extends Wrapper {
  readonly #end: number;

  constructor(inner: Generator, end: number) {
    super(inner);
    this.#end = end;
  }

  next(context: GeneratorContext): Step {
    if (context.time >= this.#end) return undefined;
    const step = this.inner.next(context);
    if (step === undefined || isChange(step)) return this.rewrap(step);
    // What is to come too late may yet be overtaken by something earlier, when a thread becomes idle.
    if (step === 'pending' || timeOf(step) >= this.#end) return { until: this.#end };
    return this.rewrap(step);
  }

  protected around(inner: Generator): Generator {
    return new TimeLimit(inner, this.#end);
  }
}

/**
 * Operations for that long, counted from when it is first asked; none begins at the end or after it. Those
 * under way by then run to their end.
 *
 * @example timeLimit(30_000, repeat(op('read')))
 */
export function timeLimit(ms: number, generator: Generator): Generator {
  requireAmount('The time limit, in milliseconds,', ms, 'zero allowed');
  return defer(({ time }) => new TimeLimit(generator, time + nanos(ms)));
}
