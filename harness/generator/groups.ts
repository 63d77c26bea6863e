/**
 * Groups of threads, each with a generator of its own. A thread belongs to at most one group, so a question
 * goes to the groups that have idle threads first, and an event to the one group that it concerns.
 */
import { UsageError } from '../errors.ts';
import type { Operation } from '../history/operation.ts';
import { requireCount } from './arguments.ts';
import { RestrictedContext } from './context.ts';
import { defer } from './defer.ts';
import type { Generator, GeneratorContext, OperationStep, Step, Thread, WaitStep } from './generator.ts';
import { isChange, rewrap, timeOf } from './step.ts';
import { stream } from './stream.ts';

/** Where a group whose generator has no more gets another: the generator, and where the next one comes from. */
export type Refill = () => { readonly generator: Generator; readonly rest: Refill } | undefined;

/** Which threads form which group. */
interface Division {
  readonly groups: readonly (readonly Thread[])[];
  readonly groupOf: ReadonlyMap<Thread, number>;
}

/** Generators by group; undefined for a group that has no more. */
type ByGroup = readonly (Generator | undefined)[];

class Groups implements Generator {
  readonly #division: Division;
  readonly #generators: ByGroup;
  readonly #refill: Refill;

  constructor(division: Division, generators: ByGroup, refill: Refill) {
    this.#division = division;
    this.#generators = generators;
    this.#refill = refill;
  }

  next(context: GeneratorContext): Step {
    const count = this.#generators.length;
    const first = this.#firstToAsk(context);
    let soonest: OperationStep | WaitStep | undefined;
    let soonestGroup = 0;
    let pending = false;
    for (let offset = 0; offset < count; offset++) {
      const group = (first + offset) % count;
      const generator = this.#generators[group];
      if (generator === undefined) continue;
      const step = generator.next(this.#contextOf(group, context));
      if (step === undefined) return { change: this.#refilled(group) };
      if (isChange(step)) return { change: this.#with(group, step.change, this.#refill) };
      pending = true;
      if (step === 'pending' || (soonest !== undefined && timeOf(step) >= timeOf(soonest))) continue;
      soonest = step;
      soonestGroup = group;
      if (timeOf(step) <= context.time) break;
    }
    if (soonest === undefined) return pending ? 'pending' : undefined;
    return rewrap(soonest, (next) => this.#with(soonestGroup, next, this.#refill));
  }

  update(context: GeneratorContext, event: Operation, thread: Thread): Generator {
    const group = this.#division.groupOf.get(thread);
    const generator = group === undefined ? undefined : this.#generators[group];
    if (group === undefined || generator === undefined) return this;
    const updated = generator.update(this.#contextOf(group, context), event, thread);
    return updated === generator ? this : this.#with(group, updated, this.#refill);
  }

  /** The group of an idle thread, drawn evenly: what is ready first in the order of asking is taken. */
  #firstToAsk(context: GeneratorContext): number {
    if (context.free.length === 0 || this.#generators.length === 1) return 0;
    return this.#division.groupOf.get(context.random.pick(context.free)) ?? 0;
  }

  #contextOf(group: number, context: GeneratorContext): GeneratorContext {
    const { groups, groupOf } = this.#division;
    return new RestrictedContext(context, (thread) => groupOf.get(thread) === group, groups[group]);
  }

  #refilled(group: number): Generator {
    const refill = this.#refill();
    return this.#with(group, refill?.generator, refill?.rest ?? this.#refill);
  }

  #with(group: number, generator: Generator | undefined, refill: Refill): Generator {
    return new Groups(this.#division, this.#generators.with(group, generator), refill);
  }
}

/** Each group with its generator, refilled when it has no more. Groups without threads are left out. */
export function onGroups(
  members: readonly { readonly threads: readonly Thread[]; readonly generator: Generator | undefined }[],
  refill: Refill = () => undefined,
): Generator {
  const manned = members.filter(({ threads }) => threads.length > 0);
  const groups = manned.map(({ threads }) => threads);
  const groupOf = new Map(
    groups.flatMap((threads, group) => threads.map((thread) => [thread, group] as const)),
  );
  return new Groups(
    { groups, groupOf },
    manned.map(({ generator }) => generator),
    refill,
  );
}

/**
 * A copy of the generator for each thread, which sees that thread only.
 *
 * @example eachThread(sequence(op('open'), op('close')))
 */
export function eachThread(generator: Generator): Generator {
  return defer(({ threads }) =>
    onGroups(threads.map((thread) => ({ threads: [thread], generator: stream(thread, generator) }))),
  );
}

/**
 * The first threads for one generator, the following for the next, and those that are left for the last. The
 * nemesis counts as a thread, the last one: use it within `clients`.
 *
 * @throws UsageError, when first asked, if there are not enough threads.
 * @example clients(reserve([[2, repeat(op('write', 1))], [1, repeat(op('cas', [1, 2]))]], repeat(op('read'))))
 */
export function reserve(
  groups: readonly (readonly [threads: number, generator: Generator])[],
  rest: Generator,
): Generator {
  for (const [threads] of groups) requireCount('The number of threads to reserve', threads, 1);
  const needed = groups.reduce((sum, [threads]) => sum + threads, 0);
  return defer(({ threads }) => {
    if (threads.length < needed) {
      throw new UsageError(
        `The workload reserves ${needed} threads and there are ${threads.length}: raise --concurrency to at least ${needed}.`,
      );
    }
    let start = 0;
    const members = groups.map(([count, generator], place) => {
      const own = threads.slice(start, (start += count));
      return { threads: own, generator: stream(place, generator) };
    });
    return onGroups([...members, { threads: threads.slice(start), generator: stream('rest', rest) }]);
  });
}
