/**
 * Latency and throughput in buckets of time. Quantiles are exact (nearest rank over all latencies in the
 * bucket), because histograms hide the tail, which is what faults move.
 */
import { column, lowerBound, type Outcome, type PlacedCall } from './calls.ts';

/** The quantiles on show; 1 is the maximum. */
export const QUANTILES: readonly number[] = [0.5, 0.95, 0.99, 1];

/** What completed within a stretch of time. */
export interface Bucket {
  /** Nanoseconds since the start of the test. */
  readonly from: number;
  readonly to: number;
  /** Completions a second. */
  readonly rates: Readonly<Record<Outcome, number>>;
  /** Latencies of `ok` operations in nanoseconds, one for each of QUANTILES; undefined when there were none. */
  readonly latencies: readonly number[] | undefined;
}

/** Calls in the order in which they completed. */
export interface Completed {
  readonly calls: readonly PlacedCall[];
  readonly ends: Float64Array;
}

/** The calls that completed, in that order. Calls without a completion have no latency and are left out. */
export function byCompletion(calls: readonly PlacedCall[]): Completed {
  const completed = calls.filter((call) => call.completion !== undefined).sort((a, b) => a.end - b.end);
  return { calls: completed, ends: column(completed, (call) => call.end) };
}

/** `count` buckets of equal length from `from` to `to`. */
export function toBuckets({ calls, ends }: Completed, from: number, to: number, count: number): Bucket[] {
  const length = (to - from) / count;
  return Array.from({ length: count }, (_, place) => {
    const bucketFrom = from + place * length;
    const bucketTo = bucketFrom + length;
    const members = calls.slice(lowerBound(ends, bucketFrom), lowerBound(ends, bucketTo));
    const rates = { ok: 0, fail: 0, info: 0 };
    const latencies = new Float64Array(members.length);
    let oks = 0;
    for (const { outcome, start, end } of members) {
      rates[outcome] += 1e9 / length;
      if (outcome === 'ok') latencies[oks++] = end - start;
    }
    return { from: bucketFrom, to: bucketTo, rates, latencies: quantilesOf(latencies.subarray(0, oks)) };
  });
}

/** Nearest-rank quantiles of these numbers, which are sorted in place. */
function quantilesOf(numbers: Float64Array): number[] | undefined {
  if (numbers.length === 0) return undefined;
  numbers.sort();
  return QUANTILES.map((quantile) => numbers[Math.max(0, Math.ceil(quantile * numbers.length) - 1)] ?? 0);
}
