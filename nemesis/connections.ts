/**
 * Connections: those between nodes are reset again and again; are half open, so that the sender goes on sending to a
 * receiver that knows of nothing; are closed so slowly that the other end does not learn of it; or cannot be made, because
 * names are not found. Messages are not touched, but for those that were on their way.
 *
 * Confirmed by what the nodes count of their own connections (harness/node/connections.ts).
 */
import { linkName, type Ability, type Cluster, type Link } from '../harness/cluster/cluster.ts';
import { shapeOf, type Condition } from '../harness/cluster/condition.ts';
import type { Confirmation, Fault, FaultFamily, FaultLedger } from '../harness/cluster/fault.ts';
import { hangUp, probeConnections, probeLinks } from '../harness/cluster/probe.ts';
import type { NodeId } from '../harness/node/program.ts';
import type { Random } from '../harness/random.ts';
import { AIMING, drawAim, linksAround, namedByAim, strikeable, type DrawnAim } from './aim.ts';
import {
  confirmCarrying,
  eventually,
  eventuallySeen,
  maskedBecause,
  openLinks,
  tellingLinks,
  type Sight,
} from './confirm.ts';
import { Ongoing } from './ongoing.ts';
import { isInOutage } from './outage.ts';

const ANSWER_MS = 1000;
/** How long the counts are watched: a sender's patience is some seconds at most (harness/node/peer-connection.ts). */
const SHOWN_MS = 8000;
/** How long a link waits at most until it has a connection again. */
const REDIALLED_MS = 3000;
/** How long connections are closed until the receivers' ignorance shows, the time that a link takes to dial anew, and how often in a row it must. */
const LINGERS_MS = 4000;
const REDIAL_MS = 60;
const SHOWN_TIMES = 2;
/** Times of which some are drawn, and come again when they are used up. */
const WAITS = 8;

type ConnectionParameters = DrawnAim & {
  /** Milliseconds between two blows, for what is done again and again. */
  readonly waitsMs: readonly number[];
  /** Milliseconds that a close takes. */
  readonly closeMs: number;
};

/** What is done, and how it shows. */
interface Method {
  readonly words: string;
  readonly needs: Ability;
  readonly waitsMs: { readonly least: number; readonly most: number };
  readonly make: (links: readonly Link[], parameters: ConnectionParameters, ledger: FaultLedger) => Actions;
}

/** What a node knows of its connections with one peer. */
type PeerConnections = NonNullable<Awaited<ReturnType<typeof probeConnections>>>[NodeId];

/** Why a sender's connection is over. */
type ConnectionEnd = keyof PeerConnections['out']['ended'];

/** A fault but for its name. */
type Actions = Pick<Fault, 'inject' | 'confirm' | 'heal'>;

/** What is known of a link's connections at both its ends. */
interface LinkCounts {
  readonly out: PeerConnections['out'];
  readonly in: PeerConnections['in'];
}

/** The counts of each link, of those whose two ends answer. */
async function countsOf(links: readonly Link[], cluster: Cluster): Promise<Map<Link, LinkCounts>> {
  const nodes = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
  const found = await Promise.all(
    nodes.map(async (node) => [node, await probeConnections(cluster, node, ANSWER_MS)] as const),
  );
  const known = new Map(found);
  return new Map(
    links.flatMap((link): [Link, LinkCounts][] => {
      const out = known.get(link.from)?.[link.to]?.out;
      const back = known.get(link.to)?.[link.from]?.in;
      return out === undefined || back === undefined ? [] : [[link, { out, in: back }]];
    }),
  );
}

const endsOf = ({ out }: LinkCounts, ...which: readonly ConnectionEnd[]): number =>
  which.reduce((sum, end) => sum + out.ended[end], 0);

/** What is done to connections again and again, of each ledger: beside a condition of links it is what ends them. */
const books = new WeakMap<FaultLedger, Set<readonly Link[]>>();

function bookOf(ledger: FaultLedger): Set<readonly Link[]> {
  const book = books.get(ledger) ?? new Set<readonly Link[]>();
  books.set(ledger, book);
  return book;
}

/** Whether a fault other than the one on these links may end a connection of this one before its sender has lost patience. */
function isEndedByOthers(link: Link, own: readonly Link[], ledger: FaultLedger): boolean {
  const isStruck = (links: readonly Link[]): boolean =>
    links !== own && links.some((other) => linkName(other) === linkName(link));
  return shapeOf(link, ledger.conditions()).corrupt !== undefined || [...bookOf(ledger)].some(isStruck);
}

