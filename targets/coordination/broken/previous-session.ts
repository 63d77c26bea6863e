/**
 * Wrong on purpose: a client that looks whether its node was made goes by the name alone.
 *
 * The node may belong to the session before, which the client has given up and the servers have not yet ended. It takes the lock with it,
 * and when that session ends the lock is another's (Apache Curator, CURATOR-498: "Protected Mode creation can mistake closing session's
 * node causing problems for many recipes such as LeaderLatch").
 */
import { coordinationClient } from '../client.ts';
import { Line } from '../line.ts';

class PreviousSession extends Line {
  protected override isOwn(): boolean {
    return true;
  }
}

export const client = coordinationClient(PreviousSession);
