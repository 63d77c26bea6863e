/**
 * Which fault can be had on which runtime, and how: from what families need and runtimes can do, and from nothing else, so that the
 * table is true by itself.
 */
import type { Abilities, Ability, Runtime, Way } from '../cluster/cluster.ts';
import { needsOf, wayOf, type FaultFamily } from '../cluster/fault.ts';

/** One kind of fault. */
export interface FaultRow {
  readonly family: string;
  /** A kind's name, or the form in which it is written out. */
  readonly kind: string;
  readonly summary: string;
  readonly needs: readonly Ability[];
  /** By the name of the runtime; null where it cannot be had. */
  readonly ways: Readonly<Record<string, Way | null>>;
}

type Able = Pick<Runtime, 'name' | 'abilities'>;

/** A row for each kind of each family, and one for kinds that are written out. */
export function faultRows(families: readonly FaultFamily[], runtimes: readonly Able[]): FaultRow[] {
  return families.flatMap((family) => {
    const named = Object.entries(family.kinds);
    const forms = family.explicit === undefined ? [] : [[family.explicit.form, 'written out'] as const];
    return [...named, ...forms].map(([kind, summary]) => ({
      family: family.name,
      kind,
      summary,
      needs: needsOf(family, kind),
      ways: Object.fromEntries(
        runtimes.map(({ name, abilities }) => [name, wayOf(family, kind, abilities) ?? null]),
      ),
    }));
  });
}

/** Kinds of one family that are had in the same ways, in one row. */
interface Group {
  readonly family: string;
  readonly kinds: string[];
  readonly ways: FaultRow['ways'];
}

function grouped(rows: readonly FaultRow[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { family, kind, ways } of rows) {
    const key = `${family} ${JSON.stringify(ways)}`;
    const group = groups.get(key) ?? { family, kinds: [], ways };
    group.kinds.push(kind);
    groups.set(key, group);
  }
  return [...groups.values()];
}

const meansOf = (way: Way | null | undefined): string => way?.means ?? 'impossible';

/** The table for a terminal, and under it how each runtime does what it can. */
export function faultsText(rows: readonly FaultRow[], runtimes: readonly Able[]): string {
  const groups = grouped(rows).map((group) => ({
    ...group,
    name: `${group.family}: ${group.kinds.join(', ')}`,
  }));
  const width = Math.min(60, Math.max(...groups.map(({ name }) => name.length)));
  const cells = (texts: readonly string[]): string =>
    texts
      .map((text) => text.padEnd(12))
      .join('')
      .trimEnd();
  const table = groups.flatMap(({ name, ways }) => {
    const [first = '', ...rest] = broken(name, width);
    const means = cells(runtimes.map((runtime) => meansOf(ways[runtime.name])));
    return [`  ${first.padEnd(width)}  ${means}`, ...rest.map((line) => `      ${line}`)];
  });
  const how = runtimes.map(({ name, abilities }) =>
    [`How ${name} does it`, ...abilityLines(abilities)].join('\n'),
  );
  const head = `  ${'fault'.padEnd(width)}  ${cells(runtimes.map(({ name }) => name))}`;
  return [[head, ...table].join('\n'), ...how].join('\n\n');
}

function abilityLines(abilities: Abilities): string[] {
  const width = Math.max(0, ...[...abilities.keys()].map((ability) => ability.length));
  return [...abilities].map(
    ([ability, { means, how }]) => `  ${ability.padEnd(width)}  ${means.padEnd(8)}  ${how}`,
  );
}

/** The text in lines of that width at most, broken behind commas. */
function broken(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of text.split(/(?<=,) /)) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${part}`.length <= width) lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(part);
  }
  return lines;
}

/** The table as Markdown. */
export function faultsMarkdown(rows: readonly FaultRow[], runtimes: readonly Able[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const cell = (way: Way | null | undefined): string =>
    way === null || way === undefined ? 'impossible' : `${way.means}: ${way.how}`;
  return [
    line(['fault', ...runtimes.map(({ name }) => name)]),
    `|${'---|'.repeat(runtimes.length + 1)}`,
    ...grouped(rows).map(({ family, kinds, ways }) =>
      line([`${family}: ${kinds.join(', ')}`, ...runtimes.map(({ name }) => cell(ways[name]))]),
    ),
  ].join('\n');
}

const BEGIN = '<!-- faults: what `splitbrain faults --markdown <this file>` writes -->';
const END = '<!-- faults: end -->';

/** The text with this between the two marks; undefined when it has none. */
export function replaceSection(text: string, section: string): string | undefined {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end < begin) return undefined;
  return `${text.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${text.slice(end)}`;
}

/** The marks, for whoever has a file without. */
export const SECTION_MARKS: readonly string[] = [BEGIN, END];