/** Watches until this shows on every link that is open, and says on how many it did. */
async function watch(
  links: readonly Link[],
  ledger: FaultLedger,
  words: string,
  shows: (now: LinkCounts, before: LinkCounts) => boolean,
): Promise<Confirmation> {
  const { cluster } = ledger;
  const before = await countsOf(openLinks(links, ledger), cluster);
  let left = [...before.keys()];
  const lost = new Set<Link>();
  await eventually(cluster.time, SHOWN_MS, async () => {
    const now = await countsOf(left, cluster);
    left = left.filter((link) => {
      const [then, since] = [before.get(link), now.get(link)];
      // A node that is restarted counts from the beginning, and tells nothing of before.
      if (isInOutage(link.from, ledger) || isInOutage(link.to, ledger)) lost.add(link);
      // And where others end connections, they may be ended in another way.
      if (isEndedByOthers(link, links, ledger)) lost.add(link);
      return then === undefined || since === undefined || !shows(since, then);
    });
    return left.length === 0;
  });
  // What another fault has taken meanwhile shows nothing.
  const open = new Set(openLinks(links, ledger).filter((link) => !lost.has(link)));
  const seen = before.size - left.length;
  const evidence = `${seen} of ${before.size} links ${words}`;
  if (before.size === 0 || (seen === 0 && left.every((link) => !open.has(link))))
    return maskedBecause(`${evidence}: other faults hold them`);
  return { confirmed: left.every((link) => !open.has(link)), evidence };
}

/** A blow to all connections, again and again. */
function again(
  strike: (links: readonly Link[]) => Promise<void>,
  words: string,
  ends: readonly ConnectionEnd[],
): Method['make'] {
  return (links, { waitsMs }, ledger) => {
    let wait = 0;
    const ongoing = new Ongoing(ledger.cluster.time, async ({ pause }) => {
      await strike(links);
      // Whoever has nothing to say does not notice: the probes are there to be lost.
      await probeLinks(ledger.cluster, openLinks(links, ledger), 0);
      await pause(waitsMs[wait++ % waitsMs.length] ?? 0);
    });
    return {
      inject() {
        bookOf(ledger).add(links);
        ongoing.start();
        return Promise.resolve();
      },
      async confirm() {
        const seen = await watch(
          links,
          ledger,
          words,
          (now, before) => endsOf(now, ...ends) > endsOf(before, ...ends),
        );
        return ongoing.failure === undefined ? seen : { confirmed: false, evidence: ongoing.failure };
      },
      async heal() {
        await ongoing.stop();
        bookOf(ledger).delete(links);
        return confirmCarrying(links, ledger);
      },
    };
  };
}

/** Closes the connections of these links in order. */
async function hangUpAll(links: readonly Link[], cluster: Cluster): Promise<void> {
  await Promise.all(links.map((link) => hangUp(cluster, link, ANSWER_MS)));
}

/**
 * Closes connections of the link until its receiver is seen to know still of an earlier one beside the one of now; undefined when
 * the two ends do not answer. A single try would say little: damage, a reset or a receiver that forgot it may have ended a connection
 * before it was to be closed. And what shows twice in a row is not just on its way.
 */
function lingers(link: Link, cluster: Cluster): Promise<Sight> {
  let shown = 0;
  return eventuallySeen(cluster.time, LINGERS_MS, async () => {
    if (shown === 0) await hangUp(cluster, link, ANSWER_MS);
    await cluster.time.sleep(REDIAL_MS);
    const counts = (await countsOf([link], cluster)).get(link);
    shown = counts !== undefined && counts.in.open > 1 ? shown + 1 : 0;
    return counts === undefined ? undefined : shown >= SHOWN_TIMES;
  });
}

/** Confirmed when the end of a connection is unknown to its receiver on all the links that no other fault hides. */
async function confirmLingering(links: readonly Link[], ledger: FaultLedger): Promise<Confirmation> {
  const open = openLinks(links, ledger);
  const sights = await Promise.all(open.map((link) => lingers(link, ledger.cluster)));
  const lingering = sights.filter((sight) => sight === true).length;
  const known = sights.filter((sight) => sight !== undefined).length;
  const evidence = `${lingering} of ${known} receivers know nothing of the end of a connection`;
  const left = open.filter((_, index) => sights[index] !== true);
  const against = await tellingLinks(left, ledger);
  if (lingering + against.length === 0) return maskedBecause(`${evidence}: other faults hold the rest`);
  return { confirmed: against.length === 0, evidence };
}

/** Every receiver knows of one connection and no other, in the end, but for those that another fault keeps from learning. */
async function confirmEnded(
  links: readonly Link[],
  closeMs: number,
  ledger: FaultLedger,
): Promise<Confirmation> {
  const { cluster } = ledger;
  const conditions = ledger.conditions();
  const open = openLinks(links, ledger).filter((link) => shapeOf(link, conditions).closeMs === undefined);
  // What was closed before still takes its time.
  await eventually(cluster.time, closeMs + REDIALLED_MS, async () =>
    [...(await countsOf(open, cluster)).values()].every((counts) => counts.in.open <= 1),
  );
  const before = await countsOf(open, cluster);
  await hangUpAll([...before.keys()], cluster);
  let now = before;
  const isBack = (link: Link): boolean =>
    (now.get(link)?.in.opened ?? Infinity) > (before.get(link)?.in.opened ?? 0);
  await eventually(cluster.time, REDIALLED_MS, async () => {
    now = await countsOf([...before.keys()], cluster);
    return [...before.keys()].every(isBack);
  });
  const lingering = [...now.values()].filter((counts) => counts.in.open > 1).length;
  const evidence = `${lingering} of ${now.size} receivers know nothing of the end of a connection`;
  return now.size === 0 ? maskedBecause(evidence) : { confirmed: lingering === 0, evidence };
}

