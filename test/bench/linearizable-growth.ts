/**
 * Whether time grows in proportion to the number of operations: nanoseconds for one, from ten thousand to ten million. Calls are
 * recorded entry by entry, since ten million operations as objects would need more memory than they are worth.
 */
import type { Algorithm } from '../../checkers/index.ts';
import type { Calls } from '../../checkers/linearizable/calls.ts';
import { Decider } from '../../checkers/linearizable/decide.ts';
import { CallRecorder } from '../../checkers/linearizable/record.ts';
import { models } from '../../checkers/models/index.ts';
import { medianOf, type Benchmark, type Measurement } from './benchmark.ts';
import { playHistory } from './histories.ts';
import { registerSubject } from './registers.ts';

const SIZES = [1e4, 1e5, 1e6, 1e7];
const CLIENTS = 10;
const LIMIT_MS = 60_000;
const MEMORY_BYTES = 4 * 2 ** 30;
/** Runs add up to so many operations, but there are no more than so many. */
const OPERATIONS_OF_ALL = 3e6;
const RUNS_MAX = 15;
/** A tenfold history may take that much longer. */
const LINEAR = 10 * 1.2;

function recorded(operations: number): Calls {
  const recorder = new CallRecorder();
  const shape = { operations, clients: CLIENTS, seed: `growth ${operations}` };
  playHistory(registerSubject(), shape, (entry) => recorder.add(entry));
  return recorder.calls();
}

function measureGrowth(calls: Calls, algorithm: Algorithm, goalMs: number | undefined): Measurement {
  const runs = Math.min(RUNS_MAX, Math.max(1, Math.floor(OPERATIONS_OF_ALL / calls.length)));
  const times: number[] = [];
  let outcome = '';
  for (let run = 0; run < runs; run++) {
    const begun = performance.now();
    const remainingMs = (): number => begun + LIMIT_MS - performance.now();
    const decider = new Decider({ model: models.register, init: 0 });
    const limits = { memoryBytes: MEMORY_BYTES, remainingMs, without: new Set<never>() };
    const found = decider.decide(calls, { ...limits, algorithm });
    times.push(performance.now() - begun);
    if (found.kind === 'monitor') outcome = found.verdict.valid ? 'valid' : 'bad';
    else outcome = found.kind === 'search' ? found.decision : found.why;
  }
  return {
    name: `register by ${algorithm}, ${calls.length.toLocaleString('en')}`,
    operations: calls.length,
    ms: medianOf(times),
    ...(goalMs === undefined ? {} : { goalMs }),
    outcome,
  };
}

/** Each goal is what the next smaller size took, times ten and a fifth. */
export const growth: Benchmark = {
  name: 'linearizable-growth',
  // Nothing to wait for, but a benchmark that gives one number after the other is asynchronous.
  // eslint-disable-next-line @typescript-eslint/require-await
  async *run() {
    const before = new Map<Algorithm, number>();
    for (const size of SIZES) {
      const calls = recorded(size);
      for (const algorithm of ['monitor', 'stream'] as const) {
        const smaller = before.get(algorithm);
        const goalMs = smaller === undefined ? undefined : LINEAR * smaller;
        const measured = measureGrowth(calls, algorithm, goalMs);
        before.set(algorithm, measured.ms);
        yield measured;
      }
    }
  },
};
