/**
 * `--verify-determinism`: a scenario, or a prepared test as one, run twice before it counts.
 */
import { parseSettings } from '../cluster/sim/options.ts';
import { requireDeterminism } from '../explore/determinism.ts';
import type { Kit } from '../explore/kit.ts';
import { ownKit } from '../explore/own-kit.ts';
import type { Scenario } from '../explore/scenario.ts';
import { drawnSchedule } from '../run/run.ts';
import type { Prepared } from './plan.ts';
import type { Watch } from './suite.ts';

/** Says that the runs with this seed are repeatable. Rejects with a UsageError when they are not. */
export async function verifyPrepared(prepared: Prepared, seed: string, watch: Watch): Promise<void> {
  await verify(scenarioOf(prepared, seed), await ownKit(prepared.plan.target), watch);
}

/** The same of any scenario. */
export async function verify(scenario: Scenario, kit: Kit, { observer, signal }: Watch): Promise<void> {
  observer.phase('running it twice in memory, to see whether that gives the same');
  observer.phase(await requireDeterminism(scenario, kit, signal));
}

function scenarioOf({ plan, nemesis, faults }: Prepared, seed: string): Scenario {
  return {
    target: plan.target,
    ...(plan.variant === undefined ? {} : { variant: plan.variant }),
    workload: plan.workload,
    seed,
    nodes: plan.nodes,
    ...(plan.spares === undefined ? {} : { spares: plan.spares }),
    concurrency: plan.concurrency,
    ...(plan.rate === undefined ? {} : { rate: plan.rate }),
    timeLimitMs: plan.timeLimitMs,
    operationTimeoutMs: plan.operationTimeoutMs,
    settings: parseSettings(plan.settings),
    faults: drawnSchedule({ plan: { ...plan, seed }, nemesis, ...(faults === undefined ? {} : { faults }) }),
    final: true,
    progressLimitMs: plan.progressLimitMs ?? 0,
    ...(plan.failFast === undefined ? {} : { failFast: plan.failFast }),
  };
}
