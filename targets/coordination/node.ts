/**
 * The program of the coordination service: an ensemble of servers, and the resource.
 */
import type { NodeProgram } from '../../harness/node/program.ts';
import { guardedProgram } from '../guarded-resource/program.ts';
import { raftProgram } from '../raft/node.ts';
import type { RaftNodeClass } from '../raft/raft.ts';
import { CoordinationServer } from './server.ts';

/** The program whose ensemble is of servers of this class. */
export function coordinationProgram(Server: RaftNodeClass): NodeProgram {
  return guardedProgram(raftProgram(Server));
}

export const node: NodeProgram = coordinationProgram(CoordinationServer);
