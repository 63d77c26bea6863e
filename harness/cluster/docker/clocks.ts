/**
 * The wrong clocks of a cluster's nodes, made by two hands: libfaketime has the system's clock of a node ahead or behind
 * (faketime.ts), and the node adds to that what libfaketime has not (harness/node/trouble.ts).
 *
 * libfaketime opens a file to know the time. A node that can open nothing would have true time from it, so there the
 * node adds everything.
 */
import type { NodeId } from '../../node/program.ts';
import type { ClockTrouble } from '../../node/trouble.ts';
import type { ClockSkew } from '../cluster.ts';
import type { Troubles } from '../trouble.ts';
import { clockText } from './faketime.ts';

/** The two hands. */
export interface ClocksOptions {
  /** Puts the text where libfaketime looks. */
  readonly writeClock: (node: NodeId, text: string) => Promise<void>;
  readonly troubles: Pick<Troubles, 'skew'>;
}

/** The clocks of one cluster. */
export class Clocks {
  readonly #options: ClocksOptions;
  readonly #skews = new Map<NodeId, ClockTrouble>();
  /** How far libfaketime has each clock ahead. */
  readonly #systemMs = new Map<NodeId, number>();
  /** Nodes that can open nothing. */
  readonly #closed = new Set<NodeId>();

  constructor(options: ClocksOptions) {
    this.#options = options;
  }

  /** See `Cluster.skew`. */
  async skew(node: NodeId, skew: ClockSkew): Promise<void> {
    this.#skews.set(node, { ...skew, since: Date.now() });
    await this.#apply(node);
  }

  /** Says whether the node can open files. */
  async canOpen(node: NodeId, able: boolean): Promise<void> {
    if (able) this.#closed.delete(node);
    else this.#closed.add(node);
    if (this.#skews.has(node)) await this.#apply(node);
  }

  /** What libfaketime is to find. */
  textFor(node: NodeId): string {
    return clockText(this.#systemOffsetMs(node));
  }

  #systemOffsetMs(node: NodeId): number {
    return this.#closed.has(node) ? 0 : (this.#skews.get(node)?.offsetMs ?? 0);
  }

  async #apply(node: NodeId): Promise<void> {
    const { since = 0, offsetMs = 0, ...rest } = this.#skews.get(node) ?? {};
    const systemMs = this.#systemOffsetMs(node);
    if (systemMs !== (this.#systemMs.get(node) ?? 0))
      await this.#options.writeClock(node, this.textFor(node));
    this.#systemMs.set(node, systemMs);
    const own = offsetMs === systemMs ? rest : { offsetMs: offsetMs - systemMs, ...rest };
    // The node counts by the clock of its system, which is wrong already.
    await this.#options.troubles.skew(node, own, since + systemMs);
  }
}
