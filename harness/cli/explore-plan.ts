/**
 * From the command line to a search: every option of `splitbrain explore` is checked here, before anything starts.
 */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { isPath } from '../run/load-target.ts';
import type { Kit } from '../explore/kit.ts';
import type { SearchSpace } from '../explore/swarm.ts';
import { UsageError } from '../errors.ts';
import type { NemesisPart } from '../run/nemesis-spec.ts';
import {
  concurrencyOf,
  duration,
  outDirectory,
  requireVariant,
  progressLimitOf,
  wholeNumber,
} from './plan.ts';

/** The options as they are typed. */
export interface ExploreOptions {
  readonly seeds?: string;
  readonly budget?: string;
  readonly keepGoing?: boolean;
  readonly variant?: string;
  readonly workload?: string;
  readonly nemesis?: string;
  readonly nodes?: string;
  readonly concurrency?: string;
  readonly rate?: string;
  readonly timeLimit: string;
  readonly operationTimeout: string;
  /** Settings of the simulator, as text. */
  readonly sim?: string;
  readonly jobs?: string;
  readonly shrink: boolean;
  readonly shrinkBudget: string;
  readonly out: string;
  readonly json?: boolean;
}

/** A search with everything found and checked. */
export interface PreparedExploration {
  readonly kit: Kit;
  readonly space: SearchSpace;
  readonly firstSeed: number;
  readonly runs?: number;
  readonly budgetMs?: number;
  readonly jobs: number;
  readonly shrinkMs: number;
}

/** How long to search when nothing is said. */
const BUDGET = '60s';
/** Small clusters get into more states in the same time: a majority is soon gone, a split vote soon had. */
const SMALL = 3;
const SEEDS_MAX = 1_000_000_000;

/** Finds and checks everything that the command line names. Throws UsageError. */
export async function prepareExploration(
  target: string,
  options: ExploreOptions,
): Promise<PreparedExploration> {
  const { ownKit } = await import('../explore/own-kit.ts');
  const kit = await ownKit(target);
  requireVariant(kit.target, options.variant);
  const { first, count } = seedsOf(options.seeds);
  const budget = options.budget ?? (count === undefined ? BUDGET : undefined);
  // A night's search must not end in a failure that cannot be written down.
  outDirectory(options.out);
  return {
    kit,
    space: await spaceOf(target, kit, options),
    firstSeed: first,
    ...(count === undefined ? {} : { runs: count }),
    ...(budget === undefined ? {} : { budgetMs: duration('--budget', budget) }),
    jobs: options.jobs === undefined ? availableParallelism() : wholeNumber('--jobs', options.jobs, 1),
    shrinkMs: duration('--shrink-budget', options.shrinkBudget),
  };
}

/** `2000`: the seeds from 1; `100..199`: these; nothing: from a drawn one on. */
function seedsOf(text: string | undefined): { readonly first: number; readonly count?: number } {
  if (text === undefined) return { first: randomInt(SEEDS_MAX) };
  const [, from, to] = /^(?:(\d{1,15})\.\.)?(\d{1,15})$/.exec(text) ?? [];
  const first = Number(from ?? 1);
  const count = Number(to) - first + 1;
  if (count >= 1) return { first, count };
  throw new UsageError(
    `--seeds: expected how many, such as 2000, or the first and the last, such as 100..199, got "${text}"`,
  );
}

async function spaceOf(target: string, kit: Kit, options: ExploreOptions): Promise<SearchSpace> {
  const { findWorkload } = await import('../run/load-target.ts');
  const { simRuntime } = await import('../cluster/sim/runtime.ts');
  const { changesFromText } = await import('../cluster/sim/settings-text.ts');
  const { nodes, concurrency, rate, workload, operationTimeout, sim } = options;
  const { nodesMin = 1 } = kit.target;
  const usual = nodes === undefined ? kit.target.nodes : wholeNumber('--nodes', nodes, nodesMin);
  const small = nodes === undefined && SMALL < usual && SMALL >= nodesMin ? [SMALL] : [];
  const workloads = workload === undefined ? kit.target.workloads : [findWorkload(kit.target, workload)];
  const limits = workloads.map((one) =>
    progressLimitOf({ operationTimeout }, { target: kit.target, workload: one, runtime: simRuntime }),
  );
  return {
    // Absolute, so that what is found can be repeated from anywhere.
    target: isPath(target) ? resolve(target) : target,
    ...(options.variant === undefined ? {} : { variant: options.variant }),
    workloads: workloads.map(({ name }) => name),
    nodeCounts: [usual, ...small],
    ...(await partsOf(kit, usual, options.nemesis)),
    ...(concurrency === undefined ? {} : { concurrency: concurrencyOf(concurrency, usual) }),
    ...(rate === undefined ? {} : { rate: wholeNumber('--rate', rate, 1) }),
    ...(sim === undefined ? {} : { settings: changesFromText('--sim', sim) }),
    timeLimitMs: duration('--time-limit', options.timeLimit),
    operationTimeoutMs: duration('--operation-timeout', operationTimeout),
    progressLimitMs: Math.max(...limits),
  };
}

/**
 * The families that are named; else all that the simulator can do and under which the target claims everything, and as
 * rare ones those under which it claims something.
 */
async function partsOf(
  { target, families }: Kit,
  nodes: number,
  text: string | undefined,
): Promise<Pick<SearchSpace, 'parts' | 'rareParts'>> {
  const { ableKinds } = await import('../cluster/fault.ts');
  const { ableFamilies, parseNemesis } = await import('../run/nemesis-spec.ts');
  const { simRuntime } = await import('../cluster/sim/runtime.ts');
  const { nodeNames } = await import('../run/cluster-nodes.ts');
  const { isClaimed } = await import('../run/verdicts.ts');
  const { claims } = target;
  if (text !== undefined) {
    const ground = { families, runtime: simRuntime, nodes: nodeNames(nodes), target };
    return { parts: parseNemesis(text, ground) };
  }
  const able = ableFamilies(families, simRuntime, target).map((family) => ({
    family,
    kinds: ableKinds(family, simRuntime.abilities),
  }));
  const claimed = ({ family }: NemesisPart): number =>
    claims.filter(({ under }) => isClaimed(under, family.name)).length;
  return {
    parts: able.filter((part) => claimed(part) === claims.length),
    rareParts: able.filter((part) => claimed(part) > 0 && claimed(part) < claims.length),
  };
}
