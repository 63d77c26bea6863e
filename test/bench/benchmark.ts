/** What a benchmark is, and how it is measured: the median of a few runs after one that warms up. */

/** One number of a benchmark. */
export interface Measurement {
  /** What was done, in words. */
  readonly name: string;
  /** How often it was done in one run. */
  readonly operations: number;
  /** Median milliseconds of a run. */
  readonly ms: number;
}

/** One file under test/bench and one line in run.ts. */
export interface Benchmark {
  readonly name: string;
  run(): Measurement[] | Promise<Measurement[]>;
}

const RUNS = 5;

/** Runs `work` once to warm up and five times for the median. */
export async function measure(name: string, operations: number, work: () => unknown): Promise<Measurement> {
  await work();
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return { name, operations, ms: times[Math.floor(RUNS / 2)] ?? 0 };
}
