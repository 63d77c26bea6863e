/**
 * Wrong on purpose: leases end by the wall clock.
 *
 * It jumps ahead - an operator, a time server, a virtual machine that was moved - and every lease is over at once, though its holder's
 * clock says that it is not. Redis's page on locks warns of it: Redis "is not using monotonic clock for TTL expiration
 * mechanism. That means that a wall-clock shift may result in a lock being acquired by more than one process".
 */
import { lockProgram } from '../../guarded-resource/program.ts';
import { LeaseLockServer } from '../server.ts';

class WallClockExpiry extends LeaseLockServer {
  protected override now(): number {
    return this.context.clock.wall();
  }
}

export const node = lockProgram(WallClockExpiry);
