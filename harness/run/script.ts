/**
 * Client operations that are given one by one, with their times and threads: what a recorded run did, to be
 * done again. A thread that is still busy begins its next operation late, and the other threads go on.
 */
import type { Generator, GeneratorContext, Step } from '../generator/generator.ts';
import { type History, isClient } from '../history/operation.ts';
import type { Json } from '../json.ts';
import { NANOS_PER_MS } from '../time.ts';

/** One client operation. */
export interface ScheduledOperation {
  /** Milliseconds since the start of the test. */
  readonly at: number;
  /** The client thread that performs it, from 0. */
  readonly thread: number;
  readonly f: string;
  readonly value: Json;
  readonly key?: Json;
}

/** The operations that were invoked before that time (nanoseconds) in a history of so many client threads, in order. */
export function operationsOf(history: History, concurrency: number, before: number): ScheduledOperation[] {
  return history
    .filter((entry) => entry.type === 'invoke' && isClient(entry) && entry.time < before)
    .map(({ time, process, f, value, key }) => ({
      at: time / NANOS_PER_MS,
      // A process that retires is followed by the one that is `concurrency` higher, on the same thread.
      thread: (process as number) % concurrency,
      f,
      value,
      ...(key === undefined ? {} : { key }),
    }));
}

/** Performs these operations, each at its time or as soon after it as its thread is free. */
export function scriptGenerator(operations: readonly ScheduledOperation[]): Generator {
  const byThread = new Map<number, ScheduledOperation[]>();
  for (const operation of [...operations].sort((a, b) => a.at - b.at)) {
    const own = byThread.get(operation.thread);
    if (own === undefined) byThread.set(operation.thread, [operation]);
    else own.push(operation);
  }
  return new Script(byThread, new Map());
}

class Script implements Generator {
  readonly #operations: ReadonlyMap<number, readonly ScheduledOperation[]>;
  /** How many of its operations each thread has taken. */
  readonly #taken: ReadonlyMap<number, number>;

  constructor(
    operations: ReadonlyMap<number, readonly ScheduledOperation[]>,
    taken: ReadonlyMap<number, number>,
  ) {
    this.#operations = operations;
    this.#taken = taken;
  }

  next({ free }: GeneratorContext): Step {
    let soonest: ScheduledOperation | undefined;
    let left = false;
    for (const [thread, own] of this.#operations) {
      const next = own[this.#taken.get(thread) ?? 0];
      if (next === undefined) continue;
      left = true;
      if (free.includes(thread) && (soonest === undefined || next.at < soonest.at)) soonest = next;
    }
    if (soonest === undefined) return left ? 'pending' : undefined;
    const { at, thread, ...operation } = soonest;
    const taken = new Map(this.#taken).set(thread, (this.#taken.get(thread) ?? 0) + 1);
    const time = Math.round(at * NANOS_PER_MS);
    return { operation: { ...operation, time, thread }, next: new Script(this.#operations, taken) };
  }

  update(): Generator {
    return this;
  }
}
