/**
 * One line on the terminal while `splitbrain check` works, once that takes long enough to make somebody wonder. It goes to
 * standard error, and is gone before anything is printed.
 */
import type { Progress } from '../../checkers/index.ts';
import { formatDuration } from '../time.ts';

const AFTER_MS = 2000;
const EVERY_MS = 250;
const CLEAR_LINE = '\r\u001b[K';

/** A terminal, or something that is none. */
export interface ProgressTerminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows how far the jobs are. Says nothing where nobody watches. */
export class CheckProgress {
  readonly #terminal: ProgressTerminal;
  readonly #total: number;
  readonly #timeoutMs: number;
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #running = new Map<string, Progress | undefined>();
  #finished = 0;
  #shownAt = 0;

  constructor(total: number, timeoutMs: number, terminal: ProgressTerminal = process.stderr) {
    this.#total = total;
    this.#timeoutMs = timeoutMs;
    this.#terminal = terminal;
    if (terminal.isTTY === true) this.#timer = setInterval(() => this.#show(), EVERY_MS);
  }

  begin(path: string): void {
    this.#running.set(path, undefined);
  }

  /** Where the check of that file says how far it is. */
  reporter(path: string): (progress: Progress) => void {
    return (progress) => void this.#running.set(path, progress);
  }

  finish(path: string): void {
    this.#running.delete(path);
    this.#finished += 1;
    // Files that are checked in this thread leave the timer no time of its own.
    if (this.#timer !== undefined && performance.now() - this.#shownAt > EVERY_MS) this.#show();
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (this.#shownAt > 0) this.#terminal.write(CLEAR_LINE);
    this.#shownAt = 0;
  }

  /** Nothing is going on any more. */
  end(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #show(): void {
    const now = performance.now();
    if (now - this.#begun < AFTER_MS) return;
    this.#shownAt = now;
    const line = this.line(now - this.#begun);
    this.#terminal.write(CLEAR_LINE + line.slice(0, (this.#terminal.columns ?? 80) - 1));
  }

  /** The line after that many milliseconds. */
  line(elapsedMs: number): string {
    const [[path, keys] = ['', undefined]] = this.#running;
    const time = formatDuration(elapsedMs);
    const looking = `${path}: ${keysInWords(keys)}`;
    if (this.#total === 1) return `${looking}, ${time} of at most ${formatDuration(this.#timeoutMs)}`;
    return `${this.#finished} of ${this.#total} files, ${time}; ${looking}`;
  }
}

function keysInWords(progress: Progress | undefined): string {
  if (progress === undefined) return 'searching';
  const { decided, parts, invalid } = progress;
  return `${decided} of ${parts} keys decided${invalid === 0 ? '' : `, ${invalid} not linearizable`}`;
}
