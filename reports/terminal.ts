/**
 * The summary that a finished run prints. It fits on one screen (24 lines) whatever happened, because it is
 * the first and often the only thing that anyone reads: the verdict, why, and where to look further.
 */
import type { Validity } from '../harness/history/checker.ts';
import type { RunRecord } from '../harness/run/reporter.ts';
import type { RunResults } from '../harness/run/results.ts';
import { formatDuration } from '../harness/time.ts';
import {
  faultsByFamily,
  formatCount,
  problemsOf,
  setupWords,
  stoppedWords,
  targetWords,
  totalsOf,
  verdictWords,
} from './words.ts';

/** How to print the summary. */
export interface TerminalOptions {
  /** Whether to use ANSI colours. */
  readonly colour: boolean;
  /** Columns of the terminal; at most 100 are used, and at least 40. */
  readonly width: number;
  /** The run's directory; its paths are printed when it is given. */
  readonly directory?: string;
}

/** Lines that each part may take, so that the whole stays within 24. */
const LINES_MAX = {
  summary: 2,
  claims: 4,
  operations: 5,
  beside: 1,
  faults: 1,
  explanation: 4,
  command: 4,
} as const;
const LABEL_WIDTH = 12;

const GREEN = 32;
const RED = 31;
const YELLOW = 33;

/** The summary of a run, at most 24 lines, without a line break at its end. */
export function terminalSummary(record: RunRecord, options: TerminalOptions): string {
  const { plan, results } = record;
  const width = Math.max(40, Math.min(100, options.width));
  const room = width - LABEL_WIDTH;
  const verdict = verdictWords(results.valid);
  const paint = (text: string, validity: Validity): string =>
    options.colour ? `\u001b[1;${colourOf(validity)}m${text}\u001b[0m` : text;
  const [headFirst = '', ...headRest] = wrap(`${targetWords(plan)}: ${setupWords(plan)}`, room, 2);
  // What there seldom is takes the place of lines that tell least.
  const beside = besideLines(results, room);
  const lines = [
    `${paint(verdict.word, results.valid)}${' '.repeat(LABEL_WIDTH - verdict.word.length)}${headFirst}`,
    ...headRest.map((line) => `${' '.repeat(LABEL_WIDTH)}${line}`),
    ...labelled('', wrap(results.summary, room, LINES_MAX.summary)),
    ...labelled('Claims', claimLines(results, room, paint)),
    ...labelled('Operations', operationLines(results, room, LINES_MAX.operations - beside.length)),
    ...beside,
    ...labelled('Faults', wrap(faultWords(results), room, LINES_MAX.faults)),
    ...labelled('Problem', problemLines(results, room)),
    ...labelled('Report', options.directory === undefined ? [] : [`${options.directory}/report.html`]),
    ...labelled('Repeat', wrapCommand(plan.command, room)),
  ];
  return lines.join('\n');
}

/** The colour of a verdict, as ANSI numbers it. */
export function colourOf(validity: Validity): number {
  return validity === true ? GREEN : validity === false ? RED : YELLOW;
}

/** The lines with a label before the first and spaces before the others. */
export function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, place) => (place === 0 ? label : '').padEnd(LABEL_WIDTH) + line);
}

function claimLines(
  results: RunResults,
  room: number,
  paint: (text: string, validity: Validity) => string,
): string[] {
  const lines = results.claims.map(({ property, valid, claimed }) => {
    const note = claimed === 'no' ? ' (not claimed under these faults; does not decide)' : '';
    const word = verdictWords(valid).word;
    return `${paint(word, valid)}${' '.repeat(8 - word.length)}${cut(`${property}${note}`, room - 8)}`;
  });
  return lines.length === 0 ? ['none tested'] : capped(lines, LINES_MAX.claims);
}

/** That the run was stopped early, and what else its reader should know. */
function besideLines({ stopped, notes = [] }: RunResults, room: number): string[] {
  const more = notes.length > 1 ? ` (1 of ${notes.length})` : '';
  return [
    ...labelled('Stopped', stopped === undefined ? [] : wrap(stoppedWords(stopped), room, LINES_MAX.beside)),
    ...labelled('Note', wrap(`${notes[0] ?? ''}${more}`, room, LINES_MAX.beside)),
  ];
}

function operationLines(results: RunResults, room: number, linesMax: number): string[] {
  const totals = totalsOf(results.counts);
  const seconds = results.durationNs / 1e9;
  const pace = seconds > 0 ? ` (${formatCount(Math.round(totals.all / seconds))}/s)` : '';
  const functions = Object.entries(results.counts);
  const name = Math.max(0, ...functions.map(([f]) => f.length));
  const rows = functions.map(([f, { ok, fail, info }]) => {
    const cells = [`${formatCount(ok)} ok`, `${formatCount(fail)} fail`, `${formatCount(info)} info`];
    return cut(`${f.padEnd(name)} ${cells.map((cell) => cell.padStart(12)).join('')}`, room);
  });
  const total = `${formatCount(totals.all)} in ${formatDuration(results.durationNs / 1e6)}${pace}: ${formatCount(totals.ok)} ok, ${formatCount(totals.fail)} fail, ${formatCount(totals.info)} info`;
  return capped([cut(total, room), ...(rows.length > 1 ? rows : [])], linesMax);
}

function faultWords(results: RunResults): string {
  const families = [...faultsByFamily(results.faults)];
  if (families.length === 0) return 'none injected';
  return families
    .map(([family, { injected, confirmed, masked }]) => {
      const hidden = masked === 0 ? '' : `, ${masked} masked`;
      return `${family} ${injected}, ${confirmed} confirmed${hidden}`;
    })
    .join('; ');
}

function problemLines(results: RunResults, room: number): string[] {
  const problems = problemsOf(results);
  const first = problems[0];
  if (first === undefined) return [];
  const more = problems.length > 1 ? ` (1 of ${problems.length})` : '';
  return [
    ...wrap(`${first.problem.title}${more}, found by ${first.foundBy}`, room, 1),
    ...wrap(first.problem.explanation, room, LINES_MAX.explanation),
  ];
}

/** Breaks a command before its options only, with a backslash, so that it can still be pasted. */
function wrapCommand(command: string, room: number): string[] {
  const lines: string[] = [];
  for (const part of command.split(/ (?=--)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length + 3 <= room)
      lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(part);
  }
  // A command that is too long for the screen is printed whole: half a command is worse than a long line.
  if (lines.length > LINES_MAX.command) return [command];
  return lines.map((line, place) => (place === lines.length - 1 ? line : `${line} \\`));
}

/** Breaks a text into lines, and says with an ellipsis that it goes on. */
export function wrap(text: string, room: number, linesMax: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((piece) => piece !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(cut(word, room));
  }
  if (lines.length <= linesMax) return lines;
  const kept = lines.slice(0, linesMax);
  kept[linesMax - 1] = cut(`${kept[linesMax - 1] ?? ''} …`, room);
  return kept;
}

function capped(lines: readonly string[], linesMax: number): string[] {
  if (lines.length <= linesMax) return [...lines];
  return [...lines.slice(0, linesMax - 1), `… and ${lines.length - linesMax + 1} more`];
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
