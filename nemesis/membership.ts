/**
 * Membership: nodes join the cluster, leave it, or take one another's place, by the target's own means. A request may be refused
 * or lost, and the change be pending for as long as other faults last, which must not have to wait for it: so it is looked after beside
 * everything else, and asked for again, elsewhere, until all nodes' views say that it has come to pass (Jepsen's
 * jepsen.nemesis.membership works so). Confirmed by these views, at the latest when it is to be taken back.
 *
 * A node that has left keeps its disk and comes back with it. One that came back without would have forgotten votes that it
 * gave under its name, which no consensus survives: that is a fault of the operator, not of the machine.
 */
import type { Reply } from '../harness/cluster/cluster.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger, FaultPlan } from '../harness/cluster/fault.ts';
import type { MembershipChange } from '../harness/cluster/membership.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import { messageOf } from '../harness/errors.ts';
import type { NodeId } from '../harness/node/program.ts';
import { NANOS_PER_MS } from '../harness/time.ts';
import { Ongoing, type StepContext } from './ongoing.ts';

/** How long a change is waited for that nothing hinders. One that other faults hinder goes on by itself meanwhile. */
const PATIENCE_MS = 5000;
/** Every change is waited for so long, since who is hindered may not be so for long. */
const GRACE_MS = 500;
const POLL_MS = 50;
const ANSWER_MS = 1000;

interface MembershipParameters {
  /** The node that leaves; null for the one that leads. Without meaning for a join. */
  readonly node: NodeId | null;
}

/** A change to bring about, and what is to be done when it has come to pass. */
interface Task {
  readonly change: MembershipChange;
  readonly then?: () => Promise<void>;
}

/** Changes, one after another, each asked for until the nodes' views say that it has come to pass. */
class Changes {
  readonly #ledger: FaultLedger;
  readonly #tasks: Task[];
  readonly #ongoing: Ongoing;
  /** Requests sent so far, by which nodes take turns. */
  #requests = 0;
  #underWay = false;
  #hint: NodeId | undefined;
  #told = 'nobody answered yet';

  constructor(ledger: FaultLedger, tasks: readonly Task[]) {
    this.#ledger = ledger;
    this.#tasks = [...tasks];
    this.#ongoing = new Ongoing(ledger.cluster.time, (context) => this.#step(context));
    this.#ongoing.start();
  }

  /** Waits until all have come to pass, or `hindered` says that it is of no use, or patience is at its end. */
  async settled(hindered: () => Promise<boolean>): Promise<void> {
    const { time } = this.#ledger.cluster;
    const begun = time.now();
    for (;;) {
      const waitedMs = (time.now() - begun) / NANOS_PER_MS;
      if (this.#tasks.length === 0 || this.#ongoing.failure !== undefined || waitedMs > PATIENCE_MS) return;
      if (waitedMs > GRACE_MS && (await hindered())) return;
      await time.sleep(POLL_MS);
    }
  }

  /** What is still to come to pass, and what was last said to it; undefined when nothing is. */
  get open(): string | undefined {
    if (this.#ongoing.failure !== undefined) return this.#ongoing.failure;
    const [task] = this.#tasks;
    return task === undefined
      ? undefined
      : `to ${task.change.change} ${task.change.node} is open: ${this.#told}`;
  }

  stop(): Promise<void> {
    return this.#ongoing.stop();
  }

  async #step({ pause }: StepContext): Promise<void> {
    const [task] = this.#tasks;
    if (task !== undefined) {
      const view = await this.#ledger.surveyMembers();
      // A change that is pending might undo it.
      if (view !== undefined && !view.pending && isDone(task.change, view.members)) {
        await task.then?.();
        this.#tasks.shift();
        return;
      }
      if (!this.#underWay && view?.pending !== true) await this.#ask(task.change);
    }
    await pause(POLL_MS);
  }

  /** Asks whoever should know: who was named, who leads, else one after another. */
  async #ask(change: MembershipChange): Promise<void> {
    const { cluster, membership } = this.#ledger;
    const healthy = this.#ledger.healthy();
    const at = this.#hint ?? (await this.#ledger.leader()) ?? healthy[this.#requests % healthy.length];
    this.#hint = undefined;
    if (at === undefined || membership === undefined) return;
    this.#requests++;
    this.#underWay = true;
    // It may take long to be answered, and views tell sooner whether it has come to pass.
    void membership
      .request(cluster, at, change)
      .catch((error: unknown): Reply => ({ kind: 'lost', error: messageOf(error) }))
      .then((reply) => {
        this.#underWay = false;
        this.#told = `${at}: ${reply.kind === 'answer' ? 'taken up' : reply.error}`;
        const leader = reply.kind === 'refused' ? reply.details['leader'] : undefined;
        if (typeof leader === 'string' && leader !== at) this.#hint = leader;
      });
  }
}

function isDone({ change, node }: MembershipChange, members: readonly NodeId[]): boolean {
  return members.includes(node) === (change === 'add');
}

/** What a fault makes of the members: who comes and who goes. */
interface Swap {
  readonly comes?: NodeId;
  readonly goes?: NodeId;
  /** Whether the one that goes dies first, and is missed only then. */
  readonly dies: boolean;
}

/** Carries a swap out, and back. */
class Swapping {
  readonly #ledger: FaultLedger;
  readonly #swap: Swap;
  #changes: Changes | undefined;
  #held = false;

