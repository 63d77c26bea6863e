/**
 * Contexts: what generators look at. `Workers` gives that of the whole test at one moment; combinators derive
 * from it those of some of its threads, or of a random stream. Each lives for one question.
 *
 * Asking must be cheap, because a simulator asks some hundred thousand times a second: lists of threads and
 * random streams are made when first looked at, and most never are.
 */
import { HarnessError } from '../errors.ts';
import type { ProcessId } from '../history/operation.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { requireCount } from './arguments.ts';
import type { GeneratorContext, Thread } from './generator.ts';

/**
 * The state of a test's threads: which process each runs, and which are idle; and how many operations were
 * taken, on which the draws depend. Kept by whoever runs a generator. Threads are the clients 0 to n-1 and
 * the nemesis; at first client thread n runs process n.
 */
export class Workers {
  readonly threads: readonly Thread[];
  readonly seed: string;
  readonly #clients: number;
  readonly #processes = new Map<Thread, ProcessId>();
  readonly #busy = new Set<Thread>();
  #free: readonly Thread[] | undefined;
  #taken = 0;

  /** That many client threads and the nemesis, all idle, drawing from this seed. */
  constructor(clients: number, seed: string) {
    requireCount('The number of client threads', clients, 1);
    this.#clients = clients;
    this.seed = seed;
    this.threads = [...Array(clients).keys(), 'nemesis'];
    for (const thread of this.threads) this.#processes.set(thread, thread);
  }

  /** Idle threads, in the order of `threads`. */
  get free(): readonly Thread[] {
    return (this.#free ??= this.threads.filter((thread) => !this.#busy.has(thread)));
  }

  /** Operations taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** The context at that time, in nanoseconds since the start of the test. Ask for a new one after each change. */
  at(time: number): GeneratorContext {
    return new RootContext(this, time);
  }

  /** Marks a thread as busy with an operation that was taken just now. */
  occupy(thread: Thread): void {
    if (this.#busy.has(thread))
      throw new HarnessError(`Thread ${thread} got an operation while it was busy with another.`);
    this.#busy.add(thread);
    this.#free = undefined;
    this.#taken++;
  }

  /** Marks a thread as idle again, its operation having completed. */
  release(thread: Thread): void {
    if (!this.#busy.delete(thread))
      throw new HarnessError(`Thread ${thread} completed an operation while it was idle.`);
    this.#free = undefined;
  }

  /**
   * Gives a client thread a process number never used before, the old one's operation having ended in `info`;
   * answers the new number. The nemesis keeps its own.
   */
  retire(thread: Thread): ProcessId {
    const old = this.processOf(thread);
    if (old === 'nemesis') return old;
    this.#processes.set(thread, old + this.#clients);
    return old + this.#clients;
  }

  /** The process that the thread runs now. */
  processOf(thread: Thread): ProcessId {
    const process = this.#processes.get(thread);
    if (process === undefined) throw new HarnessError(`There is no thread ${thread} in this test.`);
    return process;
  }
}

/** The context of the whole test at one moment. */
class RootContext implements GeneratorContext {
  readonly time: number;
  readonly threads: readonly Thread[];
  readonly free: readonly Thread[];
  readonly seed: string;
  readonly #workers: Workers;
  readonly #taken: number;
  #random: Random | undefined;

  constructor(workers: Workers, time: number) {
    this.#workers = workers;
    this.#taken = workers.taken;
    this.time = time;
    this.threads = workers.threads;
    this.free = workers.free;
    this.seed = workers.seed;
  }

  processOf(thread: Thread): ProcessId {
    return this.#workers.processOf(thread);
  }

  get random(): Random {
    return (this.#random ??= randomAt(this.seed, this.#taken));
  }
}

/**
 * Some of the threads of another context: those that `includes` names. Whoever knows the list already
 * gives it as well.
 */
export class RestrictedContext implements GeneratorContext {
  readonly time: number;
  readonly #parent: GeneratorContext;
  readonly #includes: (thread: Thread) => boolean;
  #threads: readonly Thread[] | undefined;
  #free: readonly Thread[] | undefined;

  constructor(parent: GeneratorContext, includes: (thread: Thread) => boolean, threads?: readonly Thread[]) {
    this.#parent = parent;
    this.#includes = includes;
    this.#threads = threads;
    this.time = parent.time;
  }

  get threads(): readonly Thread[] {
    return (this.#threads ??= this.#parent.threads.filter(this.#includes));
  }

  get free(): readonly Thread[] {
    return (this.#free ??= this.#parent.free.filter(this.#includes));
  }

  processOf(thread: Thread): ProcessId {
    return this.#parent.processOf(thread);
  }

  get random(): Random {
    return this.#parent.random;
  }

  get seed(): string {
    return this.#parent.seed;
  }
}

/** Another context with draws of its own: those of a stream at a position. */
export class StreamContext implements GeneratorContext {
  readonly time: number;
  readonly seed: string;
  readonly #parent: GeneratorContext;
  readonly #position: number;
  #random: Random | undefined;

  constructor(parent: GeneratorContext, seed: string, position: number) {
    this.#parent = parent;
    this.#position = position;
    this.time = parent.time;
    this.seed = seed;
  }

  get threads(): readonly Thread[] {
    return this.#parent.threads;
  }

  get free(): readonly Thread[] {
    return this.#parent.free;
  }

  processOf(thread: Thread): ProcessId {
    return this.#parent.processOf(thread);
  }

  get random(): Random {
    return (this.#random ??= this.draw());
  }

  protected draw(): Random {
    return randomAt(this.seed, this.#position);
  }
}

/**
 * The same context with its draws from their beginning: a question must not depend on what those asked
 * before it with the same context drew.
 */
export class QuestionContext extends StreamContext {
  readonly #asked: GeneratorContext;

  constructor(parent: GeneratorContext) {
    super(parent, parent.seed, 0);
    this.#asked = parent;
  }

  protected override draw(): Random {
    return this.#asked.random.fork('question');
  }
}

/** The draws of a stream at a position. */
function randomAt(seed: string, position: number): Random {
  return createRandom(`${seed}#${position}`);
}
