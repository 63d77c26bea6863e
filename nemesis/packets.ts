/**
 * Packets: messages to and from some nodes are lost, doubled, or held back while others overtake them, as in Jepsen's
 * packet package. Confirmed by statistics of pings from node to node: how many were heard, how many twice, how
 * many late, against what all faults in force make of these links together.
 */
import type { Link, LinkShape } from '../harness/cluster/cluster.ts';
import { shapeOf, type Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { countPings } from '../harness/cluster/probe.ts';
import type { Random } from '../harness/random.ts';
import { drawAim, linksAround, strikeable, type DrawnAim } from './aim.ts';
import { heldUpMs, openLinks } from './confirm.ts';

/** Pings on each link: enough for the smallest share to show on the links of a single node. */
const PINGS = 50;
/** Longer than a ping takes on a busy machine, shorter than any message is held back. */
const ON_TIME_MS = 120;
const HELD_BACK_MS = { least: 150, most: 400 };
/** Milliseconds beyond the longest hold within which a ping is heard or lost. */
const MARGIN_MS = 130;

/** Shares of the messages, asked for or seen. */
interface Shares {
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
}

type PacketParameters = DrawnAim & Shares & { readonly byMs: number };

const NONE: Shares = { lost: 0, doubled: 0, late: 0 };
/** Bounds of what is drawn. */
const LEAST: Shares = { lost: 0.2, doubled: 0.3, late: 0.3 };
const MOST: Shares = { lost: 0.7, doubled: 1, late: 0.8 };
/** All at once are each rarer, so that something still comes through. */
const MOST_MIXED: Shares = { lost: 0.4, doubled: 0.6, late: 0.6 };

const PARTS = Object.keys(NONE) as readonly (keyof Shares)[];
const PART_OF: Readonly<Record<string, keyof Shares>> = {
  loss: 'lost',
  duplicate: 'doubled',
  reorder: 'late',
};

function drawShares(kind: string, random: Random): Shares {
  // Two digits are enough, and can be read.
  const drawn = (part: keyof Shares, most: Shares): number =>
    Math.round(100 * random.between(LEAST[part], most[part])) / 100;
  const part = PART_OF[kind];
  if (part !== undefined) return { ...NONE, [part]: drawn(part, MOST) };
  return {
    lost: drawn('lost', MOST_MIXED),
    doubled: drawn('doubled', MOST_MIXED),
    late: drawn('late', MOST_MIXED),
  };
}

function bend({ lost, doubled, late, byMs }: PacketParameters): LinkShape {
  return {
    ...(lost === 0 ? {} : { loss: lost }),
    ...(doubled === 0 ? {} : { duplicate: doubled }),
    ...(late === 0 ? {} : { reorder: { share: late, byMs } }),
  };
}

function describe({ lost, doubled, late, byMs }: PacketParameters): string {
  const words = { lost: 'lost', doubled: 'doubled', late: `held back by ${byMs} ms` };
  const shares: Shares = { lost, doubled, late };
  return PARTS.filter((part) => shares[part] > 0)
    .map((part) => `${Math.round(100 * shares[part])}% ${words[part]}`)
    .join(', ');
}

/** What these conditions make of messages on these links, on average; `slowestMs` is when the last has arrived. */
function expect(
  links: readonly Link[],
  conditions: readonly Condition[],
): Shares & { readonly slowestMs: number } {
  const shapes = links.map((link) => bendsOf(link, conditions));
  const mean = (part: keyof Shares): number =>
    shapes.reduce((sum, shape) => sum + shape[part], 0) / Math.max(1, shapes.length);
  return {
    lost: mean('lost'),
    doubled: mean('doubled'),
    late: mean('late'),
    slowestMs: Math.max(0, ...shapes.map(({ slowestMs }) => slowestMs)),
  };
}

function bendsOf(link: Link, conditions: readonly Condition[]): ReturnType<typeof expect> {
  const { loss = 0, duplicate = 0, reorder, delayMs = 0 } = shapeOf(link, conditions);
  return {
    lost: loss,
    doubled: duplicate,
    late: delayMs >= ON_TIME_MS ? 1 : (reorder?.share ?? 0),
    slowestMs: heldUpMs(link, conditions),
  };
}

/**
 * Pings over the links, and confirmed when each share that the fault asked for is nearer to what the conditions of now
 * make of it than to what the `other` would; and not far beyond, which would be the work of something else.
 */
async function confirmNearer(
  links: readonly Link[],
  asked: Shares,
  other: readonly Condition[],
  ledger: FaultLedger,
): Promise<Confirmation> {
  const open = openLinks(links, ledger);
  const [expected, otherwise] = [expect(open, ledger.conditions()), expect(open, other)];
  // Long enough for either: a message that is held back, and should not be, must not be taken for lost.
  const waitMs = Math.max(expected.slowestMs, otherwise.slowestMs) + MARGIN_MS;
  const counts = await countPings(ledger.cluster, open, PINGS, { onTimeMs: ON_TIME_MS, waitMs });
  const { sent, heard, copies, onTime } = counts;
  const seen = { lost: 1 - heard / sent, doubled: copies / heard - 1, late: 1 - onTime / copies };
  const isNearer = (part: keyof Shares): boolean =>
    Math.abs(seen[part] - expected[part]) < Math.abs(seen[part] - otherwise[part]) &&
    seen[part] <= (1 + expected[part]) / 2;
  return {
    confirmed: sent > 0 && PARTS.filter((part) => asked[part] > 0).every(isNearer),
    evidence: `of ${sent} pings ${sent - heard} lost, ${copies - heard} heard twice, ${copies - onTime} late`,
  };
}

/** The packets family. */
export const packets: FaultFamily = {
  name: 'packets',
  summary: 'messages to and from some nodes are lost, doubled or overtaken',
  kinds: {
    loss: 'a share is lost',
    duplicate: 'a share arrives twice',
    reorder: 'a share is held back, and overtaken',
    mixed: 'some are lost, some doubled, some overtaken',
  },
  needs: ['loss', 'duplicate', 'reorder'],

  plan(kind, nodes, random) {
    const byMs = Math.round(random.between(HELD_BACK_MS.least, HELD_BACK_MS.most));
    const parameters = { ...drawAim(nodes, random), ...drawShares(kind, random), byMs };
    return { family: 'packets', kind, parameters };
  },

  async aim({ parameters }, ledger): Promise<Fault | string> {
    const asked = parameters as unknown as PacketParameters;
    const nodes = await strikeable(asked.aim, asked.nodes, ['running', 'paused'], ledger);
    if (typeof nodes === 'string') return nodes;
    const links = linksAround(nodes, ledger.cluster.nodes);
    const condition: Condition = { of: 'links', links, shape: bend(asked) };
    return {
      description: `messages to and from ${nodes.join(' ')}: ${describe(asked)}`,
      nodes,
      inject: () => ledger.impose(condition),
      confirm() {
        const without = ledger.conditions().filter((other) => other !== condition);
        return confirmNearer(links, asked, without, ledger);
      },
      async heal() {
        await ledger.lift(condition);
        return confirmNearer(links, asked, [...ledger.conditions(), condition], ledger);
      },
    };
  },
};
