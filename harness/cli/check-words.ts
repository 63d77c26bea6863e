/**
 * What `splitbrain check` prints: one result at length, with its evidence; of several a line each, and one about all.
 */
import type { KeyResult, LinearizableResult, OperationEvidence } from '../../checkers/index.ts';
import { problemOf, summaryOf } from '../../checkers/linearizable/index.ts';
import { show } from '../../checkers/models/model.ts';
import type { Validity } from '../history/checker.ts';
import { formatDuration } from '../time.ts';
import type { CheckFileResult } from './check-file.ts';
import { files } from './check-paths.ts';
import type { Rechecked } from './recheck.ts';

const WORDS = { true: 'linearizable', false: 'NOT linearizable', unknown: 'unknown' } as const;
const RUN_WORDS = { true: 'PASS', false: 'FAIL', unknown: 'UNKNOWN' } as const;
const BAD_WORDS = { true: '', false: 'NOT     ', unknown: 'unknown ', unread: 'not read' } as const;
const WIDEST_WORD = 16;
/** Lines that surely fit on a screen. */
const SCREEN = 20;
const BAD_NAMED = 8;
/** How much of the evidence is shown on the terminal; `--json` has it all. */
const KEYS_NAMED = 6;
const WITNESS_SHOWN = 24;
const CORE_SHOWN = 12;
const ALGORITHMS_NAMED = 3;

/** One result in a line. */
export function briefly({ path, result }: CheckFileResult): string {
  const what = `model ${result.model}, ${result.operations} operations`;
  return line(WORDS[`${result.valid}`], path, `${what}, ${measures(result)}`);
}

/** A run's result in a line. */
export function runBriefly({ directory, valid, checks }: Rechecked): string {
  const wrong = checks.filter((check) => check.valid !== true).map(({ checker }) => checker);
  const what = wrong.length === 0 ? `${checks.length} checkers` : wrong.join(', ');
  return line(RUN_WORDS[`${valid}`], directory, what);
}

function line(word: string, path: string, what: string): string {
  return `${word.padEnd(WIDEST_WORD)}  ${path}  (${what})`;
}

/** What came of each of several, to be summed up. */
export interface Summed {
  readonly path: string;
  /** Undefined for what could not be read. */
  readonly valid: Validity | undefined;
}

/**
 * Several results in one line: `120 files: 118 linearizable, 1 NOT, 1 unknown`. Those that need a look are named again
 * where the lines about them may have left the screen.
 */
export function summaryOfAll(all: readonly Summed[]): string {
  const counted = (valid: Validity | undefined, word: string): string[] => {
    const count = all.filter((one) => one.valid === valid).length;
    return count === 0 && valid !== true ? [] : [`${count} ${word}`];
  };
  const counts = [
    ...counted(true, 'linearizable'),
    ...counted(false, 'NOT'),
    ...counted('unknown', 'unknown'),
    ...counted(undefined, 'not read'),
  ];
  const bad = all.length <= SCREEN ? [] : all.filter(({ valid }) => valid !== true);
  const more = bad.length - BAD_NAMED;
  return [
    `${files(all.length)}: ${counts.join(', ')}`,
    ...bad.slice(0, BAD_NAMED).map(({ path, valid }) => `  ${BAD_WORDS[`${valid ?? 'unread'}`]}  ${path}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ].join('\n');
}

/** One result with its evidence. */
export function atLength({ path, result, notes }: CheckFileResult): string {
  const wrong = result.keys.filter(({ valid }) => valid === result.valid && valid !== true);
  return [
    `${path}: ${WORDS[`${result.valid}`]}`,
    `  ${summaryOf(result)}`,
    `  ${measures(result)}`,
    ...notes.map((note) => `  Note: ${note}`),
    ...(result.why === null ? explainFirst(wrong) : [`\n${result.why}.`]),
    ...(result.valid === true ? witnesses(result) : []),
  ].join('\n');
}

/** The first of the keys in which something is wrong, and the names of others: more would not fit on a screen. */
function explainFirst([first, ...others]: readonly KeyResult[]): string[] {
  if (first === undefined) return [];
  const { title, explanation } = problemOf(first);
  const lines = [`\n${title}. ${explanation}`, '', ...table(first)];
  if (others.length === 0) return lines;
  const named = others.slice(0, KEYS_NAMED).map(({ key }) => show(key));
  const more = others.length > named.length ? `, … (${others.length} in all)` : '';
  return [
    ...lines,
    `\nThe same is to be said of ${named.join(', ')}${more}; --only-key shows one, --json all.`,
  ];
}

/** The orders that were asked for, as far as they fit. */
function witnesses({ keys }: LinearizableResult): string[] {
  const [first] = keys.filter(({ linearization }) => linearization.length > 0);
  if (first === undefined) return [];
  const { key, linearization } = first;
  const shown = linearization.slice(0, WITNESS_SHOWN).join(' ');
  const of = key === null ? '' : ` of key ${show(key)}`;
  const more = keys.length > 1 || linearization.length > WITNESS_SHOWN ? ' …  (--json has all)' : '';
  return [`  Order${of}, by indices of invocations: ${shown}${more}`];
}

/** What it took, and who gave the verdict. */
function measures({ keys, algorithm, configurations, tookMs }: LinearizableResult): string {
  const parts = keys.length === 1 ? '1 key' : `${keys.length} keys`;
  const by = [...new Set(keys.map((key) => key.by))].filter((name) => name !== '');
  const who = by.length === 0 ? algorithm : by.slice(0, ALGORITHMS_NAMED).join(', ');
  const tried = `${configurations.toLocaleString('en')} ${configurations === 1 ? 'configuration' : 'configurations'}`;
  return `${parts}, ${formatDuration(tookMs)}, ${who}${configurations === 0 ? '' : `: ${tried}`}`;
}

/** Where it goes wrong; where no order is known that gets near, the operations that have none by themselves. */
function table({ explained, last, stuck, state, core }: KeyResult): string[] {
  const nowhere = last.length === 0 && stuck.length === 0;
  const rows = [
    ['', 'process', 'operation', 'index', ''],
    ...(explained > last.length ? [['', '…', `${explained - last.length} more before`, '', '']] : []),
    ...last.map((operation) => row('✓', operation)),
    ...(nowhere ? core.slice(0, CORE_SHOWN).map((operation) => row('✗', operation)) : []),
    ...(nowhere ? [] : [['', '', `= ${state}`, '', '']]),
    ...stuck.map((operation) => row('✗', operation, operation.why)),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

function row(mark: string, { process, text, invoked, returned }: OperationEvidence, why = ''): string[] {
  const indices = returned === null ? `${invoked} (crashed)` : `${invoked}–${returned}`;
  return [mark, String(process), text, indices, why];
}
