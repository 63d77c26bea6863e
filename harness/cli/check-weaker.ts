/**
 * Checks one history file for something weaker than linearizability. Unlike there, the history is read whole. These checks
 * run to their end once begun, so whoever wants them to keep to a time limit runs them in a thread and ends that.
 */
import { checkSequential, checkSessions, checkTwoAtomicity, measureStaleness } from '../../checkers/index.ts';
import type {
  SequentialResult,
  SessionResult,
  StalenessResult,
  TwoAtomicityResult,
} from '../../checkers/index.ts';
import { loadModel } from '../../checkers/models/load.ts';
import { UsageError } from '../errors.ts';
import { worst, type Validity } from '../history/checker.ts';
import type { History, Operation } from '../history/operation.ts';
import type { FormatName } from '../history/read.ts';
import { ADJECTIVES, type WeakerConsistency } from './check-consistency.ts';
import type { CheckedFile } from './check-file.ts';
import {
  modelSource,
  requireNamed,
  withSource,
  type CheckSource,
  type SourceOptions,
} from './check-source.ts';

/** How to check a file. */
export interface WeakerOptions extends SourceOptions {
  readonly consistency: WeakerConsistency;
  /** Bytes that a search may remember. */
  readonly memoryBytes?: number | undefined;
  readonly timeoutMs: number;
  /** How stale reads may be, in nanoseconds, so that the history is fresh enough. */
  readonly maxStalenessNs: number;
  /** Called when the file has been read and the check begins. */
  readonly onBegun?: (begun: BegunCheck) => void;
}

/** What is known of a file before its check has come to anything. */
export interface BegunCheck {
  readonly format: FormatName;
  readonly notes: readonly string[];
}

/** What each check gives. */
export interface WeakerResults {
  readonly sequential: SequentialResult;
  readonly sessions: SessionResult;
  readonly staleness: StalenessResult;
  readonly '2-atomic': TwoAtomicityResult;
}

type Told = {
  readonly [Name in WeakerConsistency]: {
    readonly consistency: Name;
    /** Null where the check was ended before it came to anything. */
    readonly result: WeakerResults[Name] | null;
  };
}[WeakerConsistency];

/** What was checked, and what came out. */
export type WeakerFileResult = CheckedFile &
  Told & {
    /** One sentence: what was checked and what came out. */
    readonly summary: string;
    readonly tookMs: number;
  };

/** Checks that file. Throws a UsageError as `checkFile` does. */
export function checkWeaker(path: string, options: WeakerOptions): Promise<WeakerFileResult> {
  return withSource(path, options, async (source) => {
    const { format, timeless } = source;
    if (timeless && options.consistency !== 'sequential') {
      throw new UsageError(
        `${path}: a ${format} history has no times, so it cannot be asked whether it is ${ADJECTIVES[options.consistency]}; --consistency sequential can`,
      );
    }
    const check = await checkOf(path, source, options);
    const history: Operation[] = [];
    for await (const batch of source.operations) for (const operation of batch) history.push(operation);
    const notes = source.notes();
    options.onBegun?.({ format, notes });
    const begun = performance.now();
    const { valid, ...told } = check(history);
    const { summary } = told.result;
    return { path, format, notes, valid, ...told, summary, tookMs: performance.now() - begun };
  });
}

/** The result for a file whose check had to be ended. */
export function ended(
  path: string,
  begun: BegunCheck,
  { consistency, timeoutMs }: WeakerOptions,
): WeakerFileResult {
  const summary = 'Undecided: the time was up, and the check was ended because it did not stop by itself.';
  return { path, ...begun, valid: 'unknown', consistency, result: null, summary, tookMs: timeoutMs };
}

type Finished = {
  readonly [Name in WeakerConsistency]: {
    readonly consistency: Name;
    readonly result: WeakerResults[Name];
    readonly valid: Validity;
  };
}[WeakerConsistency];

/** The check that was asked for, of a file like this one. */
async function checkOf(
  path: string,
  source: CheckSource,
  options: WeakerOptions,
): Promise<(history: History) => Finished> {
  const { consistency, memoryBytes, timeoutMs, maxStalenessNs } = options;
  const { init } = source;
  const registers = init === undefined ? {} : { init };
  switch (consistency) {
    case 'sequential': {
      const { model } = await loadModel(modelSource(requireNamed(path, source)));
      const limits = { timeoutMs, ...(memoryBytes === undefined ? {} : { memoryBytes }) };
      return (history) => {
        const result = checkSequential(history, { model, init, ...limits });
        return { consistency, result, valid: result.valid };
      };
    }
    case 'sessions':
      return (history) => {
        const result = checkSessions(history, registers);
        return { consistency, result, valid: result.valid };
      };
    case '2-atomic':
      return (history) => {
        const result = checkTwoAtomicity(history, registers);
        return { consistency, result, valid: result.valid };
      };
    case 'staleness':
      return (history) => {
        const result = measureStaleness(history, registers);
        return { consistency, result, valid: freshness(result, maxStalenessNs) };
      };
  }
}

/** Whether no read was staler than that, as far as it is known. */
function freshness({ keys }: StalenessResult, maxNs: number): Validity {
  return worst(
    keys.map(({ why, deltaNs }) => {
      if (why !== null) return 'unknown';
      return deltaNs !== null && deltaNs <= maxNs;
    }),
  );
}
