/**
 * The links of a process cluster: a proxy for each, which its sender dials in place of the receiver, and for each node a
 * file in which it looks up where its peers are, so that a name can be taken from one node and not from the others.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { HarnessError } from '../../errors.ts';
import type { Address } from '../../node/config.ts';
import type { NodeId } from '../../node/program.ts';
import { createRandom } from '../../random.ts';
import { allLinks, linkName, type Link, type LinkShape } from '../cluster.ts';
import { LinkProxy, LOOPBACK } from '../links/link-proxy.ts';

/** What links are made from. */
export interface ProcessLinksOptions {
  /** All nodes, spares included. */
  readonly nodes: readonly NodeId[];
  readonly seed: string;
  /** Port on which a node's peers arrive now. */
  readonly peerPort: (node: NodeId) => number;
  /** The file in which this node looks its peers' names up. */
  readonly hostsFile: (node: NodeId) => string;
}

/** All links of one cluster. */
export class ProcessLinks {
  readonly #options: ProcessLinksOptions;
  readonly #proxies = new Map<string, LinkProxy>();
  /** Names of links whose sender cannot find the receiver. */
  readonly #unresolved = new Set<string>();

  constructor(options: ProcessLinksOptions) {
    this.#options = options;
    const { nodes, seed, peerPort } = options;
    for (const link of allLinks(nodes)) {
      const receiver = (): Address => ({ host: LOOPBACK, port: peerPort(link.to) });
      const random = createRandom(seed).fork(`link ${linkName(link)}`);
      this.#proxies.set(linkName(link), new LinkProxy(receiver, random));
    }
  }

  /** Opens all proxies and writes all files; answers where each node finds its peers, `name:port`. */
  async open(): Promise<Map<NodeId, Record<NodeId, string>>> {
    const { nodes } = this.#options;
    const peers = new Map<NodeId, Record<NodeId, string>>(nodes.map((node) => [node, {}]));
    for (const link of allLinks(nodes)) {
      const found = peers.get(link.from);
      if (found !== undefined) found[link.to] = `${link.to}:${await this.#proxy(link).listen()}`;
    }
    for (const node of nodes) this.#writeHosts(node);
    return peers;
  }

  cut(links: readonly Link[]): Promise<void> {
    return this.#onEach(links, (proxy) => proxy.cut());
  }

  heal(links: readonly Link[]): Promise<void> {
    return this.#onEach(links, (proxy) => proxy.heal());
  }

  reset(links: readonly Link[]): Promise<void> {
    return this.#onEach(links, (proxy) => proxy.reset());
  }

  forget(links: readonly Link[]): Promise<void> {
    return this.#onEach(links, (proxy) => proxy.forget());
  }

  async shape(links: readonly Link[], shape: LinkShape): Promise<void> {
    await this.#onEach(links, (proxy) => proxy.shape(shape));
    for (const name of links.map(linkName)) {
      if (shape.unresolved === true) this.#unresolved.add(name);
      else this.#unresolved.delete(name);
    }
    for (const sender of new Set(links.map(({ from }) => from))) this.#writeHosts(sender);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
  }

  #writeHosts(node: NodeId): void {
    const { nodes, hostsFile } = this.#options;
    const found = nodes.filter((to) => !this.#unresolved.has(linkName({ from: node, to })));
    const file = hostsFile(node);
    mkdirSync(dirname(file), { recursive: true });
    // The node may be reading it.
    writeFileSync(`${file}.new`, found.map((name) => `${LOOPBACK} ${name}\n`).join(''));
    renameSync(`${file}.new`, file);
  }

  async #onEach(links: readonly Link[], act: (proxy: LinkProxy) => void): Promise<void> {
    const proxies = links.map((link) => this.#proxy(link));
    proxies.forEach(act);
    return Promise.resolve();
  }

  #proxy(link: Link): LinkProxy {
    const proxy = this.#proxies.get(linkName(link));
    if (proxy !== undefined) return proxy;
    throw new HarnessError(`No link ${linkName(link)} in this cluster of ${this.#options.nodes.join(', ')}`);
  }
}
