/**
 * The Multi-Paxos node as a program that a cluster can load, and the way to make one of a broken variant.
 */
import type { JsonObject } from '../../harness/json.ts';
import type { NodeProgram } from '../../harness/node/program.ts';
import { PaxosNode, type PaxosNodeClass } from './multi-paxos.ts';
import { Storage } from './storage.ts';

/** The program that runs nodes of this class, with these settings beside those of the target. */
export function paxosProgram(Node: PaxosNodeClass, settings: JsonObject = {}): NodeProgram {
  return {
    async start(context) {
      const options = { ...context.options, ...settings };
      const node = new Node({ ...context, options }, await Storage.open(context.disk));
      node.start();
      return node;
    },
  };
}

export const node: NodeProgram = paxosProgram(PaxosNode);
