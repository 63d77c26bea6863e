/**
 * Runs a generator against imagined clients and gives the history that comes of it: for tests of generators,
 * for documentation, and for trying out a workload (the idea is jepsen.generator.test's). It follows the same
 * rules as the real interpreter, with a clock that jumps to whatever happens next.
 */
import { HarnessError } from '../errors.ts';
import type { Operation, OperationType } from '../history/operation.ts';
import type { Json } from '../json.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { NANOS_PER_MS } from '../time.ts';
import { Workers } from './context.ts';
import type { Generator, OperationStep, Thread } from './generator.ts';
import { isOperation, settle, timeOf } from './step.ts';
import type { Settled } from './step.ts';

/** What comes of an imagined operation. */
export interface Outcome {
  readonly type: Exclude<OperationType, 'invoke'>;
  readonly value: Json;
  /** Nanoseconds that it takes. */
  readonly tookNs: number;
}

/** An imagined system: what comes of an invocation. Draws are its own, apart from the generator's. */
export type Outcomes = (invocation: Operation, random: Random) => Outcome;

/** Choices for a simulation. */
export interface SimulationOptions {
  /** Client threads; 2 unless given. */
  readonly clients?: number;
  /** Seed of the generator's draws; `0` unless given. */
  readonly seed?: string;
  /** Seed of the imagined system's draws; that of the generator unless given. */
  readonly outcomeSeed?: string;
  /** Invocations after which the simulation ends; 1,000 unless given. */
  readonly operationsMax?: number;
}

/** Everything succeeds at once. */
export const quickOutcomes: Outcomes = ({ value }) => ({ type: 'ok', value, tookNs: 0 });

/** Everything succeeds, in 10 ms. */
export const perfectOutcomes: Outcomes = ({ value }) => ({ type: 'ok', value, tookNs: 10 * NANOS_PER_MS });

/** A third succeeds, a third fails, of a third nobody knows; each takes up to 20 ms. */
export const imperfectOutcomes: Outcomes = ({ value }, random) => ({
  type: random.pick(['ok', 'fail', 'info'] as const),
  value,
  tookNs: random.int(20 * NANOS_PER_MS),
});

/** A completion that is still to come. */
interface Pending {
  readonly time: number;
  readonly thread: Thread;
  readonly completion: Omit<Operation, 'index'>;
}

class Simulation {
  readonly history: Operation[] = [];
  readonly #workers: Workers;
  readonly #outcomes: Outcomes;
  readonly #random: Random;
  readonly #underWay: Pending[] = [];
  #generator: Generator;
  #time = 0;
  #left: number;

  constructor(generator: Generator, outcomes: Outcomes, options: SimulationOptions) {
    const { clients = 2, seed = '0', outcomeSeed = seed, operationsMax = 1000 } = options;
    this.#generator = generator;
    this.#outcomes = outcomes;
    this.#workers = new Workers(clients, seed);
    this.#random = createRandom(outcomeSeed).fork('outcomes');
    this.#left = operationsMax;
  }

  run(): Operation[] {
    for (;;) {
      const step = this.#left === 0 ? undefined : this.#ask();
      const first = this.#underWay[0];
      const due = step === undefined || step === 'pending' ? Infinity : Math.max(this.#time, timeOf(step));
      if (first !== undefined && first.time <= due) {
        this.#complete(first);
      } else if (step === undefined) {
        return this.history;
      } else if (step === 'pending') {
        throw new HarnessError(
          'The generator waits for something to happen while no operation is under way.',
        );
      } else {
        // Nothing happens until then, so the answer stands.
        this.#time = due;
        if (isOperation(step)) this.#invoke(step);
      }
    }
  }

  #ask(): Settled['step'] {
    const settled = settle(this.#generator, this.#workers.at(this.#time));
    this.#generator = settled.generator;
    return settled.step;
  }

  #invoke({ operation, next }: OperationStep): void {
    const { thread, f, value, key } = operation;
    const process = this.#workers.processOf(thread);
    const content = key === undefined ? { f, value } : { f, value, key };
    this.#workers.occupy(thread);
    this.#generator = next;
    const type = thread === 'nemesis' ? 'info' : 'invoke';
    const invocation = this.#record({ time: this.#time, process, type, ...content }, thread);
    this.#left--;

    const outcome = this.#outcomes(invocation, this.#random);
    const time = this.#time + outcome.tookNs;
    const completed = {
      process,
      type: thread === 'nemesis' ? type : outcome.type,
      value: outcome.value,
    } as const;
    const completion = { time, ...content, ...completed };
    const pending: Pending = { time, thread, completion };
    const later = this.#underWay.findIndex((other) => other.time > time);
    this.#underWay.splice(later === -1 ? this.#underWay.length : later, 0, pending);
  }

  #complete({ time, thread, completion }: Pending): void {
    this.#underWay.shift();
    this.#time = time;
    this.#workers.release(thread);
    this.#record(completion, thread);
    if (completion.type === 'info') this.#workers.retire(thread);
  }

  #record(entry: Omit<Operation, 'index'>, thread: Thread): Operation {
    const operation = { index: this.history.length, ...entry };
    this.history.push(operation);
    this.#generator = this.#generator.update(this.#workers.at(this.#time), operation, thread);
    return operation;
  }
}

/**
 * The history that the generator gives against an imagined system.
 *
 * @throws HarnessError when the generator is pending with nothing under way, and so for ever.
 */
export function simulate(
  generator: Generator,
  outcomes: Outcomes,
  options: SimulationOptions = {},
): Operation[] {
  return new Simulation(generator, outcomes, options).run();
}

/** The invocations of a history, the nemesis's among them: of its entries, all `info`, every other one begins. */
export function invocationsOf(history: readonly Operation[]): Operation[] {
  let nemesisBusy = false;
  return history.filter(({ process, type }) => {
    if (process !== 'nemesis') return type === 'invoke';
    nemesisBusy = !nemesisBusy;
    return nemesisBusy;
  });
}
