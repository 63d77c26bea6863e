/**
 * Wrong on purpose: a leader confirms heartbeats by what it has applied, without asking a majority whether it still leads.
 *
 * A leader that was cut off does not know that it was deposed, and promises time to a session that its successor never hears from and ends:
 * the client holds on to a lock that another has by then.
 */
import type { Outcome } from '../../replicated-log/state-machine.ts';
import { coordinationProgram } from '../node.ts';
import { CoordinationServer } from '../server.ts';

class UnconfirmedHeartbeat extends CoordinationServer {
  protected override confirm(session: number): Promise<Outcome> {
    this.requireLeadership();
    return Promise.resolve(this.machine.read({ f: 'session', session }));
  }
}

export const node = coordinationProgram(UnconfirmedHeartbeat);
