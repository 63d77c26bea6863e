/**
 * The network of one node's container, brought into the state that all faults in force come to: packet filter rules, the
 * kernel's queues, names, and the agent that bends messages. All of it lies in the container's own namespaces.
 *
 * The state is written as one script. It runs before the program at the beginning of each life, through a shell that is
 * kept open while the node runs, and, while it is paused and nothing in it moves, from a container that shares its
 * network; what that one cannot reach - files and the agent - follows when the node goes on.
 */
import { randomUUID } from 'node:crypto';
import { HarnessError } from '../../errors.ts';
import { moduleBeside } from '../../module-url.ts';
import type { NodeId } from '../../node/program.ts';
import { bundleScript } from '../bundle.ts';
import type { Link, LinkShape } from '../cluster.ts';
import { Agent, type AgentLink } from './agent.ts';
import type { DockerEngine } from './engine.ts';
import { runOnce, type ExecResult } from './exec.ts';
import { AGENT_PATH, AGENT_PORT, PEER_PORT } from './layout.ts';
import { NETEM_TRIAL, queuedPart, queuesOf, unqueuedPart } from './netem.ts';
import { redirectsOf, RESTORE, rulesOf, type Addresses, type HalfOpen } from './rules.ts';
import { Shell } from './shell.ts';

/** What all faults in force come to for one node's network. */
export interface NetworkState {
  readonly cuts: readonly Link[];
  readonly halfOpen: readonly HalfOpen[];
  /** Links out of the node that are bent, by their receiver. */
  readonly shapes: ReadonlyMap<NodeId, LinkShape>;
  /** Whether the kernel is to do what netem can. */
  readonly netem: boolean;
}

/** What a node's network is made with. */
export interface NodeNetworkOptions {
  readonly id: NodeId;
  readonly engine: DockerEngine;
  readonly image: string;
  readonly labels: Record<string, string>;
  readonly addresses: Addresses;
  readonly seed: string;
  readonly state: () => NetworkState;
}

/** Where the node is now. */
export interface Place {
  /** Undefined while it has none. */
  readonly container: string | undefined;
  readonly isPaused: boolean;
  readonly isDown: () => Promise<boolean>;
}

/** A node's network, over all its lives. */
export class NodeNetwork {
  readonly #options: NodeNetworkOptions;
  #shell: Shell | undefined;
  #agent: Agent | undefined;
  #agentLinks: readonly AgentLink[] = [];
  #lives = 0;
  /** What this life has: a table that was never needed stays as it was. */
  #has = { redirects: false, queues: false, hosts: '' };
  /** What was asked for while it was paused, and has to wait for the node to go on. */
  #pending = false;

  constructor(options: NodeNetworkOptions) {
    this.#options = options;
  }

