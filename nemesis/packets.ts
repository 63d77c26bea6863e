/**
 * Packets: messages to and from some nodes are lost, doubled, held back while others overtake them, damaged, or get
 * through at so many bytes a second, as in Jepsen's packet package. Confirmed by statistics of pings from node to node: how
 * many were heard, how many twice, how many late, against what all faults in force make of these links together; damage
 * by what receivers count (throughput.ts and damage.ts have the last two).
 */
import type { Link, LinkShape } from '../harness/cluster/cluster.ts';
import { shapeOf, type Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { addPings, countPingsOnEach, type PingCounts } from '../harness/cluster/probe.ts';
import type { Random } from '../harness/random.ts';
import { AIMING, drawAim, linksAround, namedByAim, strikeable, type DrawnAim } from './aim.ts';
import { heldUpMs, maskedBecause, openLinks } from './confirm.ts';
import { confirmDamaged, confirmUndamaged } from './damage.ts';
import { confirmHeldDown, confirmUnlimited } from './throughput.ts';

/** Pings on each link: enough for the smallest share to show on the links of a single node. */
const PINGS = 50;
/** Where other faults leave it little to show, as many as a node sends at once. */
const PINGS_MAX = 100;
/** Longer than a ping takes on a busy machine, shorter than any message is held back. */
const ON_TIME_MS = 120;
const HELD_BACK_MS = { least: 150, most: 400 };
/** How far a share may be off by chance, where all are struck but for one in a hundred. */
const CHANCE = 0.03;
/** The share of a link's messages beyond what is asked for that must be lost to say that something else takes them. */
const TAKEN = 0.25;
/** Half of what a fault adds to a share must be so many standard deviations of what is seen, or the share tells nothing of the fault. */
const DEVIATIONS = 2;
/** Milliseconds beyond the longest hold within which a ping is heard or lost. */
const MARGIN_MS = 130;

/** Shares of the messages, asked for or seen. */
interface Shares {
  readonly lost: number;
  readonly doubled: number;
  readonly late: number;
}

type PacketParameters = DrawnAim &
  Shares & {
    readonly byMs: number;
    /** Share that is damaged; 0 for none. */
    readonly corrupt: number;
    /** Bytes a second; 0 for as many as there are. */
    readonly rate: number;
  };

const NONE: Shares = { lost: 0, doubled: 0, late: 0 };
/** Bounds of what is drawn. */
const LEAST: Shares = { lost: 0.2, doubled: 0.3, late: 0.3 };
const MOST: Shares = { lost: 0.7, doubled: 1, late: 0.8 };
/** Few enough for something to come through between two breaks. */
const CORRUPT = { least: 0.05, most: 0.4 };
/** Bytes a second: from what heartbeats alone take to what is enough as long as nobody is behind. */
const RATE = { least: 20_000, most: 80_000 };
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
  if (kind !== 'mixed') return NONE;
  return {
    lost: drawn('lost', MOST_MIXED),
    doubled: drawn('doubled', MOST_MIXED),
    late: drawn('late', MOST_MIXED),
  };
}

function bend({ lost, doubled, late, byMs, corrupt, rate }: PacketParameters): LinkShape {
  return {
    ...(corrupt === 0 ? {} : { corrupt }),
    ...(rate === 0 ? {} : { rate }),
    ...(lost === 0 ? {} : { loss: lost }),
    ...(doubled === 0 ? {} : { duplicate: doubled }),
    ...(late === 0 ? {} : { reorder: { share: late, byMs } }),
  };
}