  constructor(ledger: FaultLedger, swap: Swap) {
    this.#ledger = ledger;
    this.#swap = swap;
  }

  /** Begins it: the changes go on by themselves. */
  async there(): Promise<void> {
    const { comes, goes, dies } = this.#swap;
    if (goes !== undefined && dies) {
      this.#hold(goes, true);
      await this.#shutDown(goes);
    }
    if (comes !== undefined) await this.#start(comes);
    const leaves = dies ? {} : { then: () => this.#shutDown(goes ?? '') };
    this.#changes = new Changes(this.#ledger, [
      ...(comes === undefined ? [] : [{ change: { change: 'add', node: comes } as const }]),
      ...(goes === undefined ? [] : [{ change: { change: 'remove', node: goes } as const, ...leaves }]),
    ]);
  }

  /** The one that went comes back with its disk, and the one that came goes: as far as that can be had now. */
  async back(): Promise<void> {
    const { comes, goes } = this.#swap;
    await this.#changes?.stop();
    if (goes !== undefined) {
      await this.#start(goes);
      this.#hold(goes, false);
    }
    const leaves = { then: () => this.#shutDown(comes ?? '') };
    this.#changes = new Changes(this.#ledger, [
      ...(goes === undefined ? [] : [{ change: { change: 'add', node: goes } as const }]),
      ...(comes === undefined ? [] : [{ change: { change: 'remove', node: comes } as const, ...leaves }]),
    ]);
    await this.#changes.settled(() => this.isHindered());
    await this.#changes.stop();
  }

  /** Whether the members are as they should be: after `there`, or after `back`. Waits for changes that can come to pass. */
  async confirm(there: boolean): Promise<Confirmation> {
    const { comes, goes } = this.#swap;
    await this.#changes?.settled(() => this.isHindered());
    const view = await this.#ledger.surveyMembers();
    const within = (node: NodeId | undefined, wanted: boolean): boolean =>
      node === undefined || view?.members.includes(node) === wanted;
    const confirmed = view?.pending === false && within(comes, there) && within(goes, !there);
    const who =
      view === undefined ? 'nobody says who the members are' : `the members are ${view.members.join(' ')}`;
    const open = this.#changes?.open;
    return { confirmed, evidence: open === undefined ? who : `${who}; ${open}` };
  }

  /** True when other faults may be why a change does not come to pass. */
  async isHindered(): Promise<boolean> {
    const { cluster } = this.#ledger;
    const members = this.#ledger.members().filter((node) => node !== this.#swap.goes || !this.#swap.dies);
    if (this.#ledger.cutLinks().length > 0 || this.#ledger.conditions().length > 0) return true;
    // Who has just come back, all at once, may not know yet what was decided.
    if ((await this.#ledger.surveyMembers()) === undefined) return true;
    const answers = await Promise.all(members.map((node) => probeHealth(cluster, node, ANSWER_MS)));
    return answers.includes(false);
  }

  async #start(node: NodeId): Promise<void> {
    const { cluster } = this.#ledger;
    if ((await cluster.state(node)) === 'down') await this.#ledger.restart(node);
  }

  async #shutDown(node: NodeId): Promise<void> {
    const { cluster } = this.#ledger;
    if ((await cluster.state(node)) !== 'down') await cluster.kill(node);
  }

  /** A member that is dead must not count as one that should answer. */
  #hold(node: NodeId, held: boolean): void {
    if (held === this.#held || !this.#swap.dies) return;
    this.#held = held;
    if (held) this.#ledger.strike(node);
    else this.#ledger.release(node);
  }
}

