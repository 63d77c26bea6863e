/**
 * The smallest generators: single operations and functions, and what can be done to any generator's
 * operations one by one.
 */
import type { Invocation } from '../client/client.ts';
import { UsageError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Random } from '../random.ts';
import { requireCount } from './arguments.ts';
import { StreamContext } from './context.ts';
import type { Generator, GeneratorContext, OperationStep, PlannedOperation, Step } from './generator.ts';
import { isOperation } from './step.ts';
import { Wrapper } from './wrapper.ts';

/** A filter that rejects this many operations in a row is taken to reject them all. */
const REJECTIONS_MAX = 10_000;

/** The generator of no operations. */
export const nothing: Generator = { next: () => undefined, update: () => nothing };

/** A value, or how to draw one. Must be pure but for the draws: it may be asked more often than taken. */
export type ValueSource = Json | ((random: Random, context: GeneratorContext) => Json);

/** What a function says of the next operation: this one, not now, or never again. */
export type FunctionAnswer = Invocation | 'pending' | undefined;

/** A step with that operation, now, on one of the idle threads; `pending` when none is idle. */
function invokeNow(
  context: GeneratorContext,
  { f, value, key }: Invocation,
  next: Generator,
): OperationStep | 'pending' {
  const { time, free } = context;
  const [only] = free;
  if (only === undefined) return 'pending';
  const thread = free.length === 1 ? only : context.random.pick(free);
  const operation = key === undefined ? { f, value, time, thread } : { f, value, key, time, thread };
  return { operation, next };
}

class Single implements Generator {
  readonly #f: string;
  readonly #value: ValueSource;

  constructor(f: string, value: ValueSource) {
    this.#f = f;
    this.#value = value;
  }

  next(context: GeneratorContext): Step {
    if (context.free.length === 0) return 'pending';
    const value = typeof this.#value === 'function' ? this.#value(context.random, context) : this.#value;
    return invokeNow(context, { f: this.#f, value }, nothing);
  }

  update(): Generator {
    return this;
  }
}

/**
 * One operation, now, on any idle thread. Its value is given, or drawn when it is asked.
 *
 * @example op('cas', (random) => [random.int(5), random.int(5)])
 */
export function op(f: string, value: ValueSource = null): Generator {
  return new Single(f, value);
}

class FromFunction implements Generator {
  readonly #answer: (index: number, context: GeneratorContext) => FunctionAnswer;
  readonly #index: number;

  constructor(answer: (index: number, context: GeneratorContext) => FunctionAnswer, index: number) {
    this.#answer = answer;
    this.#index = index;
  }

  next(context: GeneratorContext): Step {
    if (context.free.length === 0) return 'pending';
    const answer = this.#answer(this.#index, context);
    if (answer === undefined || answer === 'pending') return answer;
    return invokeNow(context, answer, new FromFunction(this.#answer, this.#index + 1));
  }

  update(): Generator {
    return this;
  }
}

/**
 * Operations from a function of how many it gave before, until it answers undefined. The function must be
 * pure but for the draws from `context.random`: it may be asked more often than its operations are taken.
 *
 * @example fromFunction((index) => ({ f: 'add', value: index }))
 */
export function fromFunction(
  answer: (index: number, context: GeneratorContext) => FunctionAnswer,
): Generator {
  return new FromFunction(answer, 0);
}

class Limit extends Wrapper {
  readonly #left: number;

  constructor(inner: Generator, left: number) {
    super(inner);
    this.#left = left;
  }

  next(context: GeneratorContext): Step {
    if (this.#left === 0) return undefined;
    const step = this.inner.next(context);
    if (!isOperation(step)) return this.rewrap(step);
    return { operation: step.operation, next: new Limit(step.next, this.#left - 1) };
  }

  protected around(inner: Generator): Generator {
    return new Limit(inner, this.#left);
  }
}

/**
 * At most that many operations.
 *
 * @example limit(3, repeat(op('read')))
 */
export function limit(operations: number, generator: Generator): Generator {
  requireCount('The limit of operations', operations, 0);
  return new Limit(generator, operations);
}

/**
 * The first operation only.
 *
 * @example once(mix(op('read'), op('write', 1)))
 */
export function once(generator: Generator): Generator {
  return limit(1, generator);
}

class Repeat extends Wrapper {
  readonly #original: Generator;
  readonly #taken: number;

  constructor(inner: Generator, original: Generator, taken: number) {
    super(inner);
    this.#original = original;
    this.#taken = taken;
  }

  next(context: GeneratorContext): Step {
    // Each repetition is a stream of its own: else streams inside, which start afresh, would draw the same.
    const step = this.inner.next(new StreamContext(context, `${context.seed}/${this.#taken}`, 0));
    if (!isOperation(step)) return this.rewrap(step);
    return { operation: step.operation, next: new Repeat(this.#original, this.#original, this.#taken + 1) };
  }

  protected around(inner: Generator): Generator {
    return new Repeat(inner, this.#original, this.#taken);
  }
}

/**
 * The first operation of a generator again and again, each drawn anew. (For all of its operations again and
 * again, see `cycle`.)
 *
 * @example repeat(op('write', (random) => random.int(5)))
 */
export function repeat(generator: Generator, times?: number): Generator {
  const repeated = new Repeat(generator, generator, 0);
  return times === undefined ? repeated : limit(times, repeated);
}

class Mapped extends Wrapper {
  readonly #change: (operation: PlannedOperation) => Invocation;

  constructor(inner: Generator, change: (operation: PlannedOperation) => Invocation) {
    super(inner);
    this.#change = change;
  }

  next(context: GeneratorContext): Step {
    const step = this.inner.next(context);
    if (!isOperation(step)) return this.rewrap(step);
    const { time, thread } = step.operation;
    const { f, value, key } = this.#change(step.operation);
    const operation = key === undefined ? { f, value, time, thread } : { f, value, key, time, thread };
    return { operation, next: this.around(step.next) };
  }

  protected around(inner: Generator): Generator {
    return new Mapped(inner, this.#change);
  }
}

/**
 * Every operation changed by a pure function: its function, value and key; when and where stay as they were.
 *
 * @example map((operation) => ({ ...operation, key: 'x' }), repeat(op('read')))
 */
export function map(change: (operation: PlannedOperation) => Invocation, generator: Generator): Generator {
  return new Mapped(generator, change);
}

class Filtered extends Wrapper {
  readonly #accepts: (operation: PlannedOperation) => boolean;

  constructor(inner: Generator, accepts: (operation: PlannedOperation) => boolean) {
    super(inner);
    this.#accepts = accepts;
  }

  next(context: GeneratorContext): Step {
    let generator = this.inner;
    for (let rejected = 0; rejected < REJECTIONS_MAX; rejected++) {
      const step = generator.next(context);
      if (!isOperation(step) || this.#accepts(step.operation)) return this.rewrap(step);
      generator = step.next;
    }
    throw new UsageError(
      `A generator's filter rejected ${REJECTIONS_MAX} operations in a row: let it accept some, or limit what it filters.`,
    );
  }

  protected around(inner: Generator): Generator {
    return new Filtered(inner, this.#accepts);
  }
}

/**
 * Only the operations that a pure function accepts; the others are passed over.
 *
 * @throws UsageError, when asked, if it rejects 10,000 in a row.
 * @example filter((operation) => operation.f === 'read', mix(repeat(op('read')), repeat(op('write', 1))))
 */
export function filter(accepts: (operation: PlannedOperation) => boolean, generator: Generator): Generator {
  return new Filtered(generator, accepts);
}
