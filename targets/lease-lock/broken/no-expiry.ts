/**
 * Wrong on purpose: leases have no end, as with `SETNX` and no time to live.
 *
 * Nothing unsafe comes of it; but the lock of a holder that died is lost for ever.
 */
import type { AcquireRequest } from '../../guarded-resource/lock-server.ts';
import { lockProgram } from '../../guarded-resource/program.ts';
import { LeaseLockServer } from '../server.ts';

/** Longer than any test. */
const FOREVER_MS = 1e9;

class NoExpiry extends LeaseLockServer {
  protected override grant(request: AcquireRequest): void {
    super.grant({ ...request, ttlMs: FOREVER_MS });
  }
}

export const node = lockProgram(NoExpiry);