function faultOf(ledger: FaultLedger, swap: Swap, description: string, named: FaultPlan): Fault {
  const swapping = new Swapping(ledger, swap);
  return {
    description,
    nodes: [swap.goes, swap.comes].filter((node) => node !== undefined),
    named,
    inject: () => swapping.there(),
    async confirm() {
      const confirmation = await swapping.confirm(true);
      if (confirmation.confirmed || !(await swapping.isHindered())) return confirmation;
      return { ...confirmation, masked: true };
    },
    async heal() {
      await swapping.back();
      return swapping.confirm(false);
    },
  };
}

/** The node of the plan, or the one that leads, if it is a member; a sentence when there is none to take. */
async function leaverOf(
  { node }: MembershipParameters,
  ledger: FaultLedger,
): Promise<{ node: NodeId } | string> {
  const goes = node ?? (await ledger.leader());
  if (goes === undefined) return 'no node says that it leads';
  const members = ledger.members();
  if (!members.includes(goes)) return `${goes} is no member`;
  return members.length < 3 ? `of ${members.length} members none can be spared` : { node: goes };
}

/** The membership family. */
export const membership: FaultFamily = {
  name: 'membership',
  summary: 'nodes join the cluster, leave it, or take the place of one that died',
  kinds: {
    join: 'a node that was not there is added, and later removed',
    leave: 'a node is removed and shut down, and later comes back',
    'leave-leader': 'the same with the node that leads',
    replace: 'a node dies, another is added in its place, and later gives it back',
    'replace-leader': 'the same with the node that leads',
  },
  needs: {
    join: ['spares', 'kill'],
    leave: ['kill'],
    'leave-leader': ['kill'],
    replace: ['spares', 'kill'],
    'replace-leader': ['spares', 'kill'],
  },
  asks: 'membership',
  spares: 1,

  plan(kind, nodes, random) {
    const node = kind.endsWith('-leader') || kind === 'join' ? null : random.pick(nodes);
    return { family: 'membership', kind, parameters: { node } };
  },

  async aim({ kind, parameters }, ledger): Promise<Fault | string> {
    if (ledger.membership === undefined) return 'the target does not say how its members are changed';
    const [action = ''] = kind.split('-');
    const members = ledger.members();
    const comes = ledger.cluster.spares.find((spare) => !members.includes(spare));
    if (action !== 'leave' && comes === undefined) return 'no node is left that could join';
    const newcomer = comes === undefined ? {} : { comes };
    const named = (node: NodeId | null): FaultPlan => ({
      family: 'membership',
      kind: action,
      parameters: { node },
    });
    if (action === 'join')
      return faultOf(ledger, { ...newcomer, dies: false }, `${comes ?? ''} joins`, named(null));
    const leaver = await leaverOf(parameters as unknown as MembershipParameters, ledger);
    if (typeof leaver === 'string') return leaver;
    const { node: goes } = leaver;
    return action === 'leave'
      ? faultOf(ledger, { goes, dies: false }, `${goes} leaves`, named(goes))
      : faultOf(
          ledger,
          { ...newcomer, goes, dies: true },
          `${goes} dies, ${comes ?? ''} takes its place`,
          named(goes),
        );
  },
};
