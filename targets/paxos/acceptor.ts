/**
 * The acceptor (Paxos Made Simple, section 2.2): it may answer a prepare request at any time, and may accept a proposal
 * "iff it has not responded to a prepare request having a greater number" (P1a). What it answers rests on stable
 * storage (section 2.5): promises and accepted proposals are durable before the answer leaves.
 *
 * A node is built in layers, one for each role: Acceptor, Proposer, PaxosNode (learner and clients). A broken variant
 * overrides one method of any layer. There are many instances side by side, and nothing is shared between them.
 */
import type { NodeContext, NodeId } from '../../harness/node/program.ts';
import type { Ballot } from '../replicated-log/ballots.ts';
import { Configuration } from '../replicated-log/configuration.ts';
import type { Accept, Message, Prepare } from './messages.ts';
import type { Storage } from './storage.ts';

/** The acceptor, and how a node sends. */
export abstract class Acceptor {
  protected readonly context: NodeContext;
  protected readonly storage: Storage;
  /** Every node of the cluster has every role. */
  protected readonly configuration: Configuration;

  constructor(context: NodeContext, storage: Storage) {
    this.context = context;
    this.storage = storage;
    this.configuration = new Configuration([context.id, ...context.peers]);
  }

  /** Takes a message, this node's own included. */
  protected abstract dispatch(from: NodeId, message: Message): void;

  /** Sends at once; to this node itself in a turn of its own. */
  protected send(to: NodeId, message: Message): void {
    if (to === this.context.id) queueMicrotask(() => this.dispatch(to, message));
    else this.context.network.send(to, message);
  }

  /** Sends when all that this node recorded before is durable. */
  protected reply(to: NodeId, message: Message): void {
    this.storage.whenDurable(() => this.send(to, message));
  }

  /** Phase 1b. The same ballot again is a duplicate, or a proposer that heard no answer: it gets the same one. */
  protected onPrepare(from: NodeId, { instance, ballot }: Prepare): void {
    const acceptance = this.storage.at(instance);
    const { promised, accepted } = acceptance;
    if (ballot < promised) {
      this.reply(from, { type: 'reject', instance, ballot, promised });
      return;
    }
    if (ballot > promised) this.promise(instance, ballot);
    this.reply(from, { type: 'promise', instance, ballot, accepted });
  }

  /** Never to accept anything below this ballot again. */
  protected promise(instance: string, ballot: Ballot): void {
    this.storage.at(instance).promised = ballot;
    this.persistPromise(instance);
  }

  /** Section 2.5: "an acceptor records its intended response in stable storage before actually sending the response". */
  protected persistPromise(instance: string): void {
    this.storage.save(instance);
  }

  /** Phase 2b. */
  protected onAccept(from: NodeId, { instance, ballot, value }: Accept): void {
    const acceptance = this.storage.at(instance);
    const { promised, accepted } = acceptance;
    if (ballot < promised) {
      this.reply(from, { type: 'reject', instance, ballot, promised });
      return;
    }
    if (ballot !== accepted?.ballot) {
      acceptance.promised = ballot;
      acceptance.accepted = { ballot, value };
      this.storage.save(instance);
    }
    this.reply(from, { type: 'accepted', instance, ballot });
  }
}
