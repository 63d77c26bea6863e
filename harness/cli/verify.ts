/**
 * `--verify-determinism` of `splitbrain test`: the prepared test as a scenario, run twice before it counts.
 */
import { parseSettings } from '../cluster/sim/options.ts';
import { requireDeterminism } from '../explore/determinism.ts';
import type { Scenario } from '../explore/scenario.ts';
import { drawnSchedule } from '../run/run.ts';
import { kitOf } from './kit.ts';
import type { Prepared } from './plan.ts';

/** A line for people when the runs with this seed are repeatable. Rejects with a UsageError when they are not. */
export async function verifyPrepared(prepared: Prepared, seed: string): Promise<string> {
  return requireDeterminism(scenarioOf(prepared, seed), await kitOf(prepared.plan.target));
}

function scenarioOf({ plan, nemesis }: Prepared, seed: string): Scenario {
  return {
    target: plan.target,
    ...(plan.variant === undefined ? {} : { variant: plan.variant }),
    workload: plan.workload,
    seed,
    nodes: plan.nodes,
    concurrency: plan.concurrency,
    ...(plan.rate === undefined ? {} : { rate: plan.rate }),
    timeLimitMs: plan.timeLimitMs,
    operationTimeoutMs: plan.operationTimeoutMs,
    settings: parseSettings(plan.settings),
    faults: drawnSchedule({ plan: { ...plan, seed }, nemesis }),
    final: true,
    progressLimitMs: plan.progressLimitMs ?? 0,
  };
}
