/**
 * Bit flips: some bits of what nodes hold on their disk are not what was written. A running node sees it only when
 * it reads, which most do only when they start; so one kind flips beneath nodes that run on, and one has them restart
 * on what is there. A node that refuses to start from it has done well, and gets its bits back, as from a backup.
 *
 * A running node confirms it by reading one of the bytes. Of a node that is down the runtime's word must do.
 */
import type { Cluster, FlippedBit } from '../harness/cluster/cluster.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeByte, probeHealth } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import { AIMING, drawAim, namedByAim, strikeable, type DrawnAim } from './aim.ts';
import {
  confirmEach,
  confirmHealed,
  eventuallySeen,
  holdDistrusted,
  maskedBecause,
  type Sight,
} from './confirm.ts';
import { ALIVE, createOutage } from './outage.ts';
import { giveFilesBack, takeFiles, untampered } from './tampering.ts';

const ANSWER_MS = 1000;
const BITS_MAX = 8;
/** How long bits are flipped again beneath a node that writes anew what was flipped. */
const FLIPPED_MS = 1500;

/** Places for every node: whom it strikes is known only later. */
type FlipParameters = DrawnAim & { readonly places: Readonly<Record<NodeId, readonly number[]>> };

/** The bits that one fault flipped. */
class Flips {
  readonly #cluster: Cluster;
  readonly #places: FlipParameters['places'];
  /** Of each node, the bits of one flip after the other. */
  readonly #bits = new Map<NodeId, readonly FlippedBit[]>();
  /** Those of the last. */
  readonly #latest = new Map<NodeId, readonly FlippedBit[]>();

  constructor(cluster: Cluster, places: FlipParameters['places']) {
    this.#cluster = cluster;
    this.#places = places;
  }

  /** Again, where the node has written anew what was flipped before. */
  async flip(node: NodeId): Promise<void> {
    const bits = await this.#cluster.flip(node, this.#places[node] ?? []);
    this.#bits.set(node, [...(this.#bits.get(node) ?? []), ...bits]);
    this.#latest.set(node, bits);
  }

