/**
 * Calls - an invocation with its outcome - laid out in lanes. A lane is a client thread: one process after
 * another, never two calls at a time, so a lane is sorted both by start and by end, and what is visible
 * is found by binary search.
 */
import { pairCalls, type Operation } from '../../../harness/history/operation.ts';
import { canonical } from '../../../harness/json.ts';

/** What became of a call. */
export type Outcome = 'ok' | 'fail' | 'info';

/** All outcomes, the one to be seen first last: later ones are drawn over earlier ones. */
export const OUTCOMES: readonly Outcome[] = ['ok', 'fail', 'info'];

/** What an outcome means, for someone who reads it for the first time. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  ok: 'ok: it happened',
  fail: 'fail: it certainly did not happen',
  info: 'info: nobody knows whether it happened',
};

/** One call. Times in nanoseconds since the start of the test. */
export interface PlacedCall {
  readonly invoke: Operation;
  readonly completion: Operation | undefined;
  readonly outcome: Outcome;
  readonly start: number;
  /** When it completed, or when the history ended. */
  readonly end: number;
  readonly lane: number;
}

/** The calls of one lane, in order. */
export interface Lane {
  readonly number: number;
  readonly calls: readonly PlacedCall[];
  readonly ends: Float64Array;
}

/** The calls of a history, each in its lane. */
export function placeCalls(history: readonly Operation[], concurrency: number): PlacedCall[] {
  const last = history.reduce((latest, entry) => Math.max(latest, entry.time), 0);
  const pairs = pairCalls(history);
  const laneOf = assignLanes(pairs, last, concurrency);
  return pairs.map(({ invoke, completion }) => ({
    invoke,
    completion,
    outcome: completion === undefined || completion.type === 'invoke' ? 'info' : completion.type,
    start: invoke.time,
    end: completion?.time ?? last,
    lane: laneOf.get(invoke.process) ?? 0,
  }));
}

/**
 * A process goes to the lane of its thread (its number modulo the number of threads, as Jepsen numbers
 * them); where that is taken, because the history comes from elsewhere, to the first that is free.
 */
function assignLanes(
  pairs: ReturnType<typeof pairCalls>,
  last: number,
  concurrency: number,
): Map<Operation['process'], number> {
  const spans = new Map<Operation['process'], { from: number; to: number }>();
  for (const { invoke, completion } of pairs) {
    const to = completion?.time ?? last;
    const span = spans.get(invoke.process);
    if (span === undefined) spans.set(invoke.process, { from: invoke.time, to });
    else span.to = Math.max(span.to, to);
  }
  const busyUntil: number[] = Array.from({ length: concurrency }, () => -Infinity);
  const lanes = new Map<Operation['process'], number>();
  for (const [process, { from, to }] of spans) {
    const free = (lane: number): boolean => (busyUntil[lane] ?? -Infinity) <= from;
    const own = typeof process === 'number' && concurrency > 0 ? process % concurrency : 0;
    const other = free(own) ? own : busyUntil.findIndex((_, lane) => free(lane));
    const lane = other === -1 ? busyUntil.length : other;
    busyUntil[lane] = to;
    lanes.set(process, lane);
  }
  return lanes;
}

/** The lanes of these calls; lanes without calls are kept, so that filters do not move the others. */
export function toLanes(calls: readonly PlacedCall[], laneCount: number): Lane[] {
  const lanes: PlacedCall[][] = Array.from({ length: laneCount }, () => []);
  for (const call of calls) lanes[call.lane]?.push(call);
  return lanes.map((members, number) => ({
    number,
    calls: members,
    ends: column(members, (call) => call.end),
  }));
}

/** One number of each call. A loop, because Float64Array.from takes ten times as long. */
export function column(calls: readonly PlacedCall[], pick: (call: PlacedCall) => number): Float64Array {
  const numbers = new Float64Array(calls.length);
  calls.forEach((call, place) => (numbers[place] = pick(call)));
  return numbers;
}

/** Number of lanes that these calls use. */
export function countLanes(calls: readonly PlacedCall[]): number {
  return calls.reduce((count, call) => Math.max(count, call.lane + 1), 0);
}

/** Position of the first number that is at least `value` in a sorted array; its length if there is none. */
export function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The lane's call at that time, or the nearest one within `tolerance` nanoseconds of it. */
export function callAt(lane: Lane, time: number, tolerance: number): PlacedCall | undefined {
  const next = lowerBound(lane.ends, time);
  const distance = (call: PlacedCall): number => Math.max(call.start - time, time - call.end, 0);
  return [lane.calls[next - 1], lane.calls[next]]
    .filter((call) => call !== undefined)
    .filter((call) => distance(call) <= tolerance)
    .sort((a, b) => distance(a) - distance(b))[0];
}

/** Which calls to show. Absent: all. Keys are compared in canonical form. */
export interface CallFilter {
  readonly lane?: number;
  readonly key?: string;
  readonly f?: string;
  readonly outcomes: ReadonlySet<Outcome>;
}

/** Whether the filter lets the call through. */
export function passes(filter: CallFilter, call: PlacedCall): boolean {
  return (
    filter.outcomes.has(call.outcome) &&
    (filter.lane === undefined || filter.lane === call.lane) &&
    (filter.f === undefined || filter.f === call.invoke.f) &&
    (filter.key === undefined || (call.invoke.key !== undefined && filter.key === canonical(call.invoke.key)))
  );
}

/** The call in a few words: `write x: 7`, `read x → 7`, `cas [1,2]`. */
export function callWords({ invoke, completion, outcome }: PlacedCall): string {
  const argument = invoke.value === null ? '' : short(invoke.value);
  const key = invoke.key === undefined ? '' : ` ${short(invoke.key)}${argument === '' ? '' : ':'}`;
  const result = outcome === 'ok' && completion !== undefined ? short(completion.value) : '';
  const answer = result === '' || result === argument ? '' : ` → ${result}`;
  return `${invoke.f}${key}${argument === '' ? '' : ` ${argument}`}${answer}`;
}

function short(value: Operation['value']): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
