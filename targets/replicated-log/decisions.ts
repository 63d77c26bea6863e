/**
 * How a log decided its clients' commands: by what kind of round, after how many message delays and milliseconds. It is told in the
 * node's own log, a line now and then that adds up what came since the last, and reports draw it (reports/decisions.ts).
 *
 * A message delay is one message that had to arrive before the next could leave, counted from the client and carried by the
 * messages themselves; so it is the same measure on every runtime. Milliseconds run from when the request reached the node.
 */
import type { Json } from '../../harness/json.ts';
import type { NodeContext } from '../../harness/node/program.ts';

/** A request that reaches a node has taken one message delay. */
export const REQUEST_DELAYS = 1;

/** Decisions from one line in the log to the next, and milliseconds if there are fewer. */
const DECISIONS_MAX = 64;
const INTERVAL_MS = 1000;

/** Commands that were decided alike. */
interface Alike {
  readonly round: string;
  readonly delays: number;
  commands: number;
  /** Of all of them together. */
  ms: number;
}

/** Adds up decisions and tells of them. */
export class DecisionLog {
  readonly #context: Pick<NodeContext, 'log' | 'clock'>;
  readonly #untold = new Map<string, Alike>();
  #count = 0;
  #toldAt: number;

  constructor(context: Pick<NodeContext, 'log' | 'clock'>) {
    this.#context = context;
    this.#toldAt = context.clock.monotonic();
  }

  /** A command that a client waits for here was decided in a round of that kind. */
  add(round: string, delays: number, ms: number): void {
    const key = `${round}/${delays}`;
    const alike = this.#untold.get(key) ?? { round, delays, commands: 0, ms: 0 };
    alike.commands += 1;
    alike.ms += ms;
    this.#untold.set(key, alike);
    this.#count += 1;
    if (this.#count >= DECISIONS_MAX) this.tell();
  }

  /** To be called now and then. */
  tick(): void {
    if (this.#context.clock.monotonic() - this.#toldAt >= INTERVAL_MS) this.tell();
  }

  /** Tells what is not told yet. */
  tell(): void {
    if (this.#count === 0) return;
    const decided = [...this.#untold.values()].map((alike): Json => ({ ...alike }));
    this.#context.log.info('decisions', { decided });
    this.#untold.clear();
    this.#count = 0;
    this.#toldAt = this.#context.clock.monotonic();
  }
}
