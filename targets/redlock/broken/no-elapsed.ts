/**
 * Wrong on purpose: the lease is taken to be good for its whole length from when the last server was asked.
 *
 * The first server counts from when *it* granted the lock. Step 4 of the algorithm takes off what went by since the first was
 * asked; without that a client that waited for slow servers holds the lock when a majority has given it to another.
 */
import { lockClient } from '../../guarded-resource/lock-client.ts';
import { leaseEnd } from '../../guarded-resource/lock-service.ts';
import { Redlock } from '../service.ts';

class NoElapsed extends Redlock {
  protected override validUntil(): number {
    return leaseEnd(this.context.now());
  }
}

export const client = lockClient((context) => new NoElapsed(context));
