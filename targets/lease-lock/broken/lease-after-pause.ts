/**
 * Wrong on purpose: a holder counts its lease from when it heard of it.
 *
 * The server counts from when it granted it. When the answer was long on its way - the server or the holder was paused meanwhile, the
 * disk or the network slow - the holder trusts a lease that is over, and another has the lock already.
 */
import { lockClient } from '../../guarded-resource/lock-client.ts';
import { leaseEnd } from '../../guarded-resource/lock-service.ts';
import { LeaseLockService } from '../service.ts';

class LeaseAfterPause extends LeaseLockService {
  protected override validUntil(): number {
    return leaseEnd(this.context.now());
  }
}

export const client = lockClient((context) => new LeaseAfterPause(context));
