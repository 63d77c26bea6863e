/**
 * Leaders in turn: what one leader appended reaches a minority, the next is cut off in the moment in which it is elected, so
 * that what it appends reaches nobody, and then the first side is given back, replicates its old entries, and is cut off in turn
 * while the second comes back. This is the story of figure 8 of the Raft paper (Ongaro and Ousterhout 2014), of entries that are on a
 * majority and not safe; faults that do not know who leads hardly ever tell it. All links are somewhat slow meanwhile: where
 * messages take no time there is no moment between an election and its first entry.
 */
import { allLinks, type Link } from '../../harness/cluster/cluster.ts';
import type { Condition } from '../../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultLedger } from '../../harness/cluster/fault.ts';
import type { NodeId } from '../../harness/node/program.ts';
import { NANOS_PER_MS } from '../../harness/time.ts';
import { confirmCarrying, eventually, maskedBecause } from '../confirm.ts';
import { isolate, split } from '../grudges.ts';
import { findLeader } from '../leaders.ts';
import { Ongoing, type StepContext } from '../ongoing.ts';
import { confirmSilence } from '../partition.ts';
import type { Scenario } from './scenario.ts';

/** How late messages are, in milliseconds: more than it takes to see that somebody leads, less than elections bear. */
const DELAY = { delayMs: 20, jitterMs: 30 };
const LOOK_MS = 3;
/** How long an election is waited for. */
const ELECTION_MS = 3000;
/** How long the first leader is waited for. */
const FIRST_MS = 15_000;
const TURNS_DRAWN = 8;
/** Bounds of what is drawn, in milliseconds. */
const APPENDING = [200, 900] as const;
const REPLICATING = [40, 500] as const;
const RETURNING = [600, 1800] as const;

/** How long each part of a turn lasts: the first leader appends, its successor's successor replicates, the second comes back. */
type Turn = { readonly appendMs: number; readonly replicateMs: number; readonly returnMs: number };

interface TurnDraws {
  readonly turns: readonly Turn[];
  /** Who stays with the first leader: the first of these that is another. */
  readonly order: readonly NodeId[];
}

/** The cuts of one turn. */
class Turns {
  readonly #draws: TurnDraws;
  readonly #ledger: FaultLedger;
  readonly #nodes: readonly NodeId[];
  readonly #cuts = new Set<readonly Link[]>();
  /** What the first cut showed. */
  seen: Confirmation | undefined;
  taken = 0;

  constructor(draws: TurnDraws, ledger: FaultLedger) {
    this.#draws = draws;
    this.#ledger = ledger;
    this.#nodes = ledger.cluster.nodes;
  }

  async step({ pause }: StepContext): Promise<void> {
    const first = await findLeader(this.#ledger);
    if (first === undefined) {
      await pause(LOOK_MS);
      return;
    }
    const { turns, order } = this.#draws;
    const { appendMs = 0, replicateMs = 0, returnMs = 0 } = turns[this.taken++ % turns.length] ?? {};
    const side = [first.node, ...order.filter((node) => node !== first.node).slice(0, 1)];
    const sides = split([side, this.#nodes.filter((node) => !side.includes(node))]);
    await this.#cut(sides);
    this.seen ??= await confirmSilence(sides, this.#ledger);
    const second = await this.#elected(first.epoch, pause);
    if (second !== undefined) {
      const alone = isolate(second.node, this.#nodes);
      await this.#cut(alone);
      await pause(appendMs);
      await this.#uncut(sides);
      const third = await this.#elected(second.epoch, pause);
      await pause(replicateMs);
      const gone = third === undefined ? [] : isolate(third.node, this.#nodes);
      await this.#cut(gone);
      await this.#uncut(alone);
      await pause(returnMs);
    }
    await this.end();
    await pause(returnMs);
  }

  /** Takes back all that is cut. */
  async end(): Promise<void> {
    for (const links of this.#cuts) await this.#uncut(links);
  }

  /** Whoever leads in a later epoch than this one, as soon as it can be seen. */
  async #elected(
    after: number,
    pause: StepContext['pause'],
  ): Promise<{ node: NodeId; epoch: number } | undefined> {
    const { time } = this.#ledger.cluster;
    const deadline = time.now() + ELECTION_MS * NANOS_PER_MS;
    while (time.now() < deadline) {
      const leader = await findLeader(this.#ledger);
      if (leader !== undefined && leader.epoch > after) return leader;
      await pause(LOOK_MS);
    }
    return undefined;
  }

  async #cut(links: readonly Link[]): Promise<void> {
    this.#cuts.add(links);
    await this.#ledger.cut(links);
  }

  async #uncut(links: readonly Link[]): Promise<void> {
    await this.#ledger.uncut(links);
    this.#cuts.delete(links);
  }
}

function inTurn(draws: TurnDraws, ledger: FaultLedger): Fault {
  const { time, nodes } = ledger.cluster;
  const turns = new Turns(draws, ledger);
  const ongoing = new Ongoing(time, (context) => turns.step(context));
  const links = allLinks(nodes);
  const late: Condition = { of: 'links', links, shape: DELAY };
  return {
    description: 'each new leader cut off before anybody has its first entry, and those before it given back',
    nodes,
    async inject() {
      await ledger.impose(late);
      ongoing.start();
    },
    async confirm() {
      await eventually(time, FIRST_MS, () =>
        Promise.resolve(turns.seen !== undefined || ongoing.failure !== undefined),
      );
      if (ongoing.failure !== undefined) return { confirmed: false, evidence: ongoing.failure };
      return turns.seen ?? maskedBecause(`nobody led within ${FIRST_MS} ms`);
    },
    async heal() {
      await ongoing.stop();
      await turns.end();
      await ledger.lift(late);
      const healed = await confirmCarrying(links, ledger);
      return { ...healed, evidence: `${healed.evidence}; leaders took ${turns.taken} turns` };
    },
  };
}

/** Leaders in turn. */
export const leadersInTurn: Scenario = {
  summary: 'each new leader is cut off before anybody has its first entry, and those before it come back',
  needs: ['cut', 'delay'],

  draw(nodes, random) {
    const within = ([least, most]: readonly [number, number]): number =>
      Math.round(random.between(least, most));
    const turns = Array.from({ length: TURNS_DRAWN }, () => ({
      appendMs: within(APPENDING),
      replicateMs: within(REPLICATING),
      returnMs: within(RETURNING),
    }));
    return { turns, order: random.shuffle(nodes) };
  },

  async begin(drawn, ledger) {
    if ((await ledger.leader()) === undefined) return 'no node says that it leads';
    return inTurn(drawn as unknown as TurnDraws, ledger);
  },
};
