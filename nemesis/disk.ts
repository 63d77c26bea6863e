/**
 * Disks: full, failing or slow. Confirmed by the nodes, each of which writes a small file of its own and says what came
 * of it. A program may well end itself over a failed write (after a failed fsync nobody knows what the disk holds), so
 * a node that ran and now is down counts as a witness too; it is restarted when the fault heals.
 */
import type { Cluster, DiskTrouble } from '../harness/cluster/cluster.ts';
import { paceOf, troubleOf, type Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultFamily } from '../harness/cluster/fault.ts';
import { probeDisk } from '../harness/cluster/probe.ts';
import type { JsonObject } from '../harness/json.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';
import { drawAim, strikeable, type DrawnAim } from './aim.ts';
import { confirmHealed, holdDistrusted } from './confirm.ts';

const ANSWER_MS = 3000;
/** Probes after which errors must have shown. */
const TRIES = 10;
/** Probes that must all take long on a slow disk: now and then one does on any. */
const LOOKS = 3;
/** What a probe does, each of which a slow disk holds up (harness/node/disk-probe.ts); one that fails does one at least. */
const PROBE_STEPS = 3;

const DRAWS: Readonly<Record<string, (random: Random) => DiskTrouble>> = {
  full: () => ({ full: true }),
  failing: (random) => ({ failing: Math.round(100 * random.between(0.2, 1)) / 100 }),
  slow: (random) => ({ slowMs: Math.round(random.between(20, 200)) }),
};

type DiskParameters = DrawnAim & { readonly trouble: DiskTrouble };

/** What a node turned out to be: `died` of its disk, `troubled` by its own word, or `well`. */
type Witness = 'died' | 'troubled' | 'well';

/** A fault, and what it is held against: all conditions in force, and its own. */
interface Expected {
  readonly cluster: Cluster;
  readonly trouble: DiskTrouble;
  readonly conditions: readonly Condition[];
}

async function askWitness(node: NodeId, expected: Expected): Promise<Witness> {
  const { cluster, trouble } = expected;
  if (trouble.slowMs !== undefined) return (await isSlow(node, expected)) ? 'troubled' : 'well';
  for (let tries = 0; tries < TRIES; tries++) {
    const probe = await probeDisk(cluster, node, ANSWER_MS);
    if (probe === undefined) return (await cluster.state(node)) === 'down' ? 'died' : 'well';
    if (probe.error?.includes(trouble.full === true ? 'ENOSPC' : 'EIO') === true) return 'troubled';
  }
  return 'well';
}

/** True if the node's disk takes as long as the conditions make it together. */
async function isSlow(node: NodeId, { cluster, conditions }: Expected): Promise<boolean> {
  // A slow node takes its time over each answer of its disk.
  const stepMs = (troubleOf(node, conditions).slowMs ?? 0) + paceOf(node, conditions);
  for (let look = 0; look < LOOKS; look++) {
    const probe = await probeDisk(cluster, node, ANSWER_MS);
    if (probe === undefined) return false;
    if (probe.ms < (probe.error === undefined ? PROBE_STEPS : 1) * stepMs) return false;
  }
  return true;
}

/** True if the node writes to its disk, and not at the pace of this trouble. */
async function isWell(node: NodeId, expected: Expected): Promise<boolean> {
  const probe = await probeDisk(expected.cluster, node, ANSWER_MS);
  if (probe?.written !== true) return false;
  return expected.trouble.slowMs === undefined || !(await isSlow(node, expected));
}

async function confirmTrouble(nodes: readonly NodeId[], expected: Expected): Promise<Confirmation> {
  const found = await Promise.all(nodes.map((node) => askWitness(node, expected)));
  const count = (which: Witness): number => found.filter((witness) => witness === which).length;
  return {
    confirmed: count('well') === 0,
    evidence: `${count('troubled')} of ${nodes.length} nodes found their disk ${describe(expected.trouble)}, ${count('died')} died of it`,
  };
}

function describe({ full, failing, slowMs }: DiskTrouble): string {
  if (full === true) return 'full';
  if (failing !== undefined) return `failing ${Math.round(100 * failing)}% of the time`;
  return `slow by ${slowMs} ms`;
}

/** The disk family. */
export const disk: FaultFamily = {
  name: 'disk',
  summary: 'disks of some nodes are full, fail or are slow; nodes that die of it are restarted later',
  kinds: {
    full: 'nothing can be written',
    failing: 'some reads and syncs fail, and lose what they were to write',
    slow: 'every read and sync takes longer',
  },
  needs: ['disk-full', 'disk-failing', 'disk-slow'],

  plan(kind, nodes, random) {
    const parameters = { ...drawAim(nodes, random), trouble: DRAWS[kind]?.(random) ?? {} };
    return { family: 'disk', kind, parameters: parameters as unknown as JsonObject };
  },

  async aim({ parameters }, ledger): Promise<Fault | string> {
    const { aim, nodes: drawn, trouble } = parameters as unknown as DiskParameters;
    const nodes = await strikeable(aim, drawn, ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    const { cluster } = ledger;
    const condition: Condition = { of: 'disks', nodes, trouble };
    const expect = (): Expected => {
      const others = ledger.conditions().filter((other) => other !== condition);
      return { cluster, trouble, conditions: [...others, condition] };
    };
    // Of a disk that is only slow nobody dies.
    const hold = trouble.slowMs === undefined ? holdDistrusted(nodes, ledger, true) : undefined;
    return {
      description: `disk of ${nodes.join(' ')} ${describe(trouble)}`,
      nodes,
      async inject() {
        hold?.take();
        await ledger.impose(condition);
      },
      confirm: () => confirmTrouble(nodes, expect()),
      async heal() {
        await ledger.lift(condition);
        hold?.letGo();
        return confirmHealed(nodes, 'write to their disk again', ledger, (node) => isWell(node, expect()));
      },
    };
  },
};
