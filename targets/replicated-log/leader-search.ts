/**
 * How clients of a replicated service reach its leader (Ongaro's dissertation, section 6.2): they ask a node, follow the hints of those that
 * do not lead, and ask again until an answer comes or the time is up. Whoever sends a command so must mark it, or it may
 * take effect as often as it was sent.
 */
import type { ClientContext } from '../../harness/client/client.ts';
import type { Reply } from '../../harness/cluster/cluster.ts';
import { isJsonObject, type JsonObject } from '../../harness/json.ts';
import type { NodeId } from '../../harness/node/program.ts';

/** An attempt that has no answer after so long is given up, and another node is asked. */
const ATTEMPT_MS = 500;
/** Up to so long a pause before a node without a leader's name is followed by the next. */
const BACK_OFF_MS = 50;

/** An answer, and when the attempt that it answers was sent, on the client's clock. */
export interface Answer {
  readonly kind: 'answer';
  readonly body: JsonObject;
  readonly node: NodeId;
  readonly sentAt: number;
  /** An earlier attempt may have had an effect. */
  readonly uncertain: boolean;
}

/** What all attempts of one request came to; `uncertain` if one without an answer may have had an effect. */
export type Attempts =
  Answer | { readonly kind: 'none'; readonly error: string; readonly uncertain: boolean };

/** One client's idea of who leads. */
export class LeaderSearch {
  readonly #context: ClientContext;
  readonly #nodes: readonly NodeId[];
  /** The node to ask next. */
  #node: NodeId;

  /** @param nodes those that may lead; the client's own is asked first, if it is one of them */
  constructor(context: ClientContext, nodes: readonly NodeId[] = context.nodes) {
    this.#context = context;
    this.#nodes = nodes;
    const own = nodes.find((node) => node === context.node);
    this.#node = own ?? nodes[context.process % nodes.length] ?? context.node;
  }

  /** Asks one node after the other until one answers or the time is up. */
  async request(path: string, body: JsonObject, deadline: number): Promise<Attempts> {
    let uncertain = false;
    let error = 'no time was left to ask';
    for (;;) {
      const sentAt = this.#context.now();
      const left = deadline - sentAt;
      if (left <= 0) return { kind: 'none', error, uncertain };
      const node = this.#node;
      const reply = await this.#context.call(node, path, body, Math.min(ATTEMPT_MS, left));
      if (reply.kind === 'answer' && isJsonObject(reply.body)) {
        return { kind: 'answer', body: reply.body, node, sentAt, uncertain };
      }
      if (reply.kind !== 'refused') uncertain = true;
      error = reply.kind === 'answer' ? 'the answer is no object' : `${node}: ${reply.error}`;
      await this.#moveOn(reply, deadline);
    }
  }

  /** To the leader if the node named one, else to the next node, after a pause that keeps clients from circling. */
  async #moveOn(reply: Reply, deadline: number): Promise<void> {
    const { random } = this.#context;
    const nodes = this.#nodes;
    const hint = reply.kind === 'refused' ? reply.details.leader : undefined;
    const leader = nodes.find((node) => node === hint && node !== this.#node);
    this.#node = leader ?? nodes[(nodes.indexOf(this.#node) + 1) % nodes.length] ?? this.#node;
    if (reply.kind === 'lost') return;
    const pause = random.between(0, leader === undefined ? BACK_OFF_MS : BACK_OFF_MS / 10);
    await this.#context.sleep(Math.min(pause, Math.max(0, deadline - this.#context.now())));
  }
}