function describe({ lost, doubled, late, byMs, corrupt, rate }: PacketParameters): string {
  if (rate > 0) return `${rate} bytes a second`;
  if (corrupt > 0) return `${Math.round(100 * corrupt)}% damaged`;
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

/** The shares of which so many pings tell whether they are as expected, or as they otherwise would be: beside other faults it may differ little. */
function tellingParts(asked: Shares, expected: Shares, otherwise: Shares, pings: number): (keyof Shares)[] {
  return PARTS.filter((part) => {
    const difference = Math.abs(expected[part] - otherwise[part]);
    const share = expected[part];
    const struck = Math.max(1, part === 'lost' ? pings : pings * (1 - expected.lost));
    const deviation = Math.sqrt((share * (1 - share)) / struck);
    return asked[part] > 0 && difference > CHANCE && difference / 2 > DEVIATIONS * deviation;
  });
}

/**
 * Pings over the links, and confirmed when each share that the fault asked for is nearer to what the conditions of now
 * make of it than to what the `other` would. Far beyond is the work of something else, beside which nobody can tell.
 */
async function confirmNearer(
  links: readonly Link[],
  asked: Shares,
  other: readonly Condition[],
  ledger: FaultLedger,
): Promise<Confirmation> {
  // Damage ends connections, and takes along what says something of the shares.
  const open = openLinks(links, ledger).filter(
    (link) => shapeOf(link, ledger.conditions()).corrupt === undefined,
  );
  if (open.length === 0) return maskedBecause('other faults hold all of its links');
  const [expected, otherwise] = [expect(open, ledger.conditions()), expect(open, other)];
  // Long enough for either: a message that is held back, and should not be, must not be taken for lost.
  const waitMs = Math.max(expected.slowestMs, otherwise.slowestMs) + MARGIN_MS;
  const tellingWith = (times: number): (keyof Shares)[] =>
    tellingParts(asked, expected, otherwise, times * open.length);
  const times = tellingWith(PINGS).length < tellingWith(PINGS_MAX).length ? PINGS_MAX : PINGS;
  const each = await countPingsOnEach(ledger.cluster, open, times, { onTimeMs: ON_TIME_MS, waitMs });
  // Who takes many away that it does not ask for, as a cut that comes and goes, takes what is held back, and leaves the rest.
  const lostMax = Math.max(expected.lost, otherwise.lost) + TAKEN;
  const isWhole = ({ sent, heard }: PingCounts): boolean => 1 - heard / sent <= lostMax;
  const whole = each.filter((counts) => counts !== undefined && isWhole(counts));
  const { sent, heard, copies, onTime } = addPings(whole.length > 0 ? whole : each);
  const seen = { lost: 1 - heard / sent, doubled: copies / heard - 1, late: 1 - onTime / copies };
  const evidence = `of ${sent} pings ${sent - heard} lost, ${copies - heard} heard twice, ${copies - onTime} late`;
  if (sent === 0) return maskedBecause(`${evidence}: nobody answered`);
  if (whole.length === 0) return maskedBecause(`${evidence}: something else takes them`);
  // Where all is late already, being late says nothing.
  const parts = tellingWith(sent / open.length);
  if (parts.length === 0) return maskedBecause(`${evidence}: it would be so without it`);
  const isNearer = (part: keyof Shares): boolean =>
    Math.abs(seen[part] - expected[part]) < Math.abs(seen[part] - otherwise[part]);
  if (!parts.every(isNearer)) return { confirmed: false, evidence };
  const isBeyond = (part: keyof Shares): boolean => seen[part] > (1 + expected[part]) / 2 + CHANCE;
  return parts.some(isBeyond)
    ? maskedBecause(`${evidence}: something else is at work`)
    : { confirmed: true, evidence };
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
    corrupt: 'a share arrives damaged, and with each a connection breaks',
    rate: 'so many bytes a second, and no more',
  },
  aimed: AIMING,
  needs: {
    loss: ['loss'],
    duplicate: ['duplicate'],
    reorder: ['reorder'],
    mixed: ['loss', 'duplicate', 'reorder'],
    corrupt: ['corrupt'],
    rate: ['rate'],
  },

  plan(kind, nodes, random, aim) {
    const byMs = Math.round(random.between(HELD_BACK_MS.least, HELD_BACK_MS.most));
    const parameters = {
      ...drawAim(nodes, random, aim),
      ...drawShares(kind, random),
      byMs,
      corrupt: kind === 'corrupt' ? Math.round(100 * random.between(CORRUPT.least, CORRUPT.most)) / 100 : 0,
      rate: kind === 'rate' ? 1000 * Math.round(random.between(RATE.least, RATE.most) / 1000) : 0,
    };
    return { family: 'packets', kind, parameters };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const asked = plan.parameters as unknown as PacketParameters;
    const nodes = await strikeable(asked.aim, asked.nodes, ['running', 'paused'], ledger);
    if (typeof nodes === 'string') return nodes;
    const links = linksAround(nodes, ledger.cluster.nodes);
    const condition: Condition = { of: 'links', links, shape: bend(asked) };
    return {
      description: `messages to and from ${nodes.join(' ')}: ${describe(asked)}`,
      nodes,
      named: namedByAim(plan, nodes),
      inject: () => ledger.impose(condition),
      confirm() {
        if (asked.corrupt > 0) return confirmDamaged(links, ledger);
        if (asked.rate > 0) return confirmHeldDown(links, asked.rate, ledger);
        const without = ledger.conditions().filter((other) => other !== condition);
        return confirmNearer(links, asked, without, ledger);
      },
      async heal() {
        await ledger.lift(condition);
        if (asked.corrupt > 0) return confirmUndamaged(links, ledger);
        if (asked.rate > 0) return confirmUnlimited(links, asked.rate, ledger);
        return confirmNearer(links, asked, [...ledger.conditions(), condition], ledger);
      },
    };
  },
};
