/**
 * Leaders in turn: what one leader appended reaches a minority, the next is cut off in the moment in which it is elected,
 * so that what it appends reaches nobody, and then the first side is given back, replicates its old entries, and is cut
 * off in turn while the second comes back, and overwrites them. This is the story of figure 8 of the Raft paper (Ongaro and
 * Ousterhout 2014), of entries that are on a majority and not safe; faults that do not know who leads hardly ever tell it.
 *
 * It needs a moment in which old entries are on a majority and the new leader's own first entry is not. So most of the
 * majority falls behind at first, and what it lacks takes several messages; all links are somewhat slow; and the leader
 * is cut off as soon as it says that it has committed something.
 */
import { allLinks, type Cluster } from '../../harness/cluster/cluster.ts';
import type { Condition } from '../../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultLedger } from '../../harness/cluster/fault.ts';
import type { NodeId } from '../../harness/node/program.ts';
import { isJsonObject } from '../../harness/json.ts';
import { NANOS_PER_MS } from '../../harness/time.ts';
import { confirmCarrying, eventually, maskedBecause } from '../confirm.ts';
import { Cuts } from '../cuts.ts';
import { isolate, split } from '../grudges.ts';
import { awaitLeader, findLeader } from '../leaders.ts';
import { Ongoing, type StepContext } from '../ongoing.ts';
import { confirmSilence } from '../partition.ts';
import type { Scenario } from './scenario.ts';

/** How late messages are, in milliseconds: more than it takes to see that somebody leads, less than elections bear. */
const DELAY = { delayMs: 20, jitterMs: 30 };
const LOOK_MS = 3;
/** How long a node may take to say what it has committed. */
const ANSWER_MS = 100;
/** How long the first leader is waited for. */
const FIRST_MS = 15_000;
const TURNS_DRAWN = 8;
/** Bounds of what is drawn, in milliseconds. */
const LAGGING = [300, 1200] as const;
const APPENDING = [50, 300] as const;
const REPLICATING = [250, 700] as const;
const RETURNING = [100, 400] as const;
const PEACE = [300, 900] as const;

/** How long each part of a turn lasts. */
type Turn = {
  /** Most of the others miss what the first leader commits, so that it will take several messages to make up for. */
  readonly lagMs: number;
  /** The first leader appends what only its side hears. */
  readonly appendMs: number;
  /** The next leader of that side replicates it: for so long at most, when it says what it has committed. */
  readonly replicateMs: number;
  /** The second leader, which is back, overwrites it. */
  readonly returnMs: number;
  readonly peaceMs: number;
};

const NO_TURN: Turn = { lagMs: 0, appendMs: 0, replicateMs: 0, returnMs: 0, peaceMs: 0 };

interface TurnDraws {
  readonly turns: readonly Turn[];
  /** Who stays with the first leader, who may follow it, and who lags: in this order. */
  readonly order: readonly NodeId[];
}

/** The last log position that a node says is committed; 0 when it says nothing of the kind. */
async function committedBy(node: NodeId, cluster: Cluster): Promise<number> {
  const reply = await cluster.call(node, '_/status', {}, ANSWER_MS);
  if (reply.kind !== 'answer' || !isJsonObject(reply.body)) return 0;
  const { commitIndex } = reply.body;
  return typeof commitIndex === 'number' ? commitIndex : 0;
}

/** The cuts of one turn. */
class Turns {
  readonly #draws: TurnDraws;
  readonly #ledger: FaultLedger;
  readonly #nodes: readonly NodeId[];
  readonly #cuts: Cuts;
  /** What a first cut showed, which is made for nothing else: to look at a cut takes longer than an election. */
  seen: Confirmation | undefined;
  taken = 0;

  constructor(draws: TurnDraws, ledger: FaultLedger) {
    this.#draws = draws;
    this.#ledger = ledger;
    this.#nodes = ledger.cluster.nodes;
    this.#cuts = new Cuts(ledger);
  }

  async step(context: StepContext): Promise<void> {
    const { pause } = context;
    const first = await findLeader(this.#ledger);
    if (first === undefined) {
      await pause(LOOK_MS);
      return;
    }
    const { turns, order } = this.#draws;
    const ranked = [first.node, ...order.filter((node) => node !== first.node)];
    const turn = turns[this.taken % turns.length] ?? NO_TURN;
    if (this.seen === undefined) {
      const alone = isolate(first.node, this.#nodes);
      await this.#cuts.make(alone);
      this.seen = await confirmSilence(alone, this.#ledger);
    } else {
      this.taken++;
      await this.#take(turn, first.epoch, ranked, context);
    }
    await this.end();
    await pause(turn.peaceMs);
  }

  /** One turn: the first of these leads, in this epoch. */
  async #take(turn: Turn, epoch: number, ranked: readonly NodeId[], context: StepContext): Promise<void> {
    const minority = Math.floor(ranked.length / 2);
    const behind = split([ranked.slice(0, minority + 1), ranked.slice(minority + 1)]);
    const sides = split([ranked.slice(0, minority), ranked.slice(minority)]);
    await this.#cuts.make(behind);
    await context.pause(turn.lagMs);
    await this.#cuts.make(sides);
    await this.#cuts.takeBack(behind);
    const second = await awaitLeader(epoch, this.#ledger, context);
    if (second === undefined) return;
    const alone = isolate(second.node, this.#nodes);
    await this.#cuts.make(alone);
    await context.pause(turn.appendMs);
    await this.#cuts.takeBack(sides);
    const third = await awaitLeader(second.epoch, this.#ledger, context);
    if (third === undefined) return;
    await this.#commits(third.node, turn.replicateMs, context);
    await this.#cuts.make(sides);
    await this.#cuts.takeBack(alone);
    if ((await awaitLeader(third.epoch, this.#ledger, context)) !== undefined)
      await context.pause(turn.returnMs);
  }

  /** Waits until this leader has committed more than anybody had before; as long as that, when it does not say. */
  async #commits(leader: NodeId, limitMs: number, context: StepContext): Promise<void> {
    const { cluster } = this.#ledger;
    const deadline = cluster.time.now() + limitMs * NANOS_PER_MS;
    const known = Math.max(...(await Promise.all(this.#nodes.map((node) => committedBy(node, cluster)))));
    while (cluster.time.now() < deadline && !context.stopped) {
      if ((await committedBy(leader, cluster)) > known) return;
      await context.pause(LOOK_MS);
    }
  }

  /** Takes back all that is cut. */
  end(): Promise<void> {
    return this.#cuts.takeBackAll();
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
      lagMs: within(LAGGING),
      appendMs: within(APPENDING),
      replicateMs: within(REPLICATING),
      returnMs: within(RETURNING),
      peaceMs: within(PEACE),
    }));
    return { turns, order: random.shuffle(nodes) };
  },

  async begin(drawn, ledger) {
    if ((await ledger.leader()) === undefined) return 'no node says that it leads';
    return inTurn(drawn as unknown as TurnDraws, ledger);
  },
};
