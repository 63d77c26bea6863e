/**
 * Wrong on purpose: a session ends, and its ephemeral nodes stay.
 *
 * Nothing unsafe comes of it; but the lock of a holder that died is lost for ever, as its node stands before everybody else's.
 */
import type { StateMachine } from '../../replicated-log/state-machine.ts';
import { coordinationProgram } from '../node.ts';
import { CoordinationServer } from '../server.ts';
import { Tree } from '../tree.ts';

class KeepingTree extends Tree {
  protected override sessionEnded(): void {
    // Whose they were is nobody any more.
  }
}

class EphemeralKept extends CoordinationServer {
  protected override createMachine(): StateMachine {
    return new KeepingTree();
  }
}

export const node = coordinationProgram(EphemeralKept);
