/**
 * Split votes: the leader is cut off, so that there is something to vote about, and from then on all links fail for a
 * moment, and are whole again for less than an election takes. Votes that are asked for arrive and their answers do not,
 * candidates collide, and terms go up. After a while the cluster is left in peace, to be disturbed again.
 */
import type { Link } from '../../harness/cluster/cluster.ts';
import { allLinks } from '../../harness/cluster/cluster.ts';
import type { Fault, FaultLedger } from '../../harness/cluster/fault.ts';
import type { NodeId } from '../../harness/node/program.ts';
import { NANOS_PER_MS } from '../../harness/time.ts';
import { confirmCarrying } from '../confirm.ts';
import { isolate } from '../grudges.ts';
import { findLeader } from '../leaders.ts';
import { Ongoing, type StepContext } from '../ongoing.ts';
import { confirmSilence } from '../partition.ts';
import type { Scenario } from './scenario.ts';

/** Bounds of what is drawn, in milliseconds. A gap is shorter than an election: two rounds of messages, and what is synced for them. */
const BURST = { least: 20, most: 100 };
const GAP = { least: 2, most: 12 };
/** How long a storm lasts, and the peace after it. */
const STORM = { least: 1000, most: 3000 };
const PEACE = { least: 500, most: 2000 };
const DRAWN = 16;

/** One gust: all links fail, and are whole for a moment. */
type Gust = { readonly burstMs: number; readonly gapMs: number };

interface StormDraws {
  readonly gusts: readonly Gust[];
  readonly stormMs: number;
  readonly peaceMs: number;
}

/** Storms over all nodes, with peace between them. */
class Storms {
  readonly #draws: StormDraws;
  readonly #ledger: FaultLedger;
  readonly #nodes: readonly NodeId[];
  #gusts = 0;
  #beganNs: number | undefined;
  /** Whoever led when it began, or was elected in spite of it. */
  #deposed: { readonly node: NodeId; readonly links: readonly Link[] } | undefined;

  constructor(draws: StormDraws, ledger: FaultLedger) {
    this.#draws = draws;
    this.#ledger = ledger;
    this.#nodes = ledger.cluster.nodes;
  }

  get gusts(): number {
    return this.#gusts;
  }

  async step({ pause }: StepContext): Promise<void> {
    const { stormMs, peaceMs, gusts } = this.#draws;
    const { time } = this.#ledger.cluster;
    this.#beganNs ??= time.now();
    if (time.now() > this.#beganNs + stormMs * NANOS_PER_MS) {
      await this.end();
      await pause(peaceMs);
      return;
    }
    const leader = await findLeader(this.#ledger);
    if (leader !== undefined && leader.node !== this.#deposed?.node) await this.#depose(leader.node);
    const { burstMs = 0, gapMs = 0 } = gusts[this.#gusts++ % gusts.length] ?? {};
    const links = allLinks(this.#nodes);
    try {
      await this.#ledger.cut(links);
      await pause(burstMs);
    } finally {
      await this.#ledger.uncut(links);
    }
    await pause(gapMs);
  }

  /** Gives back whoever was deposed. */
  async end(): Promise<void> {
    if (this.#deposed !== undefined) await this.#ledger.uncut(this.#deposed.links);
    this.#deposed = undefined;
    this.#beganNs = undefined;
  }

  async #depose(node: NodeId): Promise<void> {
    if (this.#deposed !== undefined) await this.#ledger.uncut(this.#deposed.links);
    this.#deposed = { node, links: isolate(node, this.#nodes) };
    await this.#ledger.cut(this.#deposed.links);
  }
}

function storm(draws: StormDraws, ledger: FaultLedger): Fault {
  const { time, nodes } = ledger.cluster;
  const storms = new Storms(draws, ledger);
  const ongoing = new Ongoing(time, (context) => storms.step(context));
  const links = allLinks(nodes);
  return {
    description: 'votes lost and answered late, so that nobody is elected',
    nodes,
    inject() {
      ongoing.start();
      return Promise.resolve();
    },
    confirm: () =>
      ongoing.between(async () => {
        if (ongoing.failure !== undefined) return { confirmed: false, evidence: ongoing.failure };
        try {
          await ledger.cut(links);
          return await confirmSilence(links, ledger);
        } finally {
          await ledger.uncut(links);
        }
      }),
    async heal() {
      await ongoing.stop();
      await storms.end();
      const healed = await confirmCarrying(links, ledger);
      return { ...healed, evidence: `${healed.evidence}; elections were disturbed ${storms.gusts} times` };
    },
  };
}

/** Split vote storm. */
export const splitVoteStorm: Scenario = {
  summary: 'elections collide: votes are lost just when nobody leads',
  needs: ['cut'],

  draw(_, random) {
    const within = ({ least, most }: { least: number; most: number }): number =>
      Math.round(random.between(least, most));
    const gusts = Array.from({ length: DRAWN }, () => ({ burstMs: within(BURST), gapMs: within(GAP) }));
    return { gusts, stormMs: within(STORM), peaceMs: within(PEACE) };
  },

  async begin(drawn, ledger) {
    if ((await ledger.leader()) === undefined) return 'no node says that it leads';
    return storm(drawn as unknown as StormDraws, ledger);
  },
};
