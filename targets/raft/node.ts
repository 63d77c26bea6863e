/**
 * The Raft node as a program that a cluster can load, and the way to make one of a broken variant.
 */
import type { NodeContext, NodeProgram } from '../../harness/node/program.ts';
import { ofVoters, type Members } from './members.ts';
import { RaftNode, type RaftNodeClass } from './raft.ts';
import { Storage } from './storage.ts';

/** The program that runs nodes of this class. */
export function raftProgram(Node: RaftNodeClass): NodeProgram {
  return {
    async start(context) {
      const node = new Node(context, await Storage.open(context.disk, firstMembers(context)));
      node.start();
      return node;
    },
  };
}

/** Everybody but the spares, who are members when the log says so. */
function firstMembers({ id, peers, spares }: NodeContext): Members {
  return ofVoters([id, ...peers].filter((node) => !spares.includes(node)).toSorted());
}

export const node: NodeProgram = raftProgram(RaftNode);
