/**
 * Disks: full, failing or slow. Confirmed by the nodes, each of which writes a small file of its own and says what came
 * of it. A program may well end itself over a failed write (after a failed fsync nobody knows what the disk holds), so
 * a node that ran and now is down counts as a witness too; it is restarted when the fault heals.
 */
import type { DiskTrouble } from '../harness/cluster/cluster.ts';
import type { Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { probeDisk } from '../harness/cluster/probe.ts';
import type { JsonObject } from '../harness/json.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';
import { drawAim, strikeable, type DrawnAim } from './aim.ts';
import { confirmHealed, holdDistrusted } from './confirm.ts';

const ANSWER_MS = 3000;
/** Writes after which the trouble must have shown. */
const TRIES = 10;

const DRAWS: Readonly<Record<string, (random: Random) => DiskTrouble>> = {
  full: () => ({ full: true }),
  failing: (random) => ({ failing: Math.round(100 * random.between(0.2, 1)) / 100 }),
  slow: (random) => ({ slowMs: Math.round(random.between(20, 200)) }),
};

type DiskParameters = DrawnAim & { readonly trouble: DiskTrouble };

/** What a node turned out to be: `died` of its disk, `troubled` by its own word, or `well`. */
type Witness = 'died' | 'troubled' | 'well';

async function askWitness(
  node: NodeId,
  { full, failing, slowMs }: DiskTrouble,
  { cluster }: FaultLedger,
): Promise<Witness> {
  for (let tries = 0; tries < TRIES; tries++) {
    const probe = await probeDisk(cluster, node, ANSWER_MS);
    if (probe === undefined) return (await cluster.state(node)) === 'down' ? 'died' : 'well';
    const asFull = full === true && probe.error?.includes('ENOSPC') === true;
    const asFailing = failing !== undefined && probe.error?.includes('EIO') === true;
    const asSlow = slowMs !== undefined && probe.ms >= slowMs;
    if (asFull || asFailing || asSlow) return 'troubled';
  }
  return 'well';
}

async function confirmTrouble(
  nodes: readonly NodeId[],
  trouble: DiskTrouble,
  ledger: FaultLedger,
): Promise<Confirmation> {
  const found = await Promise.all(nodes.map((node) => askWitness(node, trouble, ledger)));
  const count = (which: Witness): number => found.filter((witness) => witness === which).length;
  return {
    confirmed: count('well') === 0,
    evidence: `${count('troubled')} of ${nodes.length} nodes found their disk ${describe(trouble)}, ${count('died')} died of it`,
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
    const condition: Condition = { of: 'disks', nodes, trouble };
    // Of a disk that is only slow nobody dies.
    const hold = trouble.slowMs === undefined ? holdDistrusted(nodes, ledger, true) : undefined;
    return {
      description: `disk of ${nodes.join(' ')} ${describe(trouble)}`,
      nodes,
      async inject() {
        hold?.take();
        await ledger.impose(condition);
      },
      confirm: () => confirmTrouble(nodes, trouble, ledger),
      async heal() {
        await ledger.lift(condition);
        hold?.letGo();
        return confirmHealed(nodes, 'write to their disk again', ledger, async (node) => {
          const probe = await probeDisk(ledger.cluster, node, ANSWER_MS);
          return probe?.written === true && !(probe.ms >= (trouble.slowMs ?? Infinity));
        });
      },
    };
  },
};
