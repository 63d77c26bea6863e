/**
 * Passes over time: an earlier end, shorter gaps, rounder numbers.
 */
import type { Scenario } from '../scenario.ts';
import type { Cursor, Pass, Simplification } from './pass.ts';

/** The end is not looked for more closely than to this part of the whole. */
const RESOLUTION = 1 / 32;
/** Shorter gaps than this part of the whole, or this many milliseconds, are left as they are. */
const GAP_LEAST = { share: 1 / 50, ms: 5 };
/** What remains of a gap. */
const GAP_PARTS = [0, 0.25, 0.5, 0.75];
const UNITS_MS = [1000, 500, 100, 50, 10, 5, 1];

/** The test ends before its time: as a run is the same until then, the first end after the failure is searched by halving. */
export const earlierEnd: Pass = function* (scenario, [from = 0]) {
  const limit = scenario.timeLimitMs;
  let low = from;
  while (limit - low > Math.max(1, limit * RESOLUTION)) {
    const middle = Math.round((low + limit) / 2);
    yield { scenario: endedAt(scenario, middle), cursor: [low] };
    low = middle;
  }
};

/** Whatever comes after a gap between two events comes sooner; the longest gap first. */
export const shorterGaps: Pass = function* (scenario) {
  const times = momentsOf(scenario);
  const gaps = times
    .map((end, index) => ({ end, length: end - (times[index - 1] ?? 0) }))
    .filter(({ length }) => length >= Math.max(GAP_LEAST.ms, GAP_LEAST.share * scenario.timeLimitMs))
    .sort((a, b) => b.length - a.length);
  for (const { end, length } of gaps) {
    for (const part of GAP_PARTS) {
      const sooner = part === 0 ? length : Math.floor(length * (1 - part));
      const moved = mapTimes(scenario, (ms) => (ms >= end ? ms - sooner : ms));
      yield { scenario: moved, cursor: [] };
    }
  }
};

/** Round times: all at once, then one by one. */
export const rounderTimes: Pass = function* (scenario, from) {
  yield* together(scenario, from);
  const moments = momentsOf(scenario);
  const [, first = 0] = from;
  for (const [index, moment] of [...moments.entries()].slice(first)) {
    for (const unit of UNITS_MS) {
      const rounded = mapTimes(scenario, (ms) => (ms === moment ? floor(ms, unit) : ms));
      yield { scenario: rounded, cursor: [UNITS_MS.length, index] };
    }
  }
};

function* together(scenario: Scenario, [first = 0]: Cursor): Iterable<Simplification> {
  for (const [index, unit] of [...UNITS_MS.entries()].slice(first))
    yield { scenario: mapTimes(scenario, (ms) => floor(ms, unit)), cursor: [index + 1] };
}

function floor(ms: number, unit: number): number {
  return Math.floor(ms / unit) * unit;
}

/** Without what comes later. */
function endedAt(scenario: Scenario, timeLimitMs: number): Scenario {
  const { operations, faults } = scenario;
  const cut = {
    ...scenario,
    timeLimitMs,
    faults: faults
      .filter(({ start }) => start < timeLimitMs)
      .map((fault) => ({ ...fault, end: Math.min(fault.end, timeLimitMs) })),
  };
  return operations === undefined
    ? cut
    : { ...cut, operations: operations.filter(({ at }) => at < timeLimitMs) };
}

/** Every time at which something is planned, each once, in order. */
function momentsOf({ timeLimitMs, operations = [], faults }: Scenario): number[] {
  const all = [
    timeLimitMs,
    ...operations.map(({ at }) => at),
    ...faults.flatMap(({ start, end }) => [start, end]),
  ];
  return [...new Set(all)].sort((a, b) => a - b);
}

/** The same with other times; whatever order the mapping gives, no fault ends before it begins. */
function mapTimes(scenario: Scenario, change: (ms: number) => number): Scenario {
  const { operations, faults, timeLimitMs } = scenario;
  const moved = {
    ...scenario,
    timeLimitMs: change(timeLimitMs),
    faults: faults.map((fault) => {
      const start = change(fault.start);
      return { ...fault, start, end: Math.max(start, change(fault.end)) };
    }),
  };
  if (operations === undefined) return moved;
  return {
    ...moved,
    operations: operations.map((operation) => ({ ...operation, at: change(operation.at) })),
  };
}
