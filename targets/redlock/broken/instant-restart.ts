/**
 * Wrong on purpose: a server keeps its locks in memory, and serves at once when it is back.
 *
 * Redis's page: without persistence, when one of three servers that granted a lock is restarted, "at this point there are again 3
 * instances that we can lock for the same resource". It must be durable, or wait for as long as any lease lasts.
 */
import type { LockChange } from '../../guarded-resource/lock-server.ts';
import { lockProgram } from '../../guarded-resource/program.ts';
import { RedlockServer } from '../server.ts';

class InstantRestart extends RedlockServer {
  protected override recovered(change: LockChange): void {
    if (change.type === 'fence') super.recovered(change);
  }
}

export const node = lockProgram(InstantRestart);
