/**
 * Rival changes of membership: one leader, cut off, removes a member, which nobody else hears of; the next is cut off from some
 * in the moment in which it is elected, and removes the first; then those who missed that are given the first back, and elect
 * it. If the second could do so before anybody had an entry of its own term, the two leaders and those who hear them
 * are each a majority of the members that they know, and have nobody in common (D. Ongaro, "bug in single-server
 * membership changes", raft-dev, July 2015). Changes that are drawn blindly come one at a time, and never tell this story.
 *
 * It takes an even number of members: of an odd one, majorities before and after any two single changes overlap. So a node joins
 * first, where that is missing. And all links are somewhat slow meanwhile, or the cut would come after the first entry.
 */
import { allLinks, type Reply } from '../harness/cluster/cluster.ts';
import type { Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultLedger } from '../harness/cluster/fault.ts';
import type { Membership, MembershipChange, MembershipView } from '../harness/cluster/membership.ts';
import { messageOf } from '../harness/errors.ts';
import type { Json } from '../harness/json.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';
import { NANOS_PER_MS } from '../harness/time.ts';
import { Changes, mayBeHindered, type Task } from './changes.ts';
import { confirmCarrying, eventually, joint, maskedBecause } from './confirm.ts';
import { Cuts } from './cuts.ts';
import { isolate, split } from './grudges.ts';
import { awaitLeader, findLeader, type Leader } from './leaders.ts';
import { Ongoing, type StepContext } from './ongoing.ts';

/** How late messages are, in milliseconds: more than it takes to see that somebody leads, less than elections bear. */
const DELAY = { delayMs: 20, jitterMs: 30 };
const LOOK_MS = 20;
/** Two halves of which each can do without its leader's rival. */
const MEMBERS_MIN = 4;
/** How long a leader that is cut off may take to write a change down. */
const APPEND_MS = 1500;
/** How long the first change is waited for: a node joins, and a leader is cut off. */
const FIRST_MS = 5000;
/** The same, for where nothing hinders it. */
const PATIENCE_MS = 15_000;
/** How long it may take until all agree which of the changes came to pass: an election or two. */
const DECISION_MS = 3000;
const TURNS_DRAWN = 4;
/** Bounds of what is drawn, in milliseconds. */
const CHANGING = [150, 500] as const;
const LEADING = [300, 1500] as const;
const PEACE = [100, 500] as const;

/** How long each part of a turn lasts. */
type Turn = {
  /** The second leader tries to remove the first. */
  readonly changeMs: number;
  /** Both lead, each its own side. */
  readonly leadMs: number;
  readonly peaceMs: number;
};

interface RivalDraws {
  readonly turns: readonly Turn[];
  /** Who is removed first, who is with the second leader, and who is left for the first: in this order. */
  readonly order: readonly NodeId[];
}

/** All that is drawn. */
export function drawRivals(nodes: readonly NodeId[], random: Random): Json {
  const within = ([least, most]: readonly [number, number]): number =>
    Math.round(random.between(least, most));
  const turns = Array.from({ length: TURNS_DRAWN }, () => ({
    changeMs: within(CHANGING),
    leadMs: within(LEADING),
    peaceMs: within(PEACE),
  }));
  return { turns, order: random.shuffle(nodes) };
}

/** Turns, each followed by the members' return. */
class Rivals {
  readonly #draws: RivalDraws;
  readonly #ledger: FaultLedger;
  readonly #membership: Membership;
  readonly #cuts: Cuts;
  /** The members between the turns: an even number. */
  readonly #wanted: readonly NodeId[];
  #late: Condition | undefined;
  /** What the first leader showed of a change that nobody else heard of. */
  seen: Confirmation | undefined;
  taken = 0;

  constructor(draws: RivalDraws, membership: Membership, wanted: readonly NodeId[], ledger: FaultLedger) {
    this.#draws = draws;
    this.#ledger = ledger;
    this.#membership = membership;
    this.#wanted = wanted;
    this.#cuts = new Cuts(ledger);
  }

