/**
 * The evidence of the weaker checks as `splitbrain check` prints it: tables that fit on a screen. `--json` has all.
 */
import type {
  Guarantee,
  KeyStaleness,
  OperationEvidence,
  SequentialResult,
  SessionConflict,
  SessionResult,
  StalenessResult,
  TwoAtomicityResult,
  ZoneEvidence,
} from '../../checkers/index.ts';
import { show } from '../../checkers/models/model.ts';
import type { Json } from '../json.ts';
import { formatDuration, NANOS_PER_MS } from '../time.ts';
import { indicesOf, operationRow, tableOf } from './check-table.ts';
import type { WeakerFileResult } from './check-weaker.ts';

const ROWS_SHOWN = 12;
const OPERATION_COLUMNS = ['', 'process', 'operation', 'index', ''];

/** The evidence in lines; none where there is nothing to show. */
export function evidenceOf(checked: WeakerFileResult): string[] {
  switch (checked.consistency) {
    case 'sequential':
      return checked.result === null ? [] : sequential(checked.result);
    case 'sessions':
      return checked.result === null ? [] : sessions(checked.result);
    case '2-atomic':
      return checked.result === null ? [] : twoAtomicity(checked.result);
    case 'staleness':
      return checked.result === null ? [] : staleness(checked.result);
  }
}

function sequential({ cycle, garbage, stuck, valid, order }: SequentialResult): string[] {
  if (valid === true) return [];
  if (valid === 'unknown') return [`The longest order that was found has ${order.length} operations.`];
  if (garbage !== null) return tableOf([OPERATION_COLUMNS, operationRow('✗', garbage, 'nobody wrote that')]);
  if (cycle.length > 0) {
    const rows = cycle.map(({ before, after, reason, read }) => {
      const by = read === null ? reason : `${reason}, by ${inWords(read)}`;
      return operationRow('↻', before, `before ${inWords(after)}: ${by}`);
    });
    return tableOf([OPERATION_COLUMNS, ...shortened(rows)]);
  }
  if (stuck.length === 0) return [];
  const rows = stuck.map((operation) => operationRow('✗', operation, 'cannot come next'));
  return tableOf([OPERATION_COLUMNS, ...shortened(rows)]);
}

const KEPT = { true: 'kept', false: 'BROKEN', unknown: 'unknown' } as const;

/** What is to be said of one guarantee: it may be kept by itself, and yet not together with others. */
function keptOrNot(guarantee: Guarantee, { guarantees, conflicts }: SessionResult): string {
  const valid = guarantees[guarantee];
  const others = new Set(
    conflicts.flatMap((conflict) => conflict.guarantees.filter(unlike(guarantee, conflict))),
  );
  if (valid === false || others.size === 0) return KEPT[`${valid}`];
  return `NOT together with ${[...others].join(', ')}`;
}

/** Picks the others of a conflict that the guarantee takes part in. */
function unlike(guarantee: Guarantee, { guarantees }: SessionConflict): (other: Guarantee) => boolean {
  return (other) => guarantees.includes(guarantee) && other !== guarantee;
}

function sessions(result: SessionResult): string[] {
  const { guarantees, conflicts, garbage } = result;
  const names = Object.keys(guarantees) as Guarantee[];
  const lines = tableOf(names.map((name) => [name, keptOrNot(name, result)]));
  const [conflict] = conflicts;
  if (conflict !== undefined) {
    const rows = conflict.cycle.flatMap(({ before, after, guarantee, operations }) => {
      const why = `so ${show(before)} before ${show(after)}: ${guarantee ?? 'the first value comes first'}`;
      return operations.length === 0
        ? [['↻', '', '', '', why]]
        : operations.map((operation, place) =>
            operationRow('↻', operation, place === operations.length - 1 ? why : ''),
          );
    });
    lines.push('', ...tableOf([OPERATION_COLUMNS, ...shortened(rows)]));
    if (conflicts.length > 1) lines.push(`  … and ${conflicts.length - 1} more conflicts`);
  }
  return paragraphs(lines, garbageTable(garbage));
}

function staleness({ keys }: StalenessResult): string[] {
  const stale = keys.filter(({ deltaNs }) => deltaNs !== null && deltaNs > 0);
  const worstFirst = stale.toSorted((a, b) => (b.deltaNs ?? 0) - (a.deltaNs ?? 0));
  const [worst] = worstFirst;
  const lines: string[] = [];
  if (worst !== undefined) {
    const who = worst.key === null ? 'Reads were stale' : `Reads of key ${show(worst.key)} were the stalest`;
    lines.push(`${who}, by ${span(worst)}, as these two values show:`, ...zoneTable(worst.conflict ?? []));
  }
  if (worstFirst.length > 1) {
    const rows = worstFirst.map((key) => [show(key.key), span(key)]);
    lines.push('', ...tableOf([['key', 'stale by'], ...shortened(rows)]));
  }
  return paragraphs(lines, garbageTable(keys.flatMap(({ garbage }) => garbage)));
}

/** Δ for people; a stale read is never said to be stale by nothing. */
function span({ deltaNs }: KeyStaleness): string {
  const ms = (deltaNs ?? 0) / NANOS_PER_MS;
  if (ms < 0.001) return `${Math.round(ms * 1e6)} ns`;
  return ms < 1 ? `${(ms * 1000).toLocaleString('en')} µs` : formatDuration(ms);
}

function twoAtomicity({ keys }: TwoAtomicityResult): string[] {
  const wrong = keys.filter(({ conflict }) => conflict.length > 0);
  const [first] = wrong;
  const lines: string[] = [];
  if (first !== undefined) {
    lines.push(`${nameOf(first.key)}: no order of these values will do.`, ...zoneTable(first.conflict));
  }
  if (wrong.length > 1) lines.push(`  The same is to be said of ${wrong.length - 1} more keys.`);
  return paragraphs(lines, garbageTable(keys.flatMap(({ garbage }) => garbage)));
}

/** Versions of a key, with the moments that say how they may be ordered. */
function zoneTable(zones: readonly ZoneEvidence[]): string[] {
  const rows = zones.map(({ value, write, firstToReturn, lastRead }) => [
    show(value),
    write === null ? 'at first' : inWords(write),
    firstToReturn === null ? '–' : inWords(firstToReturn),
    lastRead === null ? '–' : inWords(lastRead),
  ]);
  return tableOf([['value', 'written by', 'first to return', 'read last by'], ...shortened(rows)]);
}

function garbageTable(garbage: readonly OperationEvidence[]): string[] {
  if (garbage.length === 0) return [];
  const rows = garbage.map((read) => operationRow('✗', read, 'nobody had begun to write that'));
  return tableOf([OPERATION_COLUMNS, ...shortened(rows)]);
}

/** One after the other, with an empty line between where there are two. */
function paragraphs(first: readonly string[], second: readonly string[]): string[] {
  return [...first, ...(first.length > 0 && second.length > 0 ? [''] : []), ...second];
}

function shortened(rows: readonly string[][]): string[][] {
  const more = rows.length - ROWS_SHOWN;
  if (more <= 0) return [...rows];
  return [...rows.slice(0, ROWS_SHOWN), ['…', `${more} more`, '', '', '']];
}

function inWords(operation: OperationEvidence): string {
  return `${operation.text} (${indicesOf(operation)})`;
}

function nameOf(key: Json): string {
  return key === null ? 'The history' : `Key ${show(key)}`;
}
