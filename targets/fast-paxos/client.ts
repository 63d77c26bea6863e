/**
 * The client of Fast Paxos: that of every replicated store, but for whom it asks. In a fast round the client itself is who
 * proposes to the acceptors, so it sends each request to all nodes at once, and the first answer counts. Answers say who
 * coordinates while the round is a classic one; then that node alone is asked ("Fast Paxos", section 2.2.1) until it
 * has no answer, or says that a fast round has begun.
 */
import type { ClientContext, ClientFactory } from '../../harness/client/client.ts';
import type { Reply } from '../../harness/cluster/cluster.ts';
import { isJsonObject, type JsonObject } from '../../harness/json.ts';
import type { NodeId } from '../../harness/node/program.ts';
import { logClient } from '../replicated-log/client.ts';
import { FAST_ROUND } from './messages.ts';

/** What all replies together say, if none of them is an answer: refused only if all refused. */
function together(replies: readonly Reply[]): Reply {
  const [first = { kind: 'lost', error: 'there is no node' } as const] = replies;
  return replies.find(({ kind }) => kind === 'lost') ?? first;
}

/** One client's way to the acceptors. */
class Proposer {
  readonly #context: ClientContext;
  #requests = 0;
  /** Whom to ask in a classic round; null in a fast one, and as long as nothing is known. */
  #coordinator: NodeId | null = null;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  async call(path: string, body: JsonObject, timeoutMs: number): Promise<Reply> {
    const alone = await this.#callCoordinator(path, body, timeoutMs);
    const isTooLate = alone?.kind === 'refused' && alone.error === FAST_ROUND;
    const reply = alone === undefined || isTooLate ? await this.#callAll(path, body, timeoutMs) : alone;
    this.#learn(reply);
    return reply;
  }

  #callCoordinator(path: string, body: JsonObject, timeoutMs: number): Promise<Reply> | undefined {
    const coordinator = this.#context.nodes.find((node) => node === this.#coordinator);
    if (coordinator === undefined) return undefined;
    return this.#context.call(coordinator, path, { ...body, classic: true }, timeoutMs);
  }

  /** The request under one name everywhere, so that its copies are known for what they are. */
  #callAll(path: string, body: JsonObject, timeoutMs: number): Promise<Reply> {
    const { session, nodes } = this.#context;
    this.#requests += 1;
    const marked = { ...body, id: `${session}/${this.#requests}` };
    return new Promise((resolve) => {
      const replies: Reply[] = [];
      for (const node of nodes) {
        void this.#context.call(node, path, marked, timeoutMs).then((reply) => {
          replies.push(reply);
          if (reply.kind === 'answer') resolve(reply);
          else if (replies.length === nodes.length) resolve(together(replies));
        });
      }
    });
  }

  #learn(reply: Reply): void {
    const answer = reply.kind === 'answer' && isJsonObject(reply.body) ? reply.body : {};
    this.#coordinator = typeof answer.coordinator === 'string' ? answer.coordinator : null;
  }
}

/** Opens a client. */
export const fastClient: ClientFactory = (context) => {
  const proposer = new Proposer(context);
  return logClient({
    ...context,
    call: (_node, path, body, timeoutMs) => proposer.call(path, body, timeoutMs),
  });
};
