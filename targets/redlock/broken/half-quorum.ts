/**
 * Wrong on purpose: floor(N/2) servers are taken for a majority.
 *
 * Of five servers two clients can each have two. It is what becomes of floor(N/2) + 1 when it is written down from memory.
 */
import { lockClient } from '../../guarded-resource/lock-client.ts';
import { Redlock } from '../service.ts';

class HalfQuorum extends Redlock {
  protected override quorum(servers: number): number {
    return Math.floor(servers / 2);
  }
}

export const client = lockClient((context) => new HalfQuorum(context));
