/**
 * The tables of README.md, a target each, made from the rows that were measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Target } from '../../harness/run/target.ts';
import { findRow, foundIn, runsOf, type MeasuredRow } from './results.ts';
import { nameOf, rowsOf, type Row } from './row.ts';

/** The page with the tables. */
export const PAGE = new URL('./README.md', import.meta.url);

const BEGIN = '<!-- tables: begin, written by npm run mutants -->';
const END = '<!-- tables: end -->';
const NOT_MEASURED = 'not measured';
const HEAD = [
  '| variant | mistake | found by | found in simulation | seconds | runs | found in Docker |',
  '|---|---|---|---|---|---|---|',
];

/** All tables as Markdown. */
export function tables(targets: readonly Target[], measured: readonly MeasuredRow[]): string {
  return targets.map((target) => tableOf(target, measured)).join('\n\n');
}

/** The page with these tables in the place of those in it. Throws a RangeError when it has no place for them. */
export function withTables(page: string, text: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new RangeError(`expected "${BEGIN}" and "${END}" in the page`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${text}\n\n${page.slice(end)}`;
}

/** Writes the tables into the page. */
export function writeTables(targets: readonly Target[], measured: readonly MeasuredRow[]): void {
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), tables(targets, measured)));
}

function tableOf(target: Target, measured: readonly MeasuredRow[]): string {
  const rows = rowsOf(target, 'sim').map((row) => {
    const sim = findRow(measured, nameOf(row));
    const docker = findRow(measured, nameOf({ ...row, runtime: 'docker' }));
    return `| ${(row.broken === undefined ? correctCells(sim, docker) : brokenCells(row, row.broken, sim, docker)).join(' | ')} |`;
  });
  const own = measured.filter((row) => row.target === target.name);
  return [`### ${target.name}`, '', ...HEAD, ...rows, ...versionLines(own)].join('\n');
}

type Cells = readonly string[];

function brokenCells(
  row: Row,
  { mistake, caughtBy }: NonNullable<Row['broken']>,
  sim: MeasuredRow | undefined,
  docker: MeasuredRow | undefined,
): Cells {
  const { variant } = nameOf(row);
  const finds = sim?.tries.filter(({ found }) => found) ?? [];
  return [
    variant,
    mistake,
    foundByWords(caughtBy, [sim, docker]),
    sim === undefined ? NOT_MEASURED : `${foundIn(sim)} of ${sim.tries.length}`,
    medianWords(finds.map(({ seconds }) => Math.round(seconds))),
    medianWords(finds.map(({ runs }) => runs)),
    dockerWords(docker),
  ];
}

function correctCells(sim: MeasuredRow | undefined, docker: MeasuredRow | undefined): Cells {
  return ['(correct)', 'none: no run may fail', '', failedWords(sim), '', '', failedWords(docker)];
}

/** The checker that should, and others that did as well. */
function foundByWords(caughtBy: string, rows: readonly (MeasuredRow | undefined)[]): string {
  const all = rows.flatMap((row) => row?.tries.flatMap(({ by }) => by) ?? []);
  const others = [...new Set(all)].filter((checker) => checker !== caughtBy).sort();
  return others.length === 0 ? caughtBy : `${caughtBy} (also ${others.join(', ')})`;
}

function dockerWords(row: MeasuredRow | undefined): string {
  if (row === undefined) return NOT_MEASURED;
  const find = row.tries.findIndex(({ found }) => found);
  return find < 0
    ? `in none of ${row.tries.length}`
    : `in try ${find + 1}, ${Math.round(row.tries[find]?.seconds ?? 0)} s`;
}

function failedWords(row: MeasuredRow | undefined): string {
  if (row === undefined) return NOT_MEASURED;
  const { runs, failed, notJudged } = runsOf(row);
  return `${failed} of ${runs} runs failed${notJudged === 0 ? '' : `, ${notJudged} not judged`}`;
}

function medianWords(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  return String(sorted[Math.floor((sorted.length - 1) / 2)] ?? '');
}

function versionLines(rows: readonly MeasuredRow[]): string[] {
  const counts = new Map<string, number>();
  for (const { version } of rows) counts.set(version, (counts.get(version) ?? 0) + 1);
  const words = [...counts].map(
    ([version, count]) => `${version} (${count === 1 ? 'one row' : `${count} rows`})`,
  );
  return words.length === 0 ? [] : ['', `Measured at ${words.join(', ')}.`];
}