const METHODS: Readonly<Record<string, Method>> = {
  reset: {
    words: 'reset again and again',
    needs: 'reset',
    waitsMs: { least: 50, most: 800 },
    make: (links, parameters, ledger) =>
      again((struck) => ledger.cluster.reset(struck), 'lost their connection', [
        'broken',
        'closed',
        'silent',
      ])(links, parameters, ledger),
  },
  'half-open': {
    words: 'forgotten by the receivers, again and again',
    needs: 'half-open',
    waitsMs: { least: 1000, most: 3000 },
    make: (links, parameters, ledger) =>
      again((struck) => ledger.cluster.forget(struck), 'fell silent for their sender', ['silent'])(
        links,
        parameters,
        ledger,
      ),
  },
  'slow-close': {
    words: 'closed slowly',
    needs: 'slow-close',
    waitsMs: { least: 0, most: 0 },
    make(links, { closeMs }, ledger) {
      const condition: Condition = { of: 'links', links, shape: { closeMs } };
      return {
        inject: () => ledger.impose(condition),
        confirm: () => confirmLingering(links, ledger),
        async heal() {
          await ledger.lift(condition);
          return confirmEnded(links, closeMs, ledger);
        },
      };
    },
  },
  names: {
    words: 'closed, and their names not found again',
    needs: 'names',
    waitsMs: { least: 0, most: 0 },
    make(links, _, ledger) {
      const condition: Condition = { of: 'links', links, shape: { unresolved: true } };
      let before: readonly Link[] = [];
      return {
        async inject() {
          before = openLinks(links, ledger);
          await ledger.impose(condition);
          await hangUpAll(before, ledger.cluster);
        },
        async confirm() {
          const { cluster } = ledger;
          const isLost = ({ out }: LinkCounts): boolean => !out.open && out.ended.unresolved > 0;
          let lost = 0;
          let known = 0;
          await eventually(cluster.time, REDIALLED_MS, async () => {
            const counts = [...(await countsOf(before, cluster)).values()];
            [lost, known] = [counts.filter(isLost).length, counts.length];
            return lost === known;
          });
          const evidence = `${lost} of ${known} senders did not find their peer`;
          return known === 0 ? maskedBecause(evidence) : { confirmed: lost === known, evidence };
        },
        async heal() {
          await ledger.lift(condition);
          return confirmCarrying(links, ledger);
        },
      };
    },
  },
};

/** How long closing takes: longer than an election, and longer than a session. */
const CLOSE_MS = { least: 1500, most: 6000 };

function drawParameters(kind: string, aimed: DrawnAim, random: Random): ConnectionParameters {
  const { least = 0, most = 0 } = METHODS[kind]?.waitsMs ?? {};
  const closeMs = Math.round(random.between(CLOSE_MS.least, CLOSE_MS.most));
  const waitsMs = Array.from({ length: WAITS }, () => Math.round(random.between(least, most)));
  return { ...aimed, waitsMs, closeMs };
}

/** The connections family. */
export const connections: FaultFamily = {
  name: 'connections',
  summary: 'connections to and from some nodes are reset, half open, slow to close, or cannot be made',
  kinds: {
    reset: 'broken again and again',
    'half-open': 'forgotten by their receiver, while the sender goes on, again and again',
    'slow-close': 'closed or broken without the other end learning of it for seconds',
    names: 'closed, and no new ones: names of peers are not found',
  },
  aimed: AIMING,
  needs: Object.fromEntries(Object.entries(METHODS).map(([kind, { needs }]) => [kind, [needs]])),

  plan(kind, nodes, random, aim) {
    const parameters = drawParameters(kind, drawAim(nodes, random, aim), random);
    return { family: 'connections', kind, parameters };
  },

  async aim(plan, ledger): Promise<Fault | string> {
    const parameters = plan.parameters as unknown as ConnectionParameters;
    const nodes: readonly NodeId[] | string = await strikeable(
      parameters.aim,
      parameters.nodes,
      ['running', 'paused'],
      ledger,
    );
    if (typeof nodes === 'string') return nodes;
    const method = METHODS[plan.kind];
    if (method === undefined) return `there is no way to have connections ${plan.kind}`;
    const links = linksAround(nodes, ledger.cluster.nodes);
    return {
      description: `connections to and from ${nodes.join(' ')} ${method.words}`,
      nodes,
      named: namedByAim(plan, nodes),
      ...method.make(links, parameters, ledger),
    };
  },
};
