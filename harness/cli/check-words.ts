/**
 * What `splitbrain check` prints: one result at length, with its evidence; of several a line each, and one about all.
 */
import type { KeyResult, LinearizableResult } from '../../checkers/index.ts';
import { problemOf, summaryOf } from '../../checkers/linearizable/index.ts';
import { show } from '../../checkers/models/model.ts';
import type { Validity } from '../history/checker.ts';
import { STANDARD_INPUT } from '../history/input.ts';
import { formatDuration } from '../time.ts';
import { ADJECTIVES, type Consistency } from './check-consistency.ts';
import type { CheckFileResult } from './check-file.ts';
import type { HistoryResult } from './check-history.ts';
import { files } from './check-paths.ts';
import { operationRow, tableOf } from './check-table.ts';
import type { WeakerFileResult } from './check-weaker.ts';
import { evidenceOf } from './check-weaker-words.ts';
import type { Rechecked } from './recheck.ts';

const RUN_WORDS = { true: 'PASS', false: 'FAIL', unknown: 'UNKNOWN' } as const;
const BAD_WORDS = { true: '', false: 'NOT     ', unknown: 'unknown ', unread: 'not read' } as const;
/** Of all that is said of runs and of linearizability; the other words line up among themselves. */
const WIDEST_WORD = 16;
/** Lines that surely fit on a screen. */
const SCREEN = 20;
const BAD_NAMED = 8;
/** How much of the evidence is shown on the terminal; `--json` has it all. */
const KEYS_NAMED = 6;
const WITNESS_SHOWN = 24;
const CORE_SHOWN = 12;
const ALGORITHMS_NAMED = 3;

/** Whether it is what it was asked to be. */
function verdictOn({ consistency, valid }: Pick<HistoryResult, 'consistency' | 'valid'>): string {
  if (valid === 'unknown') return valid;
  return valid ? ADJECTIVES[consistency] : `NOT ${ADJECTIVES[consistency]}`;
}

/** One result in a line. */
export function briefly(checked: HistoryResult): string {
  const { path, consistency } = checked;
  const word = verdictOn(checked);
  if (consistency !== 'linearizable') {
    const widest = verdictOn({ consistency, valid: false }).length;
    return `${word.padEnd(widest)}  ${path}  (${formatDuration(checked.tookMs)})  ${checked.summary}`;
  }
  const { result } = checked;
  const what = `model ${result.model}, ${result.operations} operations`;
  return line(word, path, `${what}, ${measures(result)}`);
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
export function summaryOfAll(all: readonly Summed[], consistency: Consistency = 'linearizable'): string {
  const counted = (valid: Validity | undefined, word: string): string[] => {
    const count = all.filter((one) => one.valid === valid).length;
    return count === 0 && valid !== true ? [] : [`${count} ${word}`];
  };
  const counts = [
    ...counted(true, ADJECTIVES[consistency]),
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

/** One result with its evidence. `witness`: an order of the operations was asked for. */
export function atLength(checked: HistoryResult, witness = false): string {
  const { notes } = checked;
  const path = checked.path === STANDARD_INPUT ? 'standard input' : checked.path;
  const body =
    checked.consistency === 'linearizable' ? linearizableBody(checked) : weakerBody(checked, witness);
  const [summary, measured, ...evidence] = body;
  return [
    `${path}: ${verdictOn(checked)}`,
    `  ${summary}`,
    `  ${measured}`,
    ...notes.map((note) => `  Note: ${note}`),
    ...evidence,
  ].join('\n');
}

/** A summary, what it took, and the evidence. */
type Body = readonly [summary: string, measured: string, ...evidence: string[]];

function linearizableBody({ result }: CheckFileResult): Body {
  const wrong = result.keys.filter(({ valid }) => valid === result.valid && valid !== true);
  return [
    summaryOf(result),
    measures(result),
    ...(result.why === null ? explainFirst(wrong) : [`\n${result.why}.`]),
    ...(result.valid === true ? witnesses(result) : []),
  ];
}

function weakerBody(checked: WeakerFileResult, witness: boolean): Body {
  const evidence = evidenceOf(checked);
  const order = checked.consistency === 'sequential' ? (checked.result?.order ?? []) : [];
  const shown = witness && checked.valid === true && order.length > 0;
  return [
    checked.summary,
    formatDuration(checked.tookMs),
    ...(evidence.length === 0 ? [] : ['', ...evidence]),
    ...(shown ? [orderLine('', order, false)] : []),
  ];
}

/** The first of the keys in which something is wrong, and the names of others: more would not fit on a screen. */
function explainFirst([first, ...others]: readonly KeyResult[]): string[] {
  if (first === undefined) return [];
  const { title, explanation } = problemOf(first);
  const lines = [`\n${title}. ${explanation}`, ...tables(first)];
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
  const of = key === null ? '' : ` of key ${show(key)}`;
  return [orderLine(of, linearization, keys.length > 1)];
}

function orderLine(of: string, order: readonly number[], isOneOfSeveral: boolean): string {
  const shown = order.slice(0, WITNESS_SHOWN).join(' ');
  const more = isOneOfSeveral || order.length > WITNESS_SHOWN ? ' …  (--json has all)' : '';
  return `  Order${of}, by indices of invocations: ${shown}${more}`;
}

/** What it took, and who gave the verdict. */
function measures({ keys, algorithm, configurations, tookMs }: LinearizableResult): string {
  const keyed = keys.length > 1 || keys[0]?.key !== null;
  const parts = keyed ? `${keys.length === 1 ? '1 key' : `${keys.length} keys`}, ` : '';
  const by = [...new Set(keys.map((key) => key.by))].filter((name) => name !== '');
  const who = by.length === 0 ? algorithm : by.slice(0, ALGORITHMS_NAMED).join(', ');
  const tried = `${configurations.toLocaleString('en')} ${configurations === 1 ? 'configuration' : 'configurations'}`;
  return `${parts}${formatDuration(tookMs)}, ${who}${configurations === 0 ? '' : `: ${tried}`}`;
}

/** The operations that are impossible by themselves, if they are few, and where the longest order ends. */
function tables({ explained, last, stuck, state, core }: KeyResult): string[] {
  const few = core.slice(0, core.length > CORE_SHOWN ? 0 : core.length);
  const nowhere = last.length === 0 && stuck.length === 0;
  const more = explained - last.length;
  return [
    ...table(
      'Impossible by themselves',
      few.map((operation) => operationRow('✗', operation)),
    ),
    ...table('Where the longest order ends', [
      ...(more > 0 ? [['', '…', `${more} more before`, '', '']] : []),
      ...last.map((operation) => operationRow('✓', operation)),
      ...(nowhere ? [] : [['', '', `= ${state}`, '', '']]),
      ...stuck.map((operation) => operationRow('✗', operation, operation.why)),
    ]),
  ];
}

/** Nothing without rows. */
function table(title: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  return ['', `  ${title}:`, ...tableOf([['', 'process', 'operation', 'index', ''], ...rows])];
}
