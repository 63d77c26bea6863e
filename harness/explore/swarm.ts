/**
 * Scenarios for a search, each drawn from its seed. Every run leaves out much of what could be varied - families of
 * faults, kinds, workloads, bad networks - because a feature that is always there hides bugs that show only without
 * it, and two features together need room (Groce and others, "Swarm testing", ISSTA 2012).
 */
import {
  parseSettings,
  type Distribution,
  type MessageDelay,
  type SimSettings,
} from '../cluster/sim/options.ts';
import { needsOf, type FaultFamily } from '../cluster/fault.ts';
import type { JsonObject } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { createRandom, type Random } from '../random.ts';
import { sparesWanted, type NemesisPart } from '../run/nemesis-spec.ts';
import { drawSchedule, partsIn, type ScheduledFault } from '../run/schedule.ts';
import { coveringFamily, GOALS, partitionText } from './covering.ts';
import { nodeNames } from '../run/cluster-nodes.ts';
import type { Scenario } from './scenario.ts';

/** What may be drawn from. */
export interface SearchSpace {
  /** As the scenario names it. */
  readonly target: string;
  readonly variant?: string;
  readonly workloads: readonly string[];
  /** Numbers of nodes, the usual one first. */
  readonly nodeCounts: readonly number[];
  readonly parts: readonly NemesisPart[];
  /** Families that take part seldom: some of what the target claims it does not claim under them, and so cannot be tested then. */
  readonly rareParts?: readonly NemesisPart[];
  /** Client threads; drawn unless given. */
  readonly concurrency?: number;
  /** Operations a simulated second; drawn unless given. */
  readonly rate?: number;
  /** Settings of the simulator that are not drawn. */
  readonly settings?: JsonObject;
  readonly timeLimitMs: number;
  readonly operationTimeoutMs: number;
  readonly progressLimitMs: number;
}

/** The share of the runs in which a cluster has its usual number of nodes. */
const USUAL_SIZE = 0.75;
/** The share in which a family of faults takes part, and in which one of its kinds does. */
const TAKES_PART = 0.5;
const RARELY = 0.1;
/** The share of the runs in which one story is told, and nothing else happens: whatever does would spoil it. */
const TOLD = 0.2;
/** The share of the runs with partitions in which these cover by plan. */
const COVERED = 0.5;
const CLIENTS = [3, 5, 10, 10, 20];
const RATES = { low: 20, high: 200 };
/** From one fault of a family to its next. Below the least, a fault is over before its target noticed. */
const INTERVAL_MS = { low: 400, high: 8000 };
/** The share of the runs on a network, or on disks, worse than usual. */
const WORSE = 0.5;
const LOSS = { low: 0.001, high: 0.1 };
const DUPLICATES = { low: 0.001, high: 0.2 };
/** Single late messages: few, as few change points find most orders (Burckhardt and others, ASPLOS 2010). */
const LATE = { most: 4, share: 0.5, nth: { low: 1, high: 3000 }, ms: { low: 20, high: 3000 } };

/** The scenario of this seed. */
export function drawScenario(space: SearchSpace, seed: string): Scenario {
  const random = createRandom(seed).fork('explore');
  const nodes = nodeNames(sizeOf(space.nodeCounts, random.fork('nodes')));
  const clients = random.fork('clients');
  const rate = space.rate ?? Math.round(logBetween(clients, RATES));
  const concurrency = space.concurrency ?? clients.pick(CLIENTS);
  const story = drawStory(space, nodes, random.fork('story'));
  const faults = story ?? drawFaults(space, nodes, random.fork('faults'));
  return {
    ...ofSpace(space),
    workload: random.fork('workload').pick(space.workloads),
    seed,
    nodes,
    ...sparesFor(faults, space, nodes.length),
    concurrency,
    rate,
    settings: story === undefined ? drawSettings(space, nodes, random.fork('settings')) : usual(space),
    faults,
  };
}

/** As many nodes beyond the first ones as the families that take part want. */
function sparesFor(
  faults: readonly ScheduledFault[],
  { parts, rareParts = [] }: SearchSpace,
  after: number,
): Pick<Scenario, 'spares'> {
  const taking = partsIn(
    faults,
    [...parts, ...rareParts].map(({ family }) => family),
  );
  const count = sparesWanted(taking);
  return count === 0 ? {} : { spares: nodeNames(count, after) };
}

/** What all scenarios of a space have in common. */
function ofSpace(
  space: SearchSpace,
): Pick<Scenario, 'target' | 'variant' | 'timeLimitMs' | 'operationTimeoutMs' | 'progressLimitMs' | 'final'> {
  const { target, variant, timeLimitMs, operationTimeoutMs, progressLimitMs } = space;
  return {
    target,
    ...(variant === undefined ? {} : { variant }),
    timeLimitMs,
    operationTimeoutMs,
    progressLimitMs,
    final: true,
  };
}

