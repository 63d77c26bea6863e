/**
 * Membership: nodes join the cluster, leave it, or take one another's place, by the target's own means. Confirmed by the nodes'
 * views, at the latest when it is to be taken back.
 *
 * A node that has left keeps its disk and comes back with it. One that came back without would have forgotten votes that it
 * gave under its name, which no consensus survives: that is a fault of the operator, not of the machine.
 */
import type { Confirmation, Fault, FaultFamily, FaultLedger, FaultPlan } from '../harness/cluster/fault.ts';
import type { NodeId } from '../harness/node/program.ts';
import { Changes, mayBeHindered } from './changes.ts';
import { drawRivals, rivalChanges } from './rival-changes.ts';

/** The kind that is a story of its own. */
const RIVALS = 'rival-changes';

interface MembershipParameters {
  /** The node that leaves; null for the one that leads. Without meaning for a join. */
  readonly node: NodeId | null;
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
  isHindered(): Promise<boolean> {
    const { goes, dies } = this.#swap;
    return mayBeHindered(this.#ledger, dies && goes !== undefined ? [goes] : []);
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
    [RIVALS]: 'two leaders, one after the other, each remove a member, unknown to the other',
  },
  needs: {
    join: ['spares', 'kill'],
    leave: ['kill'],
    'leave-leader': ['kill'],
    replace: ['spares', 'kill'],
    'replace-leader': ['spares', 'kill'],
    [RIVALS]: ['spares', 'kill', 'cut', 'delay'],
  },
  asks: 'membership',
  takesMs: { [RIVALS]: 2500 },
  spares: 1,

  plan(kind, nodes, random) {
    if (kind === RIVALS) return { family: 'membership', kind, parameters: drawRivals(nodes, random) };
    const node = kind.endsWith('-leader') || kind === 'join' ? null : random.pick(nodes);
    return { family: 'membership', kind, parameters: { node } };
  },

  async aim({ kind, parameters }, ledger): Promise<Fault | string> {
    if (kind === RIVALS) return rivalChanges(parameters, ledger);
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