  /** The script that its next life is to begin with, as root. */
  scriptForNextLife(): string {
    this.close();
    this.#lives++;
    this.#has = { redirects: false, queues: false, hosts: '' };
    // A node has no business with other names, and asking a server for one that was taken away takes seconds.
    return [this.#script(true, true), "printf 'hosts: files\\n' > /etc/nsswitch.conf", ''].join('\n');
  }

  /** Starts what has to run beside a node whose life has begun. */
  async started(place: Place): Promise<void> {
    // Opened now, so that the first fault need not wait for it.
    await this.#require(place, ':');
    if (this.#wantedOfAgent().length > 0) await this.apply(place);
  }

  /** Brings the state into force as far as the node can be reached; one that is down gets it when it starts. */
  async apply(place: Place): Promise<void> {
    const wanted = this.#wantedOfAgent();
    const before = this.#agentLinks;
    const leaving = before.filter(({ listen }) => !wanted.some((link) => link.listen === listen));
    const coming = wanted.filter(({ listen }) => !before.some((link) => link.listen === listen));
    this.#pending = place.isPaused;
    if (!place.isPaused && (wanted.length > 0 || leaving.length > 0)) {
      // Links that leave the agent lead there until the rules say otherwise.
      await this.#orderAgent(place, [...wanted, ...leaving.map((link) => ({ ...link, shape: {} }))]);
    }
    await this.#applyScript(place);
    if (coming.length > 0)
      await this.#require(
        place,
        killOf(
          coming.map(({ receiver }) => receiver.host),
          'dport',
        ),
      );
    if (!place.isPaused && leaving.length > 0) await this.#orderAgent(place, wanted);
  }

  async #applyScript(place: Place): Promise<void> {
    const had = { ...this.#has };
    try {
      await this.#require(place, this.#script(false, !place.isPaused));
    } catch (error) {
      this.#has = had;
      throw error;
    }
  }

  /** Does what had to wait for a node that goes on now. */
  async resumed(place: Place): Promise<void> {
    if (this.#pending) await this.apply(place);
  }

  /** Breaks the connections that the node has dialled to these peers. */
  async reset(place: Place, receivers: readonly NodeId[]): Promise<void> {
    await this.#kill(place, receivers, 'dport');
  }

  /** The ports of these peers' connections to this node. */
  async portsFrom(place: Place, senders: readonly NodeId[]): Promise<HalfOpen[]> {
    const lines = await this.#require(
      place,
      listOf(
        senders.map((node) => this.#ip(node)),
        'sport',
      ),
    );
    return lines.flatMap((line) => {
      const [, , ip = '', port] = line.split(' ');
      const from = senders.find((node) => this.#ip(node) === ip);
      return from === undefined ? [] : [{ link: { from, to: this.#options.id }, port: Number(port) }];
    });
  }

  /** Ends the connections of these peers to this node, on its side alone if the rules are such. */
  async forget(place: Place, senders: readonly NodeId[]): Promise<void> {
    await this.#kill(place, senders, 'sport');
  }

  /** Whether the kernel has netem; undefined when the node cannot be asked. */
  async hasNetem(place: Place): Promise<boolean | undefined> {
    const result = await this.#run(place, NETEM_TRIAL);
    return result === undefined ? undefined : result.exitCode === 0;
  }

  /** Lets go of what talks to the container. */
  close(): void {
    this.#shell?.close();
    this.#agent?.close();
    this.#shell = undefined;
    this.#agent = undefined;
    this.#agentLinks = [];
    this.#pending = false;
  }

  /** @param fresh at the beginning of a life  @param within in the container itself, where its files are */
  #script(fresh: boolean, within: boolean): string {
    const { id, addresses, state } = this.#options;
    const { cuts, halfOpen, shapes, netem } = state();
    const redirects = this.#wantedOfAgent().map(({ listen, to }) => ({ to, listen }));
    const rules = [rulesOf(id, cuts, addresses, fresh, halfOpen)];
    if (redirects.length > 0 || this.#has.redirects) {
      rules.push(redirectsOf(redirects, addresses, !this.#has.redirects));
      this.#has.redirects = true;
    }
    const parts = [`${RESTORE} <<'END'\n${rules.join('')}END`];
    const queued = this.#peers().map((to) => ({ to, shape: netem ? queuedPart(shapes.get(to) ?? {}) : {} }));
    if (this.#has.queues || queued.some(({ shape }) => Object.keys(shape).length > 0)) {
      const links = queued.map(({ to, shape }) => ({
        ip: this.#ip(to),
        position: this.#position(to),
        shape,
      }));
      parts.push(queuesOf(links, addresses.peerPort, !this.#has.queues));
      this.#has.queues = true;
    }
    const hosts = this.#hosts();
    if (within && hosts !== this.#has.hosts) {
      parts.push(`printf '${hosts.replaceAll('\n', '\\n')}' > /etc/hosts`);
      this.#has.hosts = hosts;
    }
    return parts.join('\n');
  }

  /** The names that the node can resolve. */
  #hosts(): string {
    const { addresses, state } = this.#options;
    const { shapes } = state();
    const known = [...addresses.ips].filter(([node]) => shapes.get(node)?.unresolved !== true);
    return ['127.0.0.1 localhost', ...known.map(([node, ip]) => `${ip} ${node}`), ''].join('\n');
  }

  #wantedOfAgent(): (AgentLink & { readonly to: NodeId })[] {
    const { addresses, state } = this.#options;
    const { shapes, netem } = state();
    return [...shapes].flatMap(([to, whole]) => {
      const { unresolved: _, ...shape } = netem ? unqueuedPart(whole) : whole;
      if (Object.keys(shape).length === 0) return [];
      const receiver = { host: this.#ip(to), port: addresses.peerPort };
      return [{ to, listen: AGENT_PORT + this.#position(to), receiver, shape }];
    });
  }

  async #orderAgent(place: Place, links: readonly AgentLink[]): Promise<void> {
    const { container, isDown } = place;
    if (container === undefined) return;
    try {
      if (this.#agent === undefined || this.#agent.ended)
        this.#agent = await this.#startAgent(place, container);
      await this.#agent.order({ seed: `${this.#options.seed}/${this.#lives}`, links });
      this.#agentLinks = links;
    } catch (error) {
      // A node that is down has taken its agent along.
      if (!(await isDown())) throw error;
    }
  }

  async #startAgent(place: Place, container: string): Promise<Agent> {
    const [script, end] = [await agentScript(), randomUUID()];
    await this.#require(place, `cat > ${AGENT_PATH} <<'${end}'\n${script}\n${end}`);
    return Agent.start(this.#options.engine, container);
  }

  async #kill(place: Place, peers: readonly NodeId[], side: Side): Promise<void> {
    const ips = peers.map((node) => this.#ip(node));
    const script = [listOf(ips, side), killOf(ips, side), 'echo then', listOf(ips, side)].join('\n');
    const lines = await this.#require(place, script);
    const then = lines.indexOf('then');
    const left = lines.slice(then + 1).filter((line) => lines.indexOf(line) < then);
    if (left.length === 0) return;
    throw this.#error(
      `the kernel did not end its connections (${left.join(', ')}): it must have INET_DIAG_DESTROY, for ss --kill`,
    );
  }

  /** The lines that the script writes; none where the node is down. Rejects with a HarnessError when it fails otherwise. */
  async #require(place: Place, script: string): Promise<string[]> {
    const result = await this.#run(place, script);
    if (result === undefined) return [];
    if (result.exitCode === 0) return result.output.split('\n').filter((line) => line !== '');
    throw this.#error(`its network could not be changed: ${result.output}`);
  }

  /** Undefined where the node is down. */
  async #run({ container, isPaused, isDown }: Place, script: string): Promise<ExecResult | undefined> {
    if (container === undefined) return undefined;
    try {
      return await (isPaused ? this.#runBeside(container, script) : this.#runWithin(container, script));
    } catch (error) {
      if (await isDown()) return undefined;
      throw error;
    }
  }

  /** Nothing can be executed in a paused container, but its kernel still answers: reach its network from another one. */
  #runBeside(container: string, script: string): Promise<ExecResult> {
    const { engine, image, labels } = this.#options;
    const command = ['sh', '-e', '-c', script];
    return runOnce(engine, { image, command, labels, network: `container:${container}` });
  }

  async #runWithin(container: string, script: string): Promise<ExecResult> {
    if (this.#shell === undefined || this.#shell.ended)
      this.#shell = await Shell.open(this.#options.engine, container);
    return this.#shell.run(script);
  }

  #peers(): NodeId[] {
    return [...this.#options.addresses.ips.keys()].filter((node) => node !== this.#options.id);
  }

  #ip(node: NodeId): string {
    const ip = this.#options.addresses.ips.get(node);
    if (ip === undefined) throw this.#error(`has no peer "${node}"`);
    return ip;
  }

  #position(node: NodeId): number {
    return [...this.#options.addresses.ips.keys()].indexOf(node);
  }

  #error(what: string): HarnessError {
    return new HarnessError(`Node ${this.#options.id}: ${what}`);
  }
}

/** Which end of a connection has the peers' port: the other one's, where this node has dialled. */
type Side = 'dport' | 'sport';

/** Lists the connections with these addresses, a line each: `LOCAL-IP LOCAL-PORT IP PORT`. */
function listOf(ips: readonly string[], side: Side): string {
  const words = 'echo "${here%:*} ${here##*:} ${there%:*} ${there##*:}"';
  return ips
    .map((ip) => `ss -Htn state established dst ${ip} ${side} = :${PEER_PORT}`)
    .map((list) => `${list} | while read -r _ _ here there; do ${words}; done`)
    .join('\n');
}

function killOf(ips: readonly string[], side: Side): string {
  // It says that it has found none by failing.
  return ips.map((ip) => `ss -Ktn dst ${ip} ${side} = :${PEER_PORT} > /dev/null 2>&1 || true`).join('\n');
}

let script: Promise<string> | undefined;

/** The agent's script, bundled once. */
function agentScript(): Promise<string> {
  script ??= bundleScript(moduleBeside(import.meta.url, './agent-main'));
  return script;
}
