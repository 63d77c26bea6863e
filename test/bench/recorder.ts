/** What recording an operation (an invocation and its completion) costs, and reading histories back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from '../../harness/history/operation.ts';
import { formatHistory, parseHistory, type FormatName } from '../../harness/history/read.ts';
import { memoryRecorder, openRecorder, type Recorder } from '../../harness/history/recorder.ts';
import { measure, type Benchmark, type Measurement } from './benchmark.ts';

const OPERATIONS = 50_000;
const FORMATS: readonly FormatName[] = ['jsonl', 'jepsen-json', 'jepsen-edn', 'etcd-log'];

function record(recorder: Recorder): Recorder {
  for (let operation = 0; operation < OPERATIONS; operation++) {
    const entry = { time: operation * 1e6, process: operation % 10, f: 'write', value: operation } as const;
    recorder.record({ ...entry, type: 'invoke' });
    recorder.record({ ...entry, type: 'ok', node: 'n1' });
  }
  recorder.close();
  return recorder;
}

function reading(name: FormatName, history: readonly Operation[]): Promise<Measurement> {
  const bytes = Buffer.from(formatHistory(history, name));
  return measure(`read ${name}, by entry`, history.length, () => parseHistory(bytes, name));
}

/** Recorder and readers. */
export const recorder: Benchmark = {
  name: 'recorder',
  async run() {
    const directory = mkdtempSync(join(tmpdir(), 'splitbrain-bench-'));
    try {
      let file = 0;
      const measurements = [
        await measure('record in memory, by operation', OPERATIONS, () => record(memoryRecorder())),
        await measure('record to a file, by operation', OPERATIONS, () =>
          record(openRecorder(join(directory, String(file++)))),
        ),
      ];
      const history = record(memoryRecorder()).operations;
      for (const name of FORMATS) measurements.push(await reading(name, history));
      return measurements;
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};
