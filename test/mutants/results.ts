/**
 * `results.json`: what was measured, a row a target, variant and runtime, each with all its tries. The tables of README.md are made
 * from it, so one row can be measured again without the others.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { z } from 'zod';
import { UsageError } from '../../harness/errors.ts';
import type { Effort } from './effort.ts';
import type { Outcome } from './outcome.ts';
import { CORRECT, isSameRow, nameOf, RUNTIMES, type Row, type RowName } from './row.ts';

/** A row that was measured. */
export interface MeasuredRow extends RowName {
  /** Version and commit at which it was measured; `-dirty`: with changes that were not committed. */
  readonly version: string;
  readonly tries: readonly Outcome[];
}

/** Where they are kept. */
export const RESULTS = new URL('./results.json', import.meta.url);

const shape = z.array(
  z.strictObject({
    target: z.string(),
    variant: z.string(),
    runtime: z.enum(RUNTIMES),
    version: z.string(),
    tries: z.array(
      z.strictObject({
        seed: z.int(),
        found: z.boolean(),
        by: z.array(z.string()),
        runs: z.int(),
        failed: z.int(),
        notJudged: z.int(),
        seconds: z.number(),
      }),
    ),
  }),
);

/** All rows. Throws a UsageError when the file is not what this command writes. */
export function readResults(file: URL = RESULTS): MeasuredRow[] {
  const { success, data, error } = shape.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (success) return data;
  const [issue] = error.issues;
  throw new UsageError(`${file.pathname}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** Writes all rows, formatted as `npm run format` would. */
export async function writeResults(rows: readonly MeasuredRow[], file: URL = RESULTS): Promise<void> {
  writeFileSync(file, await format(JSON.stringify(rows), { parser: 'json', printWidth: 110 }));
}

/**
 * The rows with this one in its place, in the order of `known`; rows of variants that there are no more are left out. Those of targets
 * that are not known stay, for they may have come since this command was started.
 */
export function withRow(
  rows: readonly MeasuredRow[],
  row: MeasuredRow,
  known: readonly RowName[],
): MeasuredRow[] {
  const others = rows.filter(({ target }) => !known.some((name) => name.target === target));
  const own = known.flatMap((name) =>
    isSameRow(name, row) ? [row] : rows.filter((one) => isSameRow(one, name)).slice(0, 1),
  );
  return [...own, ...others];
}

/** The row of this name, if it was measured. */
export function findRow(rows: readonly MeasuredRow[], name: RowName): MeasuredRow | undefined {
  return rows.find((row) => isSameRow(row, name));
}

/** In how many of its tries something was found. */
export function foundIn({ tries }: Pick<MeasuredRow, 'tries'>): number {
  return tries.filter(({ found }) => found).length;
}

/** Runs of a row, how many failed and of how many nobody can say. */
export function runsOf({
  tries,
}: Pick<MeasuredRow, 'tries'>): Pick<Outcome, 'runs' | 'failed' | 'notJudged'> {
  const sum = (field: 'runs' | 'failed' | 'notJudged'): number =>
    tries.reduce((total, one) => total + one[field], 0);
  return { runs: sum('runs'), failed: sum('failed'), notJudged: sum('notJudged') };
}

/** Whether a row is as it should be: a variant was found often enough, a correct target never failed and was mostly judged. */
export function isGood(row: MeasuredRow, { goal }: Pick<Effort, 'goal'>): boolean {
  if (row.variant !== CORRECT) return foundIn(row) >= (row.runtime === 'sim' ? goal : 1);
  const { runs, failed, notJudged } = runsOf(row);
  return failed === 0 && 2 * notJudged <= runs;
}

/** What is not as it should be, a sentence each; of the variants in containers half may be missed. */
export function shortcomings(rows: readonly MeasuredRow[], effort: Pick<Effort, 'goal'>): string[] {
  const missed = rows.filter((row) => !isGood(row, effort));
  const inContainers = ({ variant, runtime }: RowName): boolean =>
    runtime === 'docker' && variant !== CORRECT;
  const asked = rows.filter(inContainers).length;
  const found = asked - missed.filter(inContainers).length;
  const words = missed.filter((row) => !inContainers(row)).map(missedWords);
  return 2 * found >= asked ? words : [...words, `in Docker ${found} of ${asked} variants were found`];
}

function missedWords(row: MeasuredRow): string {
  const { target, variant, runtime } = row;
  if (variant !== CORRECT)
    return `${target} ${variant}, ${runtime}: found in ${foundIn(row)} of ${row.tries.length} tries`;
  const { runs, failed, notJudged } = runsOf(row);
  return `${target} ${variant}, ${runtime}: ${failed} of ${runs} runs failed, ${notJudged} were not judged`;
}

/** Those of the rows that were not measured. */
export function missingRows(rows: readonly MeasuredRow[], wanted: readonly Row[]): Row[] {
  return wanted.filter((row) => findRow(rows, nameOf(row)) === undefined);
}
