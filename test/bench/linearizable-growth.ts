/**
 * Whether time grows in proportion to the number of operations, from ten thousand to ten million: of the register's monitor on calls
 * that are recorded already, and of checking online, entry by entry. Histories are played and taken in as they come, since ten million
 * operations as objects would need more memory than they are worth.
 */
import { Decider } from '../../checkers/linearizable/decide.ts';
import { OnlineLinearizability } from '../../checkers/linearizable/online.ts';
import { CallRecorder } from '../../checkers/linearizable/record.ts';
import { models } from '../../checkers/models/index.ts';
import type { Operation } from '../../harness/history/operation.ts';
import { cpuMs, medianOf, type Benchmark, type Measurement } from './benchmark.ts';
import { playHistory } from './histories.ts';
import { registerSubject } from './registers.ts';

const SIZES = [1e4, 1e5, 1e6, 1e7];
const LIMIT_MS = 60_000;
const MEMORY_BYTES = 4 * 2 ** 30;
/** Runs add up to so many operations, but there are no more than so many. */
const OPERATIONS_OF_ALL = 3e6;
const RUNS_MAX = 15;
/** A tenfold history may take that much longer. */
const LINEAR = 10 * 1.2;
/** Entries that are played before they are checked together, so that playing is not in the times. */
const BATCH = 10_000;

const REGISTER = { model: models.register, init: 0 } as const;

/** Milliseconds of a core that checking the register's history of that size takes. */
type Way = (operations: number) => { readonly ms: number; readonly outcome: string };

function play(operations: number, clients: number, take: (entry: Operation) => void): void {
  playHistory(registerSubject(), { operations, clients, seed: `growth ${operations}` }, take);
}

function byMonitor(operations: number): ReturnType<Way> {
  const recorder = new CallRecorder();
  play(operations, 10, (entry) => {
    recorder.add(entry);
  });
  const calls = recorder.calls();
  const times: number[] = [];
  let outcome = '';
  for (let run = 0; run < Math.min(RUNS_MAX, Math.max(1, OPERATIONS_OF_ALL / operations)); run++) {
    const begun = cpuMs();
    const found = new Decider(REGISTER).decide(calls, {
      algorithm: 'monitor',
      memoryBytes: MEMORY_BYTES,
      remainingMs: () => begun + LIMIT_MS - cpuMs(),
      without: new Set(),
    });
    times.push(cpuMs() - begun);
    outcome = found.kind === 'monitor' && found.verdict.valid ? 'valid' : 'NOT DECIDED';
  }
  return { ms: medianOf(times), outcome };
}

function online(operations: number): ReturnType<Way> {
  const check = new OnlineLinearizability(REGISTER);
  let [ms, violations] = [0, 0];
  let batch: Operation[] = [];
  const checkBatch = (): void => {
    const begun = cpuMs();
    for (const entry of batch) if (check.add(entry) !== undefined) violations++;
    ms += cpuMs() - begun;
    batch = [];
  };
  play(operations, 3, (entry) => {
    if (batch.push(entry) === BATCH) checkBatch();
  });
  checkBatch();
  const resident = Math.round(process.memoryUsage().rss / 2 ** 20);
  return {
    ms,
    outcome: `${violations === 0 && check.isExact ? 'valid' : 'WRONG'}, ${resident} MiB resident`,
  };
}

const WAYS: readonly (readonly [string, Way])[] = [
  ['register monitor', byMonitor],
  ['register online, 3 clients', online],
];

/** Each goal is what the next smaller size took, times ten and a fifth. */
export const growth: Benchmark = {
  name: 'linearizable-growth',
  // Nothing to wait for, but a benchmark that gives one number after the other is asynchronous.
  // eslint-disable-next-line @typescript-eslint/require-await
  async *run(): AsyncGenerator<Measurement> {
    for (const [name, way] of WAYS) {
      way(SIZES[0] ?? 1);
      let goalMs: number | undefined;
      for (const operations of SIZES) {
        const { ms, outcome } = way(operations);
        const goal = goalMs === undefined ? {} : { goalMs };
        yield { name: `${name}, ${operations.toLocaleString('en')}`, operations, ms, outcome, ...goal };
        goalMs = LINEAR * ms;
      }
    }
  },
};
