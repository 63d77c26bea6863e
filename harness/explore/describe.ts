/**
 * A scenario for people: what it is run on, and a table of what clients and nemesis do, in order.
 */
import { isJsonObject, type Json } from '../json.ts';
import type { ScheduledFault } from '../run/schedule.ts';
import type { ScheduledOperation } from '../run/script.ts';
import { triggerWords } from '../run/triggers.ts';
import { isPath } from '../run/load-target.ts';
import type { Scenario } from './scenario.ts';

/** Rows of the table at most. */
const ROWS_MAX = 40;
/** Characters of a fault's parameters at most. */
const PARAMETERS_MAX = 100;

interface Row {
  readonly at: number;
  readonly who: string;
  readonly what: string;
}

/** Several lines. */
export function describeScenario(scenario: Scenario): string {
  const { operations, faults } = scenario;
  const rows = [...(operations ?? []).map(ofOperation), ...faults.map(ofFault)].sort((a, b) => a.at - b.at);
  const hidden = rows.length - ROWS_MAX;
  const shown = rows.slice(0, ROWS_MAX).map(({ at, who, what }) => line(timeOf(at), who, what));
  return [
    headOf(scenario),
    ...(operations === undefined ? [line('', 'clients', generated(scenario))] : []),
    ...shown,
    ...(hidden > 0 ? [line('', '', `… and ${hidden} more`)] : []),
    ...(scenario.final ? [line('then', 'clients', "the workload's final operations")] : []),
  ].join('\n');
}

/** `raft, variant early-ack: workload kv, 3 nodes, 1 client, seed 7`. */
function headOf({ target, variant, workload, nodes, concurrency, seed }: Scenario): string {
  const name = isPath(target) ? (target.split(/[/\\]/).at(-1) ?? target) : target;
  const of = variant === undefined ? name : `${name}, variant ${variant}`;
  return `${of}: workload ${workload}, ${counted(nodes.length, 'node')}, ${counted(concurrency, 'client')}, seed ${seed}`;
}

function generated({ rate, timeLimitMs }: Scenario): string {
  const pace = rate === undefined ? 'as fast as they go' : `${rate} a second`;
  return `the workload's operations, ${pace}, until ${timeOf(timeLimitMs)}`;
}

function ofOperation({ at, thread, f, value, key }: ScheduledOperation): Row {
  const argument = value === null ? '' : ` ${JSON.stringify(value)}`;
  const place = key === undefined ? '' : `, key ${JSON.stringify(key)}`;
  return { at, who: `client ${thread}`, what: `${f}${argument}${place}` };
}

function ofFault({ start, end, plan, trigger }: ScheduledFault): Row {
  const parameters = wordsOf(plan.parameters);
  const where = parameters === '' ? '' : ` (${cut(parameters)})`;
  const how =
    trigger === undefined
      ? `until ${timeOf(end)}`
      : `from then on ${triggerWords(trigger)}, for ${timeOf(end - start)}`;
  return { at: start, who: 'nemesis', what: `${plan.family} ${plan.kind}${where}, ${how}` };
}

/** Lists of nodes and links as one writes them, and whatever else there is by name. */
function wordsOf(value: Json): string {
  if (Array.isArray(value)) return value.map((item) => wordsOf(item as Json)).join(' ');
  if (!isJsonObject(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  const { from, to, ...others } = value;
  if (typeof from === 'string' && typeof to === 'string' && Object.keys(others).length === 0)
    return `${from}>${to}`;
  return Object.entries(value)
    .map(([name, field]) => `${name} ${wordsOf(field)}`)
    .join(', ');
}

function cut(text: string): string {
  return text.length <= PARAMETERS_MAX ? text : `${text.slice(0, PARAMETERS_MAX - 1)}…`;
}

function timeOf(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function line(when: string, who: string, what: string): string {
  return `  ${when.padStart(9)}  ${who.padEnd(9)}  ${what}`;
}
