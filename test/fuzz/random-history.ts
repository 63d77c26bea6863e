/**
 * Small random histories: clients that overlap, crash, fail and never hear back, on an object that does what its model says,
 * except where it is made to lie. An operation takes effect at some moment between its invocation and its
 * completion; so a history without a lie is linearizable, and one with a lie often is not.
 */
import { Choice } from '../../checkers/models/model.ts';
import type { History, Operation, OperationType } from '../../harness/history/operation.ts';
import { equal, type Json } from '../../harness/json.ts';
import type { Random } from '../../harness/random.ts';
import type { Sample, Subject } from '../unit/checkers/linearizable/subjects.ts';

const OPERATIONS = { least: 2, most: 12 } as const;
const CLIENTS_MAX = 5;
/** Numbers to write in the mix where they come again and again. */
const FEW_VALUES = 3;
const TICK_NANOS = 1000;

interface Open {
  readonly sample: Sample;
  readonly client: number;
  readonly ending: 'ok' | 'fail' | 'info' | 'none';
  readonly lies: boolean;
  applied: boolean;
  /** What it answers; undefined while it cannot take effect. */
  answer: Json | undefined;
}

/** One history while it happens. */
class Play {
  readonly entries: Operation[] = [];
  readonly #subject: Subject;
  readonly #random: Random;
  readonly #width: number;
  readonly #crashes: number;
  readonly #lies: number;
  readonly #value: () => number;
  readonly #open: Open[] = [];
  /** The process of each client, and whether it is busy. */
  readonly #processes: number[];
  readonly #idle: number[];
  /** The latest first. */
  readonly #states: unknown[];

  constructor(subject: Subject, random: Random) {
    this.#subject = subject;
    this.#random = random;
    this.#width = 1 + random.int(CLIENTS_MAX);
    this.#crashes = random.pick([0, 0.1, 0.1, 0.4]);
    this.#lies = random.pick([0, 0.1, 0.2, 0.3]);
    let next = 1;
    this.#value = random.chance(0.5) ? () => next++ : () => random.int(FEW_VALUES);
    this.#processes = Array.from({ length: this.#width }, (_, client) => client);
    this.#idle = [...this.#processes];
    this.#states = [(subject.product ?? subject.model).init(subject.init)];
  }

  run(): History {
    let waiting = OPERATIONS.least + this.#random.int(OPERATIONS.most - OPERATIONS.least + 1);
    while (waiting + this.#open.length > 0) {
      const mayInvoke = waiting > 0 && this.#idle.length > 0;
      if (mayInvoke && (this.#open.length === 0 || this.#random.chance(0.5))) {
        this.#invoke();
        waiting--;
      } else {
        this.#advance(this.#random.pick(this.#open));
      }
    }
    return this.entries;
  }

  #invoke(): void {
    const client = this.#idle.splice(this.#random.int(this.#idle.length), 1)[0] ?? 0;
    const sample = this.#random.pick(this.#subject.draws)(this.#value, this.#random);
    this.#write(client, 'invoke', sample, sample.argument);
    this.#open.push({
      sample,
      client,
      ending: this.#ending(),
      lies: this.#random.chance(this.#lies),
      applied: false,
      answer: undefined,
    });
  }

  #ending(): Open['ending'] {
    if (this.#random.chance(this.#crashes)) return this.#random.chance(0.5) ? 'info' : 'none';
    return this.#random.chance(0.06) ? 'fail' : 'ok';
  }

  /** The operation takes effect, ends, both, or goes on waiting. */
  #advance(operation: Open): void {
    if (!operation.applied) {
      const crashed = operation.ending === 'info' || operation.ending === 'none';
      if (!crashed || this.#random.chance(0.6)) this.#apply(operation);
      const isBlocked = operation.answer === undefined && !operation.lies && this.#open.length > 1;
      if (operation.ending === 'ok' && isBlocked && this.#random.chance(0.95)) return;
      operation.applied = true;
      if (this.#random.chance(0.5)) return;
    }
    this.#end(operation);
  }

  #apply(operation: Open): void {
    const { sample, ending, lies } = operation;
    for (const result of sample.results(this.#states)) {
      const next = this.#step(sample, result);
      if (next === undefined) continue;
      operation.answer = result;
      // An operation that fails and lies about it did take effect.
      if (ending !== 'fail' || lies) this.#states.unshift(next);
      return;
    }
  }

  #step({ f, argument, key }: Sample, result: Json): unknown {
    const { model, product = model } = this.#subject;
    const next = product.step(this.#states[0], {
      f,
      argument,
      result,
      ...(key === undefined ? {} : { key }),
    });
    if (!(next instanceof Choice)) return next;
    return next.states.length === 0 ? undefined : this.#random.pick(next.states as readonly unknown[]);
  }

  #end(operation: Open): void {
    const { sample, client, ending, lies, answer } = operation;
    this.#open.splice(this.#open.indexOf(operation), 1);
    this.#idle.push(client);
    const result = lies ? this.#lie(operation) : answer;
    if (ending === 'ok' && result !== undefined) this.#write(client, 'ok', sample, result);
    else if (ending === 'ok' || ending === 'fail') this.#write(client, 'fail', sample, sample.argument);
    else this.#crash(operation);
  }

  /** Another answer than the honest one, if there is another. */
  #lie({ sample, answer = null }: Open): Json {
    const results = sample.results(this.#states);
    const others = results.filter((result) => !equal(result, answer));
    return this.#random.pick(others.length > 0 ? others : results);
  }

  /** Nobody hears from the process again: the client goes on as another. */
  #crash({ sample, client, ending }: Open): void {
    if (ending === 'info') this.#write(client, 'info', sample, sample.argument);
    this.#processes[client] = (this.#processes[client] ?? 0) + this.#width;
  }

  #write(client: number, type: OperationType, { f, key }: Sample, value: Json): void {
    const index = this.entries.length;
    const process = this.#processes[client] ?? 0;
    const entry = { index, time: index * TICK_NANOS, process, type, f, value };
    this.entries.push(key === undefined ? entry : { ...entry, key });
  }
}

/** A history of that subject. */
export function randomHistory(subject: Subject, random: Random): History {
  return new Play(subject, random).run();
}
