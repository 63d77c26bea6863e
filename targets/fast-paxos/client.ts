/**
 * The client of Fast Paxos: that of every replicated store, but for sending each request to all nodes at once, since in a
 * fast round the client itself is who proposes to the acceptors. The first answer counts.
 */
import type { ClientContext, ClientFactory } from '../../harness/client/client.ts';
import type { Reply } from '../../harness/cluster/cluster.ts';
import { logClient } from '../replicated-log/client.ts';

/** What all replies together say, if none of them is an answer: refused only if all refused. */
function together(replies: readonly Reply[]): Reply {
  const [first = { kind: 'lost', error: 'there is no node' } as const] = replies;
  return replies.find(({ kind }) => kind === 'lost') ?? first;
}

/** A way to call that asks all nodes. */
function callAll(context: ClientContext): ClientContext['call'] {
  let requests = 0;
  return (_node, path, body, timeoutMs) => {
    requests += 1;
    const marked = { ...body, id: `${context.session}/${requests}` };
    return new Promise((resolve) => {
      const replies: Reply[] = [];
      for (const node of context.nodes) {
        void context.call(node, path, marked, timeoutMs).then((reply) => {
          replies.push(reply);
          if (reply.kind === 'answer') resolve(reply);
          else if (replies.length === context.nodes.length) resolve(together(replies));
        });
      }
    });
  };
}

/** Opens a client. */
export const fastClient: ClientFactory = (context) => logClient({ ...context, call: callAll(context) });
