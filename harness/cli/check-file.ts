/**
 * Checks one history file for linearizability, as it is read: what is kept of it is its calls, not its text or its entries.
 */
import { checkLinearizable, type Algorithm } from '../../checkers/index.ts';
import type { LinearizableResult, Progress } from '../../checkers/index.ts';
import type { Validity } from '../history/checker.ts';
import type { FormatName } from '../history/read.ts';
import { UsageError } from '../errors.ts';
import {
  modelSource,
  requireNamed,
  withSource,
  type CheckSource,
  type SourceOptions,
} from './check-source.ts';

/** How to check a file. All but `onProgress` can be sent to another thread. */
export interface CheckFileOptions extends SourceOptions {
  readonly algorithm?: Algorithm | undefined;
  /** Bytes that the search of one key may remember. */
  readonly memoryBytes?: number | undefined;
  /** Also give an order of the operations where there is one. */
  readonly witness?: boolean | undefined;
  /** False: nothing but the verdict. */
  readonly explain?: boolean | undefined;
  /** Milliseconds that explaining why a key is wrong may take, even if the verdict took less. */
  readonly explainMs?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** How many threads may search at once; as many as there are cores unless given. */
  readonly threads?: number | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was checked. */
export interface CheckedFile {
  readonly path: string;
  readonly format: FormatName;
  /** What a reader should know about how the file was understood. One sentence each. */
  readonly notes: readonly string[];
  readonly valid: Validity;
}

/** What was checked, and what came out. */
export interface CheckFileResult extends CheckedFile {
  readonly consistency: 'linearizable';
  readonly result: LinearizableResult;
}

/**
 * Checks the history in that file, in that run's directory, or, for `-`, on standard input. Throws a UsageError if it
 * cannot be read, or if neither the options nor the format say what its operations mean.
 */
export function checkFile(path: string, options: CheckFileOptions = {}): Promise<CheckFileResult> {
  return withSource(path, options, async (source) => {
    refuseTimeless(path, source);
    const result = await checkLinearizable(source.operations, {
      model: modelSource(requireNamed(path, source)),
      init: source.init,
      split: options.key !== 'none',
      ...given('algorithm', options.algorithm),
      ...given('memoryBytes', options.memoryBytes),
      ...given('witness', options.witness),
      ...given('explain', options.explain),
      ...given('explainMs', options.explainMs),
      ...given('timeoutMs', options.timeoutMs),
      ...given('threads', options.threads),
      ...given('onProgress', options.onProgress),
    });
    const { valid } = result;
    return { path, format: source.format, notes: source.notes(), consistency: 'linearizable', valid, result };
  });
}

/** A property, if it has a value. */
function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

/** Linearizability is about what was over before something else began, of which such histories say nothing. */
function refuseTimeless(path: string, { timeless, format }: CheckSource): void {
  if (!timeless) return;
  throw new UsageError(
    `${path}: a ${format} history has no times; linearizability cannot be asked of it; --consistency sequential can`,
  );
}
