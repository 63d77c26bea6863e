/**
 * The Paxos node as a program that a cluster can load, and the way to make one of a broken variant.
 */
import type { NodeProgram } from '../../harness/node/program.ts';
import { PaxosNode, type PaxosNodeClass } from './paxos.ts';
import { Storage } from './storage.ts';

/** The program that runs nodes of this class. */
export function paxosProgram(Node: PaxosNodeClass): NodeProgram {
  return {
    async start(context) {
      const node = new Node(context, await Storage.open(context.disk));
      node.start();
      return node;
    },
  };
}

export const node: NodeProgram = paxosProgram(PaxosNode);
