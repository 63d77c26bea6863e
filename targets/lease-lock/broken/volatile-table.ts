/**
 * Wrong on purpose: who holds a lock is forgotten in a restart, and the server serves at once.
 *
 * The table must be durable, or the server wait for as long as any lease may still last. Fencing tokens are kept, so that the resource
 * is safe even so: what breaks is that two hold the lock.
 */
import type { LockChange } from '../../guarded-resource/lock-server.ts';
import { lockProgram } from '../../guarded-resource/program.ts';
import { LeaseLockServer } from '../server.ts';

class VolatileTable extends LeaseLockServer {
  protected override recovered(change: LockChange): void {
    if (change.type === 'fence') super.recovered(change);
  }
}

export const node = lockProgram(VolatileTable);
