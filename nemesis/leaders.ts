/**
 * Hunting leaders: whoever is elected is struck, soon after, and again whoever follows. Most of what a consensus protocol can
 * get wrong happens when one leader comes after another, and by itself that hardly ever happens: a strategy that
 * brings it about ten times in ten seconds finds in one run what takes blind faults hundreds.
 *
 * Before it is struck a leader may be muted: what it appends then reaches few others, or none, though it takes it
 * for being on its way. And those that were struck may come back at the very moment at which the next is: that is how
 * entries of an old term come to be replicated by a new leader (figure 8 of the Raft paper).
 */
import type { Link } from '../harness/cluster/cluster.ts';
import type { Confirmation, Fault, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth, probeRole } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { NANOS_PER_MS } from '../harness/time.ts';
import { confirmCarrying, confirmHealed, eventually, joint, maskedBecause } from './confirm.ts';
import { isolate } from './grudges.ts';
import { Ongoing, type StepContext } from './ongoing.ts';
import { createStroke, type Stroke, type StrokeKind } from './strokes.ts';

const ANSWER_MS = 500;
const RECOVERY_MS = 3000;
/** Milliseconds between two looks at who leads: a small part of what an election takes. */
const LOOK_MS = 10;
/** How long the first leader is waited for. */
const FIRST_MS = 15_000;
/** Between two looks of who must not miss the moment of an election, and how long that is waited for. */
const ELECTION = { lookMs: 3, limitMs: 3000 };

/** How one leader is struck. */
export type Chase = {
  readonly by: StrokeKind;
  /** Milliseconds from when it is seen to lead to the stroke. */
  readonly afterMs: number;
  /** Milliseconds for which it is muted before; 0 for not. */
  readonly muteMs: number;
  /** How many others hear it while it is muted. */
  readonly keeps: number;
  /** Milliseconds until it comes back, at the latest. */
  readonly holdMs: number;
};

/** How leaders are hunted. */
export interface HuntPlan {
  /** One for each leader; the first again after the last. */
  readonly chases: readonly Chase[];
  /** Who hears a leader that is muted: the first of these. */
  readonly order: readonly NodeId[];
  /** Whether one that was struck comes back when the next is, if that is earlier. */
  readonly alternates: boolean;
}

/** A leader, by its own word. */
export interface Leader {
  readonly node: NodeId;
  readonly epoch: number;
}

/** The leader of the highest epoch, of those that no fault strikes. */
export async function findLeader(ledger: FaultLedger): Promise<Leader | undefined> {
  const found = await Promise.all(
    ledger.healthy().map(async (node) => ({ node, role: await probeRole(ledger.cluster, node, ANSWER_MS) })),
  );
  const leaders = found.flatMap(({ node, role }) =>
    role?.leads === true ? [{ node, epoch: role.epoch }] : [],
  );
  return leaders.sort((a, b) => b.epoch - a.epoch)[0];
}

/** Whoever leads in a later epoch than this one, as soon as it can be seen; undefined if that takes too long. */
export async function awaitLeader(
  after: number,
  ledger: FaultLedger,
  context: StepContext,
): Promise<Leader | undefined> {
  const { time } = ledger.cluster;
  const deadline = time.now() + ELECTION.limitMs * NANOS_PER_MS;
  while (time.now() < deadline && !context.stopped) {
    const leader = await findLeader(ledger);
    if (leader !== undefined && leader.epoch > after) return leader;
    await context.pause(ELECTION.lookMs);
  }
  return undefined;
}

/** A hunt, from when it is started until it is stopped. */
class Hunt {
  readonly #plan: HuntPlan;
  readonly #ledger: FaultLedger;
  readonly #ongoing: Ongoing;
  #chased = 0;
  #last: Leader | undefined;
  /** Who is struck now, and until when at most. */
  #held: { readonly stroke: Stroke; readonly untilNs: number } | undefined;
  #muted: readonly Link[] = [];
  /** What the first stroke showed. */
  #seen: Confirmation | undefined;
  readonly #struck = new Set<NodeId>();

  constructor(plan: HuntPlan, ledger: FaultLedger) {
    this.#plan = plan;
    this.#ledger = ledger;
    this.#ongoing = new Ongoing(ledger.cluster.time, (context) => this.#look(context));
  }

  start(): void {
    this.#ongoing.start();
  }

  async confirm(): Promise<Confirmation> {
    await eventually(this.#ledger.cluster.time, FIRST_MS, () =>
      Promise.resolve(this.#seen !== undefined || this.#ongoing.failure !== undefined),
    );
    if (this.#ongoing.failure !== undefined) return { confirmed: false, evidence: this.#ongoing.failure };
    return this.#seen ?? maskedBecause(`nobody led within ${FIRST_MS} ms`);
  }

  /** Ends it, and gives back whatever is struck. */
  async stop(): Promise<Confirmation> {
    await this.#ongoing.stop();
    await this.#unmute();
    await this.#release();
    const { cluster } = this.#ledger;
    const nodes = this.#struck.size === 0 ? cluster.nodes : [...this.#struck];
    const links = nodes.flatMap((node) => isolate(node, cluster.nodes));
    const answers = await confirmHealed(nodes, 'answering again', this.#ledger, (node) =>
      probeHealth(cluster, node, RECOVERY_MS),
    );
    const healed = joint([answers, await confirmCarrying(links, this.#ledger)]);
    return { ...healed, evidence: `${healed.evidence}; ${this.#chased} leaders were struck` };
  }

  async #look(context: StepContext): Promise<void> {
    const { time } = this.#ledger.cluster;
    if (this.#held !== undefined && time.now() >= this.#held.untilNs) await this.#release();
    const leader = await findLeader(this.#ledger);
    const isNew = leader?.node !== this.#last?.node || leader?.epoch !== this.#last?.epoch;
    if (leader === undefined || !isNew) await context.pause(LOOK_MS);
    else await this.#chase(leader, context);
  }

  async #chase(leader: Leader, { pause }: StepContext): Promise<void> {
    const { chases, order, alternates } = this.#plan;
    const {
      by = 'isolate',
      afterMs = 0,
      muteMs = 0,
      keeps = 0,
      holdMs = 0,
    } = chases[this.#chased % chases.length] ?? {};
    const { node } = leader;
    this.#last = leader;
    await pause(afterMs);
    if (muteMs > 0) {
      const others = order.filter((other) => other !== node);
      this.#muted = others.slice(keeps).map((to) => ({ from: node, to }));
      await this.#ledger.cut(this.#muted);
      await pause(muteMs);
    }
    const before = this.#held?.stroke;
    if (!alternates) await this.#release();
    const stroke = createStroke(by, node, this.#ledger);
    const { time } = this.#ledger.cluster;
    this.#held = { stroke, untilNs: time.now() + holdMs * NANOS_PER_MS };
    this.#chased++;
    this.#struck.add(node);
    await stroke.strike();
    await this.#unmute();
    if (alternates) await before?.release();
    this.#seen ??= await stroke.confirm();
  }

  async #unmute(): Promise<void> {
    await this.#ledger.uncut(this.#muted);
    this.#muted = [];
  }

  async #release(): Promise<void> {
    await this.#held?.stroke.release();
    this.#held = undefined;
  }
}

/** Every leader is struck, as the plan says. */
export function hunt(plan: HuntPlan, words: string, ledger: FaultLedger): Fault {
  const hunting = new Hunt(plan, ledger);
  return {
    description: words,
    nodes: ledger.cluster.nodes,
    inject() {
      hunting.start();
      return Promise.resolve();
    },
    confirm: () => hunting.confirm(),
    heal: () => hunting.stop(),
  };
}
