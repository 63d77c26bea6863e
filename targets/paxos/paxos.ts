/**
 * A whole Paxos node: the learner (Paxos Made Simple, section 2.3), what clients may ask, and the one place where
 * messages come in.
 *
 * What is chosen stays chosen, so a learner that knows it answers from memory; who has forgotten it in a restart learns
 * it again by a ballot. Each learning is logged, because "only a single value is chosen" is a promise about what any
 * learner ever learns, whether a client asked or not.
 */
import { canonical, equal, type Json, type JsonObject } from '../../harness/json.ts';
import { Refusal, type NodeContext, type NodeId, type NodeStatus } from '../../harness/node/program.ts';
import { isMessage, type Message, type Proposal } from './messages.ts';
import { Proposer } from './proposer.ts';
import type { Storage } from './storage.ts';

/** A Paxos node. Broken variants extend it. */
export class PaxosNode extends Proposer {
  /** What is known to be chosen, by instance. */
  readonly #decisions = new Map<string, Json>();

  /** Begins to take part. */
  start(): void {
    const { size: instances, tornBytes } = this.storage;
    this.context.log.info('recovered', { instances, tornBytes });
    this.context.network.receive((from, message) => {
      if (isMessage(message)) this.dispatch(from, message);
      else this.context.log.warn('message-dropped', { from });
    });
    this.context.clients.serve({
      propose: (body) => this.#decide(instanceOf(body), valueOf(body)),
      read: (body) => this.#decide(instanceOf(body)),
    });
  }

  async #decide(instance: string, value?: Json): Promise<JsonObject> {
    return { value: this.#decisions.get(instance) ?? (await this.request(instance, value)) };
  }

  protected override dispatch(from: NodeId, message: Message): void {
    switch (message.type) {
      case 'prepare':
        this.onPrepare(from, message);
        break;
      case 'promise':
        this.onPromise(from, message);
        break;
      case 'accept':
        this.onAccept(from, message);
        break;
      case 'accepted':
        this.onAccepted(from, message);
        break;
      case 'reject':
        this.onReject(from, message);
        break;
      case 'chosen':
        this.learn(message.instance, message);
        break;
    }
  }

  protected override learn(instance: string, { ballot, value }: Proposal): void {
    const known = this.#decisions.get(instance);
    // If ever another value is learned the log must say so, not hide it.
    if (known === undefined || !equal(known, value)) {
      this.context.log.info('chosen', {
        instance: JSON.parse(instance) as Json,
        ballot: this.ballots.text(ballot),
        value,
      });
    }
    this.#decisions.set(instance, value);
    this.answer(instance, value);
  }

  /** All nodes are alike: nobody leads. */
  status(): NodeStatus {
    return { role: 'peer', instances: this.storage.size, decided: this.#decisions.size };
  }
}

function instanceOf({ key }: JsonObject): string {
  if (key === undefined) throw new Refusal('the body must have a "key", which names the instance');
  return canonical(key);
}

function valueOf({ value }: JsonObject): Json {
  if (value === undefined || value === null)
    throw new Refusal('the body must have a "value" other than null, which means undecided');
  return value;
}

/** A class of Paxos nodes: the correct one, or a variant. */
export type PaxosNodeClass = new (context: NodeContext, storage: Storage) => PaxosNode;
