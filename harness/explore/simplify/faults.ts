/**
 * Passes over the faults: fewer of them, simpler kinds, rounder numbers, shorter ones.
 */
import type { FaultFamily, FaultPlan } from '../../cluster/fault.ts';
import { canonical, isJsonObject, type Json } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import { createRandom } from '../../random.ts';
import type { ScheduledFault } from '../../run/schedule.ts';
import type { Scenario } from '../scenario.ts';
import { sizeOfPlan } from '../size.ts';
import { withoutParts, type Pass } from './pass.ts';

/** Draws from each kind, which show most of what is different about its faults; and what is tried in a fault's place at most. */
const DRAWS = 8;
const INSTEAD_MAX = 6;

/** Faults are left out. */
export const fewerFaults: Pass = function* (scenario, from, { partsMax }) {
  for (const { kept, cursor } of withoutParts(scenario.faults, from, partsMax))
    yield { scenario: { ...scenario, faults: kept.map((fault, id) => ({ ...fault, id })) }, cursor };
};

/** Other faults of the same family in the place of one that is harder to understand: a node alone for a ring. */
export const simplerKinds: Pass = function* (scenario, [first = 0], { families }) {
  for (const [index, fault] of [...scenario.faults.entries()].slice(first)) {
    const family = families.find(({ name }) => name === fault.plan.family);
    if (family === undefined) continue;
    for (const plan of instead(fault.plan, family, scenario.nodes))
      yield { scenario: replaced(scenario, index, { ...fault, plan }), cursor: [index + 1] };
  }
};

/** Numbers in the faults' parameters with one digit that is not 0. */
export const rounderFaults: Pass = function* (scenario, [first = 0]) {
  for (const [index, fault] of [...scenario.faults.entries()].slice(first)) {
    const plan = { ...fault.plan, parameters: rounder(fault.plan.parameters) };
    yield { scenario: replaced(scenario, index, { ...fault, plan }), cursor: [index + 1] };
  }
};

/** Faults that end sooner. */
export const shorterFaults: Pass = function* (scenario, [first = 0]) {
  for (const [index, fault] of [...scenario.faults.entries()].slice(first)) {
    for (const part of [0.1, 0.25, 0.5, 0.75]) {
      const end = fault.start + Math.ceil((fault.end - fault.start) * part);
      yield { scenario: replaced(scenario, index, { ...fault, end }), cursor: [index] };
    }
  }
};

function replaced(scenario: Scenario, index: number, fault: ScheduledFault): Scenario {
  return { ...scenario, faults: scenario.faults.with(index, fault) };
}

/** What else the family draws that is simpler, the simplest first. */
function instead(plan: FaultPlan, family: FaultFamily, nodes: readonly NodeId[]): FaultPlan[] {
  const random = createRandom('simpler');
  const drawn = Object.keys(family.kinds).flatMap((kind) =>
    Array.from({ length: DRAWS }, (_, draw) => family.plan(kind, nodes, random.fork(`${kind}/${draw}`))),
  );
  const different = [...new Map(drawn.map((other) => [canonical(other as unknown as Json), other])).values()];
  return different
    .filter((other) => sizeOfPlan(other) < sizeOfPlan(plan))
    .sort((a, b) => sizeOfPlan(a) - sizeOfPlan(b))
    .slice(0, INSTEAD_MAX);
}

function rounder(value: Json): Json {
  if (typeof value === 'number') return toOneDigit(value);
  if (Array.isArray(value)) return value.map((item) => rounder(item as Json));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, rounder(field)]));
}

/** Towards 0. */
function toOneDigit(number: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.abs(number)));
  return number === 0 ? 0 : Number((Math.trunc(number / unit) * unit).toPrecision(1));
}
