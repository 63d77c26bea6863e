/** `splitbrain check` on a large file: time and memory of the whole process, reading included. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatLine } from '../../harness/history/jsonl.ts';
import type { Operation } from '../../harness/history/operation.ts';
import type { Benchmark, Measurement } from './benchmark.ts';
import { playHistory } from './histories.ts';
import { kvSubject } from './registers.ts';
import { PEAK_FILE } from './report-peak.ts';

const KEYS = 1000;
const CLIENTS = 50;
const GOAL_MIB = 1024;
const CASES = [
  { operations: 100_000, goalMs: 1000 },
  { operations: 1_000_000, goalMs: 5000 },
];
const CHUNK = 1 << 20;

const locate = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const CLI = locate('../../harness/cli/splitbrain.js');
const REPORT_PEAK = locate('./report-peak.ts');

/** Writes a history that long, a piece at a time. */
async function writeHistory(path: string, operations: number): Promise<void> {
  const file = createWriteStream(path);
  let piece = '';
  const take = (entry: Operation): void => {
    piece += formatLine(entry);
    if (piece.length < CHUNK) return;
    file.write(piece);
    piece = '';
  };
  playHistory(kvSubject(KEYS), { operations, clients: CLIENTS, seed: `file ${operations}` }, take);
  file.end(piece);
  await once(file, 'finish');
}

async function measureFile(path: string, operations: number, goalMs: number): Promise<Measurement> {
  const peak = `${path}.peak`;
  const arguments_ = ['--import', REPORT_PEAK, CLI, 'check', path, '--model', 'kv'];
  const begun = performance.now();
  const child = spawn(process.execPath, arguments_, {
    stdio: 'ignore',
    env: { ...process.env, [PEAK_FILE]: peak },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const ms = performance.now() - begun;
  const peakMiB = Number(await readFile(peak, 'utf8'));
  const wrong = [
    ...(code === 0 ? [] : [`exit code ${String(code)}`]),
    ...(peakMiB > GOAL_MIB ? [`more than ${GOAL_MIB} MiB`] : []),
  ];
  const name = `splitbrain check, kv, ${KEYS} keys, ${operations.toLocaleString('en')}`;
  return {
    name,
    operations,
    ms,
    goalMs,
    peakMiB,
    ...(wrong.length === 0 ? {} : { wrong: wrong.join(', ') }),
  };
}

/** By operation, of which each is two lines. */
export const files: Benchmark = {
  name: 'linearizable-files',
  async *run() {
    const directory = await mkdtemp(join(tmpdir(), 'splitbrain-bench-'));
    try {
      for (const { operations, goalMs } of CASES) {
        const path = join(directory, `${operations}.jsonl`);
        await writeHistory(path, operations);
        yield await measureFile(path, operations, goalMs);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  },
};
