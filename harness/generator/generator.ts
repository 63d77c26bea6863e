/**
 * The generator's contract: a value that says which operation comes next. Generators are immutable; asking
 * one changes nothing, and taking its operation gives the generator of the rest. The idea is Jepsen's
 * (jepsen.generator); ours are seeded: whatever they draw comes from `context.random`, which is the same
 * for the same seed and the same number of operations taken, however often they are asked.
 */
import type { Operation, ProcessId } from '../history/operation.ts';
import type { Json } from '../json.ts';
import type { Random } from '../random.ts';

/** A worker: client threads are numbered from 0, each runs one process at a time. */
export type Thread = number | 'nemesis';

/** What a generator may look at. */
export interface GeneratorContext {
  /** Nanoseconds since the start of the test. */
  readonly time: number;
  /** All threads that this generator may use. */
  readonly threads: readonly Thread[];
  /** Those of them that are idle. */
  readonly free: readonly Thread[];
  /** The process that the thread runs now. */
  processOf(thread: Thread): ProcessId;
  /** Draws of this position; see the file's header. */
  readonly random: Random;
  /** What those draws derive from besides the position: the test's seed and the path to this generator. */
  readonly seed: string;
}

/** An operation to invoke. */
export interface PlannedOperation {
  readonly f: string;
  readonly value: Json;
  readonly key?: Json;
  /** When to invoke it, in nanoseconds; the past means now. */
  readonly time: number;
  readonly thread: Thread;
}

/** An operation, and the generator that remains once it is taken. */
export interface OperationStep {
  readonly operation: PlannedOperation;
  readonly next: Generator;
}

/** Nothing can be invoked before that time, in nanoseconds, unless something else happens: ask again then. */
export interface WaitStep {
  readonly until: number;
}

/**
 * No operation, but the generator becomes `next` at once; it is to be asked again. This is how a generator
 * remembers when it was first asked, and goes on from one part to the next. Whoever runs a generator takes
 * these steps with `settle` (step.ts).
 */
export interface ChangeStep {
  readonly change: Generator;
}

/**
 * What comes next: `undefined` when nothing ever will; `pending` when nothing can before something else
 * happens; an operation; a wait; or a change.
 */
export type Step = undefined | 'pending' | OperationStep | WaitStep | ChangeStep;

/** A generator of operations. */
export interface Generator {
  next(context: GeneratorContext): Step;
  /** The generator after an event (an invocation or a completion, of any thread) was recorded. */
  update(context: GeneratorContext, event: Operation, thread: Thread): Generator;
}
