/** One history, checked as users have it checked: how long that takes, what comes out, and who found it. */
import { checkLinearizable } from '../../checkers/index.ts';
import type { Algorithm, LinearizableResult } from '../../checkers/index.ts';
import type { History } from '../../harness/history/operation.ts';
import type { Json } from '../../harness/json.ts';
import { medianOf, type Measurement } from './benchmark.ts';

/** A history, what it is of, and what is expected of its check. */
export interface Load {
  readonly name: string;
  readonly model: string;
  readonly init?: Json;
  readonly history: History;
  readonly valid: boolean;
  /** Default `auto`. */
  readonly algorithm?: Algorithm;
  readonly goalMs?: number;
  /** Default false: the verdict alone. */
  readonly explain?: boolean;
}

/** Nothing runs longer than that. */
const LIMIT_MS = 10_000;
/** A check that takes longer is not repeated. */
const ONCE_MS = 1000;
const RUNS = 5;

/** Checks once, and five more times for the median unless that takes long. */
export async function measureCheck(load: Load): Promise<Measurement> {
  const first = await timed(load);
  const times: number[] = [];
  for (let run = 0; run < RUNS && first.ms < ONCE_MS; run++) times.push((await timed(load)).ms);
  const { result } = first;
  return {
    name: load.name,
    operations: result.operations,
    ms: times.length === 0 ? first.ms : medianOf(times),
    firstMs: first.ms,
    ...(load.goalMs === undefined ? {} : { goalMs: load.goalMs }),
    ...judged(result, load.valid),
  };
}

/** What came out, in words. */
export function judged(result: LinearizableResult, valid: boolean): Pick<Measurement, 'outcome' | 'wrong'> {
  const words = { true: 'valid', false: 'bad', unknown: 'unknown' };
  const found = words[String(result.valid) as keyof typeof words];
  const by = [...new Set(result.keys.map((key) => key.by))].filter((name) => name !== '').join(' + ');
  const outcome = by === '' ? found : `${found} by ${by}`;
  return result.valid === valid ? { outcome } : { outcome, wrong: `it is ${words[`${valid}`]}` };
}

async function timed(load: Load): Promise<{ readonly ms: number; readonly result: LinearizableResult }> {
  const { model, init, history, algorithm = 'auto', explain = false } = load;
  const begun = performance.now();
  const result = await checkLinearizable(history, { model, init, algorithm, explain, timeoutMs: LIMIT_MS });
  return { ms: performance.now() - begun, result };
}
