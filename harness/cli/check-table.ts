/**
 * Tables of evidence on the terminal.
 */
import type { OperationEvidence } from '../../checkers/index.ts';

/** The rows as lines, indented, with cells under each other; the last column may be as wide as it likes. */
export function tableOf(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const cells of rows) {
    for (const [column, { length }] of cells.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, length);
    }
  }
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}

/** Who did what, and where the history says so: mark, process, operation, index, remark. */
export function operationRow(mark: string, operation: OperationEvidence, remark = ''): string[] {
  return [mark, String(operation.process), operation.text, indicesOf(operation), remark];
}

/** Indices of the invocation and the return: `86–88`. */
export function indicesOf({ invoked, returned }: OperationEvidence): string {
  return returned === null ? `${invoked} (crashed)` : `${invoked}–${returned}`;
}