function sizeOf([usual = 1, ...others]: readonly number[], random: Random): number {
  return others.length === 0 || random.chance(USUAL_SIZE) ? usual : random.pick(others);
}

/** In some runs: one story, again and again, each time of its own length. */
function drawStory(
  { parts, timeLimitMs: limitMs }: SearchSpace,
  nodes: readonly NodeId[],
  random: Random,
): ScheduledFault[] | undefined {
  const stories = parts.flatMap((part) =>
    part.kinds.flatMap((kind) => {
      const takesMs = part.family.takesMs?.[kind];
      return takesMs === undefined ? [] : [{ part: { ...part, kinds: [kind] }, takesMs }];
    }),
  );
  if (stories.length === 0 || !random.chance(TOLD)) return undefined;
  const { part, takesMs } = random.pick(stories);
  // Faults last half of their interval on average.
  return drawSchedule([part], nodes, random, { limitMs, intervalMs: 2 * takesMs });
}

/** Some of the families, some of their kinds, each family with an interval of its own. */
function drawFaults(space: SearchSpace, nodes: readonly NodeId[], random: Random): ScheduledFault[] {
  const { parts, rareParts = [], timeLimitMs: limitMs } = space;
  const some = (from: readonly NemesisPart[], share: number): NemesisPart[] =>
    from.filter(({ family }) => random.fork(family.name).chance(share));
  return [...some(parts, TAKES_PART), ...some(rareParts, RARELY)]
    .flatMap((part) => {
      const own = random.fork(`${part.family.name}/schedule`);
      const kinds = part.kinds.filter(() => own.chance(TAKES_PART));
      const chosen = { ...part, kinds: kinds.length === 0 ? [own.pick(part.kinds)] : kinds };
      const drawn = drawSchedule([chosen], nodes, own, { limitMs, intervalMs: logBetween(own, INTERVAL_MS) });
      const covering = partsFreely(part) && own.chance(COVERED);
      return covering ? covered(drawn, part.family, nodes, own) : drawn;
    })
    .sort((a, b) => a.start - b.start)
    .map((fault, id) => ({ ...fault, id }));
}

/** Whether this family parts nodes into groups that can be written out, and may use all its kinds. */
function partsFreely({ family, kinds }: NemesisPart): boolean {
  return (
    needsOf(family, '').includes('cut') &&
    family.explicit !== undefined &&
    kinds.length === Object.keys(family.kinds).length
  );
}

/** The same times, with partitions that cover a goal for as many nodes as they can. */
function covered(
  faults: readonly ScheduledFault[],
  family: FaultFamily,
  nodes: readonly NodeId[],
  random: Random,
): ScheduledFault[] {
  const partitions = coveringFamily(random.pick(GOALS), nodes, random, faults.length);
  return faults.map((fault, index) => {
    const partition = partitions[index % partitions.length];
    if (partition === undefined) return fault;
    return { ...fault, plan: family.plan(partitionText(partition), nodes, random) };
  });
}

/** What is not drawn, and else the usual network and disks. */
function usual({ settings }: SearchSpace): SimSettings {
  return parseSettings({ ...settings });
}

function drawSettings({ settings }: SearchSpace, nodes: readonly NodeId[], random: Random): SimSettings {
  const network = random.fork('network');
  const disks = random.fork('disks');
  return parseSettings({
    ...(network.chance(WORSE) ? { latencyMs: network.pick(latencies(network)) } : {}),
    ...(network.chance(WORSE) ? { loss: logBetween(network, LOSS) } : {}),
    ...(network.chance(WORSE) ? { duplicates: logBetween(network, DUPLICATES) } : {}),
    ...(disks.chance(WORSE) ? { syncMs: { exponential: { least: 0.1, mean: disks.between(1, 30) } } } : {}),
    delays: drawDelays(nodes, random.fork('delays')),
    ...settings,
  });
}

/** Always the same, widely spread, or mostly short with a long tail. */
function latencies(random: Random): Distribution[] {
  return [
    { constant: random.between(0.2, 10) },
    { uniform: [0.2, random.between(2, 50)] },
    { exponential: { least: 0.2, mean: random.between(1, 20) } },
  ];
}

/** Single messages that are late. */
function drawDelays(nodes: readonly NodeId[], random: Random): MessageDelay[] {
  if (nodes.length < 2 || !random.chance(LATE.share)) return [];
  return Array.from({ length: 1 + random.int(LATE.most) }, () => {
    const [from = '', to = ''] = random.shuffle(nodes);
    const nth = Math.floor(logBetween(random, LATE.nth));
    return { from, to, nth, ms: Math.round(logBetween(random, LATE.ms)) };
  });
}

/** Small and large values come up alike. */
function logBetween(random: Random, { low, high }: { readonly low: number; readonly high: number }): number {
  return low * (high / low) ** random.next();
}
