/** The recorded histories of the corpus, set by set, in a process of its own: one pass, by each algorithm alone. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { corpusDirectory } from '../corpus/corpus.ts';
import { medianOf, type Benchmark } from './benchmark.ts';
import type { SetResult } from './corpus-pass.ts';

const PASS = fileURLToPath(new URL('./corpus-pass.ts', import.meta.url));
const PASSES = 3;
/** Half of what Porcupine needs for the set, where this was measured; it has no goal for histories that it was not asked about. */
const GOAL_MS: Readonly<Record<string, number>> = {
  etcd: 217,
  'kv by key': 12,
  'kv not split': 1172,
  knossos: 8,
};
const NOTHING: SetResult = { set: '', files: 0, ms: 0, slowest: '', slowestMs: 0, wrong: [] };
const FILE_GOAL_MS = 100;

async function pass(algorithm: string): Promise<SetResult[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PASS, algorithm]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SetResult);
}

/** By file. */
export const corpus: Benchmark = {
  name: 'linearizable-corpus',
  async *run() {
    if (corpusDirectory() === undefined) return;
    for (const algorithm of ['auto', 'frontier', 'wgl']) {
      const passes: SetResult[] = [];
      for (let run = 0; run < PASSES; run++) passes.push(...(await pass(algorithm)));
      for (const [set, results] of Map.groupBy(passes, (result) => result.set)) {
        const slowest = results.toSorted((a, b) => a.slowestMs - b.slowestMs)[PASSES >> 1] ?? NOTHING;
        const wrong = results.flatMap((result) => result.wrong);
        const slow =
          algorithm === 'auto' && slowest.slowestMs > FILE_GOAL_MS ? `MISSED ${FILE_GOAL_MS} ms by ` : '';
        const goalMs = algorithm === 'auto' ? GOAL_MS[set] : undefined;
        yield {
          name: `${set}, ${algorithm}`,
          operations: slowest.files,
          ms: medianOf(results.map(({ ms }) => ms)),
          ...(goalMs === undefined ? {} : { goalMs }),
          outcome: `${slow}slowest ${slowest.slowest} ${slowest.slowestMs.toFixed(1)} ms`,
          ...(wrong.length === 0 ? {} : { wrong: wrong.join('; ') }),
        };
      }
    }
  },
};