  async step(context: StepContext): Promise<void> {
    const view = await this.#ledger.surveyMembers();
    const first = await findLeader(this.#ledger);
    const missing = this.#wanted.filter((node) => view?.members.includes(node) === false);
    if (view === undefined || view.pending || first === undefined) {
      await context.pause(LOOK_MS);
    } else if (missing.length > 0) {
      await this.#bringIn(missing);
    } else {
      const { turns } = this.#draws;
      const turn = turns[this.taken % turns.length] ?? { changeMs: 0, leadMs: 0, peaceMs: 0 };
      try {
        await this.#take(turn, first, view, context);
      } finally {
        await this.#calm();
      }
      await context.pause(turn.peaceMs);
    }
  }

  /** One turn: the first leads, and these are the members. */
  async #take(
    turn: Turn,
    first: Leader,
    { members, epoch }: MembershipView,
    context: StepContext,
  ): Promise<void> {
    const others = members.filter((node) => node !== first.node);
    const order = [...new Set([...this.#draws.order, ...others])].filter((node) => others.includes(node));
    const [gone = ''] = order;
    const links = allLinks(members);
    this.#late = { of: 'links', links, shape: DELAY };
    await this.#ledger.impose(this.#late);
    const alone = isolate(first.node, members);
    await this.#cuts.make(alone);
    void this.#ask(first.node, { change: 'remove', node: gone });
    const took = await this.#until(context, APPEND_MS, async () => {
      const own = await this.#membership.view(this.#ledger.cluster, first.node);
      return own !== undefined && own.epoch > epoch;
    });
    if (!took) return;
    this.seen ??= {
      confirmed: true,
      evidence: `${first.node}, which is cut off, says that ${gone} is removed`,
    };
    const second = await awaitLeader(first.epoch, this.#ledger, context);
    // Who is cut off may count on by itself, where a change of members makes a new epoch.
    if (second === undefined || second.node === first.node) return;
    this.taken++;
    const rest = order.filter((node) => node !== second.node);
    const half = members.length / 2 - 1;
    await this.#cuts.make(
      split([
        [second.node, ...rest.slice(0, half)],
        [first.node, ...rest.slice(half)],
      ]),
    );
    await this.#remove(first.node, second.node, turn.changeMs, context);
    await this.#cuts.takeBack(alone);
    if ((await awaitLeader(second.epoch, this.#ledger, context)) !== undefined)
      await context.pause(turn.leadMs);
  }

  /** Asks this leader again and again to remove a node, until it has done so or may not try any longer. */
  async #remove(node: NodeId, leader: NodeId, limitMs: number, context: StepContext): Promise<void> {
    let asked: Promise<Reply> | undefined;
    await this.#until(context, limitMs, async () => {
      asked ??= this.#ask(leader, { change: 'remove', node }).finally(() => (asked = undefined));
      const view = await this.#membership.view(this.#ledger.cluster, leader);
      return view?.pending === false && !view.members.includes(node);
    });
  }

  async #until(context: StepContext, limitMs: number, look: () => Promise<boolean>): Promise<boolean> {
    const { time } = this.#ledger.cluster;
    const deadline = time.now() + limitMs * NANOS_PER_MS;
    while (time.now() < deadline && !context.stopped) {
      if (await look()) return true;
      await context.pause(LOOK_MS);
    }
    return false;
  }

  /** The answer may take longer than anybody waits for it: views tell sooner what came of it. */
  #ask(at: NodeId, change: MembershipChange): Promise<Reply> {
    return this.#membership
      .request(this.#ledger.cluster, at, change)
      .catch((error: unknown): Reply => ({ kind: 'lost', error: messageOf(error) }));
  }

