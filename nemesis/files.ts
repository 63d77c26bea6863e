/**
 * Files: what nodes find on their disk when they start is not what they left there. Files lost their end, blocks changed
 * places, or all is as it was some time ago, as after a restore from a backup. The nodes are down when it
 * happens, and start from it when the fault heals. One that refuses to start from it has done well, and gets back what it
 * had, as from a better backup; one that starts keeps what it makes of it.
 *
 * What is done to the disk of a node that is down, nobody but the runtime can say.
 */
import type { Ability, Cluster, SavedDisk } from '../harness/cluster/cluster.ts';
import type { Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMING, drawAim, namedByAim, strikeable, type DrawnAim } from './aim.ts';
import { confirmEach, confirmHealed, holdDistrusted } from './confirm.ts';
import { isDown } from './deaths.ts';
import { ALIVE, createOutage } from './outage.ts';
import { giveFilesBack, takeFiles, untampered } from './tampering.ts';

const ANSWER_MS = 1000;
const DAMAGES_MAX = 4;
const SWAPS_MAX = 16;
/** The part of an interval by which places are moved that are to fill it evenly. */
const GOLDEN = 0.618034;
/** How old a disk is that is put back. */
const AGO_MS = { least: 300, most: 2000 };

type FileParameters = DrawnAim & {
  /** Places for every node: whom it strikes is known only later. */
  readonly places: Readonly<Record<NodeId, readonly number[]>>;
  /** Milliseconds. */
  readonly agoMs: number;
};

/** What is done to the disk of a node that is down. Answers how many things it were; 0 for nothing. */
type Damage = (node: NodeId, cluster: Cluster, places: readonly number[]) => Promise<number>;

const truncate: Damage = async (node, cluster, places) => {
  const done = await cluster.truncate(node, places);
  return done.filter(({ was, is }) => is < was).length;
};

/** Blocks that hold the same are not exchanged; so others are tried, which lie as far from these as from each other. */
const swap: Damage = async (node, cluster, places) => {
  for (let attempt = 0; attempt < SWAPS_MAX; attempt++) {
    const shifted = places.map((place) => (place + attempt * GOLDEN) % 1);
    const pairs = shifted.map((place, index): [number, number] => [place, shifted[index + 1] ?? 1 - place]);
    const done = await cluster.swap(node, pairs);
    if (done.length > 0) return done.length;
  }
  return 0;
};

const KINDS: Readonly<Record<string, { readonly words: string; readonly needs: readonly Ability[] }>> = {
  truncate: { words: 'files truncated', needs: ['truncate', 'rollback', 'kill'] },
  swap: { words: 'blocks of files exchanged', needs: ['swap', 'rollback', 'kill'] },
  rollback: { words: 'disks as they were before', needs: ['rollback', 'kill'] },
};

/** The disks of one fault's nodes. */
class Disks {
  readonly #ledger: FaultLedger;
  readonly #parameters: FileParameters;
  /** As they were when the fault began, for `rollback`; and as the nodes left them. */
  readonly #past = new Map<NodeId, SavedDisk>();
  readonly #own = new Map<NodeId, SavedDisk>();
  readonly #damages = new Map<NodeId, number>();

  constructor(parameters: FileParameters, ledger: FaultLedger) {
    this.#parameters = parameters;
    this.#ledger = ledger;
  }

  async remember(node: NodeId): Promise<void> {
    this.#past.set(node, await this.#ledger.cluster.saveDisk(node));
  }

  /** Of a node that is down. */
  async spoil(kind: string, node: NodeId): Promise<void> {
    const { cluster } = this.#ledger;
    this.#own.set(node, await cluster.saveDisk(node));
    const past = this.#past.get(node);
    const places = this.#parameters.places[node] ?? [];
    if (past !== undefined) {
      await cluster.loadDisk(past);
      this.#damages.set(node, 1);
    } else this.#damages.set(node, await (kind === 'swap' ? swap : truncate)(node, cluster, places));
  }

  isSpoilt(node: NodeId): boolean {
    return (this.#damages.get(node) ?? 0) > 0;
  }

  /** Gives a node that is down what it had. */
  async restore(node: NodeId): Promise<void> {
    const own = this.#own.get(node);
    if (own !== undefined) await this.#ledger.cluster.loadDisk(own);
  }
}

function spoil(
  kind: string,
  nodes: readonly NodeId[],
  parameters: FileParameters,
  ledger: FaultLedger,
): Fault {
  const { cluster } = ledger;
  const disks = new Disks(parameters, ledger);
  const outage = createOutage(ledger);
  const hold = holdDistrusted(nodes, ledger, false);
  const refused = new Set<NodeId>();
  const startFromIt = async (node: NodeId): Promise<void> => {
    try {
      await cluster.restart(node);
    } catch {
      refused.add(node);
      if ((await cluster.state(node)) !== 'down') await cluster.kill(node);
      await disks.restore(node);
      await cluster.restart(node);
    }
  };
  return {
    description: `${nodes.join(' ')} killed, ${KINDS[kind]?.words ?? kind}`,
    nodes,
    async inject() {
      takeFiles(nodes, ledger);
      if (kind === 'rollback') {
        for (const node of nodes) await disks.remember(node);
        await cluster.time.sleep(parameters.agoMs);
      }
      hold.take();
      await outage.begin(nodes, ALIVE, (node) => cluster.kill(node));
      for (const node of nodes) await disks.spoil(kind, node);
    },
    confirm: () =>
      confirmEach(
        nodes,
        `down, ${KINDS[kind]?.words ?? kind} by the word of the runtime`,
        async (node) => (await isDown(node, cluster)) && disks.isSpoilt(node),
      ),
    async heal() {
      await outage.end(nodes, startFromIt);
      hold.letGo();
      giveFilesBack(nodes, ledger);
      const healed = await confirmHealed(nodes, 'answering again', ledger, (node) =>
        probeHealth(cluster, node, ANSWER_MS),
      );
      const how =
        refused.size === 0
          ? 'all started from what was there'
          : `${[...refused].sort().join(' ')} refused to start from what was there`;
      return { ...healed, evidence: `${healed.evidence}; ${how}` };
    },
  };
}

/** The files family. */
export const files: FaultFamily = {
  name: 'files',
  summary: 'nodes are killed, and start again from files that lost their end, are mixed up, or are old',
  kinds: {
    truncate: 'files lost their end',
    swap: 'blocks of files changed places',
    rollback: 'the whole disk is as it was before: acknowledged writes are gone',
  },
  aimed: AIMING,
  needs: Object.fromEntries(Object.entries(KINDS).map(([kind, { needs }]) => [kind, needs])),

  plan(kind, nodes, random, aim) {
    const aimed = drawAim(nodes, random, aim);
    const drawPlaces = (): number[] =>
      Array.from({ length: 1 + random.int(DAMAGES_MAX) }, () => random.next());
    const places = Object.fromEntries(nodes.map((node) => [node, drawPlaces()]));
    const agoMs = Math.round(random.between(AGO_MS.least, AGO_MS.most));
    return { family: 'files', kind, parameters: { ...aimed, places, agoMs } };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const parameters = plan.parameters as unknown as FileParameters;
    const running = await strikeable(parameters.aim, parameters.nodes, ['running'], ledger);
    if (typeof running === 'string') return running;
    const nodes = untampered(running, ledger);
    if (typeof nodes === 'string') return nodes;
    return { ...spoil(plan.kind, nodes, parameters, ledger), named: namedByAim(plan, nodes) };
  },
};
