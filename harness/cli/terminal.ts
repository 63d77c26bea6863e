/**
 * What a running command says on the way: phases as lines, and while clients are at work one live line that
 * is overwritten on a terminal and repeated every few seconds elsewhere. All of it goes to standard error,
 * so that standard output holds results only.
 */
import { liveLine } from '../../reports/index.ts';
import type { LiveCounts, RunObserver } from '../run/drive.ts';

const TERMINAL_INTERVAL_MS = 250;
const PLAIN_INTERVAL_MS = 5000;
const PLAIN_COLUMNS = 160;
const CLEAR_LINE = '\r\u001b[2K';

/** Whether to colour what goes to standard output: a terminal, unless NO_COLOR says otherwise. */
export function useColour(): boolean {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
}

/** Columns of the terminal; 100 where there is none. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : 100;
}

/** A person watching. */
export interface TerminalObserver extends RunObserver {
  /** Shows a live line, made anew each time for so many columns, until the next phase. */
  watch(show: (columns: number) => string): void;
  /** Clears the live line. */
  end(): void;
}

/** Where progress goes: a terminal, or something that keeps every line. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows a run's progress; says nothing at all when quiet. */
export function terminalObserver(quiet: boolean, stream: ProgressStream = process.stderr): TerminalObserver {
  if (quiet)
    return { phase: () => undefined, live: () => undefined, watch: () => undefined, end: () => undefined };
  const isTerminal = stream.isTTY === true;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    if (isTerminal) stream.write(CLEAR_LINE);
  };
  const watch = (show: (columns: number) => string): void => {
    end();
    timer = setInterval(
      () => {
        const columns = stream.columns ?? PLAIN_COLUMNS;
        stream.write(isTerminal ? CLEAR_LINE + show(columns - 1) : `  ${show(PLAIN_COLUMNS)}\n`);
      },
      isTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS,
    );
  };
  return {
    end,
    phase(line) {
      end();
      stream.write(`· ${line}\n`);
    },
    live(read) {
      watch(lineOf(read));
    },
    watch,
  };
}

/** The live line, with rates since the last time it was shown. */
function lineOf(read: () => LiveCounts): (columns: number) => string {
  let last = read();
  return (columns) => {
    const now = read();
    const seconds = Math.max(0.001, (now.elapsedMs - last.elapsedMs) / 1000);
    const errors = now.failed - last.failed;
    const completed = now.succeeded - last.succeeded + errors;
    last = now;
    return liveLine(
      {
        remainingMs: now.limitMs - now.elapsedMs,
        operations: now.succeeded + now.failed,
        operationsPerSecond: completed / seconds,
        errorsPerSecond: errors / seconds,
        faults: now.faults,
      },
      columns,
    );
  };
}