  /** Whether there were any bits to flip. */
  hasFlipped(node: NodeId): boolean {
    return (this.#bits.get(node) ?? []).length > 0;
  }

  async restore(): Promise<void> {
    for (const [node, bits] of this.#bits) await this.#cluster.unflip(node, bits);
  }

  /** The bytes of this node that are not what they were before the last flip. A bit that it hit twice is. */
  changed(node: NodeId): FlippedBit[] {
    const bytes = new Map<string, FlippedBit>();
    for (const bit of this.#latest.get(node) ?? []) {
      const place = `${bit.offset} ${bit.file}`;
      bytes.set(place, { ...bit, was: bytes.get(place)?.was ?? bit.was });
    }
    return [...bytes.values()].filter(({ was, is }) => was !== is);
  }

  /**
   * As `isSeenBy`. A node that writes all the time writes anew what was flipped, sooner than anybody asks it, and takes the fault back
   * by that: so bits are flipped again, until it finds one of them or has had chances enough.
   */
  untilSeenBy(node: NodeId): Promise<Sight> {
    return eventuallySeen(this.#cluster.time, FLIPPED_MS, async () => {
      const sight = await this.isSeenBy(node);
      if (sight !== false) return sight;
      await this.flip(node);
      return this.isSeenBy(node);
    });
  }

  /** True if the node finds one of the bytes as the flips left it; undefined if it finds none of them at all. */
  async isSeenBy(node: NodeId): Promise<Sight> {
    let found = 0;
    for (const { file, offset, is } of this.changed(node)) {
      const byte = await probeByte(this.#cluster, node, file, offset);
      if (byte === is) return true;
      if (byte !== undefined) found++;
    }
    return found > 0 || this.changed(node).length === 0 ? false : undefined;
  }
}

interface Struck {
  readonly nodes: readonly NodeId[];
  readonly flips: Flips;
  readonly ledger: FaultLedger;
}

/** Beneath nodes that run on. */
function whileRunning({ nodes, flips, ledger }: Struck): Fault {
  const hold = holdDistrusted(nodes, ledger, false);
  return {
    description: `bits flipped on the disk of ${nodes.join(' ')}, which run on`,
    nodes,
    async inject() {
      hold.take();
      takeFiles(nodes, ledger);
      for (const node of nodes) await flips.flip(node);
    },
    // One whose files are closed to it, or gone, cannot tell what is in them.
    confirm: () =>
      confirmStruck({ nodes, flips, ledger }, 'read a byte that is not what they wrote', (node) =>
        flips.untilSeenBy(node),
      ),
    async heal() {
      await flips.restore();
      hold.letGo();
      giveFilesBack(nodes, ledger);
      return confirmRestored({ nodes, flips, ledger });
    },
  };
}

/** Beneath nodes that were killed, and read it when they come back. */
function whileDown({ nodes, flips, ledger }: Struck): Fault {
  const hold = holdDistrusted(nodes, ledger, false);
  const outage = createOutage(ledger);
  const refused = new Set<NodeId>();
  return {
    description: `${nodes.join(' ')} killed, bits flipped on the disk`,
    nodes,
    async inject() {
      hold.take();
      takeFiles(nodes, ledger);
      await outage.begin(nodes, ALIVE, (node) => ledger.cluster.kill(node));
      for (const node of nodes) await flips.flip(node);
    },
    confirm: () =>
      confirmStruck(
        { nodes, flips, ledger },
        'down, with flipped bits by the word of the runtime',
        async (node) => (await ledger.cluster.state(node)) === 'down' && flips.changed(node).length > 0,
      ),
    async heal() {
      await outage.end(nodes, async (node) => {
        // Whatever keeps it from starting now, it gets another try below.
        await ledger.cluster.restart(node).catch(() => refused.add(node));
      });
      await flips.restore();
      hold.letGo();
      giveFilesBack(nodes, ledger);
      const restored = await confirmRestored({ nodes, flips, ledger });
      const how =
        refused.size === 0
          ? 'all started from what was there'
          : `${nodes.filter((node) => refused.has(node)).join(' ')} refused to start from what was there`;
      return { ...restored, evidence: `${restored.evidence}; ${how}` };
    },
  };
}

/** Of the nodes that had something on their disk: on others there was no bit to flip. */
function confirmStruck(
  { nodes, flips }: Struck,
  state: string,
  probe: (node: NodeId) => Promise<Sight>,
): Promise<Confirmation> {
  const struck = nodes.filter((node) => flips.hasFlipped(node));
  if (struck.length === 0)
    return Promise.resolve(maskedBecause(`nothing was on the disk of ${nodes.join(' ')}`));
  return confirmEach(struck, state, probe);
}

function confirmRestored({ nodes, flips, ledger }: Struck): Promise<Confirmation> {
  return confirmHealed(
    nodes,
    'answering, with their bits restored',
    ledger,
    async (node) =>
      (await probeHealth(ledger.cluster, node, ANSWER_MS)) && (await flips.isSeenBy(node)) !== true,
  );
}

/** The bit-flip family. */
export const bitFlip: FaultFamily = {
  name: 'bit-flip',
  summary: 'bits on the disks of some nodes are not what was written',
  kinds: {
    running: 'beneath nodes that run on, and see it when they read',
    restart: 'beneath nodes that are killed, and start from it',
  },
  aimed: AIMING,
  needs: ['bit-flip', 'kill'],

  plan(kind, nodes, random, aim) {
    const aimed = drawAim(nodes, random, aim);
    const drawPlaces = (): number[] => Array.from({ length: 1 + random.int(BITS_MAX) }, () => random.next());
    const places = Object.fromEntries(nodes.map((node) => [node, drawPlaces()]));
    return { family: 'bit-flip', kind, parameters: { ...aimed, places } };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { aim, nodes: drawn, places } = plan.parameters as unknown as FlipParameters;
    const running = await strikeable(aim, drawn, ['running'], ledger);
    if (typeof running === 'string') return running;
    const nodes = untampered(running, ledger);
    if (typeof nodes === 'string') return nodes;
    const struck = { nodes, flips: new Flips(ledger.cluster, places), ledger };
    const fault = plan.kind === 'running' ? whileRunning(struck) : whileDown(struck);
    return { ...fault, named: namedByAim(plan, nodes) };
  },
};
