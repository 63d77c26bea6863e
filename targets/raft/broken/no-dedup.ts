/**
 * Wrong on purpose: a command is applied each time that it arrives.
 *
 * Section 6.3: a client that hears nothing sends its command again, and the first copy may have been committed
 * after all. Without the session table it takes effect twice.
 */
import type { Command, Outcome } from '../../replicated-log/state-machine.ts';
import { raftProgram } from '../node.ts';
import { RaftNode } from '../raft.ts';

class NoDedup extends RaftNode {
  protected override applyCommand(index: number, command: Command | null): Outcome {
    return super.applyCommand(
      index,
      command === null || command.f === 'open-session' ? command : { ...command, once: null },
    );
  }
}

export const node = raftProgram(NoDedup);
