/**
 * Runs the command line as a user does: the launcher, in a process of its own.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The project's root. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a command came to. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a command. */
export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another copy of the project. */
  readonly root?: string;
  /** Called with the process once it runs. */
  readonly started?: (child: ChildProcess) => void;
}

/** This process's environment without what makes tools print colours: a terminal's settings, and the mark of CI (to picocolors). */
export function colourless(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, MOCHA_COLORS: _mocha, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1' };
}

/** Runs `splitbrain <args>` to its end. */
export function splitbrain(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const launcher = join(options.root ?? ROOT, 'harness/cli/splitbrain.js');
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.started?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** How long a command may take to come as far as a test waits for; containers start within it. */
const DEADLINE_MS = 40_000;

/** Waits for what a running command does. */
async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    assert.ok(Date.now() < deadline, `waited in vain for ${what}`);
    await delay(50);
  }
}

/** Waits until the run of Raft that goes on in this store has recorded a hundred entries. */
export function untilAtWork(store: string): Promise<void> {
  const history = latest(store, 'history.jsonl');
  return until(
    'a hundred operations',
    () => existsSync(history) && readFileSync(history, 'utf8').split('\n').length > 100,
  );
}

/** A file of the newest run of Raft in this store. */
export function latest(store: string, file: string): string {
  return join(store, 'raft', 'latest', file);
}

/** A directory that goes with the test suite. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'splitbrain-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
