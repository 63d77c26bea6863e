/** What a benchmark is, and how it is measured: the median of a few runs after one that warms up. */
import type { Markup } from '../../reports/html/markup.ts';

/** One number of a benchmark. */
export interface Measurement {
  /** What was done, in words. */
  readonly name: string;
  /** How often it was done in one run. */
  readonly operations: number;
  /** Median milliseconds of a run. */
  readonly ms: number;
  /** Milliseconds of the very first run, while nothing was compiled yet. */
  readonly firstMs?: number;
  /** What it may take. */
  readonly goalMs?: number;
  /** What came out, in a word or two, and who found it. */
  readonly outcome?: string;
  /** The same in numbers, for machines. */
  readonly values?: Readonly<Record<string, number>>;
  /** How often it was how much, where that says more than a mean. */
  readonly distribution?: readonly { readonly at: number; readonly count: number }[];
  /** Something else came out than is true, or it took more memory than it may. */
  readonly wrong?: string;
  /** Most memory that the process had, in MiB. */
  readonly peakMiB?: number;
}

/** One file under test/bench and one line in run.ts. */
export interface Benchmark {
  readonly name: string;
  /** What was measured; long ones give one after the other. */
  run(): Measurement[] | Promise<Measurement[]> | AsyncIterable<Measurement>;
  /** The same as a picture, for `--html`. */
  draw?(measurements: readonly Measurement[]): Markup;
}

const RUNS = 5;

/** Milliseconds that this process has had a core for, those of all its threads added up: busy neighbours count less. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs `work` once to warm up and five times for the median, by the clock that is given in milliseconds. */
export async function measure(
  name: string,
  operations: number,
  work: () => unknown,
  now: () => number = () => performance.now(),
): Promise<Measurement> {
  await work();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = now();
    await work();
    times.push(now() - start);
  }
  return { name, operations, ms: medianOf(times) };
}

/** The middle one. */
export function medianOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
