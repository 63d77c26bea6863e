/**
 * How large a scenario is, for shrinking: what is left out counts for more than what is made smaller. Shrinking only
 * ever goes to what is simpler by this measure, so it comes to an end whatever its steps are.
 */
import { isJsonObject, type Json } from '../json.ts';
import { NANOS_PER_MS } from '../time.ts';
import type { FaultPlan } from '../cluster/fault.ts';
import type { SimSettings } from '../cluster/sim/options.ts';
import type { Scenario } from './scenario.ts';

/** True if `a` is simpler than `b`: smaller in the first respect in which they differ. Seeds do not count. */
export function isSimpler(a: Scenario, b: Scenario): boolean {
  const left = sizeOf(a);
  for (const [index, right] of sizeOf(b).entries()) {
    const own = left[index] ?? 0;
    if (own !== right) return own < right;
  }
  return false;
}

/** What there is to shrink, the weightiest first; all whole numbers of at least 0. */
export function sizeOf(scenario: Scenario): readonly number[] {
  const { operations = [], faults } = scenario;
  return [
    scenario.nodes.length + (scenario.spares?.length ?? 0),
    faults.length,
    // Those that the workload generates are without end.
    scenario.operations === undefined ? Number.MAX_SAFE_INTEGER : operations.length,
    Number(scenario.final) + Number(scenario.progressLimitMs > 0),
    scenario.concurrency + sum(operations.map(({ thread }) => thread)),
    sizeOfSettings(scenario.settings),
    sum(faults.map(({ plan, trigger }) => sizeOfPlan(plan) + (trigger === undefined ? 0 : 1))),
    sum(timesOf(scenario).map((ms) => Math.round(ms * NANOS_PER_MS))),
    sum(faults.map(({ plan }) => numbersIn(plan.parameters))),
    sum(operations.map(({ key, value }) => numbersIn([key ?? null, value]))),
    // 6 is easier to read than 5.7959.
    sum(leavesOf(scenario.settings).map((leaf) => String(leaf).length)),
  ];
}

/** How much there is to understand about a fault: 1 for one that finds its place itself, as at the leader. */
export function sizeOfPlan({ parameters }: FaultPlan): number {
  return 1 + leavesOf(parameters).length;
}

/** Every time in it, in milliseconds. */
function timesOf({ timeLimitMs, operations = [], faults }: Scenario): number[] {
  return [
    timeLimitMs,
    ...operations.map(({ at }) => at),
    ...faults.flatMap(({ start, end }) => [start, end]),
  ];
}

/** By shape, so that settings to come count as those of today do: nothing is 0, always the same is 1. */
function sizeOfSettings({ delays, ...others }: SimSettings): number {
  const spread = Object.values<Json>(others).map((setting) => {
    if (typeof setting === 'number') return setting > 0 ? 1 : 0;
    return isJsonObject(setting) && 'constant' in setting ? 1 : 2;
  });
  return sum(spread) + sum(delays.map(({ ms }) => 1 + Math.round(ms)));
}

/** Strings, numbers and the like, at any depth. */
export function leavesOf(value: Json): (string | number | boolean | null)[] {
  if (typeof value !== 'object' || value === null) return [value];
  return Object.values(value).flatMap(leavesOf);
}

function numbersIn(value: Json): number {
  // In thousandths, so that a share counts as well.
  return sum(
    leavesOf(value).map((leaf) => (typeof leaf === 'number' ? Math.round(1000 * Math.abs(leaf)) : 0)),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
