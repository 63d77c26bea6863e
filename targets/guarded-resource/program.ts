/**
 * The node program of a cluster of locks: one program for all, in which each node finds out what it is.
 */
import type { NodeContext, NodeProgram, RunningNode } from '../../harness/node/program.ts';
import { GuardedResource, type ResourceClass } from './resource.ts';
import { lockServersOf, resourceOf } from './roles.ts';

/** What serves a lock: its class is given to `lockProgram`. */
interface StartedNode extends RunningNode {
  start(): Promise<void>;
}

/** The program of clusters whose last node is the resource and whose other nodes run this one among themselves: no other is a peer of theirs. */
export function guardedProgram(servers: NodeProgram, Resource: ResourceClass = GuardedResource): NodeProgram {
  return {
    async start(context) {
      const nodes = [context.id, ...context.peers];
      if (resourceOf(nodes) !== context.id) {
        const peers = lockServersOf(nodes).filter((node) => node !== context.id);
        return servers.start({ ...context, peers });
      }
      const resource = new Resource(context);
      await resource.start();
      return resource;
    },
  };
}

/** The same for lock servers of this class. */
export function lockProgram(
  Server: new (context: NodeContext) => StartedNode,
  Resource?: ResourceClass,
): NodeProgram {
  const servers: NodeProgram = {
    async start(context) {
      const server = new Server(context);
      await server.start();
      return server;
    },
  };
  return guardedProgram(servers, Resource);
}
