/**
 * What `splitbrain explore` says: a line while it searches, and a summary that fits on a screen. Pure functions of
 * small states, as for a single test (live.ts, terminal.ts).
 */
import type { Validity } from '../harness/history/checker.ts';
import { formatDuration } from '../harness/time.ts';
import { colourOf, labelled, wrap, type TerminalOptions } from './terminal.ts';
import { formatCount, plural, targetWords, verdictWords } from './words.ts';

/** What a search knows of itself. */
export interface ExplorationState {
  readonly runs: number;
  readonly simulatedMs: number;
  readonly elapsedMs: number;
  readonly behaviours: number;
  /** How many runs failed, by kind. */
  readonly failures: Readonly<Record<string, number>>;
  readonly unknown: number;
}

/** What came of a search. */
export interface ExplorationReport extends ExplorationState {
  readonly valid: Validity;
  readonly targetName: string;
  /** A version of it that is wrong on purpose. */
  readonly variant?: string;
  readonly jobs: number;
  readonly seeds: { readonly first: number; readonly last: number };
  readonly operations: number;
  /** Runs that were not judged, because too little happened or a fault was not confirmed. */
  readonly thin: number;
  readonly interrupted: boolean;
  /** Why runs are unknown, the commonest first. */
  readonly unknownReasons: readonly string[];
  readonly found: readonly FoundFailure[];
}

/** A failure, and what is left of it on disk. */
export interface FoundFailure {
  readonly kind: string;
  readonly summary: string;
  readonly seed: string;
  /** Runs until it was found. */
  readonly after: number;
  readonly directory: string;
  /** Path of its report; absent where the run would have taken the process that writes it along. */
  readonly report?: string;
  /** `splitbrain replay …` */
  readonly command: string;
  /** It did not fail when it was run again. */
  readonly unrepeatable?: boolean;
  readonly shrunk?: {
    readonly operations: number;
    readonly faults: number;
    readonly nodes: number;
    readonly tried: number;
    readonly tookMs: number;
    /** Nothing simpler fails; else time was up. */
    readonly finished: boolean;
  };
}

const LINES_MAX = { summary: 3, reason: 2, failures: 3 } as const;
const LABEL_WIDTH = 12;
const UNREPEATABLE =
  'It did not fail when it was run again: something beside the seed decides what the program does, which test --runtime sim --verify-determinism may find.';

/** The line, at most `columns` characters long and without a line break; `leftMs` is the time that is left, if it is limited. */
export function explorationLine(
  state: ExplorationState,
  leftMs: number | undefined,
  columns: number,
): string {
  const line = [
    plural(state.runs, 'run'),
    speedWords(state),
    plural(state.behaviours, 'behaviour'),
    failureWords(state.failures),
    ...(state.unknown === 0 ? [] : [`${formatCount(state.unknown)} unknown`]),
    ...(leftMs === undefined ? [] : [`${formatDuration(Math.max(0, leftMs))} left`]),
  ].join(' · ');
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

/** The summary of a search, without a line break at its end. */
export function explorationSummary(
  report: ExplorationReport,
  options: Pick<TerminalOptions, 'colour' | 'width'>,
): string {
  const width = Math.max(40, Math.min(100, options.width));
  const room = width - LABEL_WIDTH;
  const { word } = verdictWords(report.valid);
  const painted = options.colour ? `\u001b[1;${colourOf(report.valid)}m${word}\u001b[0m` : word;
  const [first = '', ...rest] = wrap(headWords(report), room, LINES_MAX.summary);
  const shown = report.found.slice(0, LINES_MAX.failures);
  return [
    `${painted}${' '.repeat(LABEL_WIDTH - word.length)}${first}`,
    ...labelled('', rest),
    ...labelled('Searched', wrap(searchedWords(report), room, LINES_MAX.summary)),
    ...labelled('Unknown', unknownLines(report, room)),
    ...shown.flatMap((failure) => foundLines(failure, room)),
    ...labelled('', moreLines(report.found.length - shown.length)),
  ].join('\n');
}

function headWords(report: ExplorationReport): string {
  const { runs, jobs, seeds, elapsedMs, interrupted } = report;
  const searched = `${targetWords(report)}: ${plural(runs, 'run')}`;
  const range = runs === 0 ? '' : `, seeds ${seeds.first} to ${seeds.last}`;
  const processes = jobs === 1 ? 'one process' : `${jobs} processes`;
  return `${searched}${range}, ${formatDuration(elapsedMs)} in ${processes}${interrupted ? ', interrupted' : ''}`;
}

function searchedWords(report: ExplorationReport): string {
  const { operations, behaviours, failures, thin } = report;
  return [
    speedWords(report),
    plural(operations, 'operation'),
    plural(behaviours, 'behaviour'),
    failureWords(failures),
    ...(thin === 0
      ? []
      : [`${plural(thin, 'run')} not judged (too little happened, or a fault was not confirmed)`]),
  ].join(', ');
}

function unknownLines({ unknown, unknownReasons }: ExplorationReport, room: number): string[] {
  const [reason] = unknownReasons;
  if (reason === undefined) return [];
  return wrap(`${plural(unknown, 'run')}: ${reason}`, room, LINES_MAX.reason);
}

function foundLines(found: FoundFailure, room: number): string[] {
  const { kind, summary, seed, after, directory, report, command, shrunk } = found;
  return [
    ...labelled(
      'Found',
      wrap(`${kind} in run ${formatCount(after)}, seed ${seed}: ${summary}`, room, LINES_MAX.summary),
    ),
    ...labelled('', found.unrepeatable === true ? wrap(UNREPEATABLE, room, LINES_MAX.reason) : []),
    ...labelled('Shrunk', shrunk === undefined ? [] : wrap(shrunkWords(shrunk), room, LINES_MAX.reason)),
    ...labelled(report === undefined ? 'Kept' : 'Report', [report ?? directory]),
    ...labelled('Repeat', [command]),
  ];
}

function shrunkWords(shrunk: NonNullable<FoundFailure['shrunk']>): string {
  const { operations, faults, nodes, tried, tookMs, finished } = shrunk;
  const size = `to ${plural(operations, 'operation')}, ${plural(faults, 'fault')}, ${plural(nodes, 'node')}`;
  const effort = `in ${formatDuration(tookMs)} (${plural(tried, 'scenario')} tried)`;
  return `${size} ${effort}${finished ? '' : '; time was up'}`;
}

function moreLines(count: number): string[] {
  return count <= 0 ? [] : [`… and ${plural(count, 'failure')} of other kinds`];
}

/** How much was simulated, and how many times faster than it happens. */
function speedWords({ simulatedMs, elapsedMs }: ExplorationState): string {
  const times = Math.round(simulatedMs / Math.max(1, elapsedMs));
  return `${formatDuration(simulatedMs)} simulated (${formatCount(times)} times as fast)`;
}

function failureWords(failures: ExplorationState['failures']): string {
  const kinds = Object.entries(failures).map(([kind, count]) => `${formatCount(count)} ${kind}`);
  return kinds.length === 0 ? 'no failure' : `failures: ${kinds.join(', ')}`;
}
