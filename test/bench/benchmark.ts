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
  times.sort((a, b) => a - b);
  return { name, operations, ms: times[Math.floor(RUNS / 2)] ?? 0 };
}
