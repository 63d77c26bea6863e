/**
 * Safety, then liveness: once the faults are over and healed, the largest minority is taken away for good, and
 * the majority that is left alone, whole and connected, must get operations done within a bound of time. Which operations
 * prove it only the workload can say (`Workload.progressGenerator`): reads that anybody may serve prove nothing, and some
 * operations rightly fail for as long as they like. Nor do clients go on as before: values that were used up would come
 * again, and a failure that takes hundreds of operations to show is hard to read.
 *
 * Here is what the phase consists of, drawn from the seed; harness/run/drive.ts performs it, and history/progress.ts
 * says how it is written down.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Fault, FaultFamily } from '../cluster/fault.ts';
import type { Generator } from '../generator/generator.ts';
import { PROGRESS, type ProgressStart } from '../history/progress.ts';
import type { Json } from '../json.ts';
import type { NodeId } from '../node/program.ts';
import { createRandom, type Random } from '../random.ts';
import type { Aimed, Planned } from './nemesis.ts';
import type { TestPlan } from './results.ts';
import type { ScheduledFault } from './schedule.ts';
import type { Target, Workload } from './target.ts';
import { isClaimed } from './verdicts.ts';

/** How long a node may take to say how it is. */
const STATUS_TIMEOUT_MS = 500;

/** What the phase depends on. */
export interface ProgressRequest {
  readonly plan: TestPlan;
  readonly target: Target;
  readonly workload: Workload;
  readonly schedule: readonly ScheduledFault[];
  /** Every family of faults that the runtime can do; one of them takes the minority away. */
  readonly families?: readonly FaultFamily[];
}

/** The phase before it begins. */
export interface ProgressPlan {
  readonly start: ProgressStart;
  /** The fault that takes the minority away, as a family of its own so that its record tells it from the schedule's. */
  readonly family: Aimed;
  readonly fault: Planned;
  readonly generator: Generator;
}

/** Whether this target claims progress, and the workload can prove it. */
export function canProveProgress(target: Target, workload: Workload): boolean {
  const claimed = target.claims.some(({ checker }) => checker === PROGRESS);
  return claimed && workload.progressGenerator !== undefined;
}

/** The phase that the plan asks for; undefined when it asks for none, or the target does not claim progress. */
export function planProgress(request: ProgressRequest): ProgressPlan | undefined {
  const { plan, target, workload, schedule, families = [] } = request;
  const { nodes, concurrency, progressLimitMs: limitMs = 0 } = plan;
  const generator = workload.progressGenerator?.({ concurrency });
  if (limitMs === 0 || generator === undefined || !canProveProgress(target, workload)) return undefined;
  const random = createRandom(plan.seed).fork('progress');
  const takers = families.filter((family) => family.takeAway !== undefined && isAllowed(family, target));
  const taker = drawTaker(takers, random);
  const mayMiss = target.mayMiss ?? largestMinority;
  const minority = taker === undefined ? 0 : mayMiss(nodes.length);
  const taken = new Set(random.shuffle(nodes).slice(0, minority));
  const away = nodes.filter((node) => taken.has(node));
  const alone = nodes.filter((node) => !taken.has(node));
  return {
    start: { alone, away, kind: away.length === 0 ? null : (taker?.name ?? null), limitMs },
    family: leavingAlone(alone, away, taker),
    fault: {
      id: 1 + Math.max(-1, ...schedule.map(({ id }) => id)),
      plan: { family: PROGRESS, kind: taker?.name ?? 'none', parameters: null },
    },
    generator,
  };
}

function largestMinority(nodes: number): number {
  return Math.ceil(nodes / 2) - 1;
}

/** The family with the highest draw of its own: one family more changes only the runs in which it is the one (rendezvous hashing). */
function drawTaker(takers: readonly FaultFamily[], random: Random): FaultFamily | undefined {
  const drawn = takers.map((family) => ({ family, draw: random.fork(family.name).next() }));
  return drawn.sort((a, b) => b.draw - a.draw)[0]?.family;
}

/** A fault under which some claim does not hold must not come in by this door. */
function isAllowed({ name }: FaultFamily, { claims }: Target): boolean {
  return claims.every(({ under }) => isClaimed(under, name));
}

function leavingAlone(
  alone: readonly NodeId[],
  away: readonly NodeId[],
  taker: FaultFamily | undefined,
): Aimed {
  const plan = taker?.takeAway?.(away, alone);
  return {
    name: PROGRESS,
    async aim(_, ledger): Promise<Fault | string> {
      if (taker === undefined || plan === undefined || away.length === 0)
        return 'there is no minority to take away';
      const fault = await taker.aim(plan, ledger);
      if (typeof fault === 'string') return fault;
      return {
        description: `${alone.join(' ')} left alone, ${fault.description}`,
        nodes: away,
        inject: () => fault.inject(),
        confirm: () => fault.confirm(),
        heal: () => fault.heal(),
      };
    },
  };
}

/** What each node answers when it is asked how it is; null for no answer. */
export async function statusesOf(cluster: Cluster): Promise<Record<NodeId, Json>> {
  const replies = await Promise.all(
    cluster.nodes.map((node) => cluster.call(node, '_/status', {}, STATUS_TIMEOUT_MS)),
  );
  return Object.fromEntries(
    cluster.nodes.map((node, index) => {
      const reply = replies[index];
      return [node, reply?.kind === 'answer' ? reply.body : null];
    }),
  );
}