  async #bringIn(nodes: readonly NodeId[]): Promise<void> {
    const { cluster } = this.#ledger;
    for (const node of nodes) if ((await cluster.state(node)) === 'down') await this.#ledger.restart(node);
    await this.#change(nodes.map((node) => ({ change: { change: 'add', node } })));
  }

  async #change(tasks: readonly Task[]): Promise<void> {
    const changes = new Changes(this.#ledger, tasks);
    await changes.settled(() => mayBeHindered(this.#ledger));
    await changes.stop();
  }

  /** The members, once no change is pending that might undo what is seen; undefined if that takes too long. */
  async #decided(): Promise<MembershipView | undefined> {
    let view: MembershipView | undefined;
    const isDecided = async (): Promise<boolean> => {
      view = await this.#ledger.surveyMembers();
      return view?.pending === false;
    };
    return (await eventually(this.#ledger.cluster.time, DECISION_MS, isDecided)) ? view : undefined;
  }

  /** Takes back what disturbs links. */
  async #calm(): Promise<void> {
    await this.#cuts.takeBackAll();
    if (this.#late !== undefined) await this.#ledger.lift(this.#late);
    this.#late = undefined;
  }

  /** Leaves the cluster with the nodes that it was made of, and nobody else; says what the nodes show of that. */
  async end(): Promise<Confirmation> {
    await this.#calm();
    const { cluster } = this.#ledger;
    const { nodes } = cluster;
    await this.#decided();
    await this.#bringIn(nodes.filter((node) => !this.#ledger.members().includes(node)));
    const guests = this.#wanted.filter((node) => !nodes.includes(node));
    const leaves = async (node: NodeId): Promise<void> => {
      if ((await cluster.state(node)) !== 'down') await cluster.kill(node);
    };
    await this.#change(
      guests.map((node) => ({ change: { change: 'remove', node }, then: () => leaves(node) })),
    );
    const view = await this.#decided();
    const within = view?.members ?? [];
    const whole = nodes.every((node) => within.includes(node)) && within.length === nodes.length;
    const evidence = `the members are ${within.join(' ') || 'not known'}; leaders took ${this.taken} turns`;
    if (!whole && (await mayBeHindered(this.#ledger))) return maskedBecause(evidence);
    const links = await confirmCarrying(allLinks(nodes), this.#ledger);
    return joint([{ confirmed: whole, evidence }, links]);
  }
}

/** Whether another fault holds one of the members: it is not taken for a leader, and may be gone when it is needed. */
function isAnyStruck(ledger: FaultLedger): boolean {
  const healthy = ledger.healthy();
  return ledger.members().some((node) => !healthy.includes(node));
}

/** Rival changes of the members; a sentence where there cannot be any. */
export function rivalChanges(drawn: Json, ledger: FaultLedger): Fault | string {
  const { cluster, membership } = ledger;
  if (membership === undefined) return 'the target does not say how its members are changed';
  const { nodes, spares } = cluster;
  const wanted = nodes.length % 2 === 0 ? nodes : [...nodes, ...spares.slice(0, 1)];
  if (wanted.length % 2 === 1 || wanted.length < MEMBERS_MIN)
    return `of ${wanted.length} members no two halves are left when two are removed`;
  const rivals = new Rivals(drawn as unknown as RivalDraws, membership, wanted, ledger);
  const { time } = cluster;
  const ongoing = new Ongoing(time, (context) => rivals.step(context));
  return {
    description: 'two leaders in turn each remove a member, and those who hear one do not hear the other',
    nodes: wanted,
    inject() {
      ongoing.start();
      return Promise.resolve();
    },
    async confirm() {
      const begun = (): Promise<boolean> =>
        Promise.resolve(rivals.seen !== undefined || ongoing.failure !== undefined);
      // What it does itself is not what hinders it.
      const hindered = (): Promise<boolean> =>
        ongoing.between(async () => isAnyStruck(ledger) || (await mayBeHindered(ledger)));
      const early = await eventually(time, FIRST_MS, begun);
      // A machine that is busy takes long to start a node; what other faults hinder is not worth waiting for.
      if (!early && !(await hindered())) await eventually(time, PATIENCE_MS, begun);
      if (ongoing.failure !== undefined) return { confirmed: false, evidence: ongoing.failure };
      const evidence = 'no leader was cut off while it changed the members';
      if (rivals.seen === undefined && (await hindered())) return maskedBecause(evidence);
      return rivals.seen ?? { confirmed: false, evidence };
    },
    async heal() {
      await ongoing.stop();
      return rivals.end();
    },
  };
}
