/**
 * What a replica applied, told in its log so that others can compare: a digest over all entries up to an index.
 * Two replicas, or two lives of one, that have applied the same entries up to an index have the same digest
 * there; and once they differ they differ for ever after (checkers/agreement.ts looks). There is a line
 * for every entry as long as these come slowly, for every 64th in any case, and one whenever a replica enters a new term or
 * ballot: the more lines the more can be compared, and at full speed they must not drown the log.
 *
 * The digest is FNV-1a, 32 bits, over the entries' JSON. Each step maps different digests to different
 * digests, which is why replicas that differ once cannot look alike again; it is no defence against malice.
 */
import type { NodeContext } from '../../harness/node/program.ts';
import type { Command, Outcome, Query, StateMachine } from './state-machine.ts';

/** Entries from one line in the log to the next at full speed. */
const INTERVAL = 64;
/** So many lines in so many milliseconds, if there are as many entries. */
const LINES_MAX = 32;
const WINDOW_MS = 1000;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** How far a replica got, and what it applied up to there. */
type Progress = { readonly index: number; readonly digest: number };

/** A state machine that tells what was applied to it. */
export class AuditedMachine implements StateMachine {
  readonly #machine: StateMachine;
  readonly #context: Pick<NodeContext, 'log' | 'clock'>;
  #progress: Progress = { index: 0, digest: FNV_OFFSET };
  #reported = 0;
  /** When the present window began, on the monotonic clock, and the lines in it. */
  #window = { began: -Infinity, lines: 0 };

  constructor(machine: StateMachine, context: Pick<NodeContext, 'log' | 'clock'>) {
    this.#machine = machine;
    this.#context = context;
  }

  apply(index: number, command: Command | null): Outcome {
    const { index: before, digest } = this.#progress;
    if (index !== before + 1) this.#context.log.error('applied-out-of-order', { index, before });
    this.#progress = { index, digest: extended(digest, command) };
    if (index % INTERVAL === 0 || this.#hasRoom()) this.report();
    return this.#machine.apply(index, command);
  }

  read(query: Query): Outcome {
    return this.#machine.read(query);
  }

  #hasRoom(): boolean {
    const now = this.#context.clock.monotonic();
    if (now - this.#window.began >= WINDOW_MS) this.#window = { began: now, lines: 0 };
    return this.#window.lines < LINES_MAX;
  }

  /** Logs how far this replica got, unless it did before. */
  report(): void {
    const { index, digest } = this.#progress;
    if (index === this.#reported) return;
    this.#reported = index;
    this.#window.lines += 1;
    this.#context.log.info('applied', { index, digest: digest.toString(16).padStart(8, '0') });
  }

  save(): string {
    return `${JSON.stringify(this.#progress)}\n${this.#machine.save()}`;
  }

  restore(text: string): void {
    const end = text.indexOf('\n');
    this.#progress = JSON.parse(text.slice(0, end)) as Progress;
    this.#machine.restore(text.slice(end + 1));
  }
}

function extended(digest: number, command: Command | null): number {
  const text = JSON.stringify(command);
  let hash = digest;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return hash >>> 0;
}
