/**
 * Runs `splitbrain` as a process of its own, as a user would, and brings its output home.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HarnessError } from '../../harness/errors.ts';

const LAUNCHER = fileURLToPath(new URL('../../harness/cli/splitbrain.js', import.meta.url));
/** Whatever takes longer than this will not come to an end. */
const LIMIT_MS = 30 * 60_000;
/** What is shown of a command's last words. */
const LAST_WORDS = 600;

/** What a command printed, and how long it took in milliseconds. */
export interface Ran {
  readonly stdout: string;
  readonly tookMs: number;
}

/**
 * Runs it to its end. Throws HarnessError when it printed no result, or `signal` put an end to it; it is then given the time to
 * clear away what it has started.
 */
export async function splitbrain(args: readonly string[], signal: AbortSignal): Promise<Ran> {
  const begun = performance.now();
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: an interrupt from the keyboard would reach it twice, and the second means "at once".
    detached: true,
    timeout: LIMIT_MS,
    killSignal: 'SIGINT',
  });
  const interrupt = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', interrupt, { once: true });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    if (signal.aborted) throw new HarnessError('interrupted');
    if (printed.stdout !== '') return { stdout: printed.stdout, tookMs: performance.now() - begun };
    throw new HarnessError(
      `splitbrain ${args.join(' ')}: exit code ${String(code)}: ${printed.stderr.slice(-LAST_WORDS).trim()}`,
    );
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
