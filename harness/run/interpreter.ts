/**
 * The interpreter: asks the generator what comes next, hands operations to idle workers, and records what
 * begins and what comes of it, in the order in which it happens. It waits on the cluster's clock, so it is
 * the same for real and for virtual time. The design is Jepsen's (jepsen.generator.interpreter).
 */
import { HarnessError } from '../errors.ts';
import type { ClientWorker } from '../client/worker.ts';
import type { Workers } from '../generator/context.ts';
import type { Generator, OperationStep, PlannedOperation, Thread } from '../generator/generator.ts';
import { type Settled, isOperation, settle, timeOf } from '../generator/step.ts';
import type { Operation } from '../history/operation.ts';
import type { Json } from '../json.ts';
import { Bell, NANOS_PER_MS, type Time } from '../time.ts';

/** Where operations are written. */
export interface OperationSink {
  /** Writes the entry and answers it with its index. An invocation is safe on return. */
  record(entry: Omit<Operation, 'index'>): Operation;
}

/** What performs the nemesis's operations; never rejects. */
export interface NemesisWorker {
  perform(f: string, value: Json): Promise<{ readonly value: Json; readonly error?: Json }>;
}

/** What an interpretation needs. */
export interface Interpretation {
  readonly generator: Generator;
  /** The threads and their processes; they live on from one interpretation to the next. */
  readonly workers: Workers;
  readonly time: Time;
  readonly sink: OperationSink;
  readonly clients: readonly ClientWorker[];
  readonly nemesis: NemesisWorker;
  /** Calls `wake` whenever something happens, other than operations, that the generator may wait for; the answer ends that. */
  readonly listen?: (wake: () => void) => () => void;
  /** Stops asking for operations; those under way are waited for. */
  readonly signal: AbortSignal;
}

/**
 * Clients that answer at once would starve everything else - timers, sockets, the nemesis - so these get a
 * turn now and then; not each time, for what ended meanwhile would seem to have ended together.
 */
const WAITS_BETWEEN_TURNS = 100;

type Entry = Omit<Operation, 'index' | 'time'>;

/** An operation that has ended and is not yet recorded. */
interface Finished {
  readonly thread: Thread;
  readonly entry: Entry;
  /** As it is among those under way. */
  readonly ended: Promise<void>;
}

/**
 * Runs the generator to its end. Resolves when it is exhausted, or stopped; rejects when an entry cannot be
 * recorded or the generator is stuck. In any case no operation is under way any more.
 */
export async function interpret(options: Interpretation): Promise<void> {
  await new Interpreter(options).run();
}

class Interpreter {
  readonly #options: Interpretation;
  readonly #workers: Workers;
  readonly #finished: Finished[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #generator: Generator;
  /** No more is asked; the signal itself takes longer to read than many an answer to give. */
  #stopped = false;
  #waits = 0;
  #wake = new Bell();

  constructor(options: Interpretation) {
    this.#options = options;
    this.#generator = options.generator;
    this.#workers = options.workers;
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const wake = (): void => this.#wake.ring();
    const stop = (): void => {
      this.#stopped = true;
      wake();
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    const deaf = this.#options.listen?.(wake);
    try {
      await this.#interpret();
    } finally {
      deaf?.();
      signal.removeEventListener('abort', stop);
      await Promise.all(this.#underWay);
    }
  }

  async #interpret(): Promise<void> {
    for (;;) {
      this.#recordFinished();
      const step = this.#ask();
      if (isOperation(step) && this.#isDue(step)) {
        this.#generator = step.next;
        this.#begin(step.operation);
      } else if (typeof step === 'object') {
        await this.#wait((timeOf(step) - this.#options.time.now()) / NANOS_PER_MS);
      } else if (this.#underWay.size > 0) {
        await this.#wait(Infinity);
      } else if (step === 'pending') {
        throw new HarnessError('the generator waits for something to happen, and nothing is under way');
      } else return;
    }
  }

  #ask(): Settled['step'] {
    if (this.#stopped) return undefined;
    const { generator, step } = settle(this.#generator, this.#workers.at(this.#options.time.now()));
    this.#generator = generator;
    return step;
  }

  #isDue(step: OperationStep): boolean {
    return timeOf(step) <= this.#options.time.now();
  }

  /** Waits until something finishes, or for that long. */
  async #wait(ms: number): Promise<void> {
    const { time } = this.#options;
    const wake = (this.#wake = new Bell());
    if (ms < Infinity) await time.sleep(ms, wake);
    else await new Promise<void>((resolve) => wake.addEventListener('abort', resolve));
    if (++this.#waits % WAITS_BETWEEN_TURNS === 0) await time.sleep(0);
  }

  #begin({ f, value, key, thread }: PlannedOperation): void {
    const { clients, nemesis } = this.#options;
    const process = this.#workers.processOf(thread);
    const base = key === undefined ? { process, f } : { process, f, key };
    this.#workers.occupy(thread);
    this.#record(thread, { ...base, type: process === 'nemesis' ? 'info' : 'invoke', value });
    const client = thread === 'nemesis' ? undefined : clients[thread];
    const outcome: Promise<Entry> =
      client === undefined
        ? nemesis.perform(f, value).then((result): Entry => ({ ...base, type: 'info', ...result }))
        : client
            .perform(key === undefined ? { f, value } : { f, value, key })
            .then((completion): Entry => ({ ...base, value, ...completion }));
    const ended = outcome.then((entry) => {
      this.#finished.push({ thread, entry, ended });
      this.#wake.ring();
    });
    this.#underWay.add(ended);
  }

  #recordFinished(): void {
    if (this.#finished.length === 0) return;
    for (const { thread, entry, ended } of this.#finished.splice(0)) {
      this.#underWay.delete(ended);
      this.#workers.release(thread);
      this.#record(thread, entry);
      if (entry.type !== 'info' || thread === 'nemesis') continue;
      const process = this.#workers.retire(thread);
      if (process !== 'nemesis') this.#options.clients[thread]?.become(process);
    }
  }

  #record(thread: Thread, entry: Entry): void {
    const { time, sink } = this.#options;
    const event = sink.record({ time: time.now(), ...entry });
    this.#generator = this.#generator.update(this.#workers.at(event.time), event, thread);
  }
}
