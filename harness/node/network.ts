/**
 * Messages between real nodes, over TCP. Each directed link is a connection of its own, which the sender
 * dials and on which nothing but acknowledgements comes back, so a fault that strikes one direction leaves
 * the other alone. TCP repairs what the program's contract allows to break (loss, order); what shows through
 * are broken connections and full queues.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Json } from '../json.ts';
import { parseAddress, type NodeConfig } from './config.ts';
import type { PeerConnections } from './connections.ts';
import { encodeFrame, FRAME } from './frames.ts';
import { HeardProbes, type HeardProbe } from './heard-probes.ts';
import { lookupIn } from './hosts-file.ts';
import { readConnection } from './incoming-connection.ts';
import { PeerLink } from './peer-link.ts';
import type { NodeId, NodeLog, NodeNetwork } from './program.ts';

/** The part of the configuration that the network needs. */
export type NetworkConfig = Pick<NodeConfig, 'id' | 'peers' | 'host' | 'peerPort' | 'hostsFile'>;

/** The network of a real node, with what the harness's probes need beside what the program is given. */
export interface PeerNetwork extends NodeNetwork {
  /** Sends a probe in line with the program's messages. Throws on an unknown node. */
  probe(to: NodeId, nonce: string): void;
  /** What is known of the probe with this nonce; undefined if it did not arrive. */
  heard(nonce: string): HeardProbe | undefined;
  /** What this node knows of its connections with each peer. */
  connections(): Record<NodeId, PeerConnections>;
  /** Closes the open connection to this peer in order; false when there is none. Another is dialled. Throws on an unknown node. */
  hangUp(to: NodeId): boolean;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** Listens for peers and dials each of them. Rejects when the port cannot be had. */
export async function startNetwork(config: NetworkConfig, log: NodeLog): Promise<PeerNetwork> {
  const network = new TcpNetwork(config, log);
  await network.open();
  return network;
}

/** Counts of connections from one peer (connections.ts). */
interface Received {
  opened: number;
  open: number;
  damaged: number;
}

class TcpNetwork implements PeerNetwork {
  readonly #config: NetworkConfig;
  readonly #log: NodeLog;
  readonly #server: Server;
  readonly #links = new Map<NodeId, PeerLink>();
  readonly #incoming = new Set<Socket>();
  readonly #received = new Map<NodeId, Received>();
  readonly #probes = new HeardProbes();
  #handler: ((from: NodeId, message: Json) => void) | undefined;

  constructor(config: NetworkConfig, log: NodeLog) {
    this.#config = config;
    this.#log = log;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  async open(): Promise<void> {
    const { id: from, host, peerPort, peers, hostsFile } = this.#config;
    const lookup = hostsFile === undefined ? {} : { lookup: lookupIn(hostsFile) };
    this.#server.listen(peerPort, host);
    await once(this.#server, 'listening');
    for (const [to, text] of Object.entries(peers)) {
      const destination = { ...parseAddress(text, `peers.${to}`), ...lookup };
      this.#links.set(to, new PeerLink({ from, to, destination, log: this.#log }));
      this.#received.set(to, { opened: 0, open: 0, damaged: 0 });
    }
  }

  send(to: NodeId, message: Json): void {
    this.#linkTo(to).send(encodeFrame(FRAME.message, message));
  }

  receive(handler: (from: NodeId, message: Json) => void): void {
    this.#handler = handler;
  }

  probe(to: NodeId, nonce: string): void {
    this.#linkTo(to).send(encodeFrame(FRAME.probe, { nonce }));
  }

  heard(nonce: string): HeardProbe | undefined {
    return this.#probes.find(nonce);
  }

  connections(): Record<NodeId, PeerConnections> {
    const known = [...this.#links].map(([peer, link]) => {
      const received = { opened: 0, open: 0, damaged: 0, ...this.#received.get(peer) };
      return [peer, { out: link.connections(), in: received }];
    });
    return Object.fromEntries(known) as Record<NodeId, PeerConnections>;
  }

  hangUp(to: NodeId): boolean {
    return this.#linkTo(to).hangUp();
  }

  async close(): Promise<void> {
    for (const link of this.#links.values()) link.close();
    for (const socket of this.#incoming) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #linkTo(to: NodeId): PeerLink {
    const link = this.#links.get(to);
    if (link !== undefined) return link;
    throw new Error(
      `no peer '${to}'; the peers of ${this.#config.id} are ${[...this.#links.keys()].join(', ')}`,
    );
  }

  #accept(socket: Socket): void {
    this.#incoming.add(socket);
    socket.on('close', () => this.#incoming.delete(socket));
    readConnection(socket, {
      expects: (from, to): from is NodeId =>
        to === this.#config.id && typeof from === 'string' && Object.hasOwn(this.#config.peers, from),
      opened: (from) => {
        this.#count(from, 'opened', 1);
        this.#count(from, 'open', 1);
      },
      ended: (from) => this.#count(from, 'open', -1),
      message: (from, message) => this.#handler?.(from, message),
      probe: (from, nonce) => this.#probes.remember(nonce, from),
      refused: (peer, reason, damaged) => {
        if (peer !== undefined && damaged) this.#count(peer, 'damaged', 1);
        this.#log.warn('peer-refused', { peer: peer ?? 'unknown', reason });
      },
    });
  }

  #count(peer: NodeId, what: keyof Received, by: number): void {
    const counts = this.#received.get(peer);
    if (counts !== undefined) counts[what] += by;
  }
}
