/**
 * Wrong on purpose: a new leader takes sessions that it has not heard from for silent ones.
 *
 * It could not have heard from them: they talked to its predecessor. When it takes office it ends them all, whatever they were promised.
 */
import { coordinationProgram } from '../node.ts';
import { CoordinationServer } from '../server.ts';
import { SessionClock } from '../session-clock.ts';

class LongAgo extends SessionClock {
  protected override lastSigns(): number {
    return -Infinity;
  }
}

class InstantExpiry extends CoordinationServer {
  protected override createSessionClock(): SessionClock {
    return new LongAgo();
  }
}

export const node = coordinationProgram(InstantExpiry);
