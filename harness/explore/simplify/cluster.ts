/**
 * Passes over what surrounds operations and faults: phases, nodes, network and disks.
 */
import { parseSettings } from '../../cluster/sim/options.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { NodeId } from '../../node/program.ts';
import type { ScheduledFault } from '../../run/schedule.ts';
import { nodeNames } from '../../run/cluster-nodes.ts';
import type { Scenario } from '../scenario.ts';
import { leavesOf } from '../size.ts';
import { withoutParts, type Cursor, type Pass } from './pass.ts';

/** What remains of a delay. */
const SHORTER = [0, 0.1, 0.5];
/** Where a pass over parts is at its end. */
const PARTS_DONE: Cursor = [0];

/** No final operations, no phase in which progress is asked for. */
export const fewerPhases: Pass = function* (scenario) {
  const phases = [
    { final: false, progressLimitMs: 0 },
    { ...scenario, final: false },
    { ...scenario, progressLimitMs: 0 },
  ];
  for (const { final, progressLimitMs } of phases)
    yield { scenario: { ...scenario, final, progressLimitMs }, cursor: [] };
};

/** Fewer nodes, of which those stay that the faults speak of most; none that would come later. */
export const fewerNodes: Pass = function* (scenario, _from, { nodesMin }) {
  const { nodes, spares, ...others } = scenario;
  if (spares !== undefined) yield { scenario: { nodes, ...others }, cursor: [] };
  const spokenOf = leavesOf(scenario.faults.map(({ plan }) => plan.parameters));
  const times = (node: NodeId): number => spokenOf.filter((leaf) => leaf === node).length;
  const ranked = [...nodes].sort((a, b) => times(b) - times(a));
  for (let count = Math.max(1, nodesMin); count < nodes.length; count++)
    yield { scenario: onNodes(scenario, ranked.slice(0, count)), cursor: [] };
};

/** Everything always takes the same time, and nothing is lost or comes twice: all at once, then one by one. */
export const calmSettings: Pass = function* (scenario) {
  const calm = Object.entries<Json>(scenario.settings).map(([name, setting]) => ({
    [name]: calmed(setting),
  }));
  for (const change of [Object.assign({}, ...calm) as JsonObject, ...calm]) {
    const settings = parseSettings({ ...scenario.settings, ...change });
    yield { scenario: { ...scenario, settings }, cursor: [] };
  }
};

/** Fewer single messages that take longer, and these not so long. */
export const fewerDelays: Pass = function* (scenario, from, { partsMax }) {
  const { settings } = scenario;
  const { delays } = settings;
  for (const { kept, cursor } of withoutParts(delays, from, partsMax))
    yield { scenario: { ...scenario, settings: { ...settings, delays: [...kept] } }, cursor };
  for (const [index, delay] of delays.entries()) {
    for (const part of SHORTER) {
      const shorter = delays.with(index, { ...delay, ms: Math.floor(delay.ms * part) });
      yield { scenario: { ...scenario, settings: { ...settings, delays: shorter } }, cursor: PARTS_DONE };
    }
  }
};

/** By shape, so that settings to come are calmed as those of today are. */
function calmed(setting: Json): Json {
  if (typeof setting === 'number') return 0;
  if (!isJsonObject(setting)) return setting;
  const { constant, uniform, exponential } = setting;
  if (typeof constant === 'number') return { constant: rounded(constant) };
  if (Array.isArray(uniform)) return { constant: rounded((Number(uniform[0]) + Number(uniform[1])) / 2) };
  if (isJsonObject(exponential))
    return { constant: rounded(Number(exponential['least']) + Number(exponential['mean'])) };
  return setting;
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(1));
}

/** The same on these nodes only, in their old order and with new names. */
function onNodes(scenario: Scenario, kept: readonly NodeId[]): Scenario {
  const { nodes, settings } = scenario;
  const left = nodes.filter((node) => kept.includes(node));
  const names = nodeNames(left.length);
  const rename: Rename = (node) => (nodes.includes(node) ? names[left.indexOf(node)] : node);
  const delays = settings.delays.flatMap((delay) => {
    const [from, to] = [rename(delay.from), rename(delay.to)];
    return from === undefined || to === undefined ? [] : [{ ...delay, from, to }];
  });
  return {
    ...scenario,
    nodes: names,
    settings: { ...settings, delays },
    faults: scenario.faults.flatMap((fault) => faultOn(fault, rename)),
  };
}

/** The new name of a node, or undefined when it is gone; what is no node's name stays. */
type Rename = (text: string) => string | undefined;

/** The fault without what it did to nodes that are gone; none if that was all. */
function faultOn(fault: ScheduledFault, rename: Rename): ScheduledFault[] {
  const { kind, parameters, family } = fault.plan;
  const left = renamed(parameters, rename) ?? null;
  if (leavesOf(left).length === 0 && leavesOf(parameters).length > 0) return [];
  // A kind that is written out, as `n1-n2/n3-n4-n5`, names nodes as well.
  const groups = kind.split('/').map((group) =>
    group
      .split('-')
      .flatMap((name) => rename(name) ?? [])
      .join('-'),
  );
  const told = groups.filter((group) => group !== '').join('/');
  return [{ ...fault, plan: { family, kind: told, parameters: left } }];
}

/** The value with new names; elements of lists that name a node that is gone go with it. */
function renamed(value: Json, rename: Rename): Json | undefined {
  if (typeof value === 'string') return rename(value);
  if (Array.isArray(value)) return value.flatMap((item) => renamed(item as Json, rename) ?? []);
  if (!isJsonObject(value)) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, renamed(field, rename)] as const);
  return fields.some(([, field]) => field === undefined)
    ? undefined
    : (Object.fromEntries(fields) as JsonObject);
}
