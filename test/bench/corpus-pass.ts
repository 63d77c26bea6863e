/**
 * A process of its own that reads the corpus and then checks each history once, so that what warming up costs is in the times. Its
 * argument is the algorithm; its answer, on standard output, is a line of JSON a set.
 */
import { checkLinearizable, type Algorithm } from '../../checkers/index.ts';
import { readCorpus } from './recorded.ts';

/** What came out for one set of histories. */
export interface SetResult {
  readonly set: string;
  readonly files: number;
  readonly ms: number;
  readonly slowest: string;
  readonly slowestMs: number;
  /** Files whose verdict is not the recorded one. */
  readonly wrong: readonly string[];
}

const LIMIT_MS = 10_000;

const all = await readCorpus();
const algorithm = process.argv[2] as Algorithm;
for (const [set, histories] of Map.groupBy(all, (recorded) => recorded.set)) {
  const wrong: string[] = [];
  let [ms, slowest, slowestMs] = [0, '', 0];
  for (const { history, model, init, split, valid, file } of histories) {
    const how = { model, init, split, algorithm, explain: false, timeoutMs: LIMIT_MS };
    const begun = performance.now();
    const result = await checkLinearizable(history, how);
    const took = performance.now() - begun;
    ms += took;
    if (took > slowestMs) [slowest, slowestMs] = [file, took];
    if (result.valid !== valid) wrong.push(`${file} ${String(result.valid)}`);
  }
  const result: SetResult = { set, files: histories.length, ms, slowest, slowestMs, wrong };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
