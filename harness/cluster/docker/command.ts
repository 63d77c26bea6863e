/**
 * Runs a program to its end and keeps what it says, so that a failure can be explained. Programs such as
 * mmdebstrap are trees of processes whose root waits for its children, whatever it is told: each runs in a
 * process group of its own, and is ended as a group.
 */
import { spawn } from 'node:child_process';
import { messageOf } from '../../errors.ts';

const KEPT_CHARACTERS = 20_000;
/** Between asking a program to end and ending it. */
const GRACE_MS = 5000;

/** How a program ended. */
export interface CommandResult {
  /** Exit code; 127 when it could not be started, 124 when it was ended by a signal. */
  readonly code: number;
  /** The end of its stdout and stderr. */
  readonly output: string;
}

/** What may be set for a run. */
export interface CommandOptions {
  /** It is ended after this. */
  readonly timeoutMs: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** It is ended when this aborts. */
  readonly signal?: AbortSignal;
}

/** Runs a program; resolves when all of it has ended. Never rejects. */
export function runCommand(
  program: string,
  parameters: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
    });
    const over = new AbortController();
    endGroupOn(AbortSignal.timeout(options.timeoutMs), child.pid, over.signal);
    if (options.signal !== undefined) endGroupOn(options.signal, child.pid, over.signal);
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-KEPT_CHARACTERS);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const finish = (code: number): void => {
      over.abort();
      resolve({ code, output });
    };
    child.once('error', (error) => {
      output += messageOf(error);
      finish(127);
    });
    child.once('close', (code) => {
      finish(code ?? 124);
    });
  });
}

/** Ends a process group when `signal` aborts, the hard way after a while, unless it is `over` by then. */
function endGroupOn(signal: AbortSignal, group: number | undefined, over: AbortSignal): void {
  if (group === undefined) return;
  const end = (): void => {
    kill(group, 'SIGTERM');
    const harder = setTimeout(() => {
      kill(group, 'SIGKILL');
    }, GRACE_MS);
    over.addEventListener('abort', () => {
      clearTimeout(harder);
    });
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true, signal: over });
}

function kill(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has ended meanwhile.
  }
}

/** The last lines of a text, for an error message. */
export function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n');
}
