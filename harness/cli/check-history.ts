/**
 * Checks one history file for what is asked of it.
 */
import { checkFile, type CheckFileOptions, type CheckFileResult } from './check-file.ts';
import { checkWeaker, type WeakerFileResult, type WeakerOptions } from './check-weaker.ts';

/** What is asked of files, and how to check them. All but the callbacks can be sent to another thread. */
export type HistoryOptions =
  (CheckFileOptions & { readonly consistency: 'linearizable'; readonly timeoutMs: number }) | WeakerOptions;

/** What was checked, and what came out. */
export type HistoryResult = CheckFileResult | WeakerFileResult;

/** Whom to tell on the way. */
export type HistoryListener = Pick<CheckFileOptions, 'onProgress'> & Pick<WeakerOptions, 'onBegun'>;

/** Checks that file. Throws a UsageError as `checkFile` and `checkWeaker` do. */
export function checkHistory(
  path: string,
  options: HistoryOptions,
  { onProgress, onBegun }: HistoryListener,
): Promise<HistoryResult> {
  return options.consistency === 'linearizable'
    ? checkFile(path, { ...options, ...(onProgress !== undefined && { onProgress }) })
    : checkWeaker(path, { ...options, ...(onBegun !== undefined && { onBegun }) });
}
