/**
 * Disks: full, failing or slow. Confirmed by the nodes, each of which writes a small file of its own and says what came
 * of it. A program may well end itself over a failed write (after a failed fsync nobody knows what the disk holds), so
 * a node that ran and now is down counts as a witness too; it is restarted when the fault heals.
 */
import type { DiskTrouble } from '../harness/cluster/cluster.ts';
import { paceOf, troubleOf, type Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeDisk } from '../harness/cluster/probe.ts';
import type { JsonObject } from '../harness/json.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';
import { AIMING, drawAim, namedByAim, strikeable, type DrawnAim } from './aim.ts';
import { confirmHealed, holdDistrusted, maskedBecause, mayMissItsFiles } from './confirm.ts';
import { isInOutage } from './outage.ts';

const ANSWER_MS = 3000;
/** Probes after which errors must have shown. */
const TRIES = 10;
/** Probes that must all succeed on a disk that no longer fails: of the least share that is drawn, one in a hundred times all would. */
const TRIES_WELL = 20;
/** Probes that must all take long on a slow disk: now and then one does on any. */
const LOOKS = 3;
/** What a probe does, each of which a slow disk holds up (harness/node/disk-probe.ts); one that fails does one at least. */
const PROBE_STEPS = 3;

const failingShare = (random: Random): number => Math.round(100 * random.between(0.2, 1)) / 100;

const DRAWS: Readonly<Record<string, (random: Random) => DiskTrouble>> = {
  full: () => ({ full: true }),
  failing: (random) => ({ failing: failingShare(random) }),
  'failing-reads': (random) => ({ failing: failingShare(random), failingOn: ['read'] }),
  'failing-writes': (random) => ({ failing: failingShare(random), failingOn: ['write'] }),
  'failing-syncs': (random) => ({ failing: failingShare(random), failingOn: ['sync'] }),
  slow: (random) => ({ slowMs: Math.round(random.between(20, 200)) }),
};

type DiskParameters = DrawnAim & { readonly trouble: DiskTrouble };

/** What a node turned out to be: `died` of its disk, `troubled` by its own word, `well`, or `taken` by another fault, so that it does not answer. */
type Witness = 'died' | 'troubled' | 'well' | 'taken';

/** A fault, and what it is held against: all conditions in force, and its own. */
interface Expected {
  readonly ledger: FaultLedger;
  readonly trouble: DiskTrouble;
  readonly conditions: readonly Condition[];
  /** Those of other faults. */
  readonly others: readonly Condition[];
}

async function askWitness(node: NodeId, expected: Expected): Promise<Witness> {
  const witness = await askOnce(node, expected);
  // An error of another fault hides that of this one.
  return witness === 'well' && mayMissItsFiles(node, expected.others) ? 'taken' : witness;
}

async function askOnce(node: NodeId, expected: Expected): Promise<Witness> {
  const { trouble, ledger } = expected;
  if (trouble.slowMs !== undefined) {
    if (await isSlow(node, expected)) return 'troubled';
    return (await ledger.cluster.state(node)) === 'running' ? 'well' : 'taken';
  }
  for (let tries = 0; tries < TRIES; tries++) {
    const probe = await probeDisk(ledger.cluster, node, ANSWER_MS);
    if (probe === undefined) return silentWitness(node, ledger);
    if (probe.error?.includes(trouble.full === true ? 'ENOSPC' : 'EIO') === true) return 'troubled';
  }
  return 'well';
}

/** What a node is that does not answer. */
async function silentWitness(node: NodeId, ledger: FaultLedger): Promise<Witness> {
  const state = await ledger.cluster.state(node);
  return state === 'down' && !isInOutage(node, ledger) ? 'died' : 'taken';
}

/** True if the node's disk takes as long as the conditions make it together. */
async function isSlow(node: NodeId, { ledger, conditions }: Expected): Promise<boolean> {
  // A slow node takes its time over each answer of its disk.
  const stepMs = (troubleOf(node, conditions).slowMs ?? 0) + paceOf(node, conditions);
  for (let look = 0; look < LOOKS; look++) {
    const probe = await probeDisk(ledger.cluster, node, ANSWER_MS);
    if (probe === undefined) return false;
    if (probe.ms < (probe.error === undefined ? PROBE_STEPS : 1) * stepMs) return false;
  }
  return true;
}

/** True if the node writes to its disk, and not at the pace of this trouble. */
async function isWell(node: NodeId, expected: Expected): Promise<boolean> {
  // One that fails now and then may well succeed once.
  const tries = expected.trouble.failing === undefined ? 1 : TRIES_WELL;
  for (let tried = 0; tried < tries; tried++) {
    const probe = await probeDisk(expected.ledger.cluster, node, ANSWER_MS);
    if (probe?.written !== true) return false;
  }
  return expected.trouble.slowMs === undefined || !(await isSlow(node, expected));
}

async function confirmTrouble(nodes: readonly NodeId[], expected: Expected): Promise<Confirmation> {
  const found = await Promise.all(nodes.map((node) => askWitness(node, expected)));
  const count = (which: Witness): number => found.filter((witness) => witness === which).length;
  const evidence = `${count('troubled')} of ${nodes.length} nodes found their disk ${describe(expected.trouble)}, ${count('died')} died of it`;
  if (count('taken') === nodes.length) return maskedBecause(`${evidence}; other faults have taken the rest`);
  return { confirmed: count('well') === 0, evidence };
}

function describe({ full, failing, failingOn, slowMs }: DiskTrouble): string {
  if (full === true) return 'full';
  if (failing !== undefined) {
    const what = failingOn === undefined ? '' : ` to ${failingOn.join(' and ')}`;
    return `failing${what} ${Math.round(100 * failing)}% of the time`;
  }
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
    'failing-reads': 'some reads fail',
    'failing-writes': 'some writes fail, and what they were to write is lost',
    'failing-syncs': 'some syncs fail, and what they were to make durable is lost, though later ones succeed',
  },
  aimed: AIMING,
  needs: {
    full: ['disk-full'],
    failing: ['disk-failing'],
    slow: ['disk-slow'],
    'failing-reads': ['disk-failing'],
    'failing-writes': ['disk-failing'],
    'failing-syncs': ['disk-failing'],
  },

  plan(kind, nodes, random, aim) {
    const parameters = { ...drawAim(nodes, random, aim), trouble: DRAWS[kind]?.(random) ?? {} };
    return { family: 'disk', kind, parameters: parameters as unknown as JsonObject };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const { aim, nodes: drawn, trouble } = plan.parameters as unknown as DiskParameters;
    const nodes = await strikeable(aim, drawn, ['running'], ledger);
    if (typeof nodes === 'string') return nodes;
    const condition: Condition = { of: 'disks', nodes, trouble };
    const expect = (): Expected => {
      const others = ledger.conditions().filter((other) => other !== condition);
      return { ledger, trouble, conditions: [...others, condition], others };
    };
    // Of a disk that is only slow nobody dies.
    const hold = trouble.slowMs === undefined ? holdDistrusted(nodes, ledger, true) : undefined;
    return {
      description: `disk of ${nodes.join(' ')} ${describe(trouble)}`,
      nodes,
      named: namedByAim(plan, nodes),
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
