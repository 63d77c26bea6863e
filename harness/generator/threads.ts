/** Which threads a generator may use. */
import type { Operation, ProcessId } from '../history/operation.ts';
import { requireCount } from './arguments.ts';
import { any } from './choice.ts';
import { RestrictedContext } from './context.ts';
import type { Generator, GeneratorContext, Step, Thread } from './generator.ts';
import { Wrapper } from './wrapper.ts';

class OnThreads extends Wrapper {
  readonly #includes: (thread: Thread) => boolean;

  constructor(inner: Generator, includes: (thread: Thread) => boolean) {
    super(inner);
    this.#includes = includes;
  }

  next(context: GeneratorContext): Step {
    const step = this.inner.next(new RestrictedContext(context, this.#includes));
    return this.rewrap(step);
  }

  override update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    if (!this.#includes(thread)) return this;
    return super.update(new RestrictedContext(context, this.#includes), event, thread);
  }

  protected around(inner: Generator): Generator {
    return new OnThreads(inner, this.#includes);
  }
}

/**
 * The generator on those threads only that a pure function accepts; of the others it sees nothing.
 *
 * @example onThreads((thread) => thread === 0, repeat(op('write', 1)))
 */
export function onThreads(includes: (thread: Thread) => boolean, generator: Generator): Generator {
  return new OnThreads(generator, includes);
}

/**
 * The generator on client threads only.
 *
 * @example clients(repeat(op('read')))
 */
export function clients(generator: Generator): Generator {
  return onThreads((thread) => thread !== 'nemesis', generator);
}

/**
 * The generator on the nemesis's thread only.
 *
 * @example nemesis(cycle(sequence(op('start'), sleep(5_000), op('stop'), sleep(5_000))))
 */
export function nemesis(generator: Generator): Generator {
  return onThreads((thread) => thread === 'nemesis', generator);
}

/**
 * One generator for the clients and one for the nemesis, side by side. Where there is to be no nemesis, give
 * it `nothing`: the clients' operations are then the same as with one.
 *
 * @example clientsAndNemesis(stagger(10, repeat(op('read'))), delay(5_000, repeat(op('kill'))))
 */
export function clientsAndNemesis(clientsDo: Generator, nemesisDoes: Generator): Generator {
  return any(clients(clientsDo), nemesis(nemesisDoes));
}

class ProcessLimit extends Wrapper {
  readonly #processes: number;
  readonly #seen: ReadonlySet<ProcessId>;

  constructor(inner: Generator, processes: number, seen: ReadonlySet<ProcessId>) {
    super(inner);
    this.#processes = processes;
    this.#seen = seen;
  }

  next(context: GeneratorContext): Step {
    const seen = this.#seenIn(context);
    if (seen.size > this.#processes) return undefined;
    const noted = seen === this.#seen ? this : new ProcessLimit(this.inner, this.#processes, seen);
    return noted.rewrap(this.inner.next(context));
  }

  protected around(inner: Generator): Generator {
    return new ProcessLimit(inner, this.#processes, this.#seen);
  }

  #seenIn(context: GeneratorContext): ReadonlySet<ProcessId> {
    const present = context.threads
      .map((thread) => context.processOf(thread))
      .filter((it) => it !== 'nemesis');
    return present.every((process) => this.#seen.has(process))
      ? this.#seen
      : new Set([...this.#seen, ...present]);
  }
}

/**
 * Operations of at most that many client processes. All processes that could have been asked count, not only
 * those that were, so that a test does not end with a trickle from the one or two threads that never crashed
 * (jepsen.generator/process-limit).
 *
 * @example processLimit(20, repeat(op('read')))
 */
export function processLimit(processes: number, generator: Generator): Generator {
  requireCount('The limit of processes', processes, 0);
  return new ProcessLimit(generator, processes, new Set());
}
