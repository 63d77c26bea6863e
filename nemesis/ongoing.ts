/**
 * What a fault does for as long as it is in force: again and again, beside everything else, on the cluster's own time, so
 * that a simulated run with it is as repeatable as one without. Whoever looks at what it does, or ends it, waits until it is between
 * two steps, and keeps it there.
 */
import { messageOf } from '../harness/errors.ts';
import { Bell, type Time } from '../harness/time.ts';

/** Milliseconds that a step takes at least. */
const LEAST_MS = 1;

/** What a step is given. */
export interface StepContext {
  /** Waits; ends early when the activity is stopped. */
  readonly pause: (ms: number) => Promise<void>;
  /** Whether it is to come to its end. */
  readonly stopped: boolean;
}

/** An activity: one step after another until it is stopped. A step that fails ends it. */
export class Ongoing {
  readonly #time: Time;
  readonly #step: (context: StepContext) => Promise<void>;
  readonly #bell = new Bell();
  /** The last of what waits to have it stand still, or to go on. */
  #turn: Promise<void> = Promise.resolve();
  #going: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(time: Time, step: (context: StepContext) => Promise<void>) {
    this.#time = time;
    this.#step = step;
  }

  /** What ended it before it was stopped; undefined while nothing has. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Begins; once. */
  start(): void {
    this.#going ??= this.#goOn();
  }

  /** Does this while the activity stands still between two steps. */
  async between<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    let done = (): void => undefined;
    this.#turn = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    try {
      return await work();
    } finally {
      done();
    }
  }

  /** Ends it; resolves when its last step is over. */
  async stop(): Promise<void> {
    this.#bell.ring();
    await this.#going;
  }

  async #goOn(): Promise<void> {
    const bell = this.#bell;
    const context: StepContext = {
      pause: (ms) => this.#time.sleep(ms, bell),
      get stopped() {
        return bell.aborted;
      },
    };
    while (!bell.aborted && this.#failure === undefined) {
      const begun = this.#time.now();
      await this.between(async () => {
        try {
          if (!bell.aborted) await this.#step(context);
        } catch (error) {
          this.#failure = messageOf(error);
        }
      });
      // A step that found nothing to do must not keep time from going on.
      if (this.#time.now() === begun) await context.pause(LEAST_MS);
    }
  }
}
