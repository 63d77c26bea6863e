/**
 * The harness's side of the agent (agent-main.ts) of one life of one node.
 */
import { HarnessError } from '../../errors.ts';
import type { Address } from '../../node/config.ts';
import type { LinkShape } from '../cluster.ts';
import { Conversation } from './conversation.ts';
import type { DockerEngine } from './engine.ts';
import { AGENT_PATH, AGENT_USER } from './layout.ts';

/** Milliseconds for one order: a new agent has to start first. */
const ORDER_MS_MAX = 15_000;

/** A link that is bent by the agent. */
export interface AgentLink {
  /** The port to which the node's connections are led. */
  readonly listen: number;
  readonly receiver: Address;
  readonly shape: LinkShape;
}

/** All that an agent is to do. */
export interface AgentOrder {
  readonly seed: string;
  readonly links: readonly AgentLink[];
}

/** What it says when it has done that. */
export type AgentReply = { readonly done: true } | { readonly done: false; readonly error: string };

/** An agent that runs. One order at a time. */
export class Agent {
  readonly #conversation: Conversation;

  private constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Starts it in a container that runs and has its script. Rejects with an EngineError, with status 409 where nothing can be started. */
  static async start(engine: DockerEngine, container: string): Promise<Agent> {
    const command = ['node', AGENT_PATH];
    return new Agent(
      await Conversation.open(engine, container, { command, user: `${AGENT_USER}:${AGENT_USER}` }),
    );
  }

  get ended(): boolean {
    return this.#conversation.ended;
  }

  /** Has it do this. Rejects with a HarnessError when it cannot, or is gone. */
  async order(order: AgentOrder): Promise<void> {
    this.#conversation.write(`${JSON.stringify(order)}\n`);
    const line = await this.#conversation.next(performance.now() + ORDER_MS_MAX);
    if (!line.startsWith('{')) throw new HarnessError(`The agent beside a node said: ${line}`);
    const reply = JSON.parse(line) as AgentReply;
    if (!reply.done) throw new HarnessError(`The agent beside a node failed: ${reply.error}`);
  }

  close(): void {
    this.#conversation.close();
  }
}
