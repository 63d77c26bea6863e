/**
 * The node program of a cluster of locks: one program for all, in which each node finds out what it is.
 */
import type { NodeContext, NodeProgram, RunningNode } from '../../harness/node/program.ts';
import { GuardedResource, type ResourceClass } from './resource.ts';
import { resourceOf } from './roles.ts';

/** What serves a lock: its class is given to `lockProgram`. */
interface StartedNode extends RunningNode {
  start(): Promise<void>;
}

/** The program of clusters whose last node is the resource and whose other nodes are lock servers of this class. */
export function lockProgram(
  Server: new (context: NodeContext) => StartedNode,
  Resource: ResourceClass = GuardedResource,
): NodeProgram {
  return {
    async start(context) {
      const isResource = resourceOf([context.id, ...context.peers]) === context.id;
      const node = isResource ? new Resource(context) : new Server(context);
      await node.start();
      return node;
    },
  };
}
