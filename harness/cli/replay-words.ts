/**
 * What `splitbrain replay` says of repetitions, in words: pure, so that each sentence is tested.
 */
import type { Failure } from '../explore/evaluate.ts';
import type { Comparison, Earlier } from '../explore/replay.ts';
import type { Validity } from '../history/checker.ts';
import { DEFAULT_SETTINGS, type SimSettings } from '../cluster/sim/options.ts';
import { equal, type Json } from '../json.ts';

/** Characters of a history's line that are shown. */
const LINE_MAX = 160;

/** How often something was done again in the simulator, and what came of it. */
export interface Repeated {
  readonly runs: number;
  readonly failed: number;
  /** Whether all had the same history. */
  readonly same: boolean;
}

/** Whether the history is the one on record; if not, where it leaves it and what may be the reason. */
export function comparisonWords(
  comparison: Comparison,
  { versions, complete }: Pick<Earlier, 'versions' | 'complete'>,
): string[] {
  if (comparison.same) {
    const entries = plural(comparison.entries, 'entry', 'entries');
    return complete
      ? [`the same history as on record, byte for byte: ${entries}`]
      : [`the same history as on record, as far as that goes: ${entries}`];
  }
  const { entry, before, now } = comparison;
  return [
    `NOT the history on record, from entry ${entry} on:`,
    `  then: ${shown(before)}`,
    `  now:  ${shown(now)}`,
    'The target or splitbrain changed since',
    `(then splitbrain ${versions.splitbrain}, Node.js ${versions.node}),`,
    'or the target is not deterministic: --verify-determinism tells.',
  ];
}

function shown(line: string | undefined): string {
  if (line === undefined) return 'nothing, it ended before';
  return line.length <= LINE_MAX ? line : `${line.slice(0, LINE_MAX - 1)}…`;
}

/** Whether the failure on record showed again. `found` is that of the repetition, if it failed. */
export function failureWords(recorded: Failure, found: Failure | undefined): string[] {
  if (found?.kind === recorded.kind) return [`as on record: ${recorded.kind} fails`];
  const instead = found === undefined ? '' : `; ${found.kind} fails instead`;
  return [`not as on record: ${recorded.kind} failed then, and does not now${instead}`, recorded.summary];
}

/** What came of many repetitions. */
export function repeatedWords({ runs, failed, same }: Repeated): string[] {
  return [
    `${failed} of ${runs} runs failed, ${same ? 'all with the same history' : 'NOT all with the same history: the target is not deterministic'}`,
  ];
}

/** What one run on another runtime came to. */
export interface RealRun {
  readonly valid: Validity;
  /** What failed in it. */
  readonly failure?: Failure;
}

/** How often the violation showed there. */
export function shareWords(recorded: Failure | undefined, runs: readonly RealRun[], runtime: string): string {
  const failed = runs.filter(({ valid }) => valid === false);
  const shown =
    recorded === undefined ? failed : failed.filter(({ failure }) => failure?.kind === recorded.kind);
  const what = recorded === undefined ? 'A violation' : `The violation (${recorded.kind})`;
  const others = failed.length - shown.length;
  const unknown = runs.filter(({ valid }) => valid === 'unknown').length;
  return [
    `${what} showed in ${shown.length} of ${plural(runs.length, 'run', 'runs')} on ${runtime}`,
    ...(others === 0 ? [] : [`another one in ${others}`]),
    ...(unknown === 0 ? [] : [`${unknown} without a verdict`]),
  ].join('; ');
}

/** Names of the settings that make the simulated network and disks other than usual. */
export function settingsBeyond(settings: SimSettings): string[] {
  const changed = Object.entries(settings).filter(
    ([name, value]) => !equal(value as Json, DEFAULT_SETTINGS[name as keyof SimSettings] as Json),
  );
  return changed.map(([name]) => name);
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
