/**
 * Reads a run back from its directory, also one that was killed half-way: whatever is there is shown, with
 * the verdict `unknown` and a sentence about what is missing.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError, messageOf } from '../errors.ts';
import type { LogEntry } from '../history/checker.ts';
import { readHistory, type ReadHistory } from '../history/read.ts';
import { isJsonObject, type Json } from '../json.ts';
import type { RunRecord } from '../run/reporter.ts';
import type { RunResults, TestPlan } from '../run/results.ts';
import { countOutcomes } from '../history/operation.ts';
import { RUN_FILES } from './directory.ts';
import { faultsOf } from './faults.ts';
import { traceIn } from './trace.ts';

/** A run as its directory tells it. */
export interface LoadedRun extends RunRecord {
  readonly directory: string;
  /** False when the run ended before its results were written; the record's verdict is then `unknown`. */
  readonly complete: boolean;
  /** What a reader should know about the files: a torn last line, a history that is missing. A sentence each. */
  readonly notes: readonly string[];
}

/**
 * The run in this directory. Throws a UsageError when it is no run's directory, or when a file in it is
 * malformed, with the file and the field.
 */
export async function loadRun(directory: string): Promise<LoadedRun> {
  const planPath = join(directory, RUN_FILES.plan);
  if (!existsSync(planPath)) {
    throw new UsageError(
      `${directory}: not the directory of a run, for it has no ${RUN_FILES.plan}; name one such as store/latest or store/<target>/<time>-<seed>`,
    );
  }
  const plan = readJson(planPath, planShape) as TestPlan;
  const { history, notes } = await readHistoryOf(directory);
  const resultsPath = join(directory, RUN_FILES.results);
  const complete = existsSync(resultsPath);
  const results = complete
    ? (readJson(resultsPath, resultsShape) as RunResults)
    : unfinishedResults(directory, plan, history);
  const logs = readNodeLogs(directory, [...plan.nodes, ...(plan.spares ?? [])]);
  return { plan, results, history, logs, ...traceIn(directory), directory, complete, notes };
}

/** Every node's log; a node that left none has an empty one. Lines that are not JSON become `output` entries. */
export function readNodeLogs(directory: string, nodes: readonly string[]): Record<string, LogEntry[]> {
  return Object.fromEntries(nodes.map((node) => [node, readLog(join(directory, 'nodes', node, 'node.log'))]));
}

function readLog(path: string): LogEntry[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((text) => ({ text, entry: parseLogLine(text) }));
  // Output without a time belongs to the entry before it; before the first entry, to that one.
  let time = lines.find(({ entry }) => entry !== undefined)?.entry?.time ?? statSync(path).mtimeMs;
  return lines.map(({ text, entry }) => {
    time = entry?.time ?? time;
    return entry ?? { time, level: 'info', event: 'output', text };
  });
}

const LEVELS: ReadonlySet<unknown> = new Set(['debug', 'info', 'warn', 'error']);

/** The entry on this line; undefined for other output, and for a line that the node's death tore. */
function parseLogLine(line: string): LogEntry | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    return isLogEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

function isLogEntry(value: unknown): value is LogEntry {
  if (!isJsonObject(value)) return false;
  return (
    typeof value['time'] === 'number' && typeof value['event'] === 'string' && LEVELS.has(value['level'])
  );
}

async function readHistoryOf(directory: string): Promise<Pick<ReadHistory, 'history' | 'notes'>> {
  const path = join(directory, RUN_FILES.history);
  if (!existsSync(path) || statSync(path).size === 0) {
    return { history: [], notes: [`${path} is missing or empty: the run ended before the first operation`] };
  }
  return readHistory(path, { format: 'jsonl' });
}

function unfinishedResults(directory: string, plan: TestPlan, history: RunRecord['history']): RunResults {
  return {
    valid: 'unknown',
    summary: `No verdict on ${plan.targetName}: the run ended before its history was checked. What was recorded can be checked with: splitbrain check ${directory}`,
    claims: [],
    checks: [],
    faults: faultsOf(history),
    counts: countOutcomes(history),
    durationNs: history.at(-1)?.time ?? 0,
    harnessProblems: [
      {
        title: 'The run did not end',
        explanation: `There is no ${RUN_FILES.results}: the harness was stopped or killed while the test ran. ${RUN_FILES.log} says how far it came.`,
      },
    ],
  };
}

/** The file's JSON, if it has the shape; fields beyond the shape are kept. */
function readJson(path: string, shape: z.ZodType): unknown {
  let value: Json;
  try {
    value = JSON.parse(readFileSync(path, 'utf8')) as Json;
  } catch (error) {
    throw new UsageError(`${path}: not readable as JSON: ${messageOf(error)}`, { cause: error });
  }
  const issue = shape.safeParse(value).error?.issues[0];
  if (issue === undefined) return value;
  const field = issue.path.length === 0 ? 'the whole' : issue.path.join('.');
  throw new UsageError(
    `${path}: ${field}: ${issue.message}; the file was not written by this version of splitbrain`,
  );
}

const validity = z.union([z.boolean(), z.literal('unknown')]);

const problem = z.object({
  title: z.string(),
  explanation: z.string(),
  operations: z.array(z.number()).optional(),
  window: z.tuple([z.number(), z.number()]).optional(),
});

/** The shape of TestPlan; what reports do not read is not looked at. */
const planShape = z.object({
  runId: z.string(),
  targetName: z.string(),
  variant: z.string().optional(),
  mistake: z.string().optional(),
  runtime: z.string(),
  workload: z.string(),
  nemesis: z.string(),
  intervalMs: z.number(),
  nodes: z.array(z.string()),
  spares: z.array(z.string()).optional(),
  scheduleFile: z.string().optional(),
  concurrency: z.number().int().positive(),
  rate: z.number().optional(),
  timeLimitMs: z.number(),
  seed: z.string(),
  failFast: z.boolean().optional(),
  started: z.iso.datetime(),
  command: z.string(),
  versions: z.object({ splitbrain: z.string(), node: z.string() }),
});

/** The shape of RunResults. */
const resultsShape = z.object({
  valid: validity,
  summary: z.string(),
  claims: z.array(
    z.object({ property: z.string(), checker: z.string(), valid: validity, claimed: z.enum(['yes', 'no']) }),
  ),
  checks: z.array(
    z.object({
      checker: z.string(),
      valid: validity,
      summary: z.string(),
      problems: z.array(problem),
      tookMs: z.number(),
    }),
  ),
  faults: z.array(
    z.object({
      family: z.string(),
      kind: z.string(),
      description: z.string(),
      nodes: z.array(z.string()),
      way: z.object({ means: z.enum(['native', 'emulated']), how: z.string() }).optional(),
      trigger: z.string().optional(),
      masked: z.literal(true).optional(),
      start: z.number(),
      end: z.number().optional(),
      confirmed: z.boolean(),
      evidence: z.string(),
      healed: z.boolean(),
      healEvidence: z.string(),
    }),
  ),
  counts: z.record(z.string(), z.object({ ok: z.number(), fail: z.number(), info: z.number() })),
  startedMs: z.number().optional(),
  durationNs: z.number(),
  stopped: z.object({ operation: z.number(), time: z.number(), why: z.string() }).optional(),
  notes: z.array(z.string()).optional(),
  harnessProblems: z.array(problem),
});
