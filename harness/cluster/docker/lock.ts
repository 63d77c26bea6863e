/**
 * A lock between processes: a file with the owner's mark in it. Of several runs that begin on a new
 * machine only one builds the image. A lock whose owner died is taken over.
 *
 * It saves work and is not needed for correctness (image.ts): in the moment in which two waiters take over
 * the same dead lock, both may go on.
 */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { HarnessError } from '../../errors.ts';
import { sleep } from '../../time.ts';
import { isAlive, ownMark } from '../owner.ts';

const POLL_MS = 200;

/** How to wait for a lock. */
export interface LockOptions {
  readonly timeoutMs: number;
  /** Called once, with the owner's mark, when the lock is held by somebody else. */
  readonly onWait: (owner: string) => void;
}

/** Does the work while holding the lock file at this path. Rejects with a HarnessError when its owner keeps it too long. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let waiting = false;
  for (let owner = take(path); owner !== undefined; owner = take(path)) {
    if (performance.now() > deadline) {
      throw new HarnessError(
        `Gave up waiting for process ${owner}, which holds ${path}. End it, or remove the file.`,
      );
    }
    if (!waiting) options.onWait(owner);
    waiting = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Takes the lock, or answers the mark of its living owner. */
function take(path: string): string | undefined {
  // A link is made whole or not at all, so nobody ever reads a lock without its owner.
  const own = `${path}.${process.pid}`;
  writeFileSync(own, ownMark());
  try {
    linkSync(own, path);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return livingOwner(path) ?? take(path);
  } finally {
    rmSync(own, { force: true });
  }
}

function livingOwner(path: string): string | undefined {
  try {
    const owner = readFileSync(path, 'utf8');
    if (isAlive(owner)) return owner;
    rmSync(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return undefined;
}
